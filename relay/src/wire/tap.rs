//! The packets of a network that others use too: packet(7).

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Read as _};
use std::os::fd::{AsFd, BorrowedFd};

use framescope_lab::{NoWire, NoWireReason};
use socket2::{Domain, Protocol, Socket, Type};

/// A packet that passes through several interfaces is seen at each, one right after the other. The loopback interface shows
/// each twice.
const MAX_RECENT: usize = 16;

/// IPv4 in `linux/if_ether.h`.
const ETH_P_IP: u16 = 0x0800;

/// Sees the packets of IPv4 that this system sends and that come to it. It takes `CAP_NET_RAW`.
#[derive(Debug)]
pub struct Tap {
    socket: Socket,
    /// What tells the last packets from others.
    recent: VecDeque<u64>,
}

impl Tap {
    /// # Errors
    ///
    /// The right is missing.
    pub fn open() -> Result<Self, NoWire> {
        let open = || {
            let protocol = Protocol::from(i32::from(ETH_P_IP.to_be()));
            let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(protocol))?;
            socket.set_nonblocking(true)?;
            Ok(socket)
        };
        let socket = open().map_err(|error: io::Error| {
            let remedy = "sudo setcap cap_net_raw+ep \"$(command -v framescope)\"".to_owned();
            let error = format!("packets cannot be seen: {error}");
            NoWire { remedy: Some(remedy), ..NoWire::new(NoWireReason::Right, error) }
        })?;
        Ok(Self { socket, recent: VecDeque::new() })
    }

    /// Takes the next packet, without waiting. Returns its length, `None` if there is none. A packet that is longer than
    /// `buffer` is cut.
    ///
    /// # Errors
    ///
    /// Any of recv(2).
    pub fn recv(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        loop {
            let length = match (&self.socket).read(buffer) {
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let mut hasher = DefaultHasher::new();
            buffer.get(..length).unwrap_or_default().hash(&mut hasher);
            let packet = hasher.finish();
            if self.recent.contains(&packet) {
                continue;
            }
            if self.recent.len() == MAX_RECENT {
                self.recent.pop_front();
            }
            self.recent.push_back(packet);
            return Ok(Some(length));
        }
    }
}

impl AsFd for Tap {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
