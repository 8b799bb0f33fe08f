//! The list of chunks, the list of messages, and what all lists share.
//!
//! Only the rows on screen exist as elements, so a list of 100,000 rows scrolls as fast as one of ten.

use framescope_page::screen::item_attribute::to_attribute;
use framescope_page::screen::lists::{ChunkRow, MessageRow, chunk_row, chunk_time, message_row};
use framescope_page::state::{ListView, State};
use framescope_page::text::bytes::{python_repr, text_or_repr};
use framescope_record::{Direction, Item, ItemKind, Message, Provenance, Record};
use web_sys::{Element, HtmlElement};

use super::dom::{child, from_template, set_attribute, set_hidden, set_length, set_text};
use super::pool::{Pool, Pooled};
use crate::browser::element;

/// The number of bytes of a chunk or a payload that its row shows.
const PREVIEW: usize = 200;

/// The attribute with the heights and the scroll position of a list after the last `render`.
const PLACED: &str = "data-placed";

/// Whether the user has scrolled the list. The browser also sends a scroll event if it moved the list
/// itself, which happens when a height changes, and if `render` moved it.
pub(crate) fn was_scrolled(list: &Element) -> bool {
    let placed = list.get_attribute(PLACED).unwrap_or_default();
    let (heights, top) = placed.rsplit_once(' ').unwrap_or_default();
    heights == list_heights(list) && top != list.scroll_top().to_string()
}

fn list_heights(list: &Element) -> String {
    format!("{} {}", list.client_height(), list.scroll_height())
}

/// The height of a row, in CSS pixels. The same as `--row` in the style sheet.
pub(crate) const fn row_height(projector: bool) -> usize {
    if projector { 42 } else { 30 }
}

/// The scrolling part that every list has.
pub(super) struct Scroller {
    list: HtmlElement,
    rows: HtmlElement,
    /// The role of the list when it has items.
    role: String,
    empty: HtmlElement,
    /// The first row in view and the height of a row, of the state in `render`. `None` if there are no rows.
    wanted: Option<(usize, usize)>,
}

impl Scroller {
    pub(super) fn new(id: &str) -> Self {
        let list: HtmlElement = element(id);
        let rows = from_template("list-template");
        // This cannot fail: it appends a new element to an element of the page.
        let _ = list.append_child(&rows);
        let role = list.get_attribute("role").unwrap_or_default();
        Self { list, rows, role, empty: element(&format!("{id}-empty")), wanted: None }
    }

    /// The element for the rows.
    pub(super) const fn rows(&self) -> &HtmlElement {
        &self.rows
    }

    /// Sets the height for all rows. Returns the indices of the rows to show.
    pub(super) fn render(
        &mut self,
        state: &State,
        view: ListView,
        rows: usize,
    ) -> std::ops::Range<usize> {
        let height = row_height(state.preferences.projector);
        set_hidden(&self.empty, rows > 0);
        // A list without items is none.
        set_attribute(&self.list, "role", Some(if rows > 0 { &self.role } else { "group" }));
        set_length(&self.rows, "height", &format!("{}px", rows * height));
        self.wanted = (rows > 0).then_some((view.first, height));
        view.first.saturating_sub(1)..(view.first + view.rows + 2).min(rows)
    }

    /// Scrolls to the position of the state in `render`.
    pub(super) fn settle(&self) {
        let top = usize::try_from(self.list.scroll_top()).unwrap_or(0);
        if let Some((first, height)) = self.wanted
            && top.div_ceil(height) != first
        {
            // The browser does not scroll past the last row.
            self.list.set_scroll_top(i32::try_from(first * height).unwrap_or(i32::MAX));
        }
        let placed = format!("{} {}", list_heights(&self.list), self.list.scroll_top());
        set_attribute(&self.list, PLACED, Some(&placed));
    }
}

pub(super) fn place_row(row: &HtmlElement, index: usize, state: &State) {
    let top = index * row_height(state.preferences.projector);
    set_length(row, "top", &format!("{top}px"));
    set_attribute(row, "aria-posinset", Some(&(index + 1).to_string()));
}

