//! What a call waits for.

use framescope_syscall::{Fd, Syscall};
use mio::Interest;

/// The sockets that a call waits for. A socket may come twice.
///
/// Programs send no out-of-band data, so nothing waits for it.
pub(super) fn waits_for(syscall: &Syscall) -> Vec<(Fd, Interest)> {
    match syscall {
        Syscall::Accept { fd, .. } | Syscall::Recv { fd, .. } => vec![(*fd, Interest::READABLE)],
        Syscall::Connect { fd, .. } | Syscall::Send { fd, .. } => vec![(*fd, Interest::WRITABLE)],
        Syscall::Select { read, write, .. } => select_waits_for(read, write).collect(),
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

/// What a `select` of these sockets waits for.
pub(super) fn select_waits_for(read: &[Fd], write: &[Fd]) -> impl Iterator<Item = (Fd, Interest)> {
    let each = |fds: &[Fd], interest| fds.iter().map(move |fd| (*fd, interest)).collect::<Vec<_>>();
    each(read, Interest::READABLE).into_iter().chain(each(write, Interest::WRITABLE))
}
