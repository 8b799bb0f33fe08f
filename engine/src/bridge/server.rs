//! The built-in server at the other end, with its one client.

use framescope_syscall::{Address, Fd};

use super::calls::{Caller, Outcome};
use super::wakeup::Wakeup;
use crate::demo::{Action, Conversation, RECV};
use crate::sockets::{Kernel as _, ProgramId, SimulatedKernel};

const PROGRAM: ProgramId = ProgramId(0);

/// The most bytes that one `send()` of a long message gets. The kernel does not take more at once anyway.
pub(super) const MAX_SEND: usize = 64 * 1024;

/// A server that carries a conversation out.
#[derive(Debug)]
pub(super) struct Server {
    conversation: Conversation,
    doing: Doing,
    wakeup: Wakeup,
}

/// What it is doing.
#[derive(Debug)]
enum Doing {
    Accept {
        listener: Fd,
    },
    /// It asks the conversation what it does next.
    Ask(Fd),
    Recv(Fd),
    AwaitReadable(Fd),
    /// It sends what is left of a message from this place on.
    Send {
        fd: Fd,
        bytes: Vec<u8>,
        sent: usize,
    },
    /// It does nothing until this time, in microseconds.
    Pause {
        fd: Fd,
        until: u64,
    },
    /// It has closed its side, and throws away what arrives, as the relay does: what it sent is not lost then.
    Linger(Fd),
    Over,
}

impl Server {
    /// A server that listens.
    pub(super) fn listen(
        kernel: &mut SimulatedKernel,
        address: Address,
        conversation: Conversation,
    ) -> Outcome<Self> {
        let mut caller = Caller { kernel, program: PROGRAM };
        let listener = match caller.socket() {
            Outcome::Done(listener) => listener,
            Outcome::Waits => return Outcome::Waits,
            Outcome::Failed(errno) => return Outcome::Failed(errno),
        };
        for begun in [caller.bind(listener, address), caller.listen(listener)] {
            match begun {
                Outcome::Done(()) => {}
                Outcome::Waits => return Outcome::Waits,
                Outcome::Failed(errno) => return Outcome::Failed(errno),
            }
        }
        Outcome::Done(Self {
            conversation,
            doing: Doing::Accept { listener },
            wakeup: Wakeup::Runs,
        })
    }

    /// Something has arrived.
    pub(super) const fn arrived(&mut self, now: u64) {
        self.wakeup.arrived(now);
    }

    /// When it goes on by itself, in microseconds.
    pub(super) const fn due(&self) -> Option<u64> {
        match self.doing {
            Doing::Pause { until, .. } => Some(until),
            Doing::Accept { .. }
            | Doing::Ask(_)
            | Doing::Recv(_)
            | Doing::AwaitReadable(_)
            | Doing::Send { .. }
            | Doing::Linger(_)
            | Doing::Over => self.wakeup.due(),
        }
    }

    /// Makes one call at most. Returns whether anything has changed.
    pub(super) fn go_on(&mut self, kernel: &mut SimulatedKernel) -> bool {
        let now = kernel.now();
        if !self.wakeup.is_over(now) {
            return false;
        }
        self.wakeup = Wakeup::Runs;
        let mut caller = Caller { kernel, program: PROGRAM };
        match &mut self.doing {
            Doing::Accept { listener } => match caller.accept(*listener) {
                Outcome::Done(fd) => {
                    // As the relay does.
                    caller.set_nodelay(fd, true);
                    self.doing = Doing::Ask(fd);
                }
                Outcome::Waits => self.wakeup = Wakeup::Waits,
                Outcome::Failed(_) => self.doing = Doing::Over,
            },
            Doing::Ask(fd) => self.doing = next(&mut self.conversation, *fd, now, &mut caller),
            Doing::Recv(fd) => match caller.recv(*fd, u32::try_from(RECV).unwrap_or(u32::MAX)) {
                Outcome::Done(bytes) => {
                    self.conversation.buffer()[..bytes.len()].copy_from_slice(&bytes);
                    self.conversation.received(bytes.len());
                    self.doing = Doing::Ask(*fd);
                }
                Outcome::Waits => self.wakeup = Wakeup::Waits,
                Outcome::Failed(_) => self.doing = linger(*fd, &mut caller),
            },
            Doing::AwaitReadable(fd) => match caller.peek(*fd) {
                Outcome::Done(_) => self.doing = Doing::Ask(*fd),
                Outcome::Waits => self.wakeup = Wakeup::Waits,
                Outcome::Failed(_) => self.doing = linger(*fd, &mut caller),
            },
            Doing::Send { fd, bytes, sent } => {
                let rest = &bytes[*sent..];
                match caller.send(*fd, &rest[..rest.len().min(MAX_SEND)]) {
                    Outcome::Done(count) if count < rest.len() => *sent += count,
                    Outcome::Done(_) => self.doing = Doing::Ask(*fd),
                    Outcome::Waits => self.wakeup = Wakeup::Waits,
                    Outcome::Failed(_) => self.doing = linger(*fd, &mut caller),
                }
            }
            Doing::Pause { until, .. } if *until > now => return false,
            Doing::Pause { fd, .. } => self.doing = Doing::Ask(*fd),
            Doing::Linger(fd) => match caller.recv(*fd, u32::try_from(RECV).unwrap_or(u32::MAX)) {
                Outcome::Done(bytes) if !bytes.is_empty() => {}
                Outcome::Done(_) | Outcome::Failed(_) => {
                    caller.close(*fd);
                    self.doing = Doing::Over;
                }
                Outcome::Waits => self.wakeup = Wakeup::Waits,
            },
            Doing::Over => return false,
        }
        self.wakeup == Wakeup::Runs
    }
}

/// What the conversation says next.
fn next(conversation: &mut Conversation, fd: Fd, now: u64, caller: &mut Caller<'_>) -> Doing {
    match conversation.next_action() {
        Action::Recv => Doing::Recv(fd),
        Action::AwaitReadable => Doing::AwaitReadable(fd),
        Action::Send(bytes) => Doing::Send { fd, bytes: bytes.to_vec(), sent: 0 },
        Action::Pause(pause) => {
            let pause = u64::try_from(pause.as_micros()).unwrap_or(u64::MAX);
            Doing::Pause { fd, until: now.saturating_add(pause) }
        }
        Action::Close(_) => linger(fd, caller),
    }
}

fn linger(fd: Fd, caller: &mut Caller<'_>) -> Doing {
    caller.shut_down_writing(fd);
    Doing::Linger(fd)
}
