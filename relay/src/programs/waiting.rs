//! What a call waits for.

use std::os::fd::BorrowedFd;

use framescope_syscall::{Fd, Syscall};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The descriptors that a call waits for.
pub(super) fn waits_for(syscall: &Syscall) -> Vec<(Fd, PollFlags)> {
    let each = |fds: &[Fd], flags: PollFlags| fds.iter().map(|fd| (*fd, flags)).collect::<Vec<_>>();
    match syscall {
        Syscall::Accept { fd, .. } | Syscall::Recv { fd, .. } => vec![(*fd, PollFlags::IN)],
        Syscall::Connect { fd, .. } | Syscall::Send { fd, .. } => vec![(*fd, PollFlags::OUT)],
        Syscall::Select { read, write, except, .. } => {
            [each(read, PollFlags::IN), each(write, PollFlags::OUT), each(except, PollFlags::PRI)]
                .concat()
        }
        Syscall::Socket
        | Syscall::Bind { .. }
        | Syscall::Listen { .. }
        | Syscall::Shutdown { .. }
        | Syscall::Close { .. }
        | Syscall::SetOption { .. }
        | Syscall::GetOption { .. }
        | Syscall::LocalAddress { .. }
        | Syscall::PeerAddress { .. }
        | Syscall::Sleep { .. }
        | Syscall::Time(_) => Vec::new(),
    }
}

/// Whether one of the flags is set now.
pub(super) fn is_ready(fd: BorrowedFd<'_>, flags: PollFlags) -> bool {
    let mut fds = [PollFd::from_borrowed_fd(fd, flags)];
    let timeout = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut fds, Some(&timeout)).is_ok_and(|ready| ready > 0)
        && fds[0].revents().intersects(flags)
}

/// A number of microseconds, for `poll`.
pub(super) fn timespec(us: u64) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(us / 1_000_000).unwrap_or(i64::MAX),
        tv_nsec: i64::try_from(us % 1_000_000 * 1000).unwrap_or(0),
    }
}
