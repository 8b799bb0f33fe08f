//! The lanes: the segments and bytes of the part of a stream that is on screen.
//!
//! Arithmetic over stream offsets. A lane is a list of segments, in order, that do not overlap. The view
//! only gives each a place and a colour.

use std::ops::Range;

use framescope_record::{Direction, Item, ItemKind, Moment, Record, Rest, Stream};

use super::misread::misread;

/// The kind of a segment or of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentKind {
    /// The bytes that one `recv()` returned, or that one `send()` was called with.
    Chunk,
    /// Part of a message's header.
    Header,
    /// Part of a message's payload.
    Payload,
    /// Part of a message that is not complete: header or payload.
    Incomplete,
    /// A bad header.
    BadHeader,
    /// Bytes after a bad header, which cannot be decoded.
    Unread,
    /// The bytes that one `send()` was called with, in the lane above the received chunks.
    Send,
    /// Received bytes in a stream without headers.
    Plain,
    /// A chunk that the reader took for a header, and that is none.
    Misread,
    /// Bytes that were sent and not received. They are in a kernel's buffer, or on the way.
    Waiting,
    /// What a `recv` that waits may return at most.
    Asked,
}

/// Consecutive bytes of one kind, cut to the part on screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The offsets that are on screen.
    pub range: Range<u64>,
    /// The kind of its bytes.
    pub kind: SegmentKind,
    /// The number, from 0, of the chunk or message. The view colours odd and even numbers differently.
    pub number: usize,
    /// The item that a pointer on the segment selects. `None` for an incomplete message.
    pub item: Option<Item>,
    /// Whether it begins before the part on screen.
    pub from_before: bool,
    /// Whether it ends after the part on screen.
    pub goes_on: bool,
}

/// One byte on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its stream offset.
    pub at: u64,
    /// Its value.
    pub byte: u8,
    /// Its kind.
    pub kind: SegmentKind,
    /// The number of its message, from 0. In a stream without headers, the number of its chunk.
    pub message: usize,
    /// Whether a chunk begins at this byte.
    pub starts_chunk: bool,
}

/// The lanes of one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lanes {
    /// The sends, if both ends of the stream are known. Otherwise empty.
    pub sends: Vec<Segment>,
    /// The chunks, and the bytes that wait.
    pub chunks: Vec<Segment>,
    /// The messages.
    pub messages: Vec<Segment>,
    /// The bytes.
    pub cells: Vec<Cell>,
}

/// The lanes of the offsets in `window`, at the moment when the stream had `end` bytes.
#[must_use]
pub fn lanes(stream: &Stream, direction: Direction, window: &Range<u64>, end: u64) -> Lanes {
    let window = window.start.max(stream.start())..window.end.min(end);
    if window.is_empty() {
        return Lanes::default();
    }
    let chunks = chunk_lane(stream, direction, &window);
    let messages = message_lane(stream, direction, &window, end);
    let unframed = stream.start()..stream.framed_from().min(end);
    let unframed = segment(&unframed, &window, SegmentKind::Plain, 0, None);
    let mut cells = cell_lane(stream, &window, unframed.as_slice());
    cells.extend(cell_lane(stream, &window, &messages));
    Lanes { sends: Vec::new(), chunks, messages, cells }
}

/// The lanes of both ends of a flow on one axis, at `moment`: the sends, the chunks, the bytes that wait, or what a `recv` has
/// `asked` for that waits, and the messages if the stream is framed.
#[must_use]
pub fn flow_lanes(
    record: &Record,
    window: &Range<u64>,
    moment: &Moment,
    is_framed: bool,
    asked: Option<u32>,
) -> Lanes {
    let (sent, received) = (record.stream(Direction::Sent), record.stream(Direction::Received));
    let received_end = moment.end(Direction::Received);
    let mut lanes = lanes(received, Direction::Received, window, received_end);
    if is_framed {
        let chunks = moment.chunks(Direction::Received);
        for chunk in &mut lanes.chunks {
            if misread(received, chunk.number, chunks).is_some() {
                chunk.kind = SegmentKind::Misread;
            }
        }
    } else {
        lanes.messages.clear();
    }
    let on_screen = window.start.max(sent.start())..window.end.min(moment.end(Direction::Sent));
    if on_screen.is_empty() {
        return lanes;
    }
    lanes.sends = chunk_lane(sent, Direction::Sent, &on_screen);
    for send in &mut lanes.sends {
        send.kind = SegmentKind::Send;
    }
    let waiting = received_end..moment.end(Direction::Sent);
    let segment = segment(&waiting, window, SegmentKind::Waiting, 0, None);
    if let Some(segment) = segment {
        // Bytes keep their colour on the way, but a kernel's buffer does not keep the boundaries of sends.
        let parts = message_lane(sent, Direction::Sent, &segment.range, sent.end());
        let cells = cell_lane(sent, window, &parts).into_iter();
        lanes.cells.extend(cells.map(|cell| Cell { starts_chunk: false, ..cell }));
        lanes.chunks.push(segment);
    } else if let Some(asked) = asked {
        let asked = received_end..received_end.saturating_add(asked.into());
        let asked = self::segment(&asked, window, SegmentKind::Asked, 0, None);
        lanes.chunks.extend(asked);
    }
    if !is_framed {
        for cell in &mut lanes.cells {
            cell.kind = SegmentKind::Payload;
            cell.message = sent.chunks_in(&(cell.at..cell.at + 1)).start;
        }
    }
    lanes
}

