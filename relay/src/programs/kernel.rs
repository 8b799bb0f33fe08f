//! The system calls of programs, on real sockets.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddrV4};
#[cfg(target_os = "linux")]
use std::os::fd::AsFd as _;
#[cfg(unix)]
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use framescope_engine::sockets::{Activity, Answer, Kernel, MAX_DESCRIPTORS, ProgramId};
use framescope_engine::wire::Crossed;
#[cfg(target_os = "linux")]
use framescope_lab::WireSetup;
use framescope_lab::{NoWire, WireCommand};
use framescope_syscall::errno::{EBADF, EINPROGRESS, EMFILE};
use framescope_syscall::{Address, BlockedOn, Clock, Data, Fd, Ready, Returned, Syscall, Wait};
use mio::{Interest, Token};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

#[cfg(target_os = "linux")]
use super::captured::Captured;
use super::failed::{Failed, failed};
use super::network::Network;
use super::open_socket::{OpenSocket, changed_by};
use super::options;
use super::poller::{Poller, Readiness, Waker};
use super::ports::Ports;
use super::reports::{Ends, Report, Reporter, kept_without_descriptor, not_accepted};
use super::waiting::{select_waits_for, waits_for};
#[cfg(target_os = "linux")]
use crate::wire::Device;

/// The most closed connections that are kept to ask about.
const MAX_CLOSED: usize = 256;

/// The largest descriptor that a program gets.
const LAST_FD: u32 = 1023;

/// If there is no wire that shows when a socket's state changes, the kernel is asked this often, in microseconds.
const LOOK_US: u64 = 5_000;

/// Real sockets, which programs see under the addresses that they ask for.
#[derive(Debug)]
pub struct RealKernel {
    began: Instant,
    programs: BTreeMap<ProgramId, BTreeMap<Fd, OpenSocket>>,
    network: Network,
    /// The connections that each program has closed, the oldest first.
    closed: Vec<(ProgramId, Ends)>,
    reporter: Reporter,
    poller: Poller,
    /// What ends a wait without a call: the channel of a worker.
    wakers: Vec<Token>,
}

impl RealKernel {
    /// A kernel without sockets, on the loopback interface. `why` says why there is no wire.
    ///
    /// # Errors
    ///
    /// The system has no descriptor left.
    pub fn on_loopback(why: NoWire) -> io::Result<Self> {
        Self::new(Network::Loopback(Ports::default(), why))
    }

    /// A kernel without sockets, on a network whose segments pass through this device.
    ///
    /// # Errors
    ///
    /// The system has no descriptor left.
    #[cfg(target_os = "linux")]
    pub fn on_wire(device: Device, setup: &WireSetup) -> io::Result<Self> {
        let sent = device.as_fd().try_clone_to_owned()?;
        let mut kernel = Self::new(Network::Wire(Box::new(Captured::new(device, setup))))?;
        kernel.poller.watch_descriptor(sent)?;
        Ok(kernel)
    }

    fn new(network: Network) -> io::Result<Self> {
        Ok(Self {
            began: Instant::now(),
            programs: BTreeMap::new(),
            network,
            closed: Vec::new(),
            reporter: Reporter::new(),
            poller: Poller::new()?,
            wakers: Vec::new(),
        })
    }

    /// What ends a wait from another thread.
    ///
    /// # Errors
    ///
    /// The system has no descriptor left.
    pub(crate) fn waker(&mut self) -> io::Result<Waker> {
        self.poller.waker()
    }

    /// Each wait ends when this descriptor is readable.
    ///
    /// # Errors
    ///
    /// The system cannot wait for it.
    #[cfg(unix)]
    pub(crate) fn wake_when_readable(&mut self, descriptor: OwnedFd) -> io::Result<()> {
        let token = self.poller.watch_descriptor(descriptor)?;
        self.wakers.push(token);
        Ok(())
    }
}

impl Kernel for RealKernel {
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn random(&mut self) -> u64 {
        // The standard library's hashers have keys that the system chose.
        RandomState::new().hash_one(())
    }

    fn call(&mut self, program: ProgramId, syscall: &Syscall) -> Answer {
        let answer = self.try_call(program, syscall);
        let answer = answer.unwrap_or_else(|Failed(number)| Answer::Done(Returned::Failed(number)));
        if let Some(fd) = changed_by(syscall)
            && let Ok(open) = self.open(program, fd)
        {
            open.note(syscall, &answer);
        }
        answer
    }

