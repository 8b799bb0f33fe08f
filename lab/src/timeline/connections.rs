//! The connections of a run, and which descriptor is which end of which connection.

use framescope_framing::HeaderFormat;
use framescope_record::Direction;
use framescope_syscall::{Address, Data, Fd, Returned, SocketOption, Syscall};

use super::flow::Flow;
use super::header::{packed, unpacked};
use super::pending::{Call, Pending};
use super::segments::Segments;
use super::small_map::SmallMap;
use crate::experiment::Experiment;
use crate::trace::{Event, EventKind, Socket};

/// A connection, from its `connect` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The program that connects. `None` if it is not known.
    pub client: Option<usize>,
    /// The program that listens at the address. `None` if none is known.
    pub server: Option<usize>,
    /// The client's address.
    pub client_address: Address,
    /// The server's address. Its port is 0 if it is not known.
    pub server_address: Address,
}

impl Connection {
    /// The program at one end. `None` if it is not known.
    #[must_use]
    pub const fn program(&self, is_server: bool) -> Option<usize> {
        if is_server { self.server } else { self.client }
    }

    /// The socket of one end, among those of its program. `None` if there is none.
    #[must_use]
    pub fn socket<'a>(&self, is_server: bool, sockets: &'a [Socket]) -> Option<&'a Socket> {
        let (local, peer) = if is_server {
            (self.server_address, self.client_address)
        } else {
            (self.client_address, self.server_address)
        };
        // A socket that listens at every address of the host has another one once it is connected.
        sockets.iter().find(|one| one.local.port == local.port && one.peer == Some(peer))
    }
}

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct End {
    connection: usize,
    is_client: bool,
}

/// A descriptor of a program.
type Descriptor = (usize, Fd);

/// What is known of a descriptor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Known {
    end: Option<End>,
    /// Whether `connect` was called on it.
    connects: bool,
    listens: bool,
    /// Whether its `close` sends a reset.
    resets: bool,
}

/// Follows the calls of all programs.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    headers: Vec<Headers>,
    all: Vec<Connection>,
    flows: Vec<Flow>,
    /// The index of the first flow that has bytes.
    first_used: Option<usize>,
    descriptors: SmallMap<Descriptor, Known>,
    /// By port, the program that listens there.
    servers: SmallMap<u16, usize>,
    /// By program, what its kernel reported last.
    reports: Vec<Reported>,
    /// By the client's address, the connections that no server has accepted, in the order in which they began.
    unaccepted: SmallMap<Address, Vec<usize>>,
}

/// What a kernel reported last about the sockets of a program.
#[derive(Clone, Debug, Default)]
struct Reported {
    sockets: Vec<Socket>,
    by_fd: SmallMap<Fd, usize>,
    /// By the own port and the address of the peer.
    by_ends: SmallMap<(u16, Address), usize>,
}

impl Reported {
    fn new(sockets: &[Socket]) -> Self {
        let mut reported = Self { sockets: sockets.to_vec(), ..Self::default() };
        // If two have the same, the first one counts.
        for (index, socket) in sockets.iter().enumerate().rev() {
            if let Some(fd) = socket.fd {
                reported.by_fd.insert(fd, index);
            }
            if let Some(peer) = socket.peer {
                reported.by_ends.insert((socket.local.port, peer), index);
            }
        }
        reported
    }

    fn of_fd(&self, fd: Fd) -> Option<&Socket> {
        self.sockets.get(*self.by_fd.get(fd)?)
    }

    fn of_ends(&self, port: u16, peer: Address) -> Option<&Socket> {
        self.sockets.get(*self.by_ends.get((port, peer))?)
    }
}

/// The headers in the text of a program.
#[derive(Clone, Copy, Debug)]
struct Headers {
    packed: Option<HeaderFormat>,
    unpacked: Option<HeaderFormat>,
}

impl Connections {
    pub(super) fn new(experiment: &Experiment) -> Self {
        let of = |text: &str| Headers { packed: packed(text), unpacked: unpacked(text) };
        Self {
            headers: experiment.programs.iter().map(|program| of(&program.text)).collect(),
            all: Vec::new(),
            flows: Vec::new(),
            first_used: None,
            descriptors: SmallMap::default(),
            servers: SmallMap::default(),
            reports: vec![Reported::default(); experiment.programs.len()],
            unaccepted: SmallMap::default(),
        }
    }

    pub(super) fn all(&self) -> &[Connection] {
        &self.all
    }

    pub(super) fn flows(&self) -> &[Flow] {
        &self.flows
    }

    /// What the kernel reported last about a descriptor.
    pub(super) fn report(&self, program: usize, fd: Fd) -> Option<&Socket> {
        self.reports.get(program)?.of_fd(fd)
    }