pub(super) fn chunk_lane(
    stream: &Stream,
    direction: Direction,
    window: &Range<u64>,
) -> Vec<Segment> {
    let numbers = stream.chunks_in(window);
    numbers
        .filter_map(|number| {
            let item = Some(Item { direction, kind: ItemKind::Chunk(number) });
            segment(&stream.chunk(number)?.range, window, SegmentKind::Chunk, number, item)
        })
        .collect()
}

pub(super) fn message_lane(
    stream: &Stream,
    direction: Direction,
    window: &Range<u64>,
    end: u64,
) -> Vec<Segment> {
    let whole = stream.messages_until(end);
    let visible = stream.messages_in(window);
    let mut lane = Vec::new();
    for number in visible.start..visible.end.min(whole.end) {
        let Some(message) = stream.message(number) else { continue };
        let item = Some(Item { direction, kind: ItemKind::Message(number) });
        lane.extend(segment(&message.header, window, SegmentKind::Header, number, item));
        lane.extend(segment(&message.payload, window, SegmentKind::Payload, number, item));
    }
    let rest = stream.rest(end);
    let (header, payload) = rest.header_and_payload();
    let kinds = match rest {
        Rest::Nothing => return lane,
        // A complete header is shown as a header, even if its payload is not complete.
        Rest::Incomplete { .. } => [SegmentKind::Header, SegmentKind::Incomplete],
        Rest::Broken { .. } => [SegmentKind::BadHeader, SegmentKind::Unread],
    };
    lane.extend(segment(&header, window, kinds[0], whole.end, None));
    lane.extend(segment(&payload, window, kinds[1], whole.end, None));
    lane
}

fn segment(
    whole: &Range<u64>,
    window: &Range<u64>,
    kind: SegmentKind,
    number: usize,
    item: Option<Item>,
) -> Option<Segment> {
    let range = whole.start.max(window.start)..whole.end.min(window.end);
    if range.is_empty() {
        return None;
    }
    let (from_before, goes_on) = (whole.start < range.start, whole.end > range.end);
    Some(Segment { range, kind, number, item, from_before, goes_on })
}

