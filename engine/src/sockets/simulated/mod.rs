//! The simulated kernel: TCP between the programs of a run, on one loopback interface and a virtual clock.
//!
//! It answers as Linux 6 does. The files say after which of its functions. What it leaves out: keepalive probes, receive
//! buffers that grow, the memory that small segments cost, and taking back a loss that was none (F-RTO, Eifel).
//!
//! What comes in: the system calls of programs, what happens on the wire, and the time. What goes out: the results of
//! calls, what crosses the wire, and what is known of each socket.
//!
//! - `descriptors.rs`: the descriptors of a program. `endpoint.rs`: a socket. `options.rs`: its options.
//! - `sending.rs`, `receiving.rs`: the two halves of a connection. `segment.rs`: what crosses between two.
//! - `network.rs`: all sockets, and the wire. `ports.rs`: their addresses.
//! - `output.rs`: what a socket sends. `input.rs`: what it does with what arrives.
//! - `listening.rs`, `connecting.rs`, `stream.rs`, `closing.rs`, `readiness.rs`: the system calls.
//! - `timers.rs`: what happens without a call. `limits.rs`: every bound and every duration.
//!
//! May use: `sockets::kernel`, `wire`.

mod closing;
mod connecting;
mod descriptors;
mod endpoint;
mod input;
mod limits;
mod listening;
mod network;
mod options;
mod output;
mod ports;
mod readiness;
mod receiving;
mod round_trip;
mod segment;
mod sending;
mod stream;
mod timers;

use std::collections::BTreeMap;

use framescope_lab::{Backlog, Socket, TcpState, WireCommand, WireSetup};
use framescope_syscall::errno::{EAGAIN, EBADF, EMFILE, ENFILE, ENOTCONN};
use framescope_syscall::{
    Address, BlockedOn, Clock, Data, Fd, Ready, Returned, SocketOption, Syscall, Wait,
};

use self::connecting::Progress;
use self::descriptors::Descriptors;
use self::endpoint::{Endpoint, EndpointId};
use self::limits::SYSCALL_US;
pub use self::limits::{EPOCH_US, MAX_DESCRIPTORS, MAX_PROGRAMS};
use self::network::Network;
use self::stream::Transfer;
use crate::sockets::kernel::{Activity, Answer, Kernel, ProgramId};
use crate::wire::Crossed;

/// `SOCK_STREAM`, the type of every socket here.
const SOCK_STREAM: u32 = 1;

/// A kernel that up to [`MAX_PROGRAMS`] programs share. Any other program can open nothing.
#[derive(Clone, Debug)]
pub struct SimulatedKernel {
    network: Network,
    programs: BTreeMap<ProgramId, Descriptors>,
    /// How many numbers it has drawn.
    drawn: u64,
}

impl Default for SimulatedKernel {
    /// A kernel whose wire loses nothing.
    fn default() -> Self {
        Self::new(&WireSetup::default())
    }
}

impl Kernel for SimulatedKernel {
    fn now(&self) -> u64 {
        self.network.now
    }

    fn random(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn
    }

    fn call(&mut self, program: ProgramId, syscall: &Syscall) -> Answer {
        let answer = self
            .answer(program, syscall)
            .unwrap_or_else(|errno| Answer::Done(Returned::Failed(errno)));
        // The time passes when a call returns. So a blocked call can be made again at no cost.
        if matches!(answer, Answer::Done(_)) {
            self.advance(self.network.now.saturating_add(SYSCALL_US));
        }
        answer
    }

    fn cancel(&mut self, program: ProgramId, syscall: &Syscall) {
        if let Syscall::Connect { fd, .. } = syscall
            && let Ok(id) = self.socket(program, *fd)
            && let Some(endpoint) = self.network.get_mut(id)
        {
            endpoint.connect_waits = false;
        }
    }

