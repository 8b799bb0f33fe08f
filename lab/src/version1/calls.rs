//! The system calls that a call of the first version made.

use framescope_framing::HeaderFormat;
use framescope_record::Data;
use framescope_syscall::{Address, Fd, Shutdown, SocketOption, Syscall, Wait, errno};

use super::experiment::Call;
use super::trace::{BlockedOn, Errno};

/// The first system call of a call. `None` if it depends on what it receives.
pub(super) fn syscall(
    call: &Call,
    fd: Fd,
    server: Address,
    header: HeaderFormat,
) -> Option<Syscall> {
    let wait = Wait::Forever;
    let send = |bytes: Data| Syscall::Send { fd, bytes, wait };
    let option = |option| Syscall::SetOption { fd, option };
    Some(match call {
        Call::Listen { backlog } => Syscall::Listen { fd, backlog: i32::from(*backlog) },
        Call::Accept => Syscall::Accept { fd: LISTENER, wait },
        Call::Connect => Syscall::Connect { fd, address: server, wait },
        Call::Send(data) => send(data.clone()),
        Call::SendMessage(data) => {
            let length = i64::try_from(data.0.len()).unwrap_or(i64::MAX);
            let mut bytes = header.write_or_ones(length).to_vec();
            bytes.extend(&data.0);
            send(Data(bytes))
        }
        Call::SendHeader(number) => send(Data(header.write_or_ones(*number).to_vec())),
        Call::Recv(length) | Call::RecvExact(length) => {
            Syscall::Recv { fd, length: *length, peek: false, wait }
        }
        Call::RecvNaive | Call::RecvMessage => return None,
        Call::Sleep { ms } => Syscall::Sleep { us: u64::from(*ms) * 1000 },
        Call::SetNodelay(on) => option(SocketOption::Nodelay(*on)),
        Call::SetRecvBuffer(bytes) => option(SocketOption::RecvBuffer(*bytes)),
        Call::SetSendBuffer(bytes) => option(SocketOption::SendBuffer(*bytes)),
        Call::ShutdownWrite => Syscall::Shutdown { fd, how: Shutdown::Write },
        Call::Close | Call::Reset => Syscall::Close { fd },
    })
}

/// The descriptor of the socket that a program begins with. The next ones are those of accepted connections.
pub(super) const LISTENER: Fd = Fd(3);

pub(super) const fn blocked_on(on: BlockedOn) -> framescope_syscall::BlockedOn {
    match on {
        BlockedOn::Handshake => framescope_syscall::BlockedOn::Handshake,
        BlockedOn::Client => framescope_syscall::BlockedOn::Client,
        BlockedOn::Bytes => framescope_syscall::BlockedOn::Bytes,
        BlockedOn::BufferSpace => framescope_syscall::BlockedOn::BufferSpace,
        BlockedOn::Clock => framescope_syscall::BlockedOn::Clock,
    }
}

pub(super) const fn number(error: Errno) -> u32 {
    match error {
        Errno::ConnectionRefused => errno::ECONNREFUSED,
        Errno::ConnectionReset => errno::ECONNRESET,
        Errno::BrokenPipe => errno::EPIPE,
        Errno::IsConnected => errno::EISCONN,
        Errno::NotConnected => errno::ENOTCONN,
        Errno::BadFile => errno::EBADF,
        Errno::Invalid => errno::EINVAL,
        Errno::TimedOut => errno::ETIMEDOUT,
        Errno::TooManyFiles => errno::EMFILE,
        Errno::Other => errno::EIO,
    }
}

/// The class of the exception that Python raises for an error.
pub(super) const fn class(error: Errno) -> &'static str {
    match error {
        Errno::ConnectionRefused => "ConnectionRefusedError",
        Errno::ConnectionReset => "ConnectionResetError",
        Errno::BrokenPipe => "BrokenPipeError",
        Errno::TimedOut => "TimeoutError",
        Errno::IsConnected
        | Errno::NotConnected
        | Errno::BadFile
        | Errno::Invalid
        | Errno::TooManyFiles
        | Errno::Other => "OSError",
    }
}
