//! What the kernels hold between the programs, at the moment on screen.

use framescope_lab::{
    Connection, EventKind, Fate, Flags, Flow, Network, SegmentHistory, Socket, TcpState,
};
use framescope_record::Direction;

use super::wording::{name_or_unknown, program_name};
use crate::state::State;
use crate::text::bytes::python_repr;

/// The number of bytes of a queue that are shown.
const PREVIEW: usize = 40;

/// A connection, and the bytes in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionRow {
    /// The client's name, and the state of its socket.
    pub client: String,
    /// The server's name, and the state of its socket.
    pub server: String,
    /// The bytes on the way to the server.
    pub to_server: Queue,
    /// The bytes on the way to the client.
    pub to_client: Queue,
}

/// The bytes that were sent and that no `recv` has returned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// The first of them, as Python prints them. Empty if there are none.
    pub bytes: String,
    /// What the kernels report: how many are unread, and how many unacknowledged.
    pub report: String,
    /// Whether anything was ever sent.
    pub is_used: bool,
}

/// The most connections, and the most sockets that listen, of which the panel has a row. A run has a few.
const MAX_ROWS: usize = 64;

/// The first sockets that listen: whose, where, and how many connections wait for an `accept`.
#[must_use]
pub fn listeners(state: &State) -> Vec<String> {
    let number = state.lab.events(state.event()).len();
    let events = &state.lab.shown_trace().events;
    let programs = 0..state.lab.shown_trace().experiment.programs.len();
    let sockets = programs.flat_map(|program| {
        let sockets = state.lab.shown_timeline().program(program).sockets(events, number);
        sockets.iter().map(move |socket| (program, socket))
    });
    let listening = sockets.filter(|(_, socket)| socket.state == Some(TcpState::Listen));
    listening
        .take(MAX_ROWS)
        .map(|(program, socket)| {
            let name = program_name(state, program);
            let waiting = socket.backlog.map(|backlog| {
                let values: [(&str, &dyn std::fmt::Display); 2] =
                    [("waiting", &backlog.waiting), ("limit", &backlog.limit)];
                state.locale.fill("backlog", &values)
            });
            format!("{name} LISTEN {} {}", socket.local, waiting.unwrap_or_default())
        })
        .collect()
}

/// Whether there is more to say of the kernels than the picture shows: of several connections, or of one that waits for
/// an accept.
#[must_use]
pub fn says_more(state: &State) -> bool {
    let (lab, number) = (&state.lab, state.lab.events(state.event()).len());
    let programs = 0..lab.shown_trace().experiment.programs.len();
    let mut sockets = programs.flat_map(|program| {
        lab.shown_timeline().program(program).sockets(&lab.shown_trace().events, number)
    });
    let waits = |socket: &Socket| socket.backlog.is_some_and(|backlog| backlog.waiting > 0);
    lab.shown_timeline().connections().len() > 1 || sockets.any(waits)
}

/// The newest connections that had begun, in order.
#[must_use]
pub fn connections(state: &State) -> Vec<ConnectionRow> {
    let lab = &state.lab;
    let flows = lab.shown_timeline().flows().chunks(2);
    let all = lab.shown_timeline().connections().iter().zip(flows);
    let number = lab.events(state.event()).len();
    let programs = 0..lab.shown_trace().experiment.programs.len();
    let reported: Vec<&[Socket]> = programs
        .map(|program| {
            lab.shown_timeline().program(program).sockets(&lab.shown_trace().events, number)
        })
        .collect();
    let rows = all.rev().filter_map(|(connection, flows)| {
        let [to_server, to_client] = flows else { return None };
        row(state, &reported, connection, to_server, to_client)
    });
    let mut rows: Vec<_> = rows.take(MAX_ROWS).collect();
    rows.reverse();
    rows
}

fn row(
    state: &State,
    reported: &[&[Socket]],
    connection: &Connection,
    to_server: &Flow,
    to_client: &Flow,
) -> Option<ConnectionRow> {
    let socket = |is_server| {
        let sockets = reported.get(connection.program(is_server)?)?;
        connection.socket(is_server, sockets)
    };
    let (client, server) = (socket(false), socket(true));
    let is_used = |flow: &Flow| flow.record.moment(state.event()).end(Direction::Sent) > 0;
    if client.is_none() && server.is_none() && !is_used(to_server) && !is_used(to_client) {
        return None;
    }
    Some(ConnectionRow {
        client: end_text(state, connection.client, client),
        server: server_text(state, connection, client, server),
        to_server: queue(state, to_server, client, server),
        to_client: queue(state, to_client, server, client),
    })
}