    /// First those with a descriptor, in the order of the descriptors. Then the connections that the program has
    /// not accepted yet, and those that it has closed and TCP has not.
    fn sockets(&self, program: ProgramId) -> Vec<Socket> {
        let own: Vec<(Fd, EndpointId)> =
            self.programs.get(&program).into_iter().flat_map(Descriptors::iter).collect();
        let mut infos: Vec<Socket> = own
            .iter()
            .filter_map(|(fd, id)| Some(self.info(Some(*fd), self.network.get(*id)?)))
            .collect();
        let others =
            self.network.endpoints.iter().filter(|(id, one)| {
                one.owner == program && own.iter().all(|(_, open)| open != *id)
            });
        infos.extend(others.map(|(_, one)| self.info(None, one)));
        let is_there = |local, peer| {
            let same = |one: &Socket| one.local == local && one.peer == Some(peer);
            infos.iter().any(|one| same(one) && one.state == Some(TcpState::TimeWait))
        };
        let ended: Vec<Socket> = self
            .network
            .time_waits
            .iter()
            .filter(|one| one.owner == program && !is_there(one.local, one.peer))
            .map(|one| Socket {
                fd: None,
                state: Some(TcpState::TimeWait),
                local: one.local,
                peer: Some(one.peer),
                unread: Some(0),
                unacknowledged: Some(0),
                limits: None,
                backlog: None,
            })
            .collect();
        infos.extend(ended);
        infos
    }

    fn network(&self) -> framescope_lab::Network {
        framescope_lab::Network::Wire
    }

    fn next_sent(&mut self) -> Option<Crossed> {
        self.network.happened.pop_front()
    }

    fn deliver_next(&mut self) -> Option<Crossed> {
        let (packet, crossed) = self.network.wire.deliver(self.network.now)?;
        input::arrive(&mut self.network, &packet);
        Some(crossed)
    }

    fn command_wire(&mut self, command: WireCommand) {
        let crossed = self.network.wire.command(self.network.now, command);
        self.network.happened.extend(crossed);
    }

    fn activity(&self) -> Activity {
        let awaits = |one: &Endpoint| !one.sending.in_flight.is_empty();
        if self.network.wire.is_moving() {
            Activity::Delivers
        } else if self.network.endpoints.values().any(awaits) {
            Activity::AwaitsAck
        } else {
            Activity::Rests
        }
    }

    fn holds_segments(&self) -> bool {
        self.network.wire.holds()
    }

    fn end(&mut self, program: ProgramId) {
        for (_, id) in self.programs.remove(&program).unwrap_or_default().iter() {
            closing::close(&mut self.network, id);
        }
    }
}

impl SimulatedKernel {
    /// A kernel at time 0, without sockets.
    #[must_use]
    pub fn new(wire: &WireSetup) -> Self {
        Self { network: Network::new(wire), programs: BTreeMap::new(), drawn: 0 }
    }

    /// When the next segment is delivered or the next timer fires, in microseconds. `None` if nothing is on its way and
    /// no timer is set. The ends of `TIME_WAIT` and `FIN_WAIT2` are not among them, because no call waits for them.
    #[must_use]
    pub fn next_timer(&self) -> Option<u64> {
        let delivery = self.network.wire.next_delivery();
        let next = delivery.into_iter().chain(timers::next_timer(&self.network)).min();
        next.map(|at| at.max(self.network.now))
    }

    /// Moves the clock forward to `to`, in microseconds. The timers up to that time fire on the way. What is to be
    /// delivered waits for [`Kernel::deliver_next`].
    pub fn advance(&mut self, to: u64) {
        timers::advance(&mut self.network, to);
    }

    fn socket(&self, program: ProgramId, fd: Fd) -> Result<EndpointId, u32> {
        self.programs.get(&program).and_then(|own| own.get(fd)).ok_or(EBADF)
    }

    fn endpoint(&self, program: ProgramId, fd: Fd) -> Result<&Endpoint, u32> {
        self.network.get(self.socket(program, fd)?).ok_or(EBADF)
    }