/// Marks a row as highlighted and as selected. The selected row is the active one for a screen reader.
fn mark_row(
    list: &HtmlElement,
    row: &HtmlElement,
    item: Option<Item>,
    is_highlighted: bool,
    state: &State,
) {
    let attribute = item.map(to_attribute);
    set_attribute(row, "data-item", attribute.as_deref());
    set_attribute(row, "data-lit", is_highlighted.then_some(""));
    let selected = item.is_some() && item == state.selected;
    set_attribute(row, "aria-selected", Some(if selected { "true" } else { "false" }));
    set_attribute(row, "data-selected", selected.then_some(""));
    let id = format!("{}-selected", list.id());
    set_attribute(row, "id", selected.then_some(&id));
    if selected {
        set_attribute(list, "aria-activedescendant", Some(&id));
    }
}

struct ChunkElements {
    root: HtmlElement,
    number: Element,
    asked: Element,
    got: Element,
    time: Element,
    content: Element,
}

impl Pooled for ChunkElements {
    fn new(root: HtmlElement) -> Self {
        let part = |class: &str| child(&root, class).into();
        Self {
            number: part(".number"),
            asked: part(".asked"),
            got: part(".got"),
            time: part(".time"),
            content: part(".content"),
            root,
        }
    }

    fn root(&self) -> &HtmlElement {
        &self.root
    }
}

/// The list of chunks that `recv()` returned.
pub(super) struct ChunkList {
    scroller: Scroller,
    rows: Pool<ChunkElements>,
}

impl ChunkList {
    pub(super) fn new() -> Self {
        let scroller = Scroller::new("chunks");
        Self { rows: Pool::new(scroller.rows.clone().into(), "chunk-template"), scroller }
    }

    pub(super) fn render(&mut self, state: &State, highlight: Option<&Provenance>, rows: usize) {
        let Some(record) = state.record() else { return };
        let moment = state.moment();
        let locale = &state.locale;
        let visible = self.scroller.render(state, state.chunk_list, rows);
        let list = &self.scroller.list;
        set_attribute(list, "aria-activedescendant", None);
        self.rows.begin();
        for index in visible {
            let Some(row) = chunk_row(record, &moment, index) else { continue };
            let shown = self.rows.next();
            place_row(&shown.root, index, state);
            set_attribute(&shown.root, "aria-setsize", Some(&rows.to_string()));
            match row {
                ChunkRow::Chunk { number, chunk } => {
                    let got = chunk.range.end - chunk.range.start;
                    let bytes = record.stream(Direction::Received).bytes(chunk.range.clone());
                    let asked = locale.fill("row-asked", &[("asked", &chunk.asked)]);
                    set_text(&shown.number, &format!("#{}", number + 1));
                    set_text(&shown.asked, &asked);
                    set_text(&shown.got, &locale.fill("row-got", &[("got", &got)]));
                    set_text(&shown.time, &chunk_time(state, chunk));
                    set_text(&shown.content, &python_repr(bytes, PREVIEW));
                    set_attribute(&shown.root, "data-kind", None);
                    let item =
                        Item { direction: Direction::Received, kind: ItemKind::Chunk(number) };
                    let is_highlighted = received(highlight)
                        .is_some_and(|highlight| highlight.chunks.contains(&number));
                    mark_row(list, &shown.root, Some(item), is_highlighted, state);
                }
                ChunkRow::EndOfStream => {
                    set_text(&shown.number, "∎");
                    set_text(&shown.asked, "");
                    set_text(&shown.got, &locale.fill("row-got", &[("got", &0)]));
                    set_text(&shown.time, "");
                    let end = format!("b''  {}", locale.text("row-end"));
                    set_text(&shown.content, &end);
                    set_attribute(&shown.root, "data-kind", Some("end"));
                    mark_row(list, &shown.root, None, false, state);
                }
            }
        }
        self.rows.end();
    }

    /// Scrolls to the state's position. Call it when everything has been rendered.
    pub(super) fn settle(&self) {
        self.scroller.settle();
    }
}

struct MessageElements {
    root: HtmlElement,
    number: Element,
    size: Element,
    content: Element,
    from: Element,
}

impl Pooled for MessageElements {
    fn new(root: HtmlElement) -> Self {
        let part = |class: &str| child(&root, class).into();
        Self {
            number: part(".number"),
            size: part(".size"),
            content: part(".content"),
            from: part(".from"),
            root,
        }
    }