    fn cancel(&mut self, program: ProgramId, syscall: &Syscall) {
        if let Syscall::Connect { fd, .. } = syscall
            && let Some(open) = self.programs.get_mut(&program).and_then(|open| open.get_mut(fd))
        {
            open.connects = false;
        }
    }

    fn sockets(&self, program: ProgramId) -> Vec<framescope_lab::Socket> {
        self.reports(program).into_iter().map(|(socket, _)| socket).collect()
    }

    fn network(&self) -> framescope_lab::Network {
        self.network.describe()
    }

    fn next_sent(&mut self) -> Option<Crossed> {
        let now = self.now();
        self.network.next_sent(now)
    }

    fn deliver_next(&mut self) -> Option<Crossed> {
        let now = self.now();
        self.network.deliver_next(now)
    }

    fn command_wire(&mut self, command: WireCommand) {
        let now = self.now();
        self.network.command_wire(now, command);
    }

    fn activity(&self) -> Activity {
        let awaits = |program: &ProgramId| self.reports(*program).iter().any(|(_, awaits)| *awaits);
        let closed = || self.closed.iter().map(|(program, _)| program);
        if self.network.next_delivery().is_some() {
            Activity::Delivers
        } else if self.programs.keys().chain(closed()).any(awaits) {
            Activity::AwaitsAck
        } else {
            Activity::Rests
        }
    }

    fn holds_segments(&self) -> bool {
        self.network.holds_segments()
    }

    fn end(&mut self, program: ProgramId) {
        for open in self.programs.remove(&program).into_iter().flat_map(BTreeMap::into_values) {
            self.close(program, open);
        }
    }
}

/// A call that would block: it fails at once, or waits.
fn blocked(error: io::Error, wait: Wait, on: BlockedOn) -> Result<Answer, Failed> {
    if error.kind() == io::ErrorKind::WouldBlock && wait != Wait::Never {
        return Ok(Answer::Blocked(on));
    }
    Err(error.into())
}

/// Whether a `connect` that does not block has begun.
fn is_in_progress(error: &io::Error) -> bool {
    if cfg!(windows) {
        return error.kind() == io::ErrorKind::WouldBlock;
    }
    Failed::of(error) == Failed(EINPROGRESS)
}

