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
/// The largest `SO_SNDBUF` of a connection, if the program did not set it: `net.ipv4.tcp_wmem`.
pub(super) const MAX_SEND_BUFFER: u32 = 4 << 20;
/// The memory that Linux needs for a segment beside its payload and before it is rounded up, and that for its
/// description: `MAX_TCP_HEADER` with `struct skb_shared_info`, and `struct sk_buff`.
pub(super) const SEGMENT_OVERHEAD: (u32, u32) = (640, 256);

/// The MSS that a receiver supposes before it has seen a larger segment: Linux, `TCP_MSS_DEFAULT`.
pub(super) const MIN_RECV_MSS: u64 = 536;
/// How many bytes the header of a segment has, with the timestamps that Linux sends.
pub(super) const TCP_HEADER_WITH_TIMESTAMPS: u64 = 32;
/// How many segments are on the wire at first: RFC 6928.
pub(super) const FIRST_CWND: usize = 10;
/// By how many bits windows are shifted, if the program did not set `SO_RCVBUF`: for 32 MiB, the largest of
/// `net.ipv4.tcp_rmem` since Linux 6.16.
pub(super) const WINDOW_SCALE: u8 = 10;

/// The resolution of Linux's timers, in microseconds, with 250 ticks a second.
pub(super) const JIFFY_US: u64 = 4000;
/// The resolution of TCP's timestamps, in microseconds.
pub(super) const STAMP_US: u64 = 1000;
/// How long Linux delays an acknowledgement that a reply might carry, in microseconds.
pub(super) const DELAYED_ACK_US: u64 = 40_000;
/// How many acknowledgements a connection does not delay at first: Linux, `TCP_MAX_QUICKACKS`.
pub(super) const MAX_QUICK_ACKS: u64 = 16;
/// How long a segment outside of the window gets no second answer, in microseconds:
/// `net.ipv4.tcp_invalid_ratelimit`.
pub(super) const ANSWER_AGAIN_US: u64 = 500_000;
/// The wait before an unanswered SYN is sent again, in microseconds: RFC 6298, section 2.
pub(super) const FIRST_RTO_US: u64 = 1_000_000;
/// The least wait before a segment is sent again, in microseconds: Linux, `TCP_RTO_MIN`.
pub(super) const MIN_RTO_US: u64 = 200_000;
/// The longest wait before a segment is sent again, in microseconds: Linux, `TCP_RTO_MAX`.
pub(super) const MAX_RTO_US: u64 = 120_000_000;
/// After how many SYNs that were sent again the wait doubles: `net.ipv4.tcp_syn_linear_timeouts`.
pub(super) const LINEAR_SYN_TIMEOUTS: u32 = 4;
/// How often a SYN is sent again before the connect fails: `net.ipv4.tcp_syn_retries`, and those of one wait.
pub(super) const SYN_RETRIES: u32 = 6 + LINEAR_SYN_TIMEOUTS;
/// How often the answer to a SYN is sent again: `net.ipv4.tcp_synack_retries`.
pub(super) const SYN_ACK_RETRIES: u32 = 5;
/// How often a segment is sent again before the connection fails: `net.ipv4.tcp_retries2`.
pub(super) const RETRIES: u32 = 15;
/// The same if the program has closed the connection: `net.ipv4.tcp_orphan_retries`.
pub(super) const ORPHAN_RETRIES: u32 = 8;
/// The duration of `TIME_WAIT`, in microseconds.
pub(super) const TIME_WAIT_US: u64 = 60_000_000;
/// How long a closed socket stays in `FIN_WAIT2`, in microseconds: `net.ipv4.tcp_fin_timeout`.
pub(super) const FIN_TIMEOUT_US: u64 = 60_000_000;
/// The duration of a system call, in microseconds.
pub(super) const SYSCALL_US: u64 = 10;
