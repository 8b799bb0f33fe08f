//! One axis: a ruler, sends, chunks, bytes and messages over the same stream offsets.

use framescope_lab::Flow;
use framescope_page::screen::characters::{Character, characters};
use framescope_page::screen::cuts::asked;
use framescope_page::screen::item_attribute::to_attribute;
use framescope_page::screen::lanes::{Cell, Lanes, Segment, SegmentKind, flow_lanes, lanes};
use framescope_page::screen::misread::misread;
use framescope_page::state::{GLYPH_WIDTH, State, Tab};
use framescope_page::text::bytes::{glyph, text_or_repr};
use framescope_page::text::{Language, Locale, Notation, declared};
use framescope_record::{Direction, Item, ItemKind, Provenance, Record, Rest};
use web_sys::{Element, HtmlElement};

use super::dom::{place, set_attribute, set_hidden, set_text};
use super::pool::{Pool, Remembered};
use crate::browser::{document, element};

/// The width of a number on the ruler, in CSS pixels.
const TICK_WIDTH: u64 = 52;
/// The width of a chunk's full label, in CSS pixels.
const CHUNK_LABEL_WIDTH: u64 = 150;
/// The width of a send's full label, in CSS pixels.
const SEND_LABEL_WIDTH: u64 = 70;
/// In a cell narrower than this, in CSS pixels, a byte that needs an escape is shown in hex.
const ESCAPE_WIDTH: u32 = 30;
/// The number of bytes of a payload that its segment shows.
const PREVIEW: usize = 120;
/// The gap between two segments, in CSS pixels.
const GAP: u64 = 1;

pub(super) struct Axis {
    direction: Direction,
    root: HtmlElement,
    ruler: Pool<HtmlElement>,
    sends: Pool<Remembered<SegmentLook>>,
    send_lane: HtmlElement,
    chunks: Pool<Remembered<SegmentLook>>,
    message_lane: HtmlElement,
    cells: Pool<Remembered<CellLook>>,
    messages: Pool<Remembered<SegmentLook>>,
    characters: Pool<HtmlElement>,
    character_lane: HtmlElement,
}

impl Axis {
    pub(super) fn new(direction: Direction) -> Self {
        let id = match direction {
            Direction::Received => "received-lanes",
            Direction::Sent => "sent-lanes",
        };
        let root: HtmlElement = element(id);
        let template: web_sys::HtmlTemplateElement = element("axis-template");
        if let Ok(lanes) = document().import_node_with_deep(&template.content(), true) {
            // This cannot fail: it appends a copy of a template to an element of the page.
            let _ = root.append_child(&lanes);
        }
        let lane = |class: &str| -> Element { super::dom::child(&root, class).into() };
        Self {
            ruler: Pool::new(lane(".ruler"), "tick-template"),
            sends: Pool::new(lane(".send-lane"), "segment-template"),
            send_lane: super::dom::child(&root, ".send-lane"),
            message_lane: super::dom::child(&root, ".message-lane"),
            chunks: Pool::new(lane(".chunk-lane"), "segment-template"),
            cells: Pool::new(lane(".cell-lane"), "cell-template"),
            messages: Pool::new(lane(".message-lane"), "segment-template"),
            characters: Pool::new(lane(".character-lane"), "segment-template"),
            character_lane: super::dom::child(&root, ".character-lane"),
            direction,
            root,
        }
    }

