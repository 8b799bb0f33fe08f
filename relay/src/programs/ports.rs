//! The ports that programs ask for, and those that they get.
//!
//! A program that binds port 9527 gets another port of this machine, so that it disturbs nobody and nobody
//! disturbs it. It sees only the port that it asked for.
//!
//! A port stays reserved until the run ends. A socket that does not listen holds it while no program does:
//! nobody can bind the port then, and a `connect` to it is refused.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddrV4};

use socket2::{Domain, Socket, Type};

/// Below this, only a privileged user can bind a port.
const FIRST_USER_PORT: u16 = 1024;

/// The ports of one run.
#[derive(Debug, Default)]
pub(super) struct Ports {
    real: HashMap<u16, u16>,
    asked: HashMap<u16, u16>,
    /// Sockets that hold the real addresses which no program has bound.
    held: HashMap<SocketAddrV4, Socket>,
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
        let address =
            local(&held).ok_or_else(|| io::Error::from(io::ErrorKind::AddrNotAvailable))?;
        self.real.insert(asked, address.port());
        self.asked.insert(address.port(), asked);
        self.held.insert(address, held);
        Ok(address.port())
    }

    /// Frees a real address for the program that binds it now.
    pub(super) fn release(&mut self, address: SocketAddrV4) {
        self.held.remove(&address);
    }

    /// The kernel chose this port for a program: it has the same number for the others.
    pub(super) fn note_chosen(&mut self, port: u16) {
        if !self.asked.contains_key(&port) {
            self.real.insert(port, port);
            self.asked.insert(port, port);
        }
    }

    /// Closes a socket that a program has bound, and goes on holding its port.
    ///
    /// On Linux, a socket without a peer is itself what holds the port from now on. `shutdown` does to a socket
    /// that listens what `close` does: the connections that nobody has accepted are reset, and new ones are
    /// refused. But the socket stays bound, so there is no moment in which the port is free. On
    /// other systems there is one.
    pub(super) fn close(&mut self, socket: Socket) {
        let Some(address) = local(&socket) else { return };
        if !self.asked.contains_key(&address.port()) || self.held.contains_key(&address) {
            return;
        }
        // Only Linux ends the listening of a socket so.
        if socket.peer_addr().is_ok() || cfg!(not(target_os = "linux")) {
            drop(socket);
            self.hold_again(address);
            return;
        }
        // It fails on a socket that has never listened. That one stays bound too.
        let _ = socket.shutdown(Shutdown::Both);
        // With this option, anybody who sets it could bind the port as well.
        if socket.set_reuse_address(false).is_ok() && local(&socket) == Some(address) {
            self.held.insert(address, socket);
        }
    }

    /// Holds a real address that no program has bound any more. If connections on it are still open or in
    /// `TIME_WAIT`, it may be that it cannot be held. These connections hold it then.
    pub(super) fn hold_again(&mut self, address: SocketAddrV4) {
        if !self.asked.contains_key(&address.port()) || self.held.contains_key(&address) {
            return;
        }
        if let Ok(socket) = bound_beside_connections(address) {
            self.held.insert(address, socket);
        }
    }

    /// The port that a program sees in the place of a real one.
    pub(super) fn shown(&self, real: u16) -> u16 {
        self.asked.get(&real).copied().unwrap_or(real)
    }

    /// Whether a program may bind the port. Windows lets everybody have any.
    pub(super) const fn is_allowed(asked: u16) -> bool {
        asked == 0 || asked >= FIRST_USER_PORT || cfg!(windows)
    }
}

fn local(socket: &Socket) -> Option<SocketAddrV4> {
    socket.local_addr().ok()?.as_socket_ipv4()
}

/// A socket bound to the address. Connections whose sockets had `SO_REUSEADDR` do not prevent it.
fn bound_beside_connections(address: SocketAddrV4) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    // On Windows, the option would take the port from whoever has it.
    socket.set_reuse_address(cfg!(not(windows)))?;
    socket.bind(&address.into())?;
    socket.set_reuse_address(false)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    fn bind(ports: &mut Ports, asked: u16, reuse: bool) -> io::Result<Socket> {
        let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, ports.real(asked)?);
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_address(reuse)?;
        ports.release(address);
        let bound = socket.bind(&address.into());
        if bound.is_err() {
            ports.hold_again(address);
        }
        bound.map(|()| socket)
    }

    /// Nobody else binds it: the standard library sets `SO_REUSEADDR` on its listeners.
    fn is_reserved(ports: &mut Ports, asked: u16) -> bool {
        let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, ports.real(asked).unwrap());
        let strangers = TcpListener::bind(address);
        let refused = TcpStream::connect(address).is_err();
        strangers.is_err() && refused
    }

    #[test]
    fn a_port_is_reserved_before_it_is_bound_and_after_it_is_closed() {
        for reuse in [false, true] {
            let mut ports = Ports::default();
            assert!(is_reserved(&mut ports, 9527));
            let listener = bind(&mut ports, 9527, reuse).unwrap();
            listener.listen(5).unwrap();
            ports.close(listener);
            assert!(is_reserved(&mut ports, 9527), "reuse {reuse}");
            let never_listened = bind(&mut ports, 9527, reuse).unwrap();
            ports.close(never_listened);
            assert!(is_reserved(&mut ports, 9527), "reuse {reuse}");
        }
    }

    #[test]
    fn a_closed_listener_resets_the_connections_that_nobody_has_accepted() {
        let mut ports = Ports::default();
        let listener = bind(&mut ports, 9527, false).unwrap();
        listener.listen(5).unwrap();
        let client = TcpStream::connect(local(&listener).unwrap()).unwrap();
        ports.close(listener);
        let reset = io::Read::read(&mut &client, &mut [0]).unwrap_err();
        assert_eq!(reset.kind(), io::ErrorKind::ConnectionReset);
    }

    #[test]
    fn a_port_is_bound_again_as_if_nothing_held_it() {
        for (reuse, is_bound) in [(false, false), (true, true)] {
            let mut ports = Ports::default();
            let listener = bind(&mut ports, 9527, reuse).unwrap();
            listener.listen(5).unwrap();
            let client = TcpStream::connect(local(&listener).unwrap()).unwrap();
            let (accepted, _) = listener.accept().unwrap();
            // The server closes first, so that its end of the connection goes into TIME_WAIT.
            drop(accepted);
            ports.close(listener);
            drop(client);
            assert!(is_reserved(&mut ports, 9527), "reuse {reuse}");
            assert_eq!(bind(&mut ports, 9527, reuse).is_ok(), is_bound, "reuse {reuse}");
        }
    }
}
