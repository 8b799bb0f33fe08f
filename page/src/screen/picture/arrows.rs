//! The segments of a picture, and what crosses if none was captured.

use framescope_lab::{Crossing, EventKind, Fate, Flags, Segment, SegmentHistory};
use framescope_record::Direction;

use super::bytes::pieces;
use super::columns::Columns;
use super::sketch::{Held, Sketch};
use crate::screen::drawing::{About, Anchor, Figure, Fill, Point, Style, TEXT};
use crate::text::bytes::short_text;
use crate::text::fit::{cut, text_width};

/// How far an arrow falls at least.
pub(super) const DROP: f32 = 15.0;
/// How far the label of an arrow is below its beginning.
const LABEL: f32 = 7.5;
/// The height of a label above and below the beginning of its arrow.
pub(super) const LABEL_ABOVE: f32 = 2.0;
pub(super) const LABEL_BELOW: f32 = 17.0;
/// The height of bytes on an arrow.
const CAPSULE: f32 = 18.0;
/// The height of the ground of a label.
const PLATE: f32 = 14.0;
/// The space between parts of a label.
const GAP: f32 = 6.0;
/// The most letters of bytes on an arrow.
const LETTERS: usize = 9;

/// A segment, and the heights of its ends.
pub(super) struct Crossed<'a> {
    pub(super) number: u32,
    pub(super) history: &'a SegmentHistory,
    pub(super) sent: f32,
    /// Where it arrives: more than once if it was doubled, and nowhere if it has not.
    pub(super) arrived: Vec<f32>,
}

/// A part of a label.
enum Part {
    Text(String, Style),
    Bytes(String, Fill, About),
}

impl Part {
    fn width(&self) -> f32 {
        match self {
            Self::Text(text, _) => text_width(text, TEXT),
            Self::Bytes(text, ..) => text_width(text, TEXT) + 6.0,
        }
    }
}

fn width_of(parts: &[Part]) -> f32 {
    let gaps = parts.windows(2).filter(|two| !matches!(two, [Part::Bytes(..), Part::Bytes(..)]));
    let gaps = gaps.map(|_| GAP).sum::<f32>();
    parts.iter().map(Part::width).sum::<f32>() + gaps
}

/// Draws a segment.
pub(super) fn segment(sketch: &mut Sketch<'_>, crossed: &Crossed<'_>) {
    let state = sketch.state;
    let Some(EventKind::Segment(segment)) =
        state.lab.shown_trace().events.get(crossed.history.event).map(|event| &event.kind)
    else {
        return;
    };
    let fate = crossed.history.fate(sketch.number);
    let about = about(sketch, segment);
    let style = style(segment);
    let to_server = crossed.history.to_server;
    let (from, to) = edges(&sketch.columns, to_server);
    let start = Point::new(from, crossed.sent);
    let at = crossed.sent + LABEL;
    for arrived in &crossed.arrived {
        let end = Point::new(to, *arrived);
        sketch.add(Figure::Arrow(start, end), style, about);
    }
    let parts = parts(sketch, segment, crossed);
    let ends_early = match fate {
        Some(Fate::Dropped | Fate::Overflowed) => {
            Some(("✕", Style::Error, state.locale.text("picture-lost")))
        }
        Some(Fate::Held | Fate::Copied) => {
            Some(("‖", Style::You, state.locale.text("picture-held")))
        }
        None if crossed.arrived.is_empty() => Some(("", style, "")),
        Some(Fate::Delivered) | None => None,
    };
    let Some((mark, mark_style, word)) = ends_early else {
        let x = sketch.columns.wire.middle() - width_of(&parts) / 2.0;
        put(sketch, parts, x, at, about);
        return;
    };
    // The label stands at the beginning of the arrow, then the mark, then why it ends there.
    let end =
        end_early(sketch, parts, (start, at), to_server, about, (style, mark_style, mark, word));
    if matches!(fate, Some(Fate::Held | Fate::Copied)) {
        sketch.held.get_or_insert(Held { number: crossed.number, at: end });
    }
}