    pub(super) fn render(&mut self, state: &State, highlight: Option<&Provenance>) {
        let record = state.record();
        set_hidden(&self.root, record.is_none());
        let Some(record) = record else { return };
        let context = AxisContext {
            state,
            record,
            direction: self.direction,
            end: state.moment().end(self.direction),
            first: state.viewport(self.direction).first,
            width: state.cell_width(),
            highlight: highlight
                .filter(|highlight| state.tab == Tab::Lab || highlight.direction == self.direction),
        };
        let stream = record.stream(self.direction);
        let window = state.viewport(self.direction).window();
        let is_flow = state.tab == Tab::Lab;
        let has_messages = !is_flow || state.lab.header().is_some();
        let lanes = if is_flow {
            flow_lanes(record, &window, &state.moment(), has_messages, asked(state))
        } else {
            lanes(stream, self.direction, &window, context.end)
        };
        set_hidden(&self.send_lane, !is_flow);
        set_hidden(&self.message_lane, !has_messages);
        set_attribute(&self.root, "data-narrow", (context.width < ESCAPE_WIDTH).then_some(""));
        self.render_ruler(&context, &lanes);
        render_segments(&mut self.sends, &context, &lanes.sends);
        render_segments(&mut self.chunks, &context, &lanes.chunks);
        render_segments(&mut self.messages, &context, &lanes.messages);
        self.render_cells(&context, &lanes);
        self.render_characters(&context, &lanes);
    }

    fn render_characters(&mut self, context: &AxisContext<'_>, lanes: &Lanes) {
        // Where a cell shows nothing, a character says nothing.
        let read = context.state.moment().end(Direction::Received);
        let can_be_read = context.width >= GLYPH_WIDTH;
        let characters = if can_be_read { characters(&lanes.cells, read) } else { Vec::new() };
        set_hidden(&self.character_lane, characters.is_empty());
        self.characters.begin();
        for Character { range, character, is_cut } in &characters {
            let shown = self.characters.next();
            let width = pixels(range.end - range.start, context.width);
            place(shown, context.left(range.start), width - GAP);
            set_text(shown, character.encode_utf8(&mut [0; 4]));
            set_attribute(shown, "data-segment", Some("character"));
            set_attribute(shown, "data-cut", is_cut.then_some(""));
        }
        self.characters.end();
    }

    fn render_ruler(&mut self, context: &AxisContext<'_>, lanes: &Lanes) {
        self.ruler.begin();
        let mut free_from = 0;
        let marked = if lanes.messages.is_empty() { &lanes.chunks } else { &lanes.messages };
        for segment in marked {
            let left = context.left(segment.range.start);
            if left >= free_from && !segment.from_before {
                let tick = self.ruler.next();
                place(tick, left, TICK_WIDTH);
                set_text(tick, &segment.range.start.to_string());
                free_from = left + TICK_WIDTH;
            }
        }
        self.ruler.end();
    }

    fn render_cells(&mut self, context: &AxisContext<'_>, lanes: &Lanes) {
        let selected = match context.state.selected {
            Some(Item { direction, kind: ItemKind::Byte(at) }) if direction == self.direction => {
                Some(at)
            }
            _ => None,
        };
        let id = match self.direction {
            Direction::Received => "received-selected",
            Direction::Sent => "sent-selected",
        };
        let mut has_selected = false;
        self.cells.begin();
        for cell in &lanes.cells {
            let preferences = &context.state.preferences;
            let notation = if context.width < ESCAPE_WIDTH && !cell.byte.is_ascii_graphic() {
                Notation::Hex
            } else {
                preferences.notation
            };
            let is_waiting = context.state.tab == Tab::Lab && cell.at >= context.end;
            let is_selected = selected == Some(cell.at);
            has_selected |= is_selected;
            let look = CellLook {
                cell: *cell,
                notation,
                left: context.left(cell.at),
                width: context.width,
                direction: if is_waiting { Direction::Sent } else { self.direction },
                is_lit: context.highlight.is_some_and(|lit| lit.bytes.contains(&cell.at)),
                id: is_selected.then_some(id),
                language: context.state.locale.language,
            };
            let locale = &context.state.locale;
            self.cells.next_mut().show(look, |shown, look| show_cell(shown, look, locale));
        }
        self.cells.end();
        set_attribute(&self.root, "aria-activedescendant", has_selected.then_some(id));
    }
}

/// The values that all lanes of one axis need.
struct AxisContext<'a> {
    state: &'a State,
    record: &'a Record,
    direction: Direction,
    end: u64,
    first: u64,
    width: u32,
    highlight: Option<&'a Provenance>,
}

