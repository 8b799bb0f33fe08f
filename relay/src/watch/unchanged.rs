//! A program as it is: a command that is there and can be run.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The interpreter of a `.py`, unless another one is named.
const PYTHON: &str = "python3";

/// The command of a program that can be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unchanged {
    /// The file that is executed, and its arguments.
    pub(super) command: Vec<OsString>,
}

/// Why a program cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum UnchangedError {
    /// There is none.
    #[error("there is no program {0:?}")]
    NotFound(String),
    /// It is a folder, a socket, or such.
    #[error("{0:?} is no file")]
    NoFile(String),
    /// Its mode does not allow it.
    #[error("{0:?} may not be executed: chmod +x {0:?} allows it")]
    NotExecutable(String),
    /// It would get rights that a program which is watched cannot have.
    #[error(
        "{0:?} runs with the rights of its file's owner (set-user-ID), which a program that is watched does not get"
    )]
    OthersRights(String),
    /// It is for processors of 32 bits.
    #[error("{0:?} is a program of 32 bits; only those of 64 bits can be watched")]
    Bits32(String),
    /// There is no Python.
    #[error("there is no {0}, which a .py needs; --python names another one")]
    NoPython(String),
    /// It cannot be read.
    #[error("cannot read {0:?}: {1}")]
    Unreadable(String, io::Error),
}

impl Unchanged {
    /// The program of this command: a file, or the name of one in `PATH`. A `.py` is run with Python, which is `python`
    /// if that is named.
    ///
    /// # Errors
    ///
    /// [`UnchangedError`] says why it cannot be started.
    pub fn new(command: &[OsString], python: Option<&Path>) -> Result<Self, UnchangedError> {
        let program = command.first().map(OsString::as_os_str).unwrap_or_default();
        let command = if Path::new(program).extension() == Some(OsStr::new("py")) {
            let python = python.unwrap_or(Path::new(PYTHON)).as_os_str();
            let found = find(python);
            let found = found.ok_or_else(|| UnchangedError::NoPython(shown(python)))?;
            check(&found)?;
            File::open(program).map_err(|error| {
                if error.kind() == io::ErrorKind::NotFound {
                    UnchangedError::NotFound(shown(program))
                } else {
                    UnchangedError::Unreadable(shown(program), error)
                }
            })?;
            [found.into_os_string()].into_iter().chain(command.iter().cloned()).collect()
        } else {
            let found = find(program).ok_or_else(|| UnchangedError::NotFound(shown(program)))?;
            check(&found)?;
            [found.into_os_string()].into_iter().chain(command.iter().skip(1).cloned()).collect()
        };
        Ok(Self { command })
    }
}

impl Unchanged {
    /// A program that was found before.
    #[must_use]
    pub const fn found(command: Vec<OsString>) -> Self {
        Self { command }
    }

    /// The file that is executed, and its arguments.
    #[must_use]
    pub fn into_command(self) -> Vec<OsString> {
        self.command
    }

    /// The file that is executed.
    #[must_use]
    pub fn program(&self) -> &Path {
        self.command.first().map_or(Path::new(""), Path::new)
    }

    /// Whether it opens sockets before the program in it does: a Java looks for what its system has.
    pub(super) fn opens_sockets_at_start(&self) -> bool {
        self.program().file_name() == Some(OsStr::new("java"))
    }
}

fn shown(name: &OsStr) -> String {
    name.to_string_lossy().into_owned()
}

/// The file of a program: itself if it has a slash, else the first of that name in `PATH`.
fn find(program: &OsStr) -> Option<PathBuf> {
    if program.as_bytes().contains(&b'/') {
        return Some(program.into()).filter(|path: &PathBuf| path.exists());
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Whether a file can be executed here.
fn check(file: &Path) -> Result<(), UnchangedError> {
    let name = || shown(file.as_os_str());
    let unreadable = |error| UnchangedError::Unreadable(name(), error);
    let metadata = fs::metadata(file).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(UnchangedError::NoFile(name()));
    }
    let mode = metadata.permissions().mode();
    if mode & 0o111 == 0 {
        return Err(UnchangedError::NotExecutable(name()));
    }
    if mode & 0o6000 != 0 {
        return Err(UnchangedError::OthersRights(name()));
    }
    // Its class is the fifth byte of an ELF file: elf(5). A file that may be executed need not be readable.
    let mut head = Vec::new();
    if let Ok(file) = File::open(file) {
        file.take(5).read_to_end(&mut head).map_err(unreadable)?;
    }
    if head == b"\x7fELF\x01" {
        return Err(UnchangedError::Bits32(name()));
    }
    Ok(())
}
