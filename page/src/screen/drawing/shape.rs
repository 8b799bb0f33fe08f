//! What a drawing consists of.

use std::ops::Range;

use framescope_record::Item;

use crate::text::bidi::visible;

/// Shapes in a frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
    /// The shapes, from back to front.
    pub shapes: Vec<Shape>,
}

impl Drawing {
    /// Adds a shape in front of the others.
    pub fn add(&mut self, figure: Figure, style: Style, about: About) {
        self.shapes.push(Shape { figure, style, about });
    }

    /// Adds a line of text, unless it is empty. Marks of direction in it are escapes.
    pub fn text(&mut self, at: Point, anchor: Anchor, text: &str, style: Style, about: About) {
        if !text.is_empty() {
            self.add(Figure::Text(at, anchor, visible(text).into_owned()), style, about);
        }
    }

    /// Removes the shapes of which nothing is between these heights.
    pub fn keep_between(&mut self, heights: &Range<f32>) {
        self.shapes.retain(|shape| {
            let (top, bottom) = shape.figure.heights();
            bottom >= heights.start && top <= heights.end
        });
    }
}

/// A place in a drawing, in pixels from its left upper corner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Down.
    pub y: f32,
}

impl Point {
    /// A place.
    #[must_use]
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }
}

/// A part of the width of a drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Its left end.
    pub from: f32,
    /// Its right end.
    pub to: f32,
}

impl Span {
    /// From here to there.
    #[must_use]
    pub const fn new(from: f32, to: f32) -> Self {
        Self { from, to }
    }

    /// Its width.
    #[must_use]
    pub const fn width(self) -> f32 {
        self.to - self.from
    }

    /// The middle of it.
    #[must_use]
    pub const fn middle(self) -> f32 {
        f32::midpoint(self.from, self.to)
    }
}

/// A shape: a figure, its look, and what it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// What is drawn.
    pub figure: Figure,
    /// How it looks.
    pub style: Style,
    /// What it shows.
    pub about: About,
}

/// What a shape shows of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The item that is selected with it.
    pub item: Option<Item>,
    /// Whether it belongs to what is highlighted.
    pub is_lit: bool,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    /// A straight line.
    Line(Point, Point),
    /// A line with a head at its second end.
    Arrow(Point, Point),
    /// A rectangle: its left upper corner, its width, and its height.
    Rect(Point, f32, f32),
    /// A line of text. The place is the middle of its height.
    Text(Point, Anchor, String),
    /// A band between two upright edges.
    Band(Band),
}

impl Figure {
    /// Between which heights it is. Bands are from top to bottom.
    fn heights(&self) -> (f32, f32) {
        match self {
            Self::Line(from, to) | Self::Arrow(from, to) => (from.y.min(to.y), from.y.max(to.y)),
            Self::Rect(at, _, height) => (at.y, at.y + height),
            Self::Text(at, ..) => (at.y - LARGE, at.y + LARGE),
            Self::Band(_) => (f32::MIN, f32::MAX),
        }
    }
}

/// A band that leaves an edge and comes to another, level at both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The upper end of the edge that it leaves.
    pub from: Point,
    /// The height of that edge.
    pub from_height: f32,
    /// The upper end of the edge that it comes to.
    pub to: Point,
    /// The height of that edge.
    pub to_height: f32,
}

/// Which part of a text is at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

impl Anchor {
    /// Its name in SVG.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// The fill of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Part of a header.
    Header,
    /// Part of a payload, or of a send if there are no headers.
    Payload,
    /// The same of the next message or send, so that neighbours can be told apart.
    Neighbour,
    /// Part of a message that is not complete.
    Incomplete,
    /// A bad header, and what comes after it.
    Error,
    /// The end of the stream.
    End,
    /// Bytes of which nobody knows where they came from, or where a message ends.
    Plain,
}