impl AxisContext<'_> {
    /// The left edge of a byte on screen, in CSS pixels.
    fn left(&self, at: u64) -> u64 {
        pixels(at - self.first, self.width)
    }

    fn is_highlighted(&self, segment: &Segment) -> bool {
        let Some(highlight) = self.highlight else { return false };
        let is_same = highlight.direction == self.direction;
        let is_chunk = segment.kind == SegmentKind::Chunk;
        let is_message = matches!(segment.kind, SegmentKind::Header | SegmentKind::Payload);
        if is_same && is_chunk {
            highlight.chunks.contains(&segment.number)
        } else if is_same && is_message && segment.item.is_some() {
            highlight.messages.contains(&segment.number)
        } else {
            highlight.bytes.start < segment.range.end && segment.range.start < highlight.bytes.end
        }
    }

    fn label(&self, segment: &Segment, width: u64) -> String {
        let locale = &self.state.locale;
        let stream = self.record.stream(self.direction);
        match segment.kind {
            SegmentKind::Chunk => {
                let Some(chunk) = stream.chunk(segment.number) else { return String::new() };
                let (asked, got) = (chunk.asked, chunk.range.end - chunk.range.start);
                match self.direction {
                    _ if width < CHUNK_LABEL_WIDTH => got.to_string(),
                    Direction::Received => {
                        locale.fill("lane-recv", &[("asked", &asked), ("got", &got)])
                    }
                    Direction::Sent => locale.fill("lane-send", &[("got", &got)]),
                }
            }
            SegmentKind::Header => {
                let length = match (segment.item, stream.rest(self.end)) {
                    (None, Rest::Incomplete { declared: Some(declared), .. }) => declared as u64,
                    _ => stream
                        .message(segment.number)
                        .map_or(0, |message| message.payload.end - message.payload.start),
                };
                locale.fill("lane-header", &[("length", &length)])
            }
            SegmentKind::Payload => {
                let Some(message) = stream.message(segment.number) else { return String::new() };
                text_or_repr(stream.bytes(message.payload.clone()), PREVIEW)
            }
            SegmentKind::Incomplete => match stream.rest(self.end) {
                Rest::Incomplete { missing, .. } => {
                    locale.fill("lane-incomplete", &[("missing", &missing)])
                }
                Rest::Nothing | Rest::Broken { .. } => String::new(),
            },
            SegmentKind::BadHeader => match stream.rest(self.end) {
                Rest::Broken { error, .. } => {
                    locale.fill("lane-bad", &[("number", &declared(&error))])
                }
                Rest::Nothing | Rest::Incomplete { .. } => String::new(),
            },
            SegmentKind::Misread => {
                let number = misread(stream, segment.number, usize::MAX).unwrap_or(0);
                locale.fill("lane-misread", &[("number", &number)])
            }
            SegmentKind::Unread => locale.text("lane-unread").to_owned(),
            SegmentKind::Send => {
                let sent = self.record.stream(Direction::Sent).chunk(segment.number);
                let given = sent.map_or(0, |send| send.range.end - send.range.start);
                let text = locale.fill("lane-send", &[("got", &given)]);
                if width < SEND_LABEL_WIDTH { given.to_string() } else { text }
            }
            SegmentKind::Waiting => {
                let moment = self.state.moment();
                let bytes = moment.end(Direction::Sent) - moment.end(Direction::Received);
                let lab = &self.state.lab;
                let text = match lab.flow() {
                    Some((_, Flow { to: None, .. })) => locale.text("lane-away"),
                    Some((_, flow)) if lab.is_receiver_closed(flow, self.state.event()) => {
                        locale.text("lane-lost")
                    }
                    Some(_) | None => locale.text("lane-waiting"),
                };
                Locale::filled(text, &[("bytes", &bytes)])
            }
            SegmentKind::Asked => {
                let asked = asked(self.state).unwrap_or(0);
                locale.fill("lane-asked", &[("asked", &asked)])
            }
            SegmentKind::Plain => String::new(),
        }
    }
}

