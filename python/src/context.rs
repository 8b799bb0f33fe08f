//! What the native functions of one machine share.

use std::cell::RefCell;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::budget::{Budget, MAX_OUTPUT};
use crate::random::Random;
use crate::symbols::Symbols;
use crate::types::{Exc, Type};
use framescope_syscall::Fd;

/// Text that a program printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    /// The text.
    pub text: String,
    /// Whether it went to the standard error, and not to the standard output.
    pub to_stderr: bool,
}

/// What the native functions of one machine share. `V` is [`crate::value::Value`].
#[derive(Debug)]
pub(crate) struct Context<V> {
    pub(crate) symbols: Symbols,
    /// The classes of [`Type::ALL`].
    pub(crate) types: Vec<V>,
    /// The classes of [`Exc::ALL`].
    pub(crate) exceptions: Vec<V>,
    pub(crate) printed: Vec<Printed>,
    pub(crate) printed_bytes: usize,
    pub(crate) argv: Vec<String>,
    pub(crate) orphans: Rc<RefCell<Vec<Fd>>>,
    /// The thread that runs, and the number of threads that were started.
    pub(crate) thread: usize,
    pub(crate) process: u32,
    /// `time.sleep` and the like show local time with this offset to UTC, in seconds.
    pub(crate) utc_offset: i32,
    /// The generator of `random`, once it is used or seeded.
    pub(crate) random: Option<Random>,
    /// The host's number: `random` is seeded with it unless the program seeds it.
    pub(crate) random_seed: u64,
}

impl<V: Clone> Context<V> {
    pub(crate) fn type_class(&self, of: Type) -> V {
        self.types[of as usize].clone()
    }

    pub(crate) fn exception_class(&self, of: Exc) -> V {
        self.exceptions[of as usize].clone()
    }

    pub(crate) fn print(&mut self, text: String, to_stderr: bool) -> Result<(), Budget> {
        self.printed_bytes += text.len();
        if self.printed_bytes > MAX_OUTPUT {
            return Err(Budget::Output);
        }
        match self.printed.last_mut() {
            Some(last) if last.to_stderr == to_stderr => last.text.push_str(&text),
            Some(_) | None => self.printed.push(Printed { text, to_stderr }),
        }
        Ok(())
    }
}
