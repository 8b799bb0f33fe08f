//! A socket that a program has open.

use std::io::{self, Read as _};
use std::net::SocketAddrV4;

use framescope_engine::sockets::Answer;
use framescope_syscall::{Fd, Returned, Shutdown, Syscall};
use mio::Token;
use mio::net::TcpStream;
use socket2::{SockRef, Socket};

use super::poller::Poller;
use super::reports::Ends;

/// The most bytes that one `recv` returns: 1 MiB. Linux's receive buffers rarely hold more.
const MAX_BUFFER: usize = 1024 * 1024;

/// A socket that a program has open.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent fact")]
pub(super) struct OpenSocket {
    /// The socket, connected or not.
    stream: TcpStream,
    /// The poller knows the socket by this, once it was asked about it.
    token: Option<Token>,
    /// Its own address. `None` before it has one.
    pub(super) local: Option<SocketAddrV4>,
    /// The address that it was connected to, or that it was accepted from.
    pub(super) peer: Option<SocketAddrV4>,
    pub(super) listens: bool,
    /// Whether a `connect` of it waits for the handshake.
    pub(super) connects: bool,
    /// Whether it was bound to every address: it is bound to the loopback one, and shows this.
    pub(super) shows_any: bool,
    /// Whether a port of a program is bound to it.
    pub(super) holds_port: bool,
}

/// The socket whose address a call may change, or whether it listens.
pub(crate) const fn changed_by(syscall: &Syscall) -> Option<Fd> {
    match syscall {
        Syscall::Bind { fd, .. }
        | Syscall::Listen { fd, .. }
        | Syscall::Connect { fd, .. }
        | Syscall::Shutdown { fd, .. } => Some(*fd),
        Syscall::Socket
        | Syscall::Accept { .. }
        | Syscall::Send { .. }
        | Syscall::Recv { .. }
        | Syscall::Close { .. }
        | Syscall::SetOption { .. }
        | Syscall::GetOption { .. }
        | Syscall::LocalAddress { .. }
        | Syscall::PeerAddress { .. }
        | Syscall::Select { .. }
        | Syscall::Sleep { .. }
        | Syscall::Time(_) => None,
    }
}

impl OpenSocket {
    /// A new socket, or one that was accepted from this peer. It must not block.
    pub(super) fn new(socket: Socket, peer: Option<SocketAddrV4>) -> Self {
        Self {
            local: local(&socket),
            peer,
            listens: false,
            connects: false,
            shows_any: false,
            holds_port: false,
            stream: TcpStream::from_std(socket.into()),
            token: None,
        }
    }

    pub(super) fn socket(&self) -> SockRef<'_> {
        SockRef::from(&self.stream)
    }

    /// What a poller registers, and by which token it knows it.
    pub(super) const fn source(&mut self) -> (&mut TcpStream, &mut Option<Token>) {
        (&mut self.stream, &mut self.token)
    }

    /// The socket alone. The poller forgets it.
    pub(super) fn into_socket(mut self, poller: &Poller) -> Socket {
        if self.token.is_some() {
            // It fails only if the socket is not registered.
            let _ = poller.forget(&mut self.stream);
        }
        std::net::TcpStream::from(self.stream).into()
    }

    /// Notes what a call has changed, and what it answered.
    pub(super) fn note(&mut self, syscall: &Syscall, answer: &Answer) {
        self.local = local(&self.socket());
        if *answer == Answer::Done(Returned::Done) {
            let stops =
                matches!(syscall, Syscall::Shutdown { how: Shutdown::Read | Shutdown::Both, .. });
            let starts = matches!(syscall, Syscall::Listen { .. });
            self.listens = starts || (self.listens && !stops);
        }
    }

    /// The addresses of both ends. `None` if the socket never had a peer.
    pub(super) fn ends(&self) -> Option<Ends> {
        Some(Ends { local: self.local?, peer: self.peer? })
    }

    /// Only what arrives is reserved: the length comes from a program.
    pub(super) fn recv(&self, length: usize, peek: bool) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length.min(MAX_BUFFER)];
        let count =
            if peek { self.stream.peek(&mut bytes)? } else { (&self.stream).read(&mut bytes)? };
        bytes.truncate(count);
        Ok(bytes)
    }
}

fn local(socket: &Socket) -> Option<SocketAddrV4> {
    socket.local_addr().ok()?.as_socket_ipv4()
}