/// What a cell shows.
#[derive(PartialEq, Eq)]
struct CellLook {
    cell: Cell,
    notation: Notation,
    left: u64,
    width: u32,
    direction: Direction,
    is_lit: bool,
    /// The id of the selected cell.
    id: Option<&'static str>,
    language: Language,
}

fn show_cell(shown: &HtmlElement, look: &CellLook, locale: &Locale) {
    let cell = &look.cell;
    let glyph = glyph(cell.byte, look.notation);
    let visible = look.width >= GLYPH_WIDTH;
    set_text(shown, if visible { &glyph } else { "" });
    let class = if glyph.chars().count() > 2 { "cell long" } else { "cell short" };
    set_attribute(shown, "class", Some(class));
    place(shown, look.left, look.width.into());
    set_attribute(shown, "data-segment", Some(name(cell.kind)));
    set_attribute(shown, "data-odd", odd(cell.message));
    let is_start = cell.starts_chunk && cell.at > 0;
    set_attribute(shown, "data-chunk-start", is_start.then_some(""));
    set_attribute(shown, "data-lit", look.is_lit.then_some(""));
    let item = Item { direction: look.direction, kind: ItemKind::Byte(cell.at) };
    set_attribute(shown, "data-item", Some(&to_attribute(item)));
    let label = locale.fill("cell-label", &[("at", &cell.at), ("glyph", &glyph)]);
    set_attribute(shown, "aria-label", Some(&label));
    set_attribute(shown, "data-selected", look.id.map(|_| ""));
    set_attribute(shown, "id", look.id);
}

/// What a segment shows.
#[derive(PartialEq, Eq)]
struct SegmentLook {
    segment: Segment,
    label: String,
    left: u64,
    width: u64,
    is_lit: bool,
}

fn render_segments(
    pool: &mut Pool<Remembered<SegmentLook>>,
    context: &AxisContext<'_>,
    segments: &[Segment],
) {
    pool.begin();
    for segment in segments {
        let width = pixels(segment.range.end - segment.range.start, context.width);
        let look = SegmentLook {
            segment: segment.clone(),
            label: context.label(segment, width),
            left: context.left(segment.range.start),
            width: width - GAP,
            is_lit: context.is_highlighted(segment),
        };
        pool.next_mut().show(look, show_segment);
    }
    pool.end();
}

fn show_segment(shown: &HtmlElement, look: &SegmentLook) {
    let segment = &look.segment;
    place(shown, look.left, look.width);
    set_text(shown, &look.label);
    set_attribute(shown, "data-segment", Some(name(segment.kind)));
    set_attribute(shown, "data-odd", odd(segment.number));
    set_attribute(shown, "data-before", segment.from_before.then_some(""));
    set_attribute(shown, "data-after", segment.goes_on.then_some(""));
    set_attribute(shown, "data-lit", look.is_lit.then_some(""));
    let item = segment.item.map(to_attribute);
    set_attribute(shown, "data-item", item.as_deref());
}

/// The width of `bytes` bytes, in CSS pixels. `width` is the width of one byte.
const fn pixels(bytes: u64, width: u32) -> u64 {
    bytes * width as u64
}

/// The name of a kind in the style sheet.
pub(super) const fn name(kind: SegmentKind) -> &'static str {
    match kind {
        SegmentKind::Chunk => "chunk",
        SegmentKind::Header => "header",
        SegmentKind::Payload => "payload",
        SegmentKind::Incomplete => "incomplete",
        SegmentKind::BadHeader | SegmentKind::Misread => "bad",
        SegmentKind::Unread => "unread",
        SegmentKind::Send => "send",
        SegmentKind::Plain => "plain",
        SegmentKind::Waiting => "waiting",
        SegmentKind::Asked => "asked",
    }
}

/// The value of `data-odd`. The style sheet gives odd segments another colour, so that two segments of
/// the same kind can be told apart.
pub(super) const fn odd(number: usize) -> Option<&'static str> {
    if number % 2 == 1 { Some("") } else { None }
}
