//! The kernel between the programs: the sockets that listen, and the bytes of each connection that wait in it.

use framescope_page::screen::kernel::{self, ConnectionRow};
use framescope_page::state::State;
use web_sys::{Element, HtmlElement};

use crate::browser::element;
use crate::view::dom::{child, set_attribute, set_hidden, set_text};
use crate::view::pool::{Pool, Pooled};

pub(super) struct Buffers {
    panel: HtmlElement,
    listeners: Pool<HtmlElement>,
    rows: Pool<BufferElements>,
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

    fn render(&self, queue: &kernel::Queue, is_alone: bool) {
        // If there are many connections, hide the queues that were never used.
        set_hidden(&self.root, !is_alone && !queue.is_used);
        set_attribute(&self.root, "data-full", (!queue.bytes.is_empty()).then_some(""));
        set_text(&self.bytes, &queue.bytes);
        set_text(&self.unread, &queue.report);
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
        Self {
            panel: element("kernel"),
            listeners: Pool::new(element("listeners"), "listener-template"),
            rows: Pool::new(element("buffers"), "buffer-template"),
        }
    }

    pub(super) fn render(&mut self, state: &State) {
        self.listeners.begin();
        for listener in kernel::listeners(state) {
            set_text(self.listeners.next(), &listener);
        }
        self.listeners.end();
        let rows = kernel::connections(state);
        let is_alone = rows.len() == 1;
        set_hidden(&self.panel, !kernel::says_more(state));
        self.rows.begin();
        for ConnectionRow { client, server, to_server, to_client } in &rows {
            let shown = self.rows.next();
            set_text(&shown.left, client);
            set_text(&shown.right, server);
            shown.to_server.render(to_server, is_alone);
            shown.to_client.render(to_client, is_alone);
        }
        self.rows.end();
    }
}
