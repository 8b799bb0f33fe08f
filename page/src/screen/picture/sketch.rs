//! A picture while it is drawn.

use std::ops::Range;

use framescope_lab::Flow;
use framescope_record::{Direction, Item, ItemKind, Provenance};

use super::columns::Columns;
use crate::screen::drawing::{About, Anchor, Drawing, Figure, Point, Style};
use crate::state::State;

/// A segment that the wire holds, and where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held {
    /// Its number.
    pub number: u32,
    /// Where it is.
    pub at: Point,
}

/// A picture while it is drawn, and what it is drawn from.
pub(super) struct Sketch<'a> {
    pub(super) state: &'a State,
    /// The number of events that have happened at the moment on screen.
    pub(super) number: usize,
    pub(super) columns: Columns,
    /// The flow that the tape shows. Its bytes can be pointed at.
    pub(super) flow: Option<&'a Flow>,
    /// Both flows of its connection.
    pub(super) flows: &'a [Flow],
    /// What the pointer is on, or else what is selected.
    pub(super) highlight: Option<Provenance>,
    pub(super) drawing: Drawing,
    /// The first segment that the wire holds.
    pub(super) held: Option<Held>,
}

impl Sketch<'_> {
    pub(super) fn add(&mut self, figure: Figure, style: Style, about: About) {
        self.drawing.add(figure, style, about);
    }

    /// Adds a shape that is about nothing that could be pointed at.
    pub(super) fn draw(&mut self, figure: Figure, style: Style) {
        self.add(figure, style, About::default());
    }

    /// Adds a line of text, unless it is empty.
    pub(super) fn text(
        &mut self,
        at: Point,
        anchor: Anchor,
        text: &str,
        style: Style,
        about: About,
    ) {
        self.drawing.text(at, anchor, text, style, about);
    }

    /// Adds a line of text that is about nothing that could be pointed at, unless it is empty.
    pub(super) fn say(&mut self, at: Point, anchor: Anchor, text: &str, style: Style) {
        self.text(at, anchor, text, style, About::default());
    }
}

impl Sketch<'_> {
    /// What a shape with these bytes of a flow is about: bytes that the tape shows can be pointed at.
    pub(super) fn about_bytes(&self, flow: &Flow, bytes: &Range<u64>) -> About {
        let is_shown = self.flow.is_some_and(|shown| is_same(shown, flow));
        if !is_shown || bytes.is_empty() {
            return About::default();
        }
        let direction = Direction::Sent;
        let kind = if bytes.end == bytes.start + 1 {
            ItemKind::Byte(bytes.start)
        } else {
            ItemKind::Chunk(flow.record.stream(direction).chunks_in(bytes).start)
        };
        let is_lit = self.highlight.as_ref().is_some_and(|highlight| {
            bytes.start < highlight.bytes.end && highlight.bytes.start < bytes.end
        });
        About { item: Some(Item { direction, kind }), is_lit }
    }
}

/// Whether both are the same flow.
pub(super) fn is_same(one: &Flow, other: &Flow) -> bool {
    one.connection == other.connection && one.to_server == other.to_server
}
