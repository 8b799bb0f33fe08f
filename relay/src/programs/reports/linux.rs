//! Linux is asked through `sock_diag(7)`. That knows a connection by its two addresses, also after its descriptor is closed,
//! which `getsockopt(TCP_INFO)` does not.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use framescope_lab::{SendLimits, TcpState};
use netlink_packet_sock_diag::inet::{InetResponseHeader, Timer};
use socket2::Socket;

use super::{Ends, Report};
use crate::net::{Found, SockDiag};

/// How long a connection is taken to be in `TIME_WAIT` still. Linux keeps it there for a minute.
const TIME_WAIT_IS_KNOWN: Duration = Duration::from_secs(1);

/// The most connections that this is known of.
const MAX_TIME_WAITS: usize = 1024;

/// The most sockets of which it is kept what is known.
const MAX_KEPT: usize = 4096;

/// Asks the kernel's socket tables.
#[derive(Debug)]
pub(crate) struct Reporter {
    system: Option<SockDiag>,
    /// When the kernel said last that these connections are in `TIME_WAIT`. A program may have closed hundreds, and
    /// the kernel is asked about them after each segment.
    time_waits: RefCell<HashMap<Ends, (Instant, Report)>>,
    /// What is known until somebody says that it has changed, by the two addresses. `None`: the kernel is asked each time.
    kept: Option<RefCell<HashMap<Asked, Report>>>,
}

/// The own address of a socket, and its peer's.
type Asked = (SocketAddrV4, Option<SocketAddrV4>);

impl Reporter {
    /// If the system does not let us ask, nothing is known.
    pub(crate) fn new() -> Self {
        Self { system: SockDiag::open().ok(), time_waits: RefCell::default(), kept: None }
    }

    /// One that is told of each change: by [`Reporter::changed`], and [`Reporter::listener_changed`].
    pub(crate) fn told() -> Self {
        Self { kept: Some(RefCell::default()), ..Self::new() }
    }

    /// The socket with these ends has sent or was given a segment, or a program has made a call on it.
    pub(crate) fn changed(&self, Ends { local, peer }: Ends) {
        if let Some(kept) = &self.kept {
            kept.borrow_mut().remove(&(local, Some(peer)));
        }
    }

    /// A program has made a call on the socket that listens here, if one does, or a connection to it has begun or become
    /// whole.
    pub(crate) fn listener_changed(&self, local: SocketAddrV4) {
        let Some(kept) = &self.kept else { return };
        let any = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, local.port());
        let mut kept = kept.borrow_mut();
        kept.remove(&(local, None));
        kept.remove(&(any, None));
    }

    /// What the kernel says of a connection that a program has closed.
    pub(crate) fn of_closed(&self, ends: Ends) -> Report {
        let known = self.time_waits.borrow().get(&ends).copied();
        if let Some((_, report)) = known.filter(|(at, _)| at.elapsed() < TIME_WAIT_IS_KNOWN) {
            return report;
        }
        let report = self.of(ends.local, Some(ends.peer));
        let mut time_waits = self.time_waits.borrow_mut();
        if time_waits.len() == MAX_TIME_WAITS {
            time_waits.clear();
        }
        if report.state == Some(TcpState::TimeWait) {
            time_waits.insert(ends, (Instant::now(), report));
        } else {
            time_waits.remove(&ends);
        }
        report
    }

    /// What the kernel says of a socket that a program has open.
    pub(in crate::programs) fn of_open(
        &self,
        _: &Socket,
        local: SocketAddrV4,
        peer: Option<SocketAddrV4>,
    ) -> Report {
        self.of(local, peer)
    }

    /// What the kernel says of the socket with these addresses. One without a peer listens.
    pub(crate) fn of(&self, local: SocketAddrV4, peer: Option<SocketAddrV4>) -> Report {
        let Some(kept) = &self.kept else { return self.ask(local, peer) };
        if let Some(report) = kept.borrow().get(&(local, peer)) {
            return *report;
        }
        let report = self.ask(local, peer);
        // Its end is a matter of time.
        if report.state != Some(TcpState::TimeWait) {
            let mut kept = kept.borrow_mut();
            if kept.len() == MAX_KEPT {
                kept.clear();
            }
            kept.insert((local, peer), report);
        }
        report
    }

    fn ask(&self, local: SocketAddrV4, peer: Option<SocketAddrV4>) -> Report {
        let Some(system) = &self.system else { return Report::default() };
        let none = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
        let Ok(answer) = system.find(local.into(), peer.unwrap_or(none).into()) else {
            return Report::default();
        };
        let state = answer.as_ref().and_then(|answer| state(answer.header.state));
        // The look-up falls back to the listener at the same port.
        let is_found = peer.is_none() == (state == Some(TcpState::Listen));
        match answer {
            Some(answer) if is_found => {
                let (waiting, outstanding) = bytes(&answer.header, state);
                Report {
                    state,
                    waiting: Some(waiting),
                    outstanding: Some(outstanding),
                    limits: limits(&answer, state),
                    awaits_ack: matches!(answer.header.timer, Some(Timer::Retransmit(..))),
                }
            }
            Some(_) | None => Report {
                state: Some(TcpState::Closed),
                waiting: Some(0),
                outstanding: Some(0),
                limits: None,
                awaits_ack: false,
            },
        }
    }
}

/// What a connection keeps to when it sends.
fn limits(found: &Found, state: Option<TcpState>) -> Option<SendLimits> {
    use TcpState::{Closed, Listen, SynSent, TimeWait};
    if matches!(state?, Closed | Listen | SynSent | TimeWait) {
        return None;
    }
    Some(SendLimits {
        window: found.window()?,
        cwnd: found.congestion_window()?,
        rto_ms: found.rto()? / 1000,
    })
}

/// The two numbers, in bytes. The kernel reports differences of sequence numbers. SYN and FIN take one number
/// each (RFC 9293, section 3.4) and are not bytes.
fn bytes(answer: &InetResponseHeader, state: Option<TcpState>) -> (u32, u32) {
    use TcpState::{CloseWait, Closing, FinWait1, LastAck, SynSent, TimeWait};
    let fin_received = matches!(state, Some(CloseWait | Closing | LastAck | TimeWait));
    let sent_alone = matches!(state, Some(SynSent | FinWait1 | Closing | LastAck));
    (
        answer.recv_queue.saturating_sub(fin_received.into()),
        answer.send_queue.saturating_sub(sent_alone.into()),
    )
}

/// The state by its number in `linux/tcp_states.h`.
const fn state(number: u8) -> Option<TcpState> {
    Some(match number {
        1 => TcpState::Established,
        2 => TcpState::SynSent,
        3 | 12 => TcpState::SynReceived,
        4 => TcpState::FinWait1,
        5 => TcpState::FinWait2,
        6 => TcpState::TimeWait,
        7 => TcpState::Closed,
        8 => TcpState::CloseWait,
        9 => TcpState::LastAck,
        10 => TcpState::Listen,
        11 => TcpState::Closing,
        _ => return None,
    })
}
