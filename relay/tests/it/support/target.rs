//! A TCP server in the test that the bridge connects to.

use std::net::{Ipv4Addr, SocketAddr};

use framescope::{Address, Target};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::waiting::within;

pub(crate) struct TestTarget(TcpListener);

impl TestTarget {
    pub(crate) async fn listen() -> Self {
        let any_port = (Ipv4Addr::LOCALHOST, 0);
        Self(TcpListener::bind(any_port).await.expect("loopback has free ports"))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("a listener has an address")
    }

    /// The relay's configuration of this listener as a target.
    pub(crate) fn named(&self, name: &str) -> Target {
        named(name, self.address())
    }

    pub(crate) async fn accept(&self) -> TcpStream {
        let accepted = within("the relay connects to its target", self.0.accept()).await;
        let (stream, _) = accepted.expect("a connection can be accepted");
        stream.set_nodelay(true).expect("TCP_NODELAY can be set");
        stream
    }
}

pub(crate) fn named(name: &str, address: SocketAddr) -> Target {
    Target::new(name, Address::Tcp(address.to_string()))
}

/// A port on which nobody listens. The socket keeps others from using it.
pub(crate) fn taken_but_silent() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().expect("there are sockets");
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("loopback has free ports");
    let address = socket.local_addr().expect("a bound socket has an address");
    (socket, address)
}
