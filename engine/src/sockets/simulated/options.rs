//! The options of a socket.

use framescope_syscall::SocketOption;
use framescope_syscall::errno::ENOPROTOOPT;

use super::limits::{
    CONNECTED_SEND_BUFFER, MAX_BUFFER_OPTION, MIN_RECV_BUFFER, MIN_SEND_BUFFER, RECV_BUFFER,
    SEND_BUFFER,
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
            SocketOption::RecvBuffer(bytes) => self.recv_buffer = doubled(bytes, MIN_RECV_BUFFER),
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

    /// The number of bytes that `send` takes and that are not acknowledged.
    pub(super) const fn send_capacity(&self) -> usize {
        self.send_buffer as usize
    }

    /// Gives the send buffer the size that it has once the connection is established.
    pub(super) const fn connected(&mut self) {
        if !self.send_buffer_set {
            self.send_buffer = CONNECTED_SEND_BUFFER;
        }
    }
}
