//! The network that programs run on: one with a wire, or the loopback interface.

use std::net::{Ipv4Addr, SocketAddrV4};

use framescope_engine::wire::Crossed;
use framescope_lab::{NoWire, WireCommand};
use framescope_syscall::Address;
use framescope_syscall::errno::{EACCES, EADDRNOTAVAIL, ENETUNREACH};
use socket2::Socket;

#[cfg(target_os = "linux")]
use super::captured::Captured;
use super::failed::{Failed, failed};
use super::ports::Ports;

/// The network that programs run on.
#[derive(Debug)]
pub(super) enum Network {
    /// A network that nobody else is in, with a wire. Programs have the addresses that they ask for.
    #[cfg(target_os = "linux")]
    Wire(Box<Captured>),
    /// The loopback interface of this machine. Programs get other ports than they ask for, and see those that they
    /// asked for.
    Loopback(Ports, NoWire),
}

impl Network {
    pub(super) fn describe(&self) -> framescope_lab::Network {
        match self {
            #[cfg(target_os = "linux")]
            Self::Wire(_) => framescope_lab::Network::Wire,
            Self::Loopback(_, why) => framescope_lab::Network::Loopback(why.clone()),
        }
    }

    /// What has happened next to segments by being sent, or by a command.
    pub(super) fn next_sent(&mut self, now: u64) -> Option<Crossed> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Wire(wire) => wire.next_sent(now),
            Self::Loopback(..) => {
                let _ = now;
                None
            }
        }
    }

    /// Delivers the next segment that is due.
    pub(super) fn deliver_next(&mut self, now: u64) -> Option<Crossed> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Wire(wire) => wire.deliver_next(now),
            Self::Loopback(..) => {
                let _ = now;
                None
            }
        }
    }

    pub(super) fn command_wire(&mut self, now: u64, command: WireCommand) {
        match self {
            #[cfg(target_os = "linux")]
            Self::Wire(wire) => wire.command(now, command),
            Self::Loopback(..) => drop((now, command)),
        }
    }

    /// When the next segment is delivered.
    pub(super) fn next_delivery(&self) -> Option<u64> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Wire(wire) => wire.next_delivery(),
            Self::Loopback(..) => None,
        }
    }

    /// Whether a segment waits for a command.
    pub(super) fn holds_segments(&self) -> bool {
        match self {
            #[cfg(target_os = "linux")]
            Self::Wire(wire) => wire.holds(),
            Self::Loopback(..) => false,
        }
    }

    /// Whether it is seen that a segment was sent.
    pub(super) const fn is_wire(&self) -> bool {
        !matches!(self, Self::Loopback(..))
    }

    /// Whether a socket that is bound to every address of this machine is bound to one only.
    pub(super) const fn narrows_any(&self) -> bool {
        matches!(self, Self::Loopback(..))
    }

    /// The real address for one that a program binds. `is_bound`: its socket has one already.
    pub(super) fn address_to_bind(
        &mut self,
        asked: Address,
        is_bound: bool,
    ) -> Result<SocketAddrV4, Failed> {
        let ports = match self {
            #[cfg(target_os = "linux")]
            Self::Wire(_) => return Ok(SocketAddrV4::new(asked.ip, asked.port)),
            Self::Loopback(ports, _) => ports,
        };
        if !asked.ip.is_loopback() && !asked.ip.is_unspecified() {
            return Err(failed(EADDRNOTAVAIL));
        }
        if !Ports::is_allowed(asked.port) {
            return Err(failed(EACCES));
        }
        let port = if asked.port == 0 { 0 } else { ports.real(asked.port)? };
        let ip = if asked.ip.is_unspecified() { Ipv4Addr::LOCALHOST } else { asked.ip };
        let real = SocketAddrV4::new(ip, port);
        if !is_bound {
            ports.release(real);
        }
        Ok(real)
    }

    /// A program could not bind this real address.
    pub(super) fn not_bound(&mut self, real: SocketAddrV4) {
        match self {
            #[cfg(target_os = "linux")]
            Self::Wire(_) => {}
            Self::Loopback(ports, _) => ports.hold_again(real),
        }
    }

    /// A program has bound this real port, or the system has chosen it.
    pub(super) fn bound(&mut self, real: u16) {
        match self {
            #[cfg(target_os = "linux")]
            Self::Wire(_) => {}
            Self::Loopback(ports, _) => ports.note_chosen(real),
        }
    }

    /// The real address for one that a program connects to.
    pub(super) fn address_to_connect(&mut self, asked: Address) -> Result<SocketAddrV4, Failed> {
        let ports = match self {
            #[cfg(target_os = "linux")]
            Self::Wire(_) => return Ok(SocketAddrV4::new(asked.ip, asked.port)),
            Self::Loopback(ports, _) => ports,
        };
        // Windows connects to no address that says "any".
        if cfg!(windows) && (asked.ip.is_unspecified() || asked.port == 0) {
            return Err(failed(EADDRNOTAVAIL));
        }
        if !asked.ip.is_loopback() && !asked.ip.is_unspecified() {
            return Err(failed(ENETUNREACH));
        }
        let ip = if asked.ip.is_unspecified() { Ipv4Addr::LOCALHOST } else { asked.ip };
        Ok(SocketAddrV4::new(ip, ports.real(asked.port)?))
    }

    /// Closes a socket that a program has bound.
    pub(super) fn close(&mut self, socket: Socket) {
        match self {
            #[cfg(target_os = "linux")]
            Self::Wire(_) => drop(socket),
            Self::Loopback(ports, _) => ports.close(socket),
        }
    }

    /// The port that a program sees in the place of a real one.
    pub(super) fn shown(&self, real: u16) -> u16 {
        match self {
            #[cfg(target_os = "linux")]
            Self::Wire(_) => real,
            Self::Loopback(ports, _) => ports.shown(real),
        }
    }
}
