//! The system calls of programs, on real sockets.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddrV4};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use framescope_engine::sockets::{Answer, Kernel, MAX_DESCRIPTORS, ProgramId};
use framescope_lab::{Backlog, TcpState};
use framescope_syscall::errno::{
    EACCES, EADDRNOTAVAIL, EBADF, EINPROGRESS, EIO, EMFILE, ENETUNREACH,
};
use framescope_syscall::{Address, BlockedOn, Clock, Data, Fd, Ready, Returned, Syscall, Wait};
use rustix::event::{PollFd, PollFlags, poll};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::options;
use super::ports::Ports;
use super::reports::{Ends, Report, Reporter};
use super::waiting::{is_ready, timespec, waits_for};

/// The most bytes that one `recv` returns: 1 MiB. Linux's receive buffers rarely hold more.
const MAX_BUFFER: usize = 1024 * 1024;

/// The most closed connections that are kept to ask about.
const MAX_CLOSED: usize = 256;

/// The largest descriptor that a program gets.
const LAST_FD: u32 = 1023;

#[derive(Debug)]
struct Open {
    socket: Socket,
    /// The address that it was connected to, or that it was accepted from.
    peer: Option<SocketAddrV4>,
    /// Whether a `connect` of it waits for the handshake.
    connects: bool,
    /// Whether it was bound to every address: it is bound to the loopback one, and shows this.
    shows_any: bool,
    /// Whether a port of a program is bound to it.
    holds_port: bool,
}

/// Real sockets, which programs see under the ports that they ask for.
#[derive(Debug)]
pub struct RealKernel {
    began: Instant,
    programs: BTreeMap<ProgramId, BTreeMap<Fd, Open>>,
    ports: Ports,
    /// The connections that each program has closed, the oldest first.
    closed: Vec<(ProgramId, Ends)>,
    reporter: Reporter,
}

impl Default for RealKernel {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            programs: BTreeMap::new(),
            ports: Ports::default(),
            closed: Vec::new(),
            reporter: Reporter::new(),
        }
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
        self.try_call(program, syscall).unwrap_or_else(|error| {
            let number = error.raw_os_error().and_then(|number| u32::try_from(number).ok());
            Answer::Done(Returned::Failed(number.unwrap_or(EIO)))
        })
    }

    fn cancel(&mut self, program: ProgramId, syscall: &Syscall) {
        if let Syscall::Connect { fd, .. } = syscall
            && let Some(open) = self.programs.get_mut(&program).and_then(|open| open.get_mut(fd))
        {
            open.connects = false;
        }
    }

    fn sockets(&self, program: ProgramId) -> Vec<framescope_lab::Socket> {
        let open = self.programs.get(&program).into_iter().flatten();
        let mut all: Vec<_> = open.map(|(fd, open)| self.report_open(*fd, open)).collect();
        let waiting = self.not_accepted(program).into_iter();
        let closed = self.closed.iter().filter(|(owner, _)| *owner == program);
        for ends in waiting.chain(closed.map(|(_, ends)| *ends)) {
            let report = self.reporter.of(ends.local, Some(ends.peer));
            if report.state.is_some_and(|state| state != TcpState::Closed) {
                all.push(self.report(None, ends.local, Some(ends.peer), report));
            }
        }
        all
    }

    fn end(&mut self, program: ProgramId) {
        for open in self.programs.remove(&program).into_iter().flat_map(BTreeMap::into_values) {
            self.close(program, open);
        }
    }
}

fn failed(number: u32) -> io::Error {
    io::Error::from_raw_os_error(i32::try_from(number).unwrap_or(0))
}

/// A call that would block: it fails at once, or waits.
fn blocked(error: io::Error, wait: Wait, on: BlockedOn) -> io::Result<Answer> {
    if error.kind() == io::ErrorKind::WouldBlock && wait != Wait::Never {
        return Ok(Answer::Blocked(on));
    }
    Err(error)
}

