//! Listening sockets that this process was given, by systemd or by the process whose place it takes. While a
//! socket is handed on it goes on to listen, and what waits in its backlog is lost to nobody. (Two sockets on
//! one port, with `SO_REUSEPORT`, would each have a backlog, which a close resets.)

use std::io;

use super::listener::Listener;

#[cfg(unix)]
pub(crate) use self::unix::send;

/// Listening sockets, each with the place that it listens on as the options write it.
#[derive(Debug, Default)]
pub struct Inherited {
    #[cfg(unix)]
    sockets: Vec<(String, std::os::fd::OwnedFd)>,
}

impl Inherited {
    /// The listeners for this place.
    ///
    /// # Errors
    ///
    /// What was handed over is no listening socket.
    pub(crate) fn take(&mut self, place: &str) -> io::Result<Vec<Listener>> {
        #[cfg(unix)]
        {
            let (taken, rest) =
                std::mem::take(&mut self.sockets).into_iter().partition(|(own, _)| own == place);
            self.sockets = rest;
            let taken: Vec<(String, std::os::fd::OwnedFd)> = taken;
            taken.into_iter().map(|(_, socket)| Listener::from_descriptor(socket)).collect()
        }
        #[cfg(not(unix))]
        {
            let _ = place;
            Ok(Vec::new())
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::io::{self, IoSlice, IoSliceMut, Read as _, Write as _};
    use std::mem::MaybeUninit;
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
    use std::os::unix::net::UnixStream;

    use rustix::net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
        SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
    };

    use super::Inherited;
    use crate::net::places::MAX_LISTENERS;

    /// What systemd's sockets are called in the options.
    const SYSTEMD: &str = "fd:systemd";

    /// The most sockets that are handed on: those of the page, and of the two built-in TCP servers. Linux takes 253 in one
    /// message.
    const MAX_SOCKETS: usize = MAX_LISTENERS + 2;

    /// The longest list of their places, in bytes.
    const MAX_PLACES: u64 = 64 * 1024;

    impl Inherited {
        /// The sockets that systemd has opened, `sd_listen_fds`(3). None, if this process was not started so.
        #[must_use]
        pub fn from_systemd() -> Self {
            let mut opened = listenfd::ListenFd::from_env();
            let mut sockets = Vec::new();
            for index in 0..opened.len() {
                let tcp = opened.take_tcp_listener(index).ok().flatten().map(OwnedFd::from);
                let socket = tcp
                    .or_else(|| opened.take_unix_listener(index).ok().flatten().map(OwnedFd::from));
                sockets.extend(socket.map(|socket| (SYSTEMD.to_owned(), socket)));
            }
            Self { sockets }
        }

        /// The places of the sockets that nobody has taken.
        pub(crate) fn places(self) -> Vec<String> {
            self.sockets.into_iter().map(|(place, _)| place).collect()
        }

        /// Takes the sockets that another process hands on.
        ///
        /// # Errors
        ///
        /// The other process has ended, or has sent something else.
        pub fn receive(mut from: &UnixStream) -> io::Result<Self> {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_SOCKETS))];
            let mut ancillary = RecvAncillaryBuffer::new(&mut space);
            let mut first = [0];
            let mut parts = [IoSliceMut::new(&mut first)];
            // Apple's systems have no such flag.
            #[cfg(not(target_vendor = "apple"))]
            let flags = RecvFlags::CMSG_CLOEXEC;
            #[cfg(target_vendor = "apple")]
            let flags = RecvFlags::empty();
            if recvmsg(from, &mut parts, &mut ancillary, flags)?.bytes == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let mut sockets: Vec<OwnedFd> = Vec::new();
            for message in ancillary.drain() {
                if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                    sockets.extend(descriptors);
                }
            }
            #[cfg(target_vendor = "apple")]
            for socket in &sockets {
                rustix::io::fcntl_setfd(socket, rustix::io::FdFlags::CLOEXEC)?;
            }
            let mut length = [0; 4];
            from.read_exact(&mut length)?;
            let mut places = String::new();
            let length = u64::from(u32::from_le_bytes(length));
            if length > MAX_PLACES {
                return Err(io::ErrorKind::InvalidData.into());
            }
            from.take(length).read_to_string(&mut places)?;
            let places: Vec<&str> = places.lines().collect();
            if places.len() != sockets.len() {
                return Err(io::ErrorKind::InvalidData.into());
            }
            Ok(Self { sockets: places.into_iter().map(str::to_owned).zip(sockets).collect() })
        }
    }

    /// Hands sockets on to another process, each with its place.
    pub(crate) fn send(
        mut to: &UnixStream,
        sockets: &[(String, BorrowedFd<'_>)],
    ) -> io::Result<()> {
        let places: String = sockets.iter().flat_map(|(place, _)| [place, "\n"]).collect();
        let length = u32::try_from(places.len()).ok().filter(|_| sockets.len() <= MAX_SOCKETS);
        let length = length.ok_or(io::ErrorKind::InvalidInput)?;
        let descriptors: Vec<BorrowedFd<'_>> =
            sockets.iter().map(|(_, socket)| socket.as_fd()).collect();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_SOCKETS))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
        sendmsg(to, &[IoSlice::new(&[0])], &mut ancillary, SendFlags::empty())?;
        to.write_all(&length.to_le_bytes())?;
        to.write_all(places.as_bytes())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[tokio::test]
        async fn a_socket_that_was_handed_on_listens_with_its_backlog() {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let waits = std::net::TcpStream::connect(address).unwrap();
            let (ours, theirs) = UnixStream::pair().unwrap();
            send(&ours, &[("here".to_owned(), listener.as_fd())]).unwrap();
            let mut inherited = Inherited::receive(&theirs).unwrap();
            drop(listener);
            assert!(inherited.take("elsewhere").unwrap().is_empty());
            let mut taken = inherited.take("here").unwrap();
            let listener = taken.pop().unwrap();
            assert_eq!(listener.tcp_address(), Some(address));
            let (_, peer) = listener.accept().await;
            assert_eq!(peer, waits.local_addr().ok());
        }

        #[test]
        fn what_is_no_handover_is_an_error() {
            let (ours, theirs) = UnixStream::pair().unwrap();
            drop(ours);
            assert!(Inherited::receive(&theirs).is_err());
            let (mut ours, theirs) = UnixStream::pair().unwrap();
            ours.write_all(&[0, 255, 255, 255, 255]).unwrap();
            assert!(Inherited::receive(&theirs).is_err());
            let (mut ours, theirs) = UnixStream::pair().unwrap();
            // A place without its socket.
            ours.write_all(b"\0\x02\0\0\0a\n").unwrap();
            assert!(Inherited::receive(&theirs).is_err());
        }
    }
}