    fn root(&self) -> &HtmlElement {
        &self.root
    }
}

/// The list of messages that the header framed.
pub(super) struct MessageList {
    scroller: Scroller,
    rows: Pool<MessageElements>,
}

impl MessageList {
    pub(super) fn new() -> Self {
        let scroller = Scroller::new("messages");
        Self { rows: Pool::new(scroller.rows.clone().into(), "message-template"), scroller }
    }

    pub(super) fn render(&mut self, state: &State, highlight: Option<&Provenance>, rows: usize) {
        let Some(record) = state.record() else { return };
        let moment = state.moment();
        set_attribute(&self.scroller.list, "aria-activedescendant", None);
        let visible = self.scroller.render(state, state.message_list, rows);
        self.rows.begin();
        for index in visible {
            let Some(row) = message_row(record, &moment, index) else { continue };
            let shown = self.rows.next();
            place_row(&shown.root, index, state);
            set_attribute(&shown.root, "aria-setsize", Some(&rows.to_string()));
            render_message_row(&self.scroller.list, shown, &row, record, state, highlight);
        }
        self.rows.end();
    }

    /// Scrolls to the state's position. Call it when everything has been rendered.
    pub(super) fn settle(&self) {
        self.scroller.settle();
    }
}

fn render_message_row(
    list: &HtmlElement,
    shown: &MessageElements,
    row: &MessageRow<'_>,
    record: &Record,
    state: &State,
    highlight: Option<&Provenance>,
) {
    let locale = &state.locale;
    let size = |length: &dyn std::fmt::Display| locale.fill("row-size", &[("length", length)]);
    match row {
        MessageRow::Message { number, message } => {
            let payload = record.stream(Direction::Received).bytes(message.payload.clone());
            set_text(&shown.number, &format!("#{}", number + 1));
            set_text(&shown.size, &size(&payload.len()));
            set_text(&shown.content, &text_or_repr(payload, PREVIEW));
            set_text(&shown.from, &from_chunks(record, message, state));
            set_attribute(&shown.root, "data-kind", None);
            let item = Item { direction: Direction::Received, kind: ItemKind::Message(*number) };
            let is_highlighted =
                received(highlight).is_some_and(|highlight| highlight.messages.contains(number));
            mark_row(list, &shown.root, Some(item), is_highlighted, state);
        }
        MessageRow::Incomplete { range, declared, missing, truncated } => {
            let bytes = record.stream(Direction::Received).bytes(range.clone());
            let (key, kind) = if *truncated {
                (locale.fill("row-truncated", &[("missing", missing)]), "error")
            } else {
                (locale.fill("row-incomplete", &[("missing", missing)]), "incomplete")
            };
            set_text(&shown.number, "…");
            set_text(&shown.size, &declared.map(|length| size(&length)).unwrap_or_default());
            set_text(&shown.content, &python_repr(bytes, PREVIEW));
            set_text(&shown.from, &key);
            set_attribute(&shown.root, "data-kind", Some(kind));
            mark_row(list, &shown.root, None, false, state);
        }
        MessageRow::Broken { error, unread } => {
            set_text(&shown.number, "");
            set_text(&shown.size, "");
            let text = locale.fill("row-broken", &[("error", &locale.decode_error(error))]);
            set_text(&shown.content, &text);
            let after = locale.fill("row-unread", &[("bytes", unread)]);
            set_text(&shown.from, if *unread > 0 { &after } else { "" });
            set_attribute(&shown.root, "data-kind", Some("error"));
            mark_row(list, &shown.root, None, false, state);
        }
    }
}

fn from_chunks(record: &Record, message: &Message, state: &State) -> String {
    let chunks = record.stream(Direction::Received).chunks_in(&message.range());
    let first = chunks.start + 1;
    if chunks.len() == 1 {
        state.locale.fill("row-from-one", &[("first", &first)])
    } else {
        state.locale.fill("row-from-many", &[("first", &first), ("last", &chunks.end)])
    }
}

fn received(highlight: Option<&Provenance>) -> Option<&Provenance> {
    highlight.filter(|highlight| highlight.direction == Direction::Received)
}