fn end_text(state: &State, program: Option<usize>, socket: Option<&Socket>) -> String {
    let name = name_or_unknown(state, program);
    let tcp = socket.and_then(|socket| socket.state);
    let tcp = tcp.map(|tcp| tcp.to_string()).unwrap_or_default();
    format!("{name} {tcp}")
}

fn server_text(
    state: &State,
    connection: &Connection,
    client: Option<&Socket>,
    server: Option<&Socket>,
) -> String {
    let text = end_text(state, connection.server, server);
    let locale = &state.locale;
    match (client.and_then(|one| one.state), server) {
        (_, Some(server)) if server.fd.is_none() && is_in_queue(server) => {
            format!("{text} · {}", locale.text("in-backlog"))
        }
        (Some(TcpState::SynSent), _) => no_answer(state, connection).to_owned(),
        (_, _) => text,
    }
}

/// Why the client has no answer to its SYN. Without segments, only a full backlog leaves one without.
fn no_answer<'a>(state: &'a State, connection: &Connection) -> &'a str {
    let (lab, locale) = (&state.lab, &state.locale);
    let number = lab.events(state.event()).len();
    let is_syn = |history: &&SegmentHistory| {
        let EventKind::Segment(one) = &lab.shown_trace().events[history.event].kind else {
            return false;
        };
        one.from == connection.client_address
            && one.to.port == connection.server_address.port
            && one.flags.has(Flags::SYN)
    };
    let before = |history: &&SegmentHistory| history.event < number;
    let last = lab.shown_timeline().segments().iter().rev().filter(before).find(is_syn);
    let has_wire =
        lab.shown_trace().network == Network::Wire || !lab.shown_timeline().segments().is_empty();
    match last.map(|history| history.fate(number)) {
        None if !has_wire => locale.text("not-in-backlog"),
        Some(Some(Fate::Held | Fate::Copied)) => locale.text("syn-held"),
        Some(Some(Fate::Dropped | Fate::Overflowed)) => locale.text("syn-lost"),
        Some(Some(Fate::Delivered)) if is_backlog_full(state, connection) => {
            locale.text("not-in-backlog")
        }
        Some(Some(Fate::Delivered) | None) | None => locale.text("syn-unanswered"),
    }
}

/// Whether the listener's queue has no place left. Linux takes one connection more than the backlog says.
fn is_backlog_full(state: &State, connection: &Connection) -> bool {
    let Some(server) = connection.server else { return false };
    let number = state.lab.events(state.event()).len();
    let sockets =
        state.lab.shown_timeline().program(server).sockets(&state.lab.shown_trace().events, number);
    let mut listeners =
        sockets.iter().filter(|one| one.local.port == connection.server_address.port);
    listeners.any(|one| one.backlog.is_some_and(|backlog| backlog.waiting > backlog.limit))
}

/// Whether a connection without a descriptor waits for an `accept`: one that the program has closed is in another
/// state.
fn is_in_queue(socket: &Socket) -> bool {
    matches!(socket.state, Some(TcpState::Established | TcpState::CloseWait))
}

fn queue(state: &State, flow: &Flow, sender: Option<&Socket>, receiver: Option<&Socket>) -> Queue {
    let locale = &state.locale;
    let moment = flow.record.moment(state.event());
    let waiting = moment.end(Direction::Received)..moment.end(Direction::Sent);
    let bytes = flow.record.stream(Direction::Sent).bytes(waiting.clone());
    let is_gone = receiver.is_none() || state.lab.is_receiver_closed(flow, state.event());
    let bytes = if is_gone { &[] } else { bytes };
    let mut parts = Vec::new();
    if let Some(unread) = receiver.and_then(|one| one.unread) {
        parts.push(locale.fill("unread", &[("bytes", &unread)]));
    }
    if let Some(unacknowledged) = sender.and_then(|one| one.unacknowledged) {
        parts.push(locale.fill("unacknowledged", &[("bytes", &unacknowledged)]));
    }
    let is_reported = receiver.is_some_and(|one| one.state.is_some());
    if parts.is_empty() && !bytes.is_empty() && !is_reported {
        parts.push(locale.text("tcp-info-absent").to_owned());
    }
    Queue {
        bytes: if bytes.is_empty() { String::new() } else { python_repr(bytes, PREVIEW) },
        report: parts.join(" · "),
        is_used: moment.end(Direction::Sent) > 0,
    }
}
