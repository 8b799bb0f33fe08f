//! The terminal of a program: pty(7). What the program prints is known by its calls, so what comes out here is thrown away.
//!
//! A program whose lines are known reads them from a pipe, as after `<` in a shell: it asks in another way then.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::process::Stdio;

use rustix::fs::{FileType, OFlags, Stat, fcntl_setfl, fstat};
use rustix::io::{ioctl_fionbio, read, write};
use rustix::process::Pid;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::tcgetpgrp;

/// The key that says that no more input comes: Ctrl+D.
const END_OF_INPUT: &[u8] = &[4];

/// `/dev/tty`, which is the terminal of whoever opens it: tty(4).
const DEV_TTY: u64 = libc::makedev(5, 0);

/// A terminal, with both of its ends.
#[derive(Debug)]
pub(super) struct Terminal {
    controller: OwnedFd,
    program: File,
    lines: Option<Lines>,
    /// What tells it from all other files.
    pub(super) identity: Identity,
}

/// The pipe that lines are read from.
#[derive(Debug)]
struct Lines {
    program: PipeReader,
    /// `None`: no more input comes.
    writer: Option<PipeWriter>,
    /// What the pipe has had no room for.
    rest: VecDeque<u8>,
    /// Whether no more comes after that.
    ends: bool,
}

impl Lines {
    /// Writes what the pipe has room for: its reader stands still while this waits.
    fn write_on(&mut self) {
        while let Some(writer) = &self.writer
            && !self.rest.is_empty()
        {
            let Ok(written) = write(writer, self.rest.as_slices().0) else { return };
            self.rest.drain(..written);
        }
        if self.ends {
            self.writer = None;
        }
    }
}

/// What tells a terminal, and the pipe of its lines, from all other files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identity {
    device: u64,
    pipe: Option<u64>,
}

impl Identity {
    /// Whether this is the status of the terminal or of the pipe.
    pub(super) fn is(self, status: &Stat) -> bool {
        let kind = FileType::from_raw_mode(status.st_mode);
        let is_own = [self.device, DEV_TTY].contains(&status.st_rdev);
        let is_terminal = kind == FileType::CharacterDevice && is_own;
        let is_pipe = kind == FileType::Fifo && self.pipe == Some(status.st_ino);
        is_terminal || is_pipe
    }
}

impl Terminal {
    /// A terminal at which somebody types, or, if `has_lines`, one whose program reads a pipe.
    pub(super) fn open(has_lines: bool) -> io::Result<Self> {
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&controller)?;
        unlockpt(&controller)?;
        fcntl_setfl(&controller, OFlags::RDWR | OFlags::NONBLOCK)?;
        let name = ptsname(&controller, Vec::new())?;
        let name = std::ffi::OsStr::from_bytes(name.as_bytes());
        let mut options = OpenOptions::new();
        let program = options.read(true).write(true).custom_flags(libc::O_NOCTTY).open(name)?;
        let device = program.metadata()?.rdev();
        let lines = has_lines.then(io::pipe).transpose()?;
        let lines = lines.map(|(program, writer)| -> io::Result<Lines> {
            ioctl_fionbio(&writer, true)?;
            let (rest, ends) = (VecDeque::new(), false);
            Ok(Lines { program, writer: Some(writer), rest, ends })
        });
        let lines = lines.transpose()?;
        let pipe = lines.as_ref().map(|lines| fstat(&lines.program)).transpose()?;
        let identity = Identity { device, pipe: pipe.map(|status| status.st_ino) };
        Ok(Self { controller, program, lines, identity })
    }

    /// What the program has as its standard input, output and error.
    pub(super) fn streams(&self) -> io::Result<[Stdio; 3]> {
        let input = match &self.lines {
            Some(lines) => lines.program.try_clone()?.into(),
            None => self.program.try_clone()?.into(),
        };
        Ok([input, self.program.try_clone()?.into(), self.program.try_clone()?.into()])
    }

    /// The process group that has the terminal, and gets its signals.
    pub(super) fn foreground(&self) -> io::Result<Pid> {
        Ok(tcgetpgrp(&self.controller)?)
    }

    /// Types a line. `None`: no more input comes.
    pub(super) fn type_line(&mut self, line: Option<&str>) -> io::Result<()> {
        let typed = line.map(|line| format!("{line}\n"));
        if let Some(lines) = &mut self.lines {
            lines.ends |= typed.is_none();
            lines.rest.extend(typed.unwrap_or_default().bytes());
            lines.write_on();
            return Ok(());
        }
        let mut rest = typed.as_ref().map_or(END_OF_INPUT, |line| line.as_bytes());
        while !rest.is_empty() {
            let written = write(&self.controller, rest)?;
            rest = rest.get(written..).unwrap_or_default();
        }
        Ok(())
    }

    /// Types what there was no room for.
    pub(super) fn type_on(&mut self) {
        self.lines.iter_mut().for_each(Lines::write_on);
    }

    /// Takes what has come out, so that the program can print more.
    pub(super) fn drain(&self) {
        let mut buffer = [0; 4096];
        while read(&self.controller, &mut buffer).is_ok_and(|length| length > 0) {}
    }
}

impl AsFd for Terminal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.controller.as_fd()
    }
}
