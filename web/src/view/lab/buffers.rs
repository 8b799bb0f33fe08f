//! The kernel between the programs: the bytes of each connection that wait in it.

use framescope_lab::{Connections, Event, EventKind, Flow, Side, TcpInfo, TcpState};
use framescope_page::screen::wording::side_name;
use framescope_page::state::State;
use framescope_page::text::bytes::python_repr;
use framescope_record::Direction;
use web_sys::{Element, HtmlElement};

use crate::browser::element;
use crate::view::dom::{child, set_attribute, set_text};
use crate::view::pool::{Pool, Pooled};

/// The number of bytes of a queue that are shown.
const PREVIEW: usize = 40;

pub(super) struct Buffers {
    buffers: Pool<BufferElements>,
}

struct BufferElements {
    root: HtmlElement,
    left: Element,
    right: Element,
    to_server: Queue,
    to_client: Queue,
}

struct Queue {
    root: HtmlElement,
    bytes: Element,
    unread: Element,
}

impl Queue {
    fn new(root: HtmlElement) -> Self {
        Self { bytes: child(&root, ".bytes").into(), unread: child(&root, ".unread").into(), root }
    }
}

impl Pooled for BufferElements {
    fn new(root: HtmlElement) -> Self {
        Self {
            left: child(&root, ".left").into(),
            right: child(&root, ".right").into(),
            to_server: Queue::new(child(&root, ".to-server")),
            to_client: Queue::new(child(&root, ".to-client")),
            root,
        }
    }

    fn root(&self) -> &HtmlElement {
        &self.root
    }
}

impl Buffers {
    pub(super) fn new() -> Self {
        Self { buffers: Pool::new(element("buffers"), "buffer-template") }
    }

    pub(super) fn render(&mut self, state: &State) {
        let events = state.lab.events(state.event());
        let tcp_info = events.last().map(|event| &event.tcp_info[..]).unwrap_or_default();
        let info_of = |side: Side| tcp_info.get(usize::from(side.0)).copied().unwrap_or_default();
        self.buffers.begin();
        for flows in state.lab.timeline.flows().chunks(2) {
            let [to_server, to_client] = flows else { continue };
            let client = to_server.from;
            let shown = self.buffers.next();
            let is_current = Connections::after(events).of(Side::SERVER) == Some(client);
            let server = if is_current { Some(info_of(Side::SERVER)) } else { None };
            let client_info = info_of(client);
            let name = side_name(state, client);
            set_text(&shown.left, &format!("{name} {}", tcp_state(client_info)));
            set_text(&shown.right, &server_state(state, events, client, client_info, server));
            let is_alone = state.lab.experiment.clients.len() == 1;
            for (queue, flow, sender, receiver) in [
                (&shown.to_server, to_server, Some(client_info), server),
                (&shown.to_client, to_client, server, Some(client_info)),
            ] {
                // If there are many connections, hide the queues that were never used.
                let is_used = flow.record.stream(Direction::Sent).end() > 0;
                queue.root.set_hidden(!is_alone && !is_used);
                render_queue(state, queue, flow, sender, receiver);
            }
        }
        self.buffers.end();
    }
}

fn tcp_state(tcp_info: TcpInfo) -> String {
    tcp_info.state.map(|state| state.to_string()).unwrap_or_default()
}

fn server_state(
    state: &State,
    events: &[Event],
    client: Side,
    tcp_info: TcpInfo,
    server: Option<TcpInfo>,
) -> String {
    let locale = &state.locale;
    if let Some(server) = server {
        return format!("{} {}", locale.text("server"), tcp_state(server));
    }
    let was_accepted = events.iter().any(|event| event.kind == EventKind::Accepted(Some(client)));
    if was_accepted {
        return locale.text("accepted").to_owned();
    }
    match tcp_info.state {
        Some(TcpState::Established) => locale.text("in-backlog").to_owned(),
        Some(TcpState::SynSent) => locale.text("not-in-backlog").to_owned(),
        Some(
            TcpState::Closed
            | TcpState::Listen
            | TcpState::SynReceived
            | TcpState::FinWait1
            | TcpState::FinWait2
            | TcpState::CloseWait
            | TcpState::Closing
            | TcpState::LastAck
            | TcpState::TimeWait,
        )
        | None => String::new(),
    }
}

/// Shows the bytes that the trace says were sent and not received, and the numbers that the kernel
/// reports.
fn render_queue(
    state: &State,
    queue: &Queue,
    flow: &Flow,
    sender: Option<TcpInfo>,
    receiver: Option<TcpInfo>,
) {
    let locale = &state.locale;
    let moment = flow.record.moment(state.event());
    let waiting = moment.end(Direction::Received)..moment.end(Direction::Sent);
    let bytes = flow.record.stream(Direction::Sent).bytes(waiting.clone());
    let is_closed = receiver.is_some_and(|tcp_info| tcp_info.state == Some(TcpState::Closed));
    let bytes = if is_closed { &[] } else { bytes };
    set_attribute(&queue.root, "data-full", (!bytes.is_empty()).then_some(""));
    let text = if bytes.is_empty() { String::new() } else { python_repr(bytes, PREVIEW) };
    set_text(&queue.bytes, &text);
    let mut parts = Vec::new();
    if let Some(unread) = receiver.and_then(|tcp_info| tcp_info.unread) {
        parts.push(locale.fill("unread", &[("bytes", &unread)]));
    }
    if let Some(unacknowledged) = sender.and_then(|tcp_info| tcp_info.unacknowledged) {
        parts.push(locale.fill("unacknowledged", &[("bytes", &unacknowledged)]));
    }
    let is_connected = sender.is_some_and(|tcp_info| tcp_info.state.is_some());
    if parts.is_empty() && !bytes.is_empty() && !is_connected {
        parts.push(locale.text("tcp-info-absent").to_owned());
    }
    set_text(&queue.unread, &parts.join(" · "));
}