#[expect(clippy::unnecessary_wraps, reason = "the result of a call that has not failed")]
fn done(returned: Returned) -> io::Result<Answer> {
    Ok(Answer::Done(returned))
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl RealKernel {
    fn open(&mut self, program: ProgramId, fd: Fd) -> io::Result<&mut Open> {
        let open = self.programs.get_mut(&program).and_then(|open| open.get_mut(&fd));
        open.ok_or_else(|| failed(EBADF))
    }

    fn add(
        &mut self,
        program: ProgramId,
        socket: Socket,
        peer: Option<SocketAddrV4>,
    ) -> io::Result<Fd> {
        socket.set_nonblocking(true)?;
        let open = self.programs.entry(program).or_default();
        if open.len() >= MAX_DESCRIPTORS {
            return Err(failed(EMFILE));
        }
        let fd = (3..=LAST_FD)
            .map(Fd)
            .find(|fd| !open.contains_key(fd))
            .ok_or_else(|| failed(EMFILE))?;
        open.insert(
            fd,
            Open { socket, peer, connects: false, shows_any: false, holds_port: false },
        );
        Ok(fd)
    }

    fn try_call(&mut self, program: ProgramId, syscall: &Syscall) -> io::Result<Answer> {
        match syscall {
            Syscall::Socket => {
                let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
                done(Returned::Opened(self.add(program, socket, None)?))
            }
            Syscall::Bind { fd, address } => self.bind(program, *fd, *address),
            Syscall::Listen { fd, backlog } => {
                self.open(program, *fd)?.socket.listen(*backlog)?;
                self.note_own_port(program, *fd)?;
                done(Returned::Done)
            }
            Syscall::Accept { fd, wait } => match self.open(program, *fd)?.socket.accept() {
                Ok((socket, peer)) => {
                    let fd = self.add(program, socket, peer.as_socket_ipv4())?;
                    done(Returned::Accepted { fd, peer: self.shown(&peer, false) })
                }
                Err(error) => blocked(error, *wait, BlockedOn::Client),
            },
            Syscall::Connect { fd, address, wait } => self.connect(program, *fd, *address, *wait),
            Syscall::Send { fd, bytes, wait } => {
                match self.open(program, *fd)?.socket.send(&bytes.0) {
                    Ok(sent) => done(Returned::Sent(count(sent))),
                    Err(error) => blocked(error, *wait, BlockedOn::BufferSpace),
                }
            }
            Syscall::Recv { fd, length, peek, wait } => {
                let socket = &self.open(program, *fd)?.socket;
                match recv(socket, *length as usize, *peek) {
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
                self.open(program, *fd)?.socket.shutdown(how)?;
                done(Returned::Done)
            }
            Syscall::Close { fd } => {
                let open = self.programs.get_mut(&program).and_then(|open| open.remove(fd));
                let open = open.ok_or_else(|| failed(EBADF))?;
                self.close(program, open);
                done(Returned::Done)
            }
            Syscall::SetOption { fd, option } => {
                options::set(&self.open(program, *fd)?.socket, *option)?;
                done(Returned::Done)
            }
            Syscall::GetOption { fd, option } => {
                let option = options::get(&self.open(program, *fd)?.socket, *option)?;
                done(Returned::Option(option))
            }
            Syscall::LocalAddress { fd } => {
                let open = self.open(program, *fd)?;
                let (address, shows_any) = (open.socket.local_addr()?, open.shows_any);
                done(Returned::Address(self.shown(&address, shows_any)))
            }
            Syscall::PeerAddress { fd } => {
                let address = self.open(program, *fd)?.socket.peer_addr()?;
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

    fn bind(&mut self, program: ProgramId, fd: Fd, address: Address) -> io::Result<Answer> {
        if !address.ip.is_loopback() && !address.ip.is_unspecified() {
            return Err(failed(EADDRNOTAVAIL));
        }
        if !Ports::is_allowed(address.port) {
            return Err(failed(EACCES));
        }
        // A socket that has an address cannot be bound again, so nothing is freed for it.
        let is_bound = self.open(program, fd)?.holds_port;
        let real = if address.port == 0 { 0 } else { self.ports.real(address.port)? };
        let shows_any = address.ip.is_unspecified();
        let ip = if shows_any { Ipv4Addr::LOCALHOST } else { address.ip };
        let real = SocketAddrV4::new(ip, real);
        if !is_bound {
            self.ports.release(real);
        }
        let open = self.open(program, fd)?;
        if let Err(error) = open.socket.bind(&real.into()) {
            self.ports.hold_again(real);
            return Err(error);
        }
        open.shows_any = shows_any;
        self.note_own_port(program, fd)?;
        done(Returned::Done)
    }

    fn note_own_port(&mut self, program: ProgramId, fd: Fd) -> io::Result<()> {
        let open = self.open(program, fd)?;
        open.holds_port = true;
        if let Some(address) = open.socket.local_addr()?.as_socket_ipv4() {
            self.ports.note_chosen(address.port());
        }
        Ok(())
    }

    /// Closes a socket. A port that it was bound to stays reserved for the programs.
    fn close(&mut self, program: ProgramId, open: Open) {
        if let Some(ends) = ends(&open) {
            if self.closed.len() == MAX_CLOSED {
                self.closed.remove(0);
            }
            self.closed.push((program, ends));
        }
        if open.holds_port {
            self.ports.close(open.socket);
        }
    }

    fn connect(
        &mut self,
        program: ProgramId,
        fd: Fd,
        address: Address,
        wait: Wait,
    ) -> io::Result<Answer> {
        if !address.ip.is_loopback() && !address.ip.is_unspecified() {
            self.open(program, fd)?;
            return Err(failed(ENETUNREACH));
        }
        let real = self.ports.real(address.port)?;
        let ip = if address.ip.is_unspecified() { Ipv4Addr::LOCALHOST } else { address.ip };
        let open = self.open(program, fd)?;
        let to = SocketAddrV4::new(ip, real);
        if !open.connects {
            open.peer = Some(to);
            match open.socket.connect(&to.into()) {
                Ok(()) => return done(Returned::Done),
                Err(error)
                    if error.raw_os_error() == i32::try_from(EINPROGRESS).ok()
                        && wait != Wait::Never =>
                {
                    open.connects = true;
                }
                Err(error) => return Err(error),
            }
        }
        // On the loopback interface the handshake is mostly over by now. If it were looked at later, the server could
        // have reset the connection, and `connect` would fail where it succeeds when it blocks.
        if !is_ready(open.socket.as_fd(), PollFlags::OUT) {
            return Ok(Answer::Blocked(BlockedOn::Handshake));
        }
        open.connects = false;
        // A `connect` that blocks resets the socket when it fails. One with a timeout, as CPython makes it,
        // does not block and asks for SO_ERROR, so the socket remembers the failure.
        if wait == Wait::Forever {
            open.socket.connect(&to.into())?;
            return done(Returned::Done);
        }
        if let Some(error) = open.socket.take_error()? {
            return Err(error);
        }
        let _ = open.socket.connect(&to.into());
        done(Returned::Done)
    }

    /// What the kernel reports about a socket that a program has open.
    fn report_open(&self, fd: Fd, open: &Open) -> framescope_lab::Socket {
        let local = local(&open.socket);
        let peer = ends(open).map(|ends| ends.peer);
        let is_known = peer.is_some() || open.socket.is_listener().unwrap_or(false);
        let report = match local.filter(|_| is_known) {
            Some(local) => self.reporter.of(local, peer),
            None => Report::default(),
        };
        let unspecified = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
        let mut shown = self.report(Some(fd), local.unwrap_or(unspecified), peer, report);
        if open.shows_any {
            shown.local.ip = Ipv4Addr::UNSPECIFIED;
        }
        shown
    }

    fn report(
        &self,
        fd: Option<Fd>,
        local: SocketAddrV4,
        peer: Option<SocketAddrV4>,
        report: Report,
    ) -> framescope_lab::Socket {
        let Report { state, waiting, outstanding } = report;
        let shown = |address: SocketAddrV4| self.shown(&address.into(), false);
        let listens = state == Some(TcpState::Listen);
        framescope_lab::Socket {
            fd,
            state,
            local: shown(local),
            peer: peer.map(shown),
            unread: waiting.filter(|_| !listens),
            unacknowledged: outstanding.filter(|_| !listens),
            backlog: waiting
                .zip(outstanding)
                .filter(|_| listens)
                .map(|(waiting, limit)| Backlog { waiting, limit }),
        }
    }

    /// The connections that wait for this program's `accept`: the other ends are those of programs here.
    fn not_accepted(&self, program: ProgramId) -> Vec<Ends> {
        let own = || self.programs.get(&program).into_iter().flat_map(BTreeMap::values);
        let listens: Vec<SocketAddrV4> = own()
            .filter(|open| open.socket.is_listener().unwrap_or(false))
            .filter_map(|open| local(&open.socket))
            .collect();
        if listens.is_empty() {
            return Vec::new();
        }
        let accepted: Vec<Ends> = own().filter_map(ends).collect();
        let all = self.programs.values().flat_map(BTreeMap::values);
        let open = all.filter_map(ends);
        let clients = open.chain(self.closed.iter().map(|(_, ends)| *ends));
        clients
            .map(Ends::mirrored)
            .filter(|ends| listens.contains(&ends.local) && !accepted.contains(ends))
            .filter(|ends| !self.closed.contains(&(program, *ends)))
            .collect()
    }

    /// An address as a program sees it.
    fn shown(&self, address: &SockAddr, shows_any: bool) -> Address {
        let address = address.as_socket_ipv4();
        let (ip, port) = address.map_or((Ipv4Addr::UNSPECIFIED, 0), |one| (*one.ip(), one.port()));
        let ip = if shows_any { Ipv4Addr::UNSPECIFIED } else { ip };
        Address { ip, port: self.ports.shown(port) }
    }

    fn ready(
        &mut self,
        program: ProgramId,
        read: &[Fd],
        write: &[Fd],
        except: &[Fd],
    ) -> io::Result<Ready> {
        let mut ready = Ready::default();
        for fd in read {
            let flags = PollFlags::IN | PollFlags::HUP | PollFlags::ERR;
            if is_ready(self.open(program, *fd)?.socket.as_fd(), flags) {
                ready.read.push(*fd);
            }
        }
        for fd in write {
            if is_ready(self.open(program, *fd)?.socket.as_fd(), PollFlags::OUT | PollFlags::ERR) {
                ready.write.push(*fd);
            }
        }
        for fd in except {
            if is_ready(self.open(program, *fd)?.socket.as_fd(), PollFlags::PRI) {
                ready.except.push(*fd);
            }
        }
        Ok(ready)
    }

    /// Waits until one of these calls may return, until a time, in microseconds, or until the waker is
    /// readable. Returns whether the time has not come.
    pub(crate) fn wait(
        &self,
        calls: &[(ProgramId, Syscall, BlockedOn)],
        until: u64,
        waker: Option<BorrowedFd<'_>>,
    ) -> bool {
        let mut fds = Vec::new();
        fds.extend(waker.map(|waker| PollFd::from_borrowed_fd(waker, PollFlags::IN)));
        for (program, syscall, _) in calls {
            let Some(open) = self.programs.get(program) else { continue };
            for (fd, flags) in waits_for(syscall) {
                if let Some(one) = open.get(&fd) {
                    fds.push(PollFd::from_borrowed_fd(one.socket.as_fd(), flags));
                }
            }
        }
        poll(&mut fds, Some(&timespec(until.saturating_sub(self.now()))))
            .is_ok_and(|ready| ready > 0)
    }
}

fn local(socket: &Socket) -> Option<SocketAddrV4> {
    socket.local_addr().ok()?.as_socket_ipv4()
}

/// The addresses of both ends. `None` if the socket never had a peer.
fn ends(open: &Open) -> Option<Ends> {
    Some(Ends { local: local(&open.socket)?, peer: open.peer? })
}

/// Only what arrives is reserved: the length comes from a program.
fn recv(socket: &Socket, length: usize, peek: bool) -> io::Result<Vec<u8>> {
    let flags = if peek { rustix::net::RecvFlags::PEEK } else { rustix::net::RecvFlags::empty() };
    let mut bytes = vec![0; length.min(MAX_BUFFER)];
    let (count, _) = rustix::net::recv(socket, &mut bytes[..], flags)?;
    bytes.truncate(count);
    Ok(bytes)
}
