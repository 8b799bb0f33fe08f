//! Commands on their way to a runner, which waits for them in poll(2) beside its sockets.

use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::net::UnixStream;

use framescope_lab::Command;
use tokio::sync::mpsc;

/// How many commands may wait for the runner; then the sender waits. One may hold a mebibyte.
const ROOM: usize = 1;

/// A pair: commands that are sent come out of the mailbox.
pub(super) fn mailbox() -> io::Result<(Sender, Mailbox)> {
    let (ours, theirs) = waker()?;
    let (sender, receiver) = mpsc::channel(ROOM);
    let sender = Sender { commands: sender, waker: ours };
    Ok((sender, Mailbox { commands: receiver, waker: theirs }))
}

/// Two ends, neither of which blocks: what is written to one can be polled for at the other, and so
/// can the end of it.
pub(super) fn waker() -> io::Result<(UnixStream, UnixStream)> {
    let (one, other) = UnixStream::pair()?;
    one.set_nonblocking(true)?;
    other.set_nonblocking(true)?;
    Ok((one, other))
}

/// The session's end; the runner learns when it is dropped.
#[derive(Debug)]
pub(super) struct Sender {
    commands: mpsc::Sender<Command>,
    /// Gets a byte for each command, and so never more than there is room for.
    waker: UnixStream,
}

impl Sender {
    /// Sends a command, as soon as there is room for it.
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
    /// What poll(2) has to watch: there is something to read when there is something to take.
    pub(super) fn waker(&self) -> BorrowedFd<'_> {
        self.waker.as_fd()
    }

    /// The next command, where one waits. Does not block.
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

/// Will the same call do better later?
pub(super) fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