    /// The answer to a call, or its errno.
    fn answer(&mut self, program: ProgramId, syscall: &Syscall) -> Result<Answer, u32> {
        let done = Ok(Answer::Done(Returned::Done));
        match syscall {
            Syscall::Socket => self.open(program),
            Syscall::Bind { fd, address } => {
                let id = self.socket(program, *fd)?;
                ports::bind(&mut self.network, id, *address)?;
                done
            }
            Syscall::Listen { fd, backlog } => {
                let id = self.socket(program, *fd)?;
                listening::listen(&mut self.network, id, *backlog)?;
                done
            }
            Syscall::Accept { fd, wait } => self.accept(program, *fd, *wait),
            Syscall::Connect { fd, address, wait } => {
                let id = self.socket(program, *fd)?;
                match connecting::connect(&mut self.network, id, *address, *wait)? {
                    Progress::Connected => done,
                    Progress::Handshake => Ok(Answer::Blocked(BlockedOn::Handshake)),
                }
            }
            Syscall::Send { fd, bytes, wait } => {
                let id = self.socket(program, *fd)?;
                let sent = |count| Returned::Sent(saturated(count));
                answer_to(stream::send(&mut self.network, id, &bytes.0)?, sent, *wait)
            }
            Syscall::Recv { fd, length, peek, wait } => {
                let id = self.socket(program, *fd)?;
                let received = stream::recv(&mut self.network, id, *length as usize, *peek)?;
                answer_to(received, |bytes| Returned::Received(Data(bytes)), *wait)
            }
            Syscall::Shutdown { fd, how } => {
                let id = self.socket(program, *fd)?;
                closing::shutdown(&mut self.network, id, *how)?;
                done
            }
            Syscall::Close { fd } => {
                let own = self.programs.get_mut(&program).ok_or(EBADF)?;
                let id = own.close(*fd).ok_or(EBADF)?;
                closing::close(&mut self.network, id);
                done
            }
            Syscall::SetOption { fd, option } => {
                let id = self.socket(program, *fd)?;
                self.network.get_mut(id).ok_or(EBADF)?.options.set(*option)?;
                // Nagle's algorithm may hold nothing back any more.
                output::flush(&mut self.network, id);
                done
            }
            Syscall::GetOption { fd, option } => {
                let id = self.socket(program, *fd)?;
                Ok(Answer::Done(Returned::Option(self.option(id, *option)?)))
            }
            Syscall::LocalAddress { fd } => {
                Ok(Answer::Done(Returned::Address(self.endpoint(program, *fd)?.local)))
            }
            Syscall::PeerAddress { fd } => {
                let endpoint = self.endpoint(program, *fd)?;
                let peer = peer_address(endpoint).ok_or(ENOTCONN)?;
                Ok(Answer::Done(Returned::Address(peer)))
            }
            Syscall::Select { read, write, except, wait } => {
                self.select(program, read, write, except, *wait)
            }
            Syscall::Sleep { .. } => Ok(Answer::Blocked(BlockedOn::Clock)),
            Syscall::Time(clock) => {
                let us = match clock {
                    Clock::Real => EPOCH_US.saturating_add(self.network.now),
                    Clock::Monotonic => self.network.now,
                };
                Ok(Answer::Done(Returned::Time(us.saturating_mul(1000))))
            }
        }
    }

    fn open(&mut self, program: ProgramId) -> Result<Answer, u32> {
        if program.0 >= MAX_PROGRAMS {
            return Err(EMFILE);
        }
        let own = self.programs.entry(program).or_default();
        let fd = own.lowest_free().ok_or(EMFILE)?;
        let id = self.network.add(Endpoint::new(program)).ok_or(ENFILE)?;
        own.open(fd, id);
        Ok(Answer::Done(Returned::Opened(fd)))
    }

    fn accept(&mut self, program: ProgramId, fd: Fd, wait: Wait) -> Result<Answer, u32> {
        let id = self.socket(program, fd)?;
        let own = self.programs.get_mut(&program).ok_or(EBADF)?;
        // Linux takes the descriptor before it looks at the queue.
        let fd = own.lowest_free().ok_or(EMFILE)?;
        let Some(child) = listening::accept(&mut self.network, id)? else {
            return blocked(BlockedOn::Client, wait);
        };
        let endpoint = self.network.get_mut(child).ok_or(EBADF)?;
        endpoint.owner = program;
        let peer = endpoint.peer_address.unwrap_or(endpoint::UNBOUND);
        own.open(fd, child);
        Ok(Answer::Done(Returned::Accepted { fd, peer }))
    }

