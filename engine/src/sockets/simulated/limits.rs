//! The bounds and the times of the simulated kernel.

/// How many programs there can be.
pub const MAX_PROGRAMS: u8 = 16;
/// How many descriptors a program can have. One more is `EMFILE`.
pub const MAX_DESCRIPTORS: usize = 64;
/// The microseconds from 1970 to the beginning of a run: 2026-01-01, 00:00 UTC.
pub const EPOCH_US: u64 = 1_767_225_600_000_000;

/// How many sockets the kernel keeps. One more is `ENFILE`, and a SYN that needs one more is dropped.
pub(super) const MAX_SOCKETS: usize = 8192;
/// How many connections in `TIME_WAIT` the kernel keeps. Then the oldest is forgotten.
pub(super) const MAX_TIME_WAITS: usize = 8192;
/// How many bytes all buffers hold together. A `send` waits when they are full.
pub(super) const MAX_BUFFERED: usize = 64 << 20;
/// The largest backlog: `net.core.somaxconn`.
pub(super) const MAX_BACKLOG: usize = 4096;

/// The first descriptor that is not a standard stream.
pub(super) const FIRST_DESCRIPTOR: u32 = 3;
/// The ports that the kernel chooses: `net.ipv4.ip_local_port_range`.
pub(super) const EPHEMERAL_PORTS: std::ops::RangeInclusive<u16> = 32_768..=60_999;
/// The ports below this one need a privilege: `net.ipv4.ip_unprivileged_port_start`.
pub(super) const FIRST_UNPRIVILEGED_PORT: u16 = 1024;

/// The largest value of `SO_RCVBUF` and `SO_SNDBUF`, before Linux doubles it: `net.core.rmem_max`.
pub(super) const MAX_BUFFER_OPTION: u32 = 212_992;
/// The smallest `SO_RCVBUF`.
pub(super) const MIN_RECV_BUFFER: u32 = 2304;
/// The smallest `SO_SNDBUF`.
pub(super) const MIN_SEND_BUFFER: u32 = 4608;
/// `SO_RCVBUF` of a new socket: `net.ipv4.tcp_rmem`. Half of it is the window.
pub(super) const RECV_BUFFER: u32 = 131_072;
/// `SO_SNDBUF` of a new socket: `net.ipv4.tcp_wmem`.
pub(super) const SEND_BUFFER: u32 = 16_384;
/// `SO_SNDBUF` of a connection on the loopback interface, if the program did not set it.
pub(super) const CONNECTED_SEND_BUFFER: u32 = 2_626_560;

/// The largest segment on the loopback interface, in bytes.
pub(super) const MSS: usize = 65_483;
/// How long Linux delays an acknowledgement that a reply might carry, in microseconds.
pub(super) const DELAYED_ACK_US: u64 = 40_000;
/// The wait before an unanswered SYN is sent again, in microseconds. It doubles each time. Since version 6.5
/// Linux doubles it only after the fourth time (`net.ipv4.tcp_syn_linear_timeouts`).
pub(super) const FIRST_SYN_RETRY_US: u64 = 1_000_000;
/// How often a SYN is sent again before the connect fails: `net.ipv4.tcp_syn_retries`.
pub(super) const SYN_RETRIES: u32 = 6;
/// The duration of `TIME_WAIT`, in microseconds.
pub(super) const TIME_WAIT_US: u64 = 60_000_000;
/// How long a closed socket stays in `FIN_WAIT2`, in microseconds: `net.ipv4.tcp_fin_timeout`.
pub(super) const FIN_TIMEOUT_US: u64 = 60_000_000;
/// The duration of a system call, in microseconds.
pub(super) const SYSCALL_US: u64 = 10;
