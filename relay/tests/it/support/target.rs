//! A TCP server in the test that the bridge connects to.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};

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

/// A port for a program that cannot be told to choose one. Below those that the system gives to others: no connection takes
/// it before the program does.
pub(crate) fn unused() -> SocketAddr {
    const FIRST: u16 = 20_000;
    const COUNT: u32 = 10_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let next = std::process::id().wrapping_mul(37) + NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + u16::try_from(next % COUNT).expect("it is below 10,000");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if std::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok() {
            return address;
        }
    }
}

/// A port on which nobody listens. The socket keeps others from using it.
pub(crate) fn taken_but_silent() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().expect("there are sockets");
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("loopback has free ports");
    let address = socket.local_addr().expect("a bound socket has an address");
    (socket, address)
}