    fn select(
        &self,
        program: ProgramId,
        read: &[Fd],
        write: &[Fd],
        except: &[Fd],
        wait: Wait,
    ) -> Result<Answer, u32> {
        let mut ready = Ready::default();
        for fd in read {
            if readiness::readiness(self.endpoint(program, *fd)?).read {
                ready.read.push(*fd);
            }
        }
        for fd in write {
            if readiness::readiness(self.endpoint(program, *fd)?).write {
                ready.write.push(*fd);
            }
        }
        for fd in except {
            self.endpoint(program, *fd)?;
        }
        if ready == Ready::default() && wait != Wait::Never {
            return Ok(Answer::Blocked(BlockedOn::Readiness));
        }
        Ok(Answer::Done(Returned::Ready(ready)))
    }

    /// `getsockopt(2)`.
    fn option(&mut self, id: EndpointId, option: SocketOption) -> Result<SocketOption, u32> {
        let endpoint = self.network.get_mut(id).ok_or(EBADF)?;
        let options = endpoint.options;
        Ok(match option {
            SocketOption::ReuseAddress(_) => SocketOption::ReuseAddress(options.reuse_address),
            SocketOption::ReusePort(_) => SocketOption::ReusePort(options.reuse_port),
            SocketOption::KeepAlive(_) => SocketOption::KeepAlive(options.keep_alive),
            SocketOption::RecvBuffer(_) => SocketOption::RecvBuffer(options.recv_buffer()),
            SocketOption::SendBuffer(_) => SocketOption::SendBuffer(options.send_buffer()),
            SocketOption::Linger { .. } => {
                SocketOption::Linger { on: options.linger, seconds: options.linger_seconds }
            }
            SocketOption::Nodelay(_) => SocketOption::Nodelay(options.nodelay),
            SocketOption::Error(_) => SocketOption::Error(endpoint.error.take().unwrap_or(0)),
            SocketOption::Type(_) => SocketOption::Type(SOCK_STREAM),
            SocketOption::Listens(_) => SocketOption::Listens(endpoint.state == TcpState::Listen),
        })
    }

    fn info(&self, fd: Option<Fd>, endpoint: &Endpoint) -> Socket {
        let listens = endpoint.state == TcpState::Listen;
        let queue = &endpoint.accept_queue;
        Socket {
            fd,
            state: Some(self.network.state_of(endpoint)),
            local: endpoint.local,
            peer: endpoint.peer_address,
            unread: Some(saturated(endpoint.receiving.queue.len())),
            unacknowledged: Some(saturated(endpoint.sending.unacknowledged())),
            limits: is_connected(endpoint.state).then(|| endpoint.sending.limits()),
            backlog: listens.then(|| Backlog {
                waiting: saturated(queue.waiting.len()),
                limit: saturated(queue.backlog),
            }),
        }
    }
}

/// What `getpeername` returns. A connection that is over has no peer.
fn peer_address(endpoint: &Endpoint) -> Option<Address> {
    endpoint.peer_address.filter(|_| is_connected(endpoint.state))
}

/// Whether a connection in a state has two ends.
const fn is_connected(state: TcpState) -> bool {
    match state {
        TcpState::Closed | TcpState::SynSent | TcpState::Listen => false,
        TcpState::SynReceived
        | TcpState::Established
        | TcpState::FinWait1
        | TcpState::FinWait2
        | TcpState::CloseWait
        | TcpState::Closing
        | TcpState::LastAck
        | TcpState::TimeWait => true,
    }
}

fn answer_to<T>(
    transfer: Transfer<T>,
    returned: impl FnOnce(T) -> Returned,
    wait: Wait,
) -> Result<Answer, u32> {
    match transfer {
        Transfer::Done(value) => Ok(Answer::Done(returned(value))),
        Transfer::Waits(on) => blocked(on, wait),
    }
}

/// A call that would wait.
fn blocked(on: BlockedOn, wait: Wait) -> Result<Answer, u32> {
    match wait {
        Wait::Never => Err(EAGAIN),
        Wait::Forever | Wait::For(_) => Ok(Answer::Blocked(on)),
    }
}

/// A number of bytes or connections. The bounds of the kernel are below `u32::MAX`.
fn saturated(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
