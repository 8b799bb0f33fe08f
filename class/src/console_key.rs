//! The secret of a console.

use serde::{Deserialize, Serialize};

/// The secret in the teacher's link.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleKey(pub [u8; 16]);

/// A key is a secret, and not printed.
impl std::fmt::Debug for ConsoleKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConsoleKey(..)")
    }
}
