//! The kernel of this machine, for the runs of the lab.

use std::io;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use framescope_engine::{Answer, Kernel, Outcome, Syscall};
use framescope_lab::{BlockedOn, Side, TcpInfo};

use super::sockets::Sockets;
use super::tcp_info::{SocketKey, TcpInfoReader};
use super::wait::{readable, wait};

/// The sockets of all programs, in one thread.
#[derive(Debug)]
pub(super) struct SocketKernel {
    began: Instant,
    sides: Vec<Sockets>,
    tcp_info: TcpInfoReader,
}

impl SocketKernel {
    pub(super) fn new(clients: usize) -> io::Result<Self> {
        let sides = Sockets::open(clients)?;
        Ok(Self { began: Instant::now(), sides, tcp_info: TcpInfoReader::new() })
    }

    /// Waits until a blocked call can go on, or `waker` is readable, or the time is `until`, in microseconds
    /// since the experiment began.
    pub(super) fn wait(
        &self,
        blocked: &[(Side, BlockedOn)],
        waker: Option<BorrowedFd<'_>>,
        until: u64,
    ) {
        let awaited = blocked.iter().filter_map(|(side, on)| self.side(*side)?.awaited(*on));
        let mut fds: Vec<_> = awaited.chain(waker.map(readable)).collect();
        wait(&mut fds, Some(Duration::from_micros(until.saturating_sub(self.now()))));
    }

    fn side(&self, side: Side) -> Option<&Sockets> {
        self.sides.get(usize::from(side.0))
    }

    /// The side at the other end of a side's connection.
    fn peer_of(&self, side: Side) -> Option<Side> {
        let Some(SocketKey::Connection { port, peer }) = self.side(side)?.key() else {
            return None;
        };
        let key = Some(SocketKey::Connection { port: peer, peer: port });
        let index = self.sides.iter().position(|sockets| sockets.key() == key)?;
        u8::try_from(index).ok().map(Side)
    }
}

impl Kernel for SocketKernel {
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn call(&mut self, side: Side, syscall: &Syscall) -> Answer {
        let answer = self.sides[usize::from(side.0)].call(syscall);
        if let Answer::Done(Outcome::Accepted(_)) = answer {
            return Answer::Done(Outcome::Accepted(self.peer_of(side)));
        }
        answer
    }

    fn tcp_info(&self, side: Side) -> TcpInfo {
        let key = self.side(side).and_then(Sockets::key);
        key.map(|key| self.tcp_info.of(key)).unwrap_or_default()
    }
}
