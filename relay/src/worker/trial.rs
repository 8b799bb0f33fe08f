//! Finds out, in a child process, whether this system has what a wire takes.

use std::path::Path;
use std::process::{Command, Stdio};

use framescope_lab::{NoWire, NoWireReason};

/// The subcommand that tries it.
pub const TRY_WIRE: &str = "try-wire";

/// Tries it in a new process of this executable, which must be `framescope`. It takes some milliseconds, and at most some
/// seconds.
///
/// # Errors
///
/// [`NoWire`] says what is missing.
pub fn try_wire(executable: &Path) -> Result<(), NoWire> {
    try_in_child(executable).map_err(|why| with_remedy(why, executable))
}

#[cfg(target_os = "linux")]
fn with_remedy(why: NoWire, executable: &Path) -> NoWire {
    NoWire { remedy: crate::wire::System::look(executable).remedy(&why), ..why }
}

#[cfg(not(target_os = "linux"))]
fn with_remedy(why: NoWire, _: &Path) -> NoWire {
    why
}

fn try_in_child(executable: &Path) -> Result<(), NoWire> {
    let silent = |error: String| NoWire::new(NoWireReason::Silent, error);
    let output = Command::new(executable)
        .arg(TRY_WIRE)
        .env_clear()
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|error| silent(format!("the trial does not start: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let why = serde_json::from_slice(&output.stdout);
    Err(why.unwrap_or_else(|_| silent(format!("the trial has ended: {}", output.status))))
}
