//! The sockets of programs that are watched: who has them, and what the kernel reports about each.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddrV4};

use framescope_engine::wire::Crossed;
use framescope_lab::{Flags, Segment, Socket};
use framescope_syscall::Address;

use super::descriptor::TcpSocket;
use super::entered::shown;
use super::process::Process;
use crate::programs::{Ends, Report, Reporter, kept_without_descriptor, not_accepted};

/// The most sockets that are known at once. The others are not reported.
const MAX_SOCKETS: usize = 1024;

/// The most closed connections that are kept to ask about.
const MAX_CLOSED: usize = 256;

/// All sockets of all programs.
#[derive(Debug)]
pub(super) struct Sockets {
    /// By their inodes.
    open: BTreeMap<u64, Open>,
    /// The connections that each program has closed, the oldest first.
    closed: Vec<(usize, Ends)>,
    reporter: Reporter,
}

/// A socket that a program has open.
#[derive(Debug)]
struct Open {
    program: usize,
    /// The processes that have it, and by which descriptors.
    holders: BTreeSet<(i32, i32)>,
    local: Option<SocketAddrV4>,
    /// From `connect` or `accept` on.
    peer: Option<SocketAddrV4>,
    listens: bool,
    /// Whether epoll(7) is to say when it is ready.
    is_polled: bool,
}

impl Open {
    fn ends(&self) -> Option<Ends> {
        Some(Ends { local: self.local?, peer: self.peer? })
    }
}

impl Sockets {
    /// `is_told`: each segment arrives when [`Sockets::crossed`] says so, and not before.
    pub(super) fn new(is_told: bool) -> Self {
        let reporter = if is_told { Reporter::told() } else { Reporter::new() };
        Self { open: BTreeMap::new(), closed: Vec::new(), reporter }
    }

    /// A process has this socket, and it is as it is now. `peer` is whom it connects to.
    pub(super) fn note(
        &mut self,
        process: &Process,
        descriptor: i32,
        socket: &TcpSocket,
        peer: Option<SocketAddrV4>,
    ) {
        if self.open.len() == MAX_SOCKETS && !self.open.contains_key(&socket.inode) {
            return;
        }
        let open = self.open.entry(socket.inode).or_insert_with(|| Open {
            program: process.program,
            holders: BTreeSet::new(),
            local: None,
            peer: None,
            listens: false,
            is_polled: false,
        });
        open.holders.insert((process.id, descriptor));
        open.local = socket.local().filter(|local| local.port() > 0);
        open.peer = socket.peer().or(peer).or(open.peer);
        open.listens = socket.listens();
    }

    /// This has happened on the wire.
    pub(super) fn crossed(&self, what: &Crossed) {
        let (from, to) = what.ends();
        let (local, peer) = (address(from), address(to));
        let ends = Ends { local, peer };
        match what {
            // An acknowledgement that is sent changes nothing that is reported about its sender.
            Crossed::Sent(segment) if is_plain_ack(segment) => return,
            Crossed::Sent(_) => self.reporter.changed(ends),
            Crossed::Fate { .. } => self.reporter.changed(ends.mirrored()),
        }
        // Who listens has nothing to do with a connection of which both ends are open.
        let is_end = |open: &&Open| [Some(ends), Some(ends.mirrored())].contains(&open.ends());
        if self.open.values().filter(is_end).count() < 2 {
            self.reporter.listener_changed(local);
            self.reporter.listener_changed(peer);
        }
    }

    /// Whether a socket of the programs is at one of these ends.
    pub(super) fn is_own(&self, from: Address, to: Address) -> bool {
        let (local, peer) = (address(from), address(to));
        let ends = Ends { local, peer };
        let is_either = |own: Ends| own == ends || own == ends.mirrored();
        let is_at = |own: SocketAddrV4| {
            let is = |end: SocketAddrV4| {
                own.port() == end.port() && (own.ip().is_unspecified() || own.ip() == end.ip())
            };
            is(local) || is(peer)
        };
        let listens_there = |open: &Open| open.listens && open.local.is_some_and(is_at);
        self.closed.iter().any(|(_, own)| is_either(*own))
            || self.open.values().any(|one| one.ends().is_some_and(is_either) || listens_there(one))
    }

    /// A program has made a call on this socket.
    pub(super) fn called(&self, inode: u64) {
        let Some(open) = self.open.get(&inode) else { return };
        match (open.ends(), open.local) {
            (Some(ends), _) => self.reporter.changed(ends),
            (None, Some(local)) => self.reporter.listener_changed(local),
            (None, None) => {}
        }
    }

    /// Looks at the sockets that connect: the kernel gives them their own addresses when their calls have begun.
    pub(super) fn locate(&mut self, look: impl Fn(i32, i32) -> Option<TcpSocket>) {
        let connects = |open: &&mut Open| open.peer.is_some() && open.local.is_none();
        for open in self.open.values_mut().filter(connects) {
            let holder = open.holders.first();
            let socket = holder.and_then(|(process, descriptor)| look(*process, *descriptor));
            open.local = socket.and_then(|socket| socket.local()).filter(|own| own.port() > 0);
        }
    }

    /// Whether it is known that a process has this socket.
    pub(super) fn knows(&self, inode: u64, process: i32, descriptor: i32) -> bool {
        self.open.get(&inode).is_some_and(|open| open.holders.contains(&(process, descriptor)))
    }

