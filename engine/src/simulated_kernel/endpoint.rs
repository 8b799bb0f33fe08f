//! One end of a connection, as the simulated kernel keeps it.

use std::collections::VecDeque;

use framescope_lab::{Errno, TcpState};

/// The socket options that a connection begins with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    /// In bytes. The window is 0 when the buffer is full.
    pub(super) recv_buffer_size: usize,
    /// In bytes. `send` blocks when the buffer is full.
    pub(super) send_buffer_size: usize,
    pub(super) nodelay: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { recv_buffer_size: 65_536, send_buffer_size: 2_626_560, nodelay: false }
    }
}

/// One end of a connection.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they change one by one")]
pub(super) struct Endpoint {
    pub(super) state: TcpState,
    pub(super) peer: Option<usize>,
    /// The bytes that have arrived and were not read.
    pub(super) recv_queue: VecDeque<u8>,
    pub(super) recv_buffer_size: usize,
    /// The bytes that `send` took and that are not on the wire: the window is full, or Nagle's
    /// algorithm holds them.
    pub(super) send_queue: VecDeque<u8>,
    pub(super) send_buffer_size: usize,
    /// The number of bytes that are on the wire and not acknowledged.
    pub(super) unacknowledged: usize,
    pub(super) nodelay: bool,
    /// Whether bytes have arrived since this endpoint last sent some.
    pub(super) received_since_send: bool,
    /// Whether this endpoint has sent a reply. Since then its acknowledgements are delayed, so that a
    /// reply can carry them. Linux calls this ping-pong mode.
    pub(super) delays_acks: bool,
    /// When the delayed acknowledgement is sent without a reply, in microseconds.
    pub(super) ack_at: Option<u64>,
    /// Whether a FIN follows the bytes in `send_queue`.
    pub(super) fin_follows: bool,
    pub(super) fin_received: bool,
    /// Whether the program has closed this socket.
    pub(super) closed: bool,
    /// The error that the next call returns.
    pub(super) error: Option<Errno>,
    /// When the SYN is sent again, and how long that wait is. Both in microseconds.
    pub(super) syn_retry: Option<(u64, u64)>,
}

impl Endpoint {
    /// An endpoint whose SYN has not been answered.
    pub(super) const fn new(options: Options) -> Self {
        let Options { recv_buffer_size, send_buffer_size, nodelay } = options;
        Self {
            state: TcpState::SynSent,
            peer: None,
            recv_queue: VecDeque::new(),
            recv_buffer_size,
            send_queue: VecDeque::new(),
            send_buffer_size,
            unacknowledged: 0,
            nodelay,
            received_since_send: false,
            delays_acks: false,
            ack_at: None,
            fin_follows: false,
            fin_received: false,
            closed: false,
            error: None,
            syn_retry: None,
        }
    }
}
