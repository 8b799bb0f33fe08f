//! Finds out, in a child process, whether this system has what a wire takes.

use std::path::Path;
#[cfg(target_os = "linux")]
use std::process::{Command, Stdio};

use framescope_lab::NoWire;
#[cfg(target_os = "linux")]
use framescope_lab::NoWireReason;

/// The subcommand that tries it.
pub const TRY_WIRE: &str = "try-wire";

/// Tries it in a new process of this executable, which must be `framescope`. It takes some milliseconds, and at most some
/// seconds.
///
/// # Errors
///
/// [`NoWire`] says what is missing.
pub fn try_wire(executable: &Path) -> Result<(), NoWire> {
    #[cfg(target_os = "linux")]
    let tried = try_in_child(executable);
    // It is known, and no child is needed.
    #[cfg(not(target_os = "linux"))]
    let tried = crate::programs::try_wire();
    tried.map_err(|why| with_remedy(why, executable))
}

#[cfg(target_os = "linux")]
fn with_remedy(why: NoWire, executable: &Path) -> NoWire {
    NoWire { remedy: crate::wire::System::look(executable).remedy(&why), ..why }
}

/// Windows has Linux in it. Other systems have nothing that helps.
#[cfg(not(target_os = "linux"))]
fn with_remedy(why: NoWire, _: &Path) -> NoWire {
    let remedy = cfg!(windows).then(|| WSL.to_owned());
    NoWire { remedy, ..why }
}

/// "Install WSL" in Microsoft's documentation.
#[cfg(not(target_os = "linux"))]
const WSL: &str = "wsl --install\n\
                   wsl -- sudo apt-get install --yes pipx\n\
                   wsl -- pipx run framescope";

#[cfg(target_os = "linux")]
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