fn end_early(
    sketch: &mut Sketch<'_>,
    parts: Vec<Part>,
    (start, at): (Point, f32),
    to_server: bool,
    about: About,
    (style, mark_style, mark, word): (Style, Style, &str, &str),
) -> Point {
    let width = width_of(&parts);
    let way = if to_server { 1.0 } else { -1.0 };
    let label = start.x + way * 8.0;
    let end = Point::new(label + way * (width + GAP + 12.0), at);
    sketch.add(Figure::Line(start, end), style, about);
    put(sketch, parts, if to_server { label } else { label - width }, at, about);
    sketch.text(end, Anchor::Middle, mark, mark_style, about);
    let free =
        if to_server { sketch.columns.wire.to - end.x } else { end.x - sketch.columns.wire.from };
    let (word_at, anchor) =
        (Point::new(end.x + way * 10.0, at), if to_server { Anchor::Start } else { Anchor::End });
    if text_width(word, TEXT) <= free - 12.0 {
        sketch.text(word_at, anchor, word, mark_style, about);
    }
    end
}

/// Draws what crosses as a call tells.
pub(super) fn derived(sketch: &mut Sketch<'_>, crossing: Crossing, to_server: bool, y: f32) {
    let text = match crossing {
        Crossing::Bytes(bytes) => sketch.state.locale.fill("crossing-bytes", &[("bytes", &bytes)]),
        Crossing::Handshake => "SYN, SYN-ACK, ACK".to_owned(),
        Crossing::Fin => "FIN".to_owned(),
        Crossing::Reset => "RST".to_owned(),
        Crossing::Segment(_) => return,
    };
    let (from, to) = edges(&sketch.columns, to_server);
    let about = About::default();
    let arrow = Figure::Arrow(Point::new(from, y), Point::new(to, y + DROP));
    sketch.add(arrow, Style::Model, about);
    let text = cut(&text, TEXT, sketch.columns.wire.width() - 2.0 * GAP);
    let at = Point::new(sketch.columns.wire.middle(), y + LABEL);
    sketch.text(at, Anchor::Middle, &text, Style::Quiet, about);
}

const fn edges(columns: &Columns, to_server: bool) -> (f32, f32) {
    let (client, server) = (columns.left.edge, columns.right.edge);
    if to_server { (client, server) } else { (server, client) }
}

fn style(segment: &Segment) -> Style {
    let carries =
        segment.length() > 0 || segment.flags.has(Flags::RST) || segment.flags.has(Flags::FIN);
    match (segment.repeats.is_some(), carries) {
        (true, _) => Style::Again,
        (false, true) => Style::Data,
        (false, false) => Style::Control,
    }
}

fn about(sketch: &Sketch<'_>, segment: &Segment) -> About {
    let flow = sketch.state.lab.shown_timeline().flow_of(segment);
    flow.map_or_else(About::default, |flow| sketch.about_bytes(flow, &segment.payload))
}

/// The label of a segment, short enough for the wire.
fn parts(sketch: &Sketch<'_>, segment: &Segment, crossed: &Crossed<'_>) -> Vec<Part> {
    let width = sketch.columns.wire.width() - 12.0;
    let bytes = capsule(sketch, segment);
    let mut shortest = Vec::new();
    // What a segment with bytes acknowledges as well is said if there is space.
    let news = crossed.history.new_ack.filter(|_| !segment.only_acknowledges());
    let news = news.map(|ack| format!("· ACK {ack}"));
    for text in texts(sketch, segment, crossed) {
        let mut parts = vec![Part::Text(text, Style::Label)];
        parts.extend(
            bytes.iter().map(|(text, fill, about)| Part::Bytes(text.clone(), *fill, *about)),
        );
        let before = parts.len();
        parts.extend(news.iter().map(|text| Part::Text(text.clone(), Style::Label)));
        if width_of(&parts) <= width {
            return parts;
        }
        parts.truncate(before);
        if width_of(&parts) <= width {
            return parts;
        }
        shortest = parts;
    }
    shortest.truncate(1);
    if let [Part::Text(text, _)] = &mut shortest[..] {
        *text = cut(text, TEXT, width);
    }
    shortest
}