    /// Whether a `close` of the descriptor sends a reset, because `SO_LINGER` says so.
    pub(super) fn resets(&self, program: usize, fd: Fd) -> bool {
        self.known((program, fd)).resets
    }

    fn known(&self, descriptor: Descriptor) -> Known {
        self.descriptors.get(descriptor).copied().unwrap_or_default()
    }

    /// The index of the first flow that has bytes.
    pub(super) const fn first_used(&self) -> Option<usize> {
        self.first_used
    }

    /// Counts the events up to this number, for the flows that the last ones did not change.
    pub(super) fn pass(&mut self, number: usize) {
        for flow in &mut self.flows {
            flow.record.pass(number);
        }
        self.first_used = self.flows.iter().position(Flow::has_bytes);
    }

    /// Adds the event with this number, and the call that it is about. `waiting` has the calls that wait.
    pub(super) fn push(
        &mut self,
        number: usize,
        event: &Event,
        call: Option<&Call>,
        waiting: &Pending,
        segments: &Segments,
    ) {
        let index = call.map_or(0, |call| call.index);
        match (&event.kind, call.map(|call| &call.syscall)) {
            (EventKind::Called(Syscall::Connect { fd, .. }, _), _) => {
                let descriptor = (event.program, *fd);
                let known = self.known(descriptor);
                self.descriptors.insert(descriptor, Known { connects: true, ..known });
            }
            (EventKind::Blocked(_), Some(Syscall::Send { fd, bytes, .. })) => {
                if let Some(flow) = self.flow((event.program, *fd), true) {
                    flow.wait(index, &bytes.0);
                }
            }
            (EventKind::Returned(returned), Some(call)) => {
                self.returned(number, event, (index, call), returned);
            }
            (EventKind::Sockets(sockets), _) => {
                self.reports[event.program] = Reported::new(sockets);
                self.connect(event.program);
                self.take_what_was_taken(number, event, waiting, segments);
            }
            (EventKind::Ended(_), _) => {
                self.descriptors.retain(|(program, _)| *program != event.program);
            }
            (
                EventKind::Began
                | EventKind::Line(_)
                | EventKind::Variables(_)
                | EventKind::Called(..)
                | EventKind::Blocked(_)
                | EventKind::Returned(_)
                | EventKind::Printed(_)
                | EventKind::Reads
                | EventKind::Read(_)
                | EventKind::Started(_)
                | EventKind::Waits
                | EventKind::ThreadEnded
                | EventKind::Segment(_)
                | EventKind::Fate(..),
                _,
            ) => {}
        }
    }

    fn returned(
        &mut self,
        number: usize,
        event: &Event,
        (index, call): (usize, &Syscall),
        returned: &Returned,
    ) {
        let program = event.program;
        match (call, returned) {
            (Syscall::Listen { fd, .. }, Returned::Done) => {
                let known = self.known((program, *fd));
                self.descriptors.insert((program, *fd), Known { listens: true, ..known });
            }
            (Syscall::Accept { fd: listener, .. }, Returned::Accepted { fd, peer }) => {
                self.accepted(program, *listener, *fd, *peer);
            }
            (Syscall::Send { fd, bytes, .. }, Returned::Sent(count)) => {
                if let Some(flow) = self.flow((program, *fd), true) {
                    flow.sent(number, index, &bytes.0, *count as usize, event.at);
                }
            }
            (Syscall::Recv { fd, length, peek: false, .. }, Returned::Received(Data(bytes))) => {
                if let Some(flow) = self.flow((program, *fd), false) {
                    flow.received(number, *length, bytes, event.at);
                }
            }
            (
                Syscall::SetOption { fd, option: SocketOption::Linger { on, seconds } },
                Returned::Done,
            ) => {
                let (known, resets) = (self.known((program, *fd)), *on && *seconds == 0);
                self.descriptors.insert((program, *fd), Known { resets, ..known });
            }
            (Syscall::Close { fd }, _) => {
                if let Some(flow) = self.flow((program, *fd), false) {
                    flow.close(number);
                }
                self.descriptors.remove((program, *fd));
            }
            _ => {}
        }
    }

    /// Notes the addresses of a program's sockets: of those that listen, and of those that connect.
    fn connect(&mut self, program: usize) {
        for socket in self.reports[program].sockets.clone() {
            let Some(fd) = socket.fd else { continue };
            let known = self.known((program, fd));
            if known.listens {
                self.servers.insert(socket.local.port, program);
            }
            let Some(peer) = socket.peer.filter(|_| known.connects) else { continue };
            let is_known = known
                .end
                .is_some_and(|end| self.all[end.connection].client_address == socket.local);
            if !is_known {
                let server = self.servers.get(peer.port).copied();
                let connection = self.begin(Connection {
                    client: Some(program),
                    server,
                    client_address: socket.local,
                    server_address: peer,
                });
                let end = Some(End { connection, is_client: true });
                self.descriptors.insert((program, fd), Known { end, ..known });
            }
        }
    }

