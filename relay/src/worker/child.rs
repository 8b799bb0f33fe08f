//! A worker's channel to the relay.

use std::io::{self, Write as _};

use framescope_lab::Command;

use super::child_stream::ChildStream;
use super::frames::{Frames, append};
use super::message::{MAX_FROM_WORKER, MAX_TO_WORKER, Said};
use crate::programs::RealKernel;

/// Messages are sent together when they have this number of bytes, or when the channel is flushed: 64 KiB.
const FLUSH_AT: usize = 64 * 1024;

/// The worker's end of the channel. Its functions block.
#[derive(Debug)]
pub(super) struct ChildChannel {
    stream: ChildStream,
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
    pub(super) fn new(stream: ChildStream) -> Self {
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
            let Self { stream, frames, .. } = self;
            if frames.receive(|chunk| stream.receive(chunk))? == 0 {
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
            match self.stream.try_receive(self.frames.space())? {
                None => return Ok(Polled::Nothing),
                Some(0) => return Ok(Polled::Gone),
                Some(received) => self.frames.fill(received),
            }
        }
    }

    /// From now on, the kernel's waits end if a command has come, or if the relay has gone.
    ///
    /// # Errors
    ///
    /// The system has no descriptor left.
    pub(super) fn wake(&self, kernel: &mut RealKernel) -> io::Result<()> {
        self.stream.wake(kernel)
    }
}
