//! A system call that failed.

use std::io;

use framescope_syscall::errno;

/// The number of the error with which a system call failed, as programs see it: on Windows Winsock's, elsewhere Linux's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failed(pub(super) u32);

/// The error that this system gives if Linux gives this one.
pub(super) fn failed(linux: u32) -> Failed {
    if cfg!(not(windows)) {
        return Failed(linux);
    }
    // Python forgets the number of a socket that it has closed.
    Failed(if linux == errno::EBADF { errno::WSAENOTSOCK } else { errno::as_winsock(linux) })
}

impl Failed {
    pub(super) fn of(error: &io::Error) -> Self {
        let number = error.raw_os_error().and_then(number);
        number.map_or_else(|| failed(errno::EIO), Self)
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::of(&error)
    }
}

#[cfg(target_os = "linux")]
fn number(own: i32) -> Option<u32> {
    u32::try_from(own).ok()
}

#[cfg(windows)]
fn number(own: i32) -> Option<u32> {
    // What Windows says of files and of memory has other numbers.
    u32::try_from(own).ok().filter(|number| *number >= errno::WSAEINTR)
}

/// Other systems number the errors of sockets differently.
#[cfg(all(unix, not(target_os = "linux")))]
fn number(own: i32) -> Option<u32> {
    use rustix::io::Errno;
    let known = [
        (Errno::INTR, errno::EINTR),
        (Errno::BADF, errno::EBADF),
        (Errno::AGAIN, errno::EAGAIN),
        (Errno::NOMEM, errno::ENOMEM),
        (Errno::ACCESS, errno::EACCES),
        (Errno::PERM, errno::EPERM),
        (Errno::FAULT, errno::EFAULT),
        (Errno::INVAL, errno::EINVAL),
        (Errno::NFILE, errno::ENFILE),
        (Errno::MFILE, errno::EMFILE),
        (Errno::PIPE, errno::EPIPE),
        (Errno::NOTSOCK, errno::ENOTSOCK),
        (Errno::DESTADDRREQ, errno::EDESTADDRREQ),
        (Errno::MSGSIZE, errno::EMSGSIZE),
        (Errno::PROTOTYPE, errno::EPROTOTYPE),
        (Errno::NOPROTOOPT, errno::ENOPROTOOPT),
        (Errno::PROTONOSUPPORT, errno::EPROTONOSUPPORT),
        (Errno::OPNOTSUPP, errno::EOPNOTSUPP),
        (Errno::NOTSUP, errno::EOPNOTSUPP),
        (Errno::AFNOSUPPORT, errno::EAFNOSUPPORT),
        (Errno::ADDRINUSE, errno::EADDRINUSE),
        (Errno::ADDRNOTAVAIL, errno::EADDRNOTAVAIL),
        (Errno::NETDOWN, errno::ENETDOWN),
        (Errno::NETUNREACH, errno::ENETUNREACH),
        (Errno::NETRESET, errno::ENETRESET),
        (Errno::CONNABORTED, errno::ECONNABORTED),
        (Errno::CONNRESET, errno::ECONNRESET),
        (Errno::NOBUFS, errno::ENOBUFS),
        (Errno::ISCONN, errno::EISCONN),
        (Errno::NOTCONN, errno::ENOTCONN),
        (Errno::SHUTDOWN, errno::ESHUTDOWN),
        (Errno::TIMEDOUT, errno::ETIMEDOUT),
        (Errno::CONNREFUSED, errno::ECONNREFUSED),
        (Errno::HOSTDOWN, errno::EHOSTDOWN),
        (Errno::HOSTUNREACH, errno::EHOSTUNREACH),
        (Errno::ALREADY, errno::EALREADY),
        (Errno::INPROGRESS, errno::EINPROGRESS),
    ];
    known.iter().find(|(one, _)| one.raw_os_error() == own).map(|(_, linux)| *linux)
}
