//! A call of a program that is shown.

use std::mem::discriminant;

use framescope_syscall::Syscall;

use super::memory::Piece;

/// A call, and what its result is read from.
#[derive(Clone, Debug)]
pub(super) struct Called {
    pub(super) call: Syscall,
    /// The socket. `None`: the call has none, or several.
    pub(super) socket: Option<(i32, u64)>,
    /// Where the result is written.
    pub(super) pieces: Vec<Piece>,
    /// The arguments of a `poll`, `select` or `epoll_wait`.
    pub(super) polled: Option<Polled>,
    /// Whether the terminal is among what it waits for.
    pub(super) awaits_input: bool,
}

impl Called {
    /// Whether it is the same call on the same socket, made again.
    pub(super) fn is_again(&self, earlier: &Self) -> bool {
        self.socket == earlier.socket && discriminant(&self.call) == discriminant(&earlier.call)
    }
}

/// Where a `poll`, `select` or `epoll_wait` has its descriptors.
#[derive(Clone, Copy, Debug)]
pub(super) enum Polled {
    /// `struct pollfd`, this many.
    Poll { address: u64, count: u64 },
    /// `fd_set`, up to this descriptor.
    Select { sets: [u64; 3], end: u64 },
    /// `struct epoll_event`, of this descriptor of epoll(7).
    Epoll { epoll: i32, address: u64 },
}
