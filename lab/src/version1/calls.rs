//! The system calls that a call of the first version made.

use framescope_framing::HeaderFormat;
use framescope_record::Data;
use framescope_syscall::{Address, Fd, Shutdown, SocketOption, Syscall, Wait, errno};

use super::experiment::Call;
use super::trace::{BlockedOn, Errno};

/// What `recv_message` asked for in the first version: it read ahead.
const READ_AHEAD: u32 = 4096;

/// How far a call of the first version is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// The number of bytes that it has sent or received.
    pub(super) bytes: usize,
    /// Whether it has made a system call.
    pub(super) has_called: bool,
    /// Whether one has failed.
    pub(super) has_failed: bool,
    /// The first bytes that it has received.
    header: [u8; 4],
}

impl Progress {
    /// The call has received these bytes.
    pub(super) fn received(&mut self, bytes: &[u8]) {
        let rest = self.header.get_mut(self.bytes..).unwrap_or_default();
        for (to, from) in rest.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.bytes += bytes.len();
    }

    /// The bytes that are not sent yet.
    fn unsent(self, bytes: &[u8]) -> Data {
        Data(bytes.get(self.bytes..).unwrap_or_default().to_vec())
    }
}

/// The next system call of a call.
pub(super) fn syscall(
    call: &Call,
    fd: Fd,
    server: Address,
    header: HeaderFormat,
    progress: Progress,
) -> Syscall {
    let wait = Wait::Forever;
    let send = |bytes: &[u8]| Syscall::Send { fd, bytes: progress.unsent(bytes), wait };
    let recv = |length| Syscall::Recv { fd, length, peek: false, wait };
    let option = |option| Syscall::SetOption { fd, option };
    match call {
        Call::Listen { backlog } => Syscall::Listen { fd, backlog: i32::from(*backlog) },
        Call::Accept => Syscall::Accept { fd: LISTENER, wait },
        Call::Connect => Syscall::Connect { fd, address: server, wait },
        Call::Send(data) => send(&data.0),
        Call::SendMessage(data) => {
            let length = i64::try_from(data.0.len()).unwrap_or(i64::MAX);
            let mut bytes = header.write_or_ones(length).to_vec();
            bytes.extend(&data.0);
            send(&bytes)
        }
        Call::SendHeader(number) => send(&header.write_or_ones(*number)),
        Call::Recv(length) => recv(*length),
        Call::RecvExact(length) => {
            let received = u32::try_from(progress.bytes).unwrap_or(u32::MAX);
            recv(length.saturating_sub(received))
        }
        Call::RecvNaive if progress.bytes < progress.header.len() => recv(4),
        Call::RecvNaive => recv(u32::try_from(header.read(progress.header)).unwrap_or_default()),
        Call::RecvMessage => recv(READ_AHEAD),
        Call::Sleep { ms } => Syscall::Sleep { us: u64::from(*ms) * 1000 },
        Call::SetNodelay(on) => option(SocketOption::Nodelay(*on)),
        Call::SetRecvBuffer(bytes) => option(SocketOption::RecvBuffer(*bytes)),
        Call::SetSendBuffer(bytes) => option(SocketOption::SendBuffer(*bytes)),
        Call::ShutdownWrite => Syscall::Shutdown { fd, how: Shutdown::Write },
        Call::Close | Call::Reset => Syscall::Close { fd },
    }
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