fn cell_lane(stream: &Stream, window: &Range<u64>, messages: &[Segment]) -> Vec<Cell> {
    let mut starts = stream
        .chunks_in(window)
        .filter_map(|number| stream.chunk(number).map(|chunk| chunk.range.start))
        .peekable();
    let mut cells = Vec::with_capacity(stream.bytes(window.clone()).len());
    for segment in messages {
        for at in segment.range.clone() {
            let Some(&byte) = stream.bytes(at..at + 1).first() else { continue };
            while starts.peek().is_some_and(|start| *start < at) {
                starts.next();
            }
            cells.push(Cell {
                at,
                byte,
                kind: segment.kind,
                message: segment.number,
                starts_chunk: starts.peek() == Some(&at),
            });
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use framescope_framing::{DEFAULT_MAX_PAYLOAD, HeaderFormat};

    use super::*;

    fn stream(chunks: &[&[u8]]) -> Stream {
        let mut stream = Stream::new(HeaderFormat::LITTLE_SIGNED, DEFAULT_MAX_PAYLOAD);
        for chunk in chunks {
            stream.push(chunk, 0, 0);
        }
        stream
    }

    fn shapes(segments: &[Segment]) -> Vec<(Range<u64>, SegmentKind, usize)> {
        segments.iter().map(|s| (s.range.clone(), s.kind, s.number)).collect()
    }

    #[test]
    fn chunks_and_messages_share_one_axis() {
        let stream = stream(&[b"\x02\0\0\0h", b"i\x01\0\0\0x\x05\0"]);
        let lanes = lanes(&stream, Direction::Received, &(0..100), stream.end());
        assert_eq!(
            shapes(&lanes.chunks),
            [(0..5, SegmentKind::Chunk, 0), (5..13, SegmentKind::Chunk, 1)]
        );
        assert_eq!(
            shapes(&lanes.messages),
            [
                (0..4, SegmentKind::Header, 0),
                (4..6, SegmentKind::Payload, 0),
                (6..10, SegmentKind::Header, 1),
                (10..11, SegmentKind::Payload, 1),
                (11..13, SegmentKind::Incomplete, 2),
            ]
        );
        let starts: Vec<u64> =
            lanes.cells.iter().filter(|c| c.starts_chunk).map(|c| c.at).collect();
        assert_eq!(starts, [0, 5]);
        assert_eq!(lanes.cells.len(), 13);
    }

    #[test]
    fn a_bad_header_and_the_bytes_after_it_are_two_segments() {
        let stream = stream(&[b"\xff\xff\xff\xffabc"]);
        let lanes = lanes(&stream, Direction::Received, &(0..100), 7);
        assert_eq!(
            shapes(&lanes.messages),
            [(0..4, SegmentKind::BadHeader, 0), (4..7, SegmentKind::Unread, 0)]
        );
    }

    #[test]
    fn a_segment_is_cut_to_the_window_and_marks_both_cuts() {
        let stream = stream(&[b"\x0a\0\0\x000123456789"]);
        let lanes = lanes(&stream, Direction::Received, &(6..9), stream.end());
        assert_eq!(shapes(&lanes.messages), [(6..9, SegmentKind::Payload, 0)]);
        assert!(lanes.messages[0].from_before && lanes.messages[0].goes_on);
        assert_eq!(lanes.cells.iter().map(|c| c.byte).collect::<Vec<_>>(), b"234");
    }

    #[test]
    fn an_earlier_moment_shows_only_the_bytes_up_to_it() {
        let stream = stream(&[b"\x02\0\0", b"\0h", b"i"]);
        let at = |end| lanes(&stream, Direction::Received, &(0..100), end);
        assert_eq!(shapes(&at(3).chunks), [(0..3, SegmentKind::Chunk, 0)]);
        assert_eq!(shapes(&at(3).messages), [(0..3, SegmentKind::Incomplete, 0)]);
        assert_eq!(
            shapes(&at(5).messages),
            [(0..4, SegmentKind::Header, 0), (4..5, SegmentKind::Incomplete, 0)]
        );
    }

    #[test]
    fn sends_chunks_and_waiting_bytes_share_the_axis_of_a_flow() {
        let mut record = Record::new(HeaderFormat::LITTLE_SIGNED, DEFAULT_MAX_PAYLOAD);
        record.push(1, Direction::Sent, b"hello", 5, 0);
        record.push(2, Direction::Sent, b"hello", 5, 0);
        record.push(3, Direction::Received, b"hello h", 7, 0);
        let lanes = |event, is_framed| {
            flow_lanes(&record, &(0..100), &record.moment(event), is_framed, None)
        };
        let waiting = lanes(Some(2), false);
        assert_eq!(
            shapes(&waiting.sends),
            [(0..5, SegmentKind::Send, 0), (5..10, SegmentKind::Send, 1)]
        );
        assert_eq!(shapes(&waiting.chunks), [(0..10, SegmentKind::Waiting, 0)]);
        let sends: Vec<usize> = waiting.cells.iter().map(|cell| cell.message).collect();
        assert_eq!(sends, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1], "bytes have the colour of their send");
        assert!(!waiting.cells.iter().any(|cell| cell.starts_chunk));
        let cut = lanes(None, false);
        assert_eq!(
            shapes(&cut.chunks),
            [(0..7, SegmentKind::Chunk, 0), (7..10, SegmentKind::Waiting, 0)]
        );
        assert_eq!((cut.cells.len(), cut.messages.len()), (10, 0));
        assert_eq!((cut.cells[6].kind, cut.cells[6].message), (SegmentKind::Payload, 1));
        assert_eq!(lanes(None, true).messages[0].kind, SegmentKind::BadHeader);
    }

    #[test]
    fn what_a_recv_asks_for_is_shown_if_nothing_waits_for_it() {
        let mut record = Record::new(HeaderFormat::LITTLE_SIGNED, DEFAULT_MAX_PAYLOAD);
        record.push(1, Direction::Sent, b"hello", 5, 0);
        record.push(2, Direction::Received, b"hello", 7, 0);
        let lanes = |event, window| {
            shapes(&flow_lanes(&record, &window, &record.moment(event), false, Some(7)).chunks)
        };
        assert_eq!(lanes(Some(1), 0..100), [(0..5, SegmentKind::Waiting, 0)]);
        assert_eq!(
            lanes(None, 0..10),
            [(0..5, SegmentKind::Chunk, 0), (5..10, SegmentKind::Asked, 0)]
        );
    }
}