#[expect(clippy::unnecessary_wraps, reason = "the result of a call that has not failed")]
fn done(returned: Returned) -> Result<Answer, Failed> {
    Ok(Answer::Done(returned))
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl RealKernel {
    /// What the kernel reports about the sockets of a program, and whether each waits for an acknowledgement.
    fn reports(&self, program: ProgramId) -> Vec<(framescope_lab::Socket, bool)> {
        let open = self.programs.get(&program).into_iter().flatten();
        let mut all: Vec<_> = open.map(|(fd, open)| self.report_open(*fd, open)).collect();
        let closed = self.closed.iter().filter(|(owner, _)| *owner == program);
        let closed = closed.map(|(_, ends)| *ends);
        let kept = kept_without_descriptor(&self.reporter, self.not_accepted(program), closed);
        all.extend(kept.map(|(ends, report)| {
            (self.report(None, ends.local, Some(ends.peer), report), report.awaits_ack)
        }));
        all
    }

    fn open(&mut self, program: ProgramId, fd: Fd) -> Result<&mut OpenSocket, Failed> {
        let open = self.programs.get_mut(&program).and_then(|open| open.get_mut(&fd));
        open.ok_or_else(|| failed(EBADF))
    }

    fn add(
        &mut self,
        program: ProgramId,
        socket: Socket,
        peer: Option<SocketAddrV4>,
    ) -> Result<Fd, Failed> {
        socket.set_nonblocking(true)?;
        let open = self.programs.entry(program).or_default();
        if open.len() >= MAX_DESCRIPTORS {
            return Err(failed(EMFILE));
        }
        let fd = (3..=LAST_FD)
            .map(Fd)
            .find(|fd| !open.contains_key(fd))
            .ok_or_else(|| failed(EMFILE))?;
        open.insert(fd, OpenSocket::new(socket, peer));
        Ok(fd)
    }

    fn try_call(&mut self, program: ProgramId, syscall: &Syscall) -> Result<Answer, Failed> {
        match syscall {
            Syscall::Socket => {
                let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
                done(Returned::Opened(self.add(program, socket, None)?))
            }
            Syscall::Bind { fd, address } => self.bind(program, *fd, *address),
            Syscall::Listen { fd, backlog } => {
                self.open(program, *fd)?.socket().listen(*backlog)?;
                self.note_own_port(program, *fd)?;
                done(Returned::Done)
            }
            Syscall::Accept { fd, wait } => match self.open(program, *fd)?.socket().accept() {
                Ok((socket, peer)) => {
                    let fd = self.add(program, socket, peer.as_socket_ipv4())?;
                    done(Returned::Accepted { fd, peer: self.shown(&peer, false) })
                }
                Err(error) => blocked(error, *wait, BlockedOn::Client),
            },
            Syscall::Connect { fd, address, wait } => self.connect(program, *fd, *address, *wait),
            Syscall::Send { fd, bytes, wait } => {
                match self.open(program, *fd)?.socket().send(&bytes.0) {
                    Ok(sent) => done(Returned::Sent(count(sent))),
                    Err(error) => blocked(error, *wait, BlockedOn::BufferSpace),
                }
            }
            Syscall::Recv { fd, length, peek, wait } => {
                let open = self.open(program, *fd)?;
                match open.recv(*length as usize, *peek) {
                    Ok(bytes) => done(Returned::Received(Data(bytes))),
                    Err(error) => blocked(error, *wait, BlockedOn::Bytes),
                }
            }
            Syscall::Shutdown { fd, how } => {
                let how = match how {
                    framescope_syscall::Shutdown::Read => Shutdown::Read,
                    framescope_syscall::Shutdown::Write => Shutdown::Write,
                    framescope_syscall::Shutdown::Both => Shutdown::Both,
                };
                self.open(program, *fd)?.socket().shutdown(how)?;
                done(Returned::Done)
            }
            Syscall::Close { fd } => {
                let open = self.programs.get_mut(&program).and_then(|open| open.remove(fd));
                let open = open.ok_or_else(|| failed(EBADF))?;
                self.close(program, open);
                done(Returned::Done)
            }
            Syscall::SetOption { fd, option } => {
                options::set(&self.open(program, *fd)?.socket(), *option)?;
                done(Returned::Done)
            }
            Syscall::GetOption { fd, option } => {
                let open = self.open(program, *fd)?;
                let option = options::get(&open.socket(), open.listens, *option)?;
                done(Returned::Option(option))
            }
            Syscall::LocalAddress { fd } => {
                let open = self.open(program, *fd)?;
                let (address, shows_any) = (open.socket().local_addr()?, open.shows_any);
                done(Returned::Address(self.shown(&address, shows_any)))
            }
            Syscall::PeerAddress { fd } => {
                let address = self.open(program, *fd)?.socket().peer_addr()?;
                done(Returned::Address(self.shown(&address, false)))
            }
            Syscall::Select { read, write, except, wait } => {
                let ready = self.ready(program, read, write, except)?;
                let is_any =
                    !(ready.read.is_empty() && ready.write.is_empty() && ready.except.is_empty());
                if is_any || *wait == Wait::Never {
                    return done(Returned::Ready(ready));
                }
                Ok(Answer::Blocked(BlockedOn::Readiness))
            }
            Syscall::Sleep { .. } => Ok(Answer::Blocked(BlockedOn::Clock)),
            Syscall::Time(Clock::Real) => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                done(Returned::Time(u64::try_from(now.as_nanos()).unwrap_or(u64::MAX)))
            }
            Syscall::Time(Clock::Monotonic) => {
                let now = self.began.elapsed().as_nanos();
                done(Returned::Time(u64::try_from(now).unwrap_or(u64::MAX)))
            }
        }
    }

    fn bind(&mut self, program: ProgramId, fd: Fd, address: Address) -> Result<Answer, Failed> {
        // A socket that has an address cannot be bound again, so nothing is freed for it.
        let is_bound = self.open(program, fd)?.holds_port;
        let shows_any = self.network.narrows_any() && address.ip.is_unspecified();
        let real = self.network.address_to_bind(address, is_bound)?;
        let open = self.open(program, fd)?;
        if let Err(error) = open.socket().bind(&real.into()) {
            self.network.not_bound(real);
            return Err(error.into());
        }
        open.shows_any = shows_any;
        self.note_own_port(program, fd)?;
        done(Returned::Done)
    }

    fn note_own_port(&mut self, program: ProgramId, fd: Fd) -> Result<(), Failed> {
        let open = self.open(program, fd)?;
        open.holds_port = true;
        if let Some(address) = open.socket().local_addr()?.as_socket_ipv4() {
            self.network.bound(address.port());
        }
        Ok(())
    }

    /// Closes a socket. A port that it was bound to stays reserved for the programs.
    fn close(&mut self, program: ProgramId, open: OpenSocket) {
        if let Some(ends) = open.ends() {
            if self.closed.len() == MAX_CLOSED {
                self.closed.remove(0);
            }
            self.closed.push((program, ends));
        }
        if open.holds_port {
            self.network.close(open.into_socket(&self.poller));
        }
    }

    fn connect(
        &mut self,
        program: ProgramId,
        fd: Fd,
        address: Address,
        wait: Wait,
    ) -> Result<Answer, Failed> {
        self.open(program, fd)?;
        let to = self.network.address_to_connect(address)?;
        let open = self.open(program, fd)?;
        if !open.connects {
            open.peer = Some(to);
            match open.socket().connect(&to.into()) {
                Ok(()) => return done(Returned::Done),
                Err(error) if is_in_progress(&error) && wait != Wait::Never => open.connects = true,
                Err(error) => return Err(error.into()),
            }
        }
        // On the loopback interface the handshake is mostly over by now. If it were looked at later, the server could
        // have reset the connection, and `connect` would fail where it succeeds when it blocks.
        if !self.readiness(program, fd, Interest::WRITABLE)?.write {
            return Ok(Answer::Blocked(BlockedOn::Handshake));
        }
        let open = self.open(program, fd)?;
        open.connects = false;
        // On Linux, a `connect` that blocks resets the socket when it fails. One with a timeout, as CPython makes it,
        // does not block and asks for SO_ERROR, so the socket remembers the failure.
        let resets = cfg!(target_os = "linux");
        if resets && wait == Wait::Forever {
            open.socket().connect(&to.into())?;
            return done(Returned::Done);
        }
        if let Some(error) = open.socket().take_error()? {
            return Err(error.into());
        }
        if resets {
            let _ = open.socket().connect(&to.into());
        }
        done(Returned::Done)
    }

    /// What the kernel reports about a socket that a program has open.
    fn report_open(&self, fd: Fd, open: &OpenSocket) -> (framescope_lab::Socket, bool) {
        let local = open.local;
        let peer = open.ends().map(|ends| ends.peer);
        let is_known = peer.is_some() || open.listens;
        let report = match local.filter(|_| is_known) {
            Some(local) => self.reporter.of_open(&open.socket(), local, peer),
            None => Report::default(),
        };
        let unspecified = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
        let mut shown = self.report(Some(fd), local.unwrap_or(unspecified), peer, report);
        if open.shows_any {
            shown.local.ip = Ipv4Addr::UNSPECIFIED;
        }
        (shown, report.awaits_ack)
    }

    fn report(
        &self,
        fd: Option<Fd>,
        local: SocketAddrV4,
        peer: Option<SocketAddrV4>,
        report: Report,
    ) -> framescope_lab::Socket {
        let shown = |address: SocketAddrV4| {
            SocketAddrV4::new(*address.ip(), self.network.shown(address.port()))
        };
        report.describe(fd, shown(local), peer.map(shown))
    }

    /// The connections that wait for this program's `accept`: the other ends are those of programs here.
    fn not_accepted(&self, program: ProgramId) -> Vec<Ends> {
        let own = || self.programs.get(&program).into_iter().flat_map(BTreeMap::values);
        let listening = own().filter(|open| open.listens);
        let listens: Vec<SocketAddrV4> = listening.filter_map(|open| open.local).collect();
        if listens.is_empty() {
            return Vec::new();
        }
        let closed = self.closed.iter().filter(|(owner, _)| *owner == program);
        let closed = closed.map(|(_, ends)| *ends);
        let known: Vec<Ends> = own().filter_map(OpenSocket::ends).chain(closed).collect();
        let all = self.programs.values().flat_map(BTreeMap::values);
        let open = all.filter_map(OpenSocket::ends);
        let clients = open.chain(self.closed.iter().map(|(_, ends)| *ends));
        not_accepted(&listens, &known, clients)
    }

    /// An address as a program sees it.
    fn shown(&self, address: &SockAddr, shows_any: bool) -> Address {
        let address = address.as_socket_ipv4();
        let (ip, port) = address.map_or((Ipv4Addr::UNSPECIFIED, 0), |one| (*one.ip(), one.port()));
        let ip = if shows_any { Ipv4Addr::UNSPECIFIED } else { ip };
        Address { ip, port: self.network.shown(port) }
    }

    /// Which of these sockets are ready now. Programs send no out-of-band data, so the third list is empty. On Windows,
    /// it has the sockets that could not connect, and the other two do not.
    fn ready(
        &mut self,
        program: ProgramId,
        read: &[Fd],
        write: &[Fd],
        except: &[Fd],
    ) -> Result<Ready, Failed> {
        let all = select_waits_for(read, write).chain(select_waits_for(&[], except));
        let known = self.look(program, all)?;
        let of = |fd: &Fd| known.get(fd).copied().unwrap_or_default();
        let is_exceptional = |fd: &Fd| cfg!(windows) && of(fd).fails;
        let find = |fds: &[Fd], is_ready: &dyn Fn(&Fd) -> bool| {
            fds.iter().filter(|fd| is_ready(fd)).copied().collect()
        };
        Ok(Ready {
            read: find(read, &|fd| of(fd).read && !is_exceptional(fd)),
            write: find(write, &|fd| of(fd).write && !is_exceptional(fd)),
            except: find(except, &is_exceptional),
        })
    }

    /// What a socket is ready for now.
    fn readiness(
        &mut self,
        program: ProgramId,
        fd: Fd,
        interest: Interest,
    ) -> Result<Readiness, Failed> {
        Ok(self.look(program, [(fd, interest)])?.get(&fd).copied().unwrap_or_default())
    }

    /// What these sockets are ready for now. Those that are not there are ready for nothing.
    fn look(
        &mut self,
        program: ProgramId,
        sockets: impl IntoIterator<Item = (Fd, Interest)>,
    ) -> Result<BTreeMap<Fd, Readiness>, Failed> {
        let Self { programs, poller, .. } = self;
        let open = programs.get_mut(&program).ok_or_else(|| failed(EBADF))?;
        let mut fds = BTreeMap::new();
        for (fd, interest) in merged(sockets) {
            let (source, token) = open.get_mut(&fd).ok_or_else(|| failed(EBADF))?.source();
            fds.insert(poller.watch(source, token, interest)?, fd);
        }
        let ready = poller.look()?;
        Ok(ready.filter_map(|(token, ready)| Some((*fds.get(&token)?, ready))).collect())
    }

    /// Waits until one of these calls may return, until something happens on the wire, until a time, in microseconds, or
    /// until something wakes it. Returns whether a program can go on, or it was woken.
    pub(crate) fn wait(&mut self, calls: &[(ProgramId, Syscall, BlockedOn)], until: u64) -> bool {
        let looks = !self.network.is_wire() && self.activity() != Activity::Rests;
        let look = looks.then(|| self.now() + LOOK_US);
        let until = until.min(self.network.next_delivery().or(look).unwrap_or(until));
        let timeout = Duration::from_micros(until.saturating_sub(self.now()));
        self.try_wait(calls, timeout).unwrap_or(false)
    }

    fn try_wait(
        &mut self,
        calls: &[(ProgramId, Syscall, BlockedOn)],
        timeout: Duration,
    ) -> io::Result<bool> {
        let Self { programs, poller, wakers, .. } = self;
        let each = calls.iter().flat_map(|(program, syscall, _)| {
            waits_for(syscall).into_iter().map(|(fd, interest)| ((*program, fd), interest))
        });
        let mut awaited = wakers.clone();
        for ((program, fd), interest) in merged(each) {
            let open = programs.get_mut(&program).and_then(|open| open.get_mut(&fd));
            let Some((source, token)) = open.map(OpenSocket::source) else { continue };
            awaited.push(poller.watch(source, token, interest)?);
        }
        let (woken, mut ready) = poller.wait(timeout)?;
        Ok(woken || ready.any(|(token, _)| awaited.contains(&token)))
    }
}

/// What is waited for at each socket, once. mio keeps only the last that it was told.
fn merged<K: Ord>(each: impl IntoIterator<Item = (K, Interest)>) -> BTreeMap<K, Interest> {
    let mut merged: BTreeMap<K, Interest> = BTreeMap::new();
    for (key, interest) in each {
        merged.entry(key).and_modify(|one| *one = one.add(interest)).or_insert(interest);
    }
    merged
}
