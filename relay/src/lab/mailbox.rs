//! Commands on their way to a runner, which waits for them and for its sockets in one poll(2).

use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::net::UnixStream;

use framescope_lab::Command;
use tokio::sync::mpsc;

/// How many commands may wait for the runner. One more makes the sender wait. A command may hold 1 MiB.
const CAPACITY: usize = 1;

/// Makes a pair: commands that are sent come out of the mailbox.
pub(super) fn mailbox() -> io::Result<(Sender, Mailbox)> {
    let (ours, theirs) = waker()?;
    let (sender, receiver) = mpsc::channel(CAPACITY);
    let sender = Sender { commands: sender, waker: ours };
    Ok((sender, Mailbox { commands: receiver, waker: theirs }))
}

/// A pair of nonblocking sockets. poll(2) at one end sees what was written to the other end, and its close.
pub(super) fn waker() -> io::Result<(UnixStream, UnixStream)> {
    let (one, other) = UnixStream::pair()?;
    one.set_nonblocking(true)?;
    other.set_nonblocking(true)?;
    Ok((one, other))
}

/// The session's end. The runner learns when it is dropped.
#[derive(Debug)]
pub(super) struct Sender {
    commands: mpsc::Sender<Command>,
    /// Gets one byte for each command. So it never holds more than [`CAPACITY`] bytes.
    waker: UnixStream,
}

impl Sender {
    /// Sends a command as soon as the mailbox can hold it.
    pub(super) async fn send(&mut self, command: Command) -> Result<(), RunnerGone> {
        self.commands.send(command).await.map_err(|_| RunnerGone)?;
        self.waker.write_all(&[0]).map_err(|_| RunnerGone)
    }
}

/// The runner has ended and takes no more commands.
#[derive(Debug)]
pub(super) struct RunnerGone;

/// The runner's end.
#[derive(Debug)]
pub(super) struct Mailbox {
    commands: mpsc::Receiver<Command>,
    waker: UnixStream,
}

impl Mailbox {
    /// For poll(2): it is readable when a command waits.
    pub(super) fn waker(&self) -> BorrowedFd<'_> {
        self.waker.as_fd()
    }

    /// Takes the next command, if one waits. Does not block.
    pub(super) fn take(&mut self) -> Result<Option<Command>, SessionGone> {
        match self.waker.read(&mut [0]) {
            Ok(1..) => Ok(self.commands.try_recv().ok()),
            Err(error) if is_passing(&error) => Ok(None),
            Ok(0) | Err(_) => Err(SessionGone),
        }
    }
}

/// The session has ended and wants nothing more.
#[derive(Debug)]
pub(super) struct SessionGone;

/// Can the same call succeed later?
pub(super) fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