    /// epoll(7) is to say when this socket is ready.
    pub(super) fn note_polled(&mut self, inode: u64) {
        if let Some(open) = self.open.get_mut(&inode) {
            open.is_polled = true;
        }
    }

    pub(super) fn is_polled(&self, inode: u64) -> bool {
        self.open.get(&inode).is_some_and(|open| open.is_polled)
    }

    /// Whether a program listens.
    pub(super) fn listens(&self, program: usize) -> bool {
        self.open.values().any(|open| open.program == program && open.listens)
    }

    /// Whether a program listens at this port.
    pub(super) fn listen_at(&self, port: u16) -> bool {
        let is_at = |open: &Open| open.local.is_some_and(|local| local.port() == port);
        self.open.values().any(|open| open.listens && is_at(open))
    }

    /// A process has closed a descriptor.
    pub(super) fn closed(&mut self, process: i32, descriptor: i32) {
        self.keep(|holder| *holder != (process, descriptor));
    }

    /// A process has ended.
    pub(super) fn ended(&mut self, process: i32) {
        self.keep(|(holder, _)| *holder != process);
    }

    /// The descriptors of the sockets that a process has.
    pub(super) fn held_by(&self, process: i32) -> Vec<i32> {
        let holders = self.open.values().flat_map(|open| &open.holders);
        holders.filter(|(id, _)| *id == process).map(|(_, descriptor)| *descriptor).collect()
    }

    /// Another program has taken the place of the one in this process, which may have lost descriptors by that.
    pub(super) fn replaced(&mut self, process: &Process) {
        let keeps = |inode: u64, descriptor| {
            process.tcp(descriptor).is_some_and(|socket| socket.inode == inode)
        };
        for (inode, open) in &mut self.open {
            open.holders.retain(|(id, descriptor)| *id != process.id || keeps(*inode, *descriptor));
        }
        self.keep(|_| true);
    }

    /// A process has started another one, which has all of its descriptors.
    pub(super) fn forked(&mut self, parent: i32, child: i32) {
        for open in self.open.values_mut() {
            let own = open.holders.iter().filter(|(holder, _)| *holder == parent);
            let copies: Vec<_> = own.map(|(_, descriptor)| (child, *descriptor)).collect();
            open.holders.extend(copies);
        }
    }

    /// Keeps these holders. A socket that nobody has any more is closed.
    fn keep(&mut self, keeps: impl Fn(&(i32, i32)) -> bool) {
        let (closed, reporter) = (&mut self.closed, &self.reporter);
        self.open.retain(|_, open| {
            open.holders.retain(&keeps);
            if open.holders.is_empty()
                && let Some(ends) = open.ends()
            {
                reporter.changed(ends);
                if closed.len() == MAX_CLOSED {
                    closed.remove(0);
                }
                closed.push((open.program, ends));
            }
            !open.holders.is_empty()
        });
    }

    /// What the kernel reports about the sockets of a program, and whether one of them waits for an acknowledgement.
    pub(super) fn report(&self, program: usize) -> (Vec<Socket>, bool) {
        let (mut all, mut awaits_ack) = (Vec::new(), false);
        let unspecified = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
        for open in self.open.values().filter(|open| open.program == program) {
            let is_known = open.peer.is_some() || open.listens;
            let report = match open.local.filter(|_| is_known) {
                Some(local) => self.reporter.of(local, open.peer.filter(|_| !open.listens)),
                None => Report::default(),
            };
            awaits_ack |= report.awaits_ack;
            let fd = open.holders.first().map(|(_, descriptor)| shown(*descriptor));
            // Whom it connects to is of use with its own address only.
            let peer = open.peer.filter(|_| open.local.is_some());
            all.push(report.describe(fd, open.local.unwrap_or(unspecified), peer));
        }
        all.sort_by_key(|socket| socket.fd);
        let closed = self.closed.iter().filter(|(owner, _)| *owner == program);
        let closed = closed.map(|(_, ends)| *ends);
        let waiting = self.not_accepted(program);
        for (ends, report) in kept_without_descriptor(&self.reporter, waiting, closed) {
            all.push(report.describe(None, ends.local, Some(ends.peer)));
            awaits_ack |= report.awaits_ack;
        }
        (all, awaits_ack)
    }

    /// The connections that wait for this program's `accept`.
    fn not_accepted(&self, program: usize) -> Vec<Ends> {
        let own = || self.open.values().filter(|open| open.program == program);
        let listening = own().filter(|open| open.listens);
        let listens: Vec<_> = listening.filter_map(|open| open.local).collect();
        let accepted = own().filter_map(Open::ends);
        let closed = self.closed.iter().filter(|(owner, _)| *owner == program);
        let known: Vec<_> = accepted.chain(closed.map(|(_, ends)| *ends)).collect();
        let open = self.open.values().filter_map(Open::ends);
        let clients = open.chain(self.closed.iter().map(|(_, ends)| *ends));
        not_accepted(&listens, &known, clients)
    }
}

/// Whether a segment is nothing but an acknowledgement.
fn is_plain_ack(segment: &Segment) -> bool {
    segment.flags == Flags::ACK && segment.payload.is_empty()
}

const fn address(address: Address) -> SocketAddrV4 {
    SocketAddrV4::new(address.ip, address.port)
}
