//! A worker's channel to the relay.

use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;

use framescope_lab::Command;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::frames::{Frames, append};
use super::message::{MAX_FROM_WORKER, MAX_TO_WORKER, Said};
use crate::programs::RealKernel;

/// Messages are sent together when they have this number of bytes, or when the channel is flushed: 64 KiB.
const FLUSH_AT: usize = 64 * 1024;

/// The worker's end of the channel. Its functions block.
#[derive(Debug)]
pub(super) struct ChildChannel {
    stream: UnixStream,
    frames: Frames,
    /// Messages that were not sent yet.
    output: Vec<u8>,
}

/// What [`ChildChannel::poll`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Polled {
    /// A command.
    Command(Command),
    /// There is none yet.
    Nothing,
    /// The relay has closed its end.
    Gone,
}

impl ChildChannel {
    /// A channel over this stream.
    pub(super) fn new(stream: UnixStream) -> Self {
        Self { stream, frames: Frames::new(MAX_TO_WORKER), output: Vec::new() }
    }

    /// Sends a message, at the latest with the next [`ChildChannel::flush`].
    ///
    /// # Errors
    ///
    /// The message is longer than [`MAX_FROM_WORKER`], or the relay has gone.
    pub(super) fn send(&mut self, message: &Said) -> io::Result<()> {
        append(message, MAX_FROM_WORKER, &mut self.output)?;
        if self.output.len() >= FLUSH_AT { self.flush() } else { Ok(()) }
    }

    /// Sends what has not been sent.
    ///
    /// # Errors
    ///
    /// The relay has gone.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.output)?;
        self.output.clear();
        // One long message must not keep its buffer.
        self.output.shrink_to(FLUSH_AT);
        Ok(())
    }

    /// Waits for a command. `None`: the relay has closed its end.
    ///
    /// # Errors
    ///
    /// What comes is not a command.
    pub(super) fn recv(&mut self) -> io::Result<Option<Command>> {
        loop {
            if let Some(command) = self.frames.next()? {
                return Ok(Some(command));
            }
            if self.receive()? == 0 {
                return Ok(None);
            }
        }
    }

    /// Takes a command that has come, without waiting.
    ///
    /// # Errors
    ///
    /// What has come is not a command.
    pub(super) fn poll(&mut self) -> io::Result<Polled> {
        loop {
            if let Some(command) = self.frames.next()? {
                return Ok(Polled::Command(command));
            }
            let now = Timespec { tv_sec: 0, tv_nsec: 0 };
            let mut fds = [PollFd::new(&self.stream, PollFlags::IN)];
            if poll(&mut fds, Some(&now))? == 0 {
                return Ok(Polled::Nothing);
            }
            if self.receive()? == 0 {
                return Ok(Polled::Gone);
            }
        }
    }

    /// From now on, the kernel's waits end if a command has come, or if the relay has gone.
    ///
    /// # Errors
    ///
    /// The system has no descriptor left.
    pub(super) fn wake(&self, kernel: &mut RealKernel) -> io::Result<()> {
        kernel.wake_when_readable(self.stream.as_fd().try_clone_to_owned()?)
    }

    /// Receives bytes. A relay that was killed may reset the stream instead of ending it.
    fn receive(&mut self) -> io::Result<usize> {
        let Self { stream, frames, .. } = self;
        match frames.receive(|chunk| stream.read(chunk)) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(0),
            received => received,
        }
    }
}