    fn begin(&mut self, connection: Connection) -> usize {
        let index = self.all.len();
        let (client, server) = (connection.client, connection.server);
        if client.is_some() {
            let client = connection.client_address;
            let mut of_client = self.unaccepted.remove(client).unwrap_or_default();
            of_client.push(index);
            self.unaccepted.insert(client, of_client);
        }
        self.all.push(connection);
        for (to_server, from, to) in [(true, client, server), (false, server, client)] {
            let header = self.header(from, to);
            self.flows.push(Flow::new(index, to_server, (from, to), header));
        }
        index
    }

    /// The header that the receiver reads, or else the one that the sender writes.
    fn header(&self, from: Option<usize>, to: Option<usize>) -> Option<HeaderFormat> {
        let of = |program: Option<usize>| self.headers.get(program?);
        let read = of(to).and_then(|headers| headers.unpacked);
        read.or_else(|| of(from).and_then(|headers| headers.packed))
    }

    fn accepted(&mut self, program: usize, listener: Fd, fd: Fd, peer: Address) {
        let mut of_client = self.unaccepted.remove(peer).unwrap_or_default();
        let found = of_client.pop();
        if !of_client.is_empty() {
            self.unaccepted.insert(peer, of_client);
        }
        let connection = found.unwrap_or_else(|| {
            let unknown = Address { ip: peer.ip, port: 0 };
            let server_address = self.report(program, listener).map_or(unknown, |one| one.local);
            let client_address = peer;
            self.begin(Connection {
                client: None,
                server: Some(program),
                client_address,
                server_address,
            })
        });
        self.all[connection].server = Some(program);
        let (to_server, to_client) = (2 * connection, 2 * connection + 1);
        let client = self.all[connection].client;
        for (flow, from, to) in
            [(to_server, client, Some(program)), (to_client, Some(program), client)]
        {
            (self.flows[flow].from, self.flows[flow].to) = (from, to);
        }
        let end = Some(End { connection, is_client: false });
        self.descriptors.insert((program, fd), Known { end, ..Known::default() });
    }

    /// The flow that a descriptor sends, or the one that it receives.
    fn flow(&mut self, descriptor: Descriptor, sends: bool) -> Option<&mut Flow> {
        let end = self.known(descriptor).end?;
        let to_server = end.is_client == sends;
        self.flows.get_mut(2 * end.connection + usize::from(!to_server))
    }

    /// What the kernels have taken of sends that wait: the bytes that were acknowledged, and those that were not. Without
    /// segments, the bytes that have arrived stand for those that were acknowledged. `event` is the report that has come.
    fn take_what_was_taken(
        &mut self,
        number: usize,
        event: &Event,
        waiting: &Pending,
        segments: &Segments,
    ) {
        let (at, reported) = (event.at, event.program);
        for program in 0..self.reports.len() {
            for call in waiting.of(program) {
                let Syscall::Send { fd, .. } = call else { continue };
                let Some(end) = self.known((program, *fd)).end else { continue };
                let Some(own) = self.report(program, *fd).copied() else { continue };
                let Some(unacknowledged) = own.unacknowledged else { continue };
                let acknowledged = own.peer.and_then(|peer| segments.acknowledged(own.local, peer));
                let arrived = if let Some(acknowledged) = acknowledged {
                    // Only the sender's own report knows of the same acknowledgements.
                    if reported != program {
                        continue;
                    }
                    acknowledged
                } else {
                    let Some((receiver, other)) = self.other_end(end) else { continue };
                    // Reports come in the order of the programs. Before the sender's has come, bytes that have arrived
                    // since would count twice.
                    if reported == receiver && receiver < program {
                        continue;
                    }
                    let Some(unread) = other.unread else { continue };
                    let Some(flow) = self.flow((program, *fd), true) else { continue };
                    flow.record.stream(Direction::Received).end() + u64::from(unread)
                };
                if let Some(flow) = self.flow((program, *fd), true) {
                    flow.take_until(number, arrived.saturating_add(unacknowledged.into()), at);
                }
            }
        }
    }

    /// The program at the other end of a connection, and what the kernel reported about its socket.
    fn other_end(&self, end: End) -> Option<(usize, &Socket)> {
        let connection = self.all.get(end.connection)?;
        let (program, local, peer) = if end.is_client {
            (connection.server, connection.server_address, connection.client_address)
        } else {
            (connection.client, connection.client_address, connection.server_address)
        };
        let program = program?;
        Some((program, self.reports.get(program)?.of_ends(local.port, peer)?))
    }
}
