//! The options of a socket.

use framescope_syscall::SocketOption;
use framescope_syscall::errno::ENOPROTOOPT;

use super::limits::{
    FIRST_CWND, MAX_BUFFER_OPTION, MAX_SEND_BUFFER, MIN_RECV_BUFFER, MIN_SEND_BUFFER, RECV_BUFFER,
    SEGMENT_OVERHEAD, SEND_BUFFER, WINDOW_SCALE,
};

/// The options of a socket that programs set. A connection inherits those of its listener.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub(super) struct Options {
    pub(super) reuse_address: bool,
    pub(super) reuse_port: bool,
    pub(super) keep_alive: bool,
    pub(super) nodelay: bool,
    pub(super) linger: bool,
    /// In seconds. Kept while `linger` is off, as on Linux.
    pub(super) linger_seconds: u32,
    /// In bytes, as `getsockopt` says it.
    recv_buffer: u32,
    /// Whether the program has set `recv_buffer`.
    recv_buffer_set: bool,
    /// In bytes, as `getsockopt` says it.
    send_buffer: u32,
    /// Whether the program has set `send_buffer`, so that the kernel does not change it.
    send_buffer_set: bool,
}

impl Options {
    pub(super) const fn new() -> Self {
        Self {
            reuse_address: false,
            reuse_port: false,
            keep_alive: false,
            nodelay: false,
            linger: false,
            linger_seconds: 0,
            recv_buffer: RECV_BUFFER,
            recv_buffer_set: false,
            send_buffer: SEND_BUFFER,
            send_buffer_set: false,
        }
    }

    /// Sets an option. Fails with `ENOPROTOOPT` if it can only be read.
    pub(super) fn set(&mut self, option: SocketOption) -> Result<(), u32> {
        // Linux keeps twice what the program asks for, because its own data needs memory too.
        let doubled = |bytes: u32, least| bytes.min(MAX_BUFFER_OPTION).saturating_mul(2).max(least);
        match option {
            SocketOption::ReuseAddress(on) => self.reuse_address = on,
            SocketOption::ReusePort(on) => self.reuse_port = on,
            SocketOption::KeepAlive(on) => self.keep_alive = on,
            SocketOption::Nodelay(on) => self.nodelay = on,
            SocketOption::RecvBuffer(bytes) => {
                self.recv_buffer = doubled(bytes, MIN_RECV_BUFFER);
                self.recv_buffer_set = true;
            }
            SocketOption::SendBuffer(bytes) => {
                self.send_buffer = doubled(bytes, MIN_SEND_BUFFER);
                self.send_buffer_set = true;
            }
            SocketOption::Linger { on, seconds } => {
                self.linger = on;
                if on {
                    self.linger_seconds = seconds;
                }
            }
            SocketOption::Error(_) | SocketOption::Type(_) | SocketOption::Listens(_) => {
                return Err(ENOPROTOOPT);
            }
        }
        Ok(())
    }

    pub(super) const fn recv_buffer(&self) -> u32 {
        self.recv_buffer
    }

    pub(super) const fn send_buffer(&self) -> u32 {
        self.send_buffer
    }

    /// The number of bytes that can wait for a `recv`. Half of the buffer is for the kernel's own data.
    pub(super) const fn recv_capacity(&self) -> usize {
        self.recv_buffer as usize / 2
    }

    /// By how many bits the windows of a new connection are shifted. Linux: `tcp_select_initial_window`.
    pub(super) fn window_scale(&self) -> u8 {
        if !self.recv_buffer_set {
            return WINDOW_SCALE;
        }
        let bits = self.recv_capacity().max(1).ilog2().saturating_sub(15);
        u8::try_from(bits).unwrap_or(WINDOW_SCALE)
    }

    /// The first window, in bytes: as many segments of the largest size as there is space for.
    pub(super) fn first_window(&self, mss: u64) -> u64 {
        let capacity = self.recv_capacity() as u64;
        if capacity > mss { capacity / mss * mss } else { capacity }
    }

    /// The number of bytes that `send` takes and that are not acknowledged.
    pub(super) const fn send_capacity(&self) -> usize {
        self.send_buffer as usize
    }

    /// Makes the send buffer hold twice as many segments as may be on the wire. Linux: `tcp_sndbuf_expand`.
    pub(super) fn expand_send_buffer(&mut self, mss: u64, cwnd: usize) {
        if self.send_buffer_set {
            return;
        }
        let (mss, count) = (u32::try_from(mss), u32::try_from(cwnd.max(FIRST_CWND)));
        let (beside, description) = SEGMENT_OVERHEAD;
        let segment = mss.unwrap_or(MAX_SEND_BUFFER).saturating_add(beside).next_power_of_two();
        let bytes =
            (segment + description).saturating_mul(2).saturating_mul(count.unwrap_or(u32::MAX));
        self.send_buffer = self.send_buffer.max(bytes.min(MAX_SEND_BUFFER));
    }
}