/// How a shape looks. The style sheet has a rule for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The ground of a kernel's column.
    Kernel,
    /// The lifeline of a program, or of a kernel.
    Lifeline,
    /// The lifeline of a kernel, at the wire.
    Edge,
    /// A place at which time is broken.
    Tear,
    /// The mark of a call.
    Call,
    /// A call that waits, or has waited.
    Waits,
    /// From a call to the wire.
    Lead,
    /// A segment with bytes, SYN, FIN or RST.
    Data,
    /// A segment that only acknowledges.
    Control,
    /// A segment that was sent before.
    Again,
    /// What crosses as the call tells: it was not captured.
    Model,
    /// The ground of a label that an arrow goes through.
    Plate,
    /// Bytes.
    Bytes(Fill),
    /// Bytes that were in a kernel's buffer.
    Past(Fill),
    /// The outline of a buffer.
    Buffer,
    /// The line of the moment on screen.
    Now,
    /// A heading.
    Heading,
    /// A label.
    Label,
    /// A label in a small voice.
    Quiet,
    /// The state of a socket.
    State,
    /// Text on bytes.
    OnBytes(Fill),
    /// The same in large letters.
    LargeOnBytes(Fill),
    /// The hatched end of a header.
    HeaderEnd,
    /// The frame of what one `recv()` returned.
    Frame,
    /// The outline of a message without bytes.
    Empty,
    /// The place in a message at which `recv()` cut it.
    Cut,
    /// The beginning or the end of a stream.
    StreamEnd,
    /// The heading of a column.
    Title,
    /// A number of bytes that matters now.
    Count,
    /// Something that was lost, or has failed.
    Error,
    /// What the user does: the moment on screen, and what is held.
    You,
}

impl Style {
    /// The class in the style sheet.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Kernel => "kernel-ground",
            Self::Lifeline => "lifeline",
            Self::Edge => "edge",
            Self::Tear => "tear",
            Self::Call => "call-mark",
            Self::Waits => "call-waits",
            Self::Lead => "lead",
            Self::Data => "arrow-data",
            Self::Control => "arrow-control",
            Self::Again => "arrow-again",
            Self::Model => "arrow-model",
            Self::Plate => "plate",
            Self::Bytes(fill) => match fill {
                Fill::Header => "fill-header",
                Fill::Payload => "fill-payload",
                Fill::Neighbour => "fill-neighbour",
                Fill::Incomplete => "fill-incomplete",
                Fill::Error => "fill-error",
                Fill::End => "fill-end",
                Fill::Plain => "fill-plain",
            },
            Self::Past(fill) => match fill {
                Fill::Header => "past-header",
                Fill::Payload => "past-payload",
                Fill::Neighbour => "past-neighbour",
                Fill::Incomplete => "past-incomplete",
                Fill::Error => "past-error",
                Fill::End => "past-end",
                Fill::Plain => "past-plain",
            },
            Self::Buffer => "buffer-outline",
            Self::Now => "now-line",
            Self::Heading => "text-heading",
            Self::Label => "text-label",
            Self::Quiet => "text-quiet",
            Self::State => "text-state",
            Self::OnBytes(Fill::Header) => "text-on-header",
            Self::OnBytes(
                Fill::Payload
                | Fill::Neighbour
                | Fill::Incomplete
                | Fill::Error
                | Fill::End
                | Fill::Plain,
            ) => "text-on-bytes",
            Self::LargeOnBytes(Fill::Header) => "text-on-header text-large",
            Self::LargeOnBytes(
                Fill::Payload
                | Fill::Neighbour
                | Fill::Incomplete
                | Fill::Error
                | Fill::End
                | Fill::Plain,
            ) => "text-on-bytes text-large",
            Self::HeaderEnd => "header-end",
            Self::Frame => "chunk-frame",
            Self::Empty => "empty-message",
            Self::Cut => "cut",
            Self::StreamEnd => "stream-end",
            Self::Title => "text-title",
            Self::Count => "text-count",
            Self::Error => "text-error",
            Self::You => "text-you",
        }
    }

    /// The size of its text.
    #[must_use]
    pub const fn text_size(self) -> f32 {
        if matches!(self, Self::Count) {
            17.0
        } else if matches!(self, Self::Title | Self::LargeOnBytes(_)) {
            LARGE
        } else {
            TEXT
        }
    }
}

/// The size of large texts.
pub const LARGE: f32 = 19.0;
/// The size of most texts.
pub const TEXT: f32 = 14.0;
