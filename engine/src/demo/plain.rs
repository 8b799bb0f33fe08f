//! The server without a header: what a `recv()` returned goes back.

use std::time::Duration;

use super::action::{Action, End};

/// The pause between the moment when there is something to read and the `recv()`. What is sent meanwhile sticks
/// together: three sends of `hello` are one `hellohellohello`. Without it, a server on the same machine is often fast
/// enough to see each send alone.
const PAUSE: Duration = Duration::from_millis(20);

/// A conversation without a header.
#[derive(Clone, Debug, Default)]
pub struct Plain {
    next: Next,
}

#[derive(Clone, Copy, Debug, Default)]
enum Next {
    #[default]
    AwaitReadable,
    Pause,
    Recv,
    /// Sends the first bytes of what was received.
    Send(usize),
    Close,
}

impl Plain {
    /// What it does next. `received` begins with what the last `recv()` returned.
    pub(super) fn next_action<'a>(&mut self, received: &'a [u8]) -> Action<'a> {
        match self.next {
            Next::AwaitReadable => {
                self.next = Next::Pause;
                Action::AwaitReadable
            }
            Next::Pause => {
                self.next = Next::Recv;
                Action::Pause(PAUSE)
            }
            Next::Recv => Action::Recv,
            Next::Send(length) => {
                self.next = Next::AwaitReadable;
                Action::Send(received.get(..length).unwrap_or_default())
            }
            Next::Close => Action::Close(End::ClientClosed),
        }
    }

    /// Its `recv()` has returned this number of bytes.
    pub(super) const fn received(&mut self, length: usize) {
        self.next = if length == 0 { Next::Close } else { Next::Send(length) };
    }
}