/// What a segment is, in words: from the longest to the shortest.
fn texts(sketch: &Sketch<'_>, segment: &Segment, crossed: &Crossed<'_>) -> Vec<String> {
    let locale = &sketch.state.locale;
    let again = segment.repeats.map(|_| locale.text("picture-again"));
    let mut marks = String::new();
    if segment.window == 0 && !segment.flags.has(Flags::RST) {
        marks.push_str(" win 0");
    }
    if crossed.history.is_doubled(sketch.number) {
        marks.push_str(" ×2");
    }
    let flags = [(Flags::SYN, "SYN"), (Flags::FIN, "FIN"), (Flags::RST, "RST")];
    let flags =
        flags.into_iter().filter(|(flag, _)| segment.flags.has(*flag)).map(|(_, name)| name);
    let mut short: Vec<&str> = flags.collect();
    if segment.flags.has(Flags::SYN) && segment.flags.has(Flags::ACK) {
        short = vec!["SYN-ACK"];
    }
    let ack = segment.ack.filter(|_| segment.only_acknowledges());
    let short = ack.map_or_else(|| short.join(" "), |ack| format!("ACK {ack}"));
    let join = |parts: &[&str]| -> String {
        let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
        parts.join(" ") + &marks
    };
    let again = again.unwrap_or_default();
    let (seq, length) = (segment.seq, segment.length());
    // A SYN and a FIN take a number too (RFC 9293, section 3.4).
    let is_numbered = segment.flags.has(Flags::SYN) || segment.flags.has(Flags::FIN);
    match (length > 0, is_numbered) {
        (false, false) => vec![join(&[&short, again])],
        (false, true) => {
            vec![join(&[&short, &format!("seq {seq}"), again]), join(&[&short, again])]
        }
        (true, false) => vec![
            join(&[&format!("seq {seq} ·"), &format!("{length} B"), again]),
            join(&[&format!("seq {seq}"), again]),
            join(&[&format!("{length} B"), again]),
            join(&[&format!("{length} B")]),
        ],
        (true, true) => vec![
            join(&[&short, &format!("seq {seq} ·"), &format!("{length} B"), again]),
            join(&[&short, &format!("{length} B"), again]),
            join(&[&short]),
        ],
    }
}

/// The bytes of a segment, as they stand on its arrow.
fn capsule(sketch: &Sketch<'_>, segment: &Segment) -> Vec<(String, Fill, About)> {
    let end = segment.flags.has(Flags::FIN).then(|| ("|".to_owned(), Fill::End, About::default()));
    let Some(flow) = sketch.state.lab.shown_timeline().flow_of(segment) else {
        return end.into_iter().collect();
    };
    let sent = flow.record.stream(Direction::Sent);
    let pieces = pieces(flow, &segment.payload);
    let letters = (LETTERS / pieces.len().max(1)).max(3);
    // More pieces than fit say nothing.
    if pieces.len() > 4 {
        let bytes = sent.bytes(segment.payload.clone());
        let about = sketch.about_bytes(flow, &segment.payload);
        let all = (short_text(bytes, LETTERS), pieces[0].fill, about);
        return [all].into_iter().chain(end).collect();
    }
    let parts = pieces.into_iter().map(|piece| {
        let text = short_text(sent.bytes(piece.range.clone()), letters);
        (text, piece.fill, sketch.about_bytes(flow, &piece.range))
    });
    parts.chain(end).collect()
}

/// Puts the parts of a label next to each other, from `x` on.
fn put(sketch: &mut Sketch<'_>, parts: Vec<Part>, x: f32, y: f32, about: About) {
    let (low, high) = (sketch.columns.wire.from + 2.0, sketch.columns.wire.to - 2.0);
    let mut x = x.min(high - width_of(&parts)).max(low);
    let mut is_after_bytes = false;
    for (index, part) in parts.into_iter().enumerate() {
        let is_bytes = matches!(part, Part::Bytes(..));
        if index > 0 && !(is_after_bytes && is_bytes) {
            x += GAP;
        }
        is_after_bytes = is_bytes;
        let width = part.width();
        match part {
            Part::Text(text, style) => {
                let corner = Point::new(x - 2.0, y - PLATE / 2.0);
                sketch.draw(Figure::Rect(corner, width + 4.0, PLATE), Style::Plate);
                sketch.text(Point::new(x, y), Anchor::Start, &text, style, about);
            }
            Part::Bytes(text, fill, about) => {
                let corner = Point::new(x, y - CAPSULE / 2.0);
                sketch.add(Figure::Rect(corner, width, CAPSULE), Style::Bytes(fill), about);
                let middle = Point::new(x + width / 2.0, y);
                sketch.text(middle, Anchor::Middle, &text, Style::OnBytes(fill), about);
            }
        }
        x += width;
    }
}
