//! The ports that programs ask for, and those that they get.
//!
//! A program that binds port 9527 gets another port of this machine, so that it disturbs nobody and nobody
//! disturbs it. It sees only the port that it asked for.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};

use socket2::{Domain, Socket, Type};

/// Below this, only a privileged user can bind a port.
const FIRST_USER_PORT: u16 = 1024;

/// The ports of one run.
#[derive(Debug, Default)]
pub(super) struct Ports {
    real: HashMap<u16, u16>,
    asked: HashMap<u16, u16>,
    /// Sockets that hold the ports which nobody has bound yet.
    held: HashMap<u16, Socket>,
}

impl Ports {
    /// The real port of one that a program names. If it has none, a free one is held for it.
    ///
    /// # Errors
    ///
    /// If this machine has no free port.
    pub(super) fn real(&mut self, asked: u16) -> io::Result<u16> {
        if let Some(real) = self.real.get(&asked) {
            return Ok(*real);
        }
        let held = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        held.bind(&SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0).into())?;
        let real = held
            .local_addr()?
            .as_socket_ipv4()
            .map(|address| address.port())
            .ok_or_else(|| io::Error::from(io::ErrorKind::AddrNotAvailable))?;
        self.real.insert(asked, real);
        self.asked.insert(real, asked);
        self.held.insert(asked, held);
        Ok(real)
    }

    /// Frees the port for the program that binds it now.
    pub(super) fn release(&mut self, asked: u16) {
        self.held.remove(&asked);
    }

    /// The kernel chose this port for a program: it has the same number for the others.
    pub(super) fn note_chosen(&mut self, port: u16) {
        if !self.asked.contains_key(&port) {
            self.real.insert(port, port);
            self.asked.insert(port, port);
        }
    }

    /// The port that a program sees in the place of a real one.
    pub(super) fn shown(&self, real: u16) -> u16 {
        self.asked.get(&real).copied().unwrap_or(real)
    }

    /// Whether a program may bind the port.
    pub(super) const fn is_allowed(asked: u16) -> bool {
        asked == 0 || asked >= FIRST_USER_PORT
    }
}
