//! What is drawn of a connection: the newest sends, chunks and messages.

use std::ops::Range;

use framescope_framing::DecodeError;
use framescope_record::{Direction, Moment, Provenance, Record, Rest, Stream};

use super::echo::echoes;
use crate::screen::drawing::Fill;
use crate::screen::fills::{self, Piece, by_turns};
use crate::screen::lanes::message_lane;

/// A send.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Send {
    /// Its number, from 0.
    pub(super) number: usize,
    /// Its bytes, as offsets of what was sent.
    pub(super) range: Range<u64>,
    /// The received bytes that are its own. `None` if others came.
    pub(super) echo: Option<Range<u64>>,
    /// The fill of its payload.
    pub(super) fill: Fill,
}

/// Received bytes that are one message, or none.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Block {
    /// The bytes that have arrived.
    pub(super) range: Range<u64>,
    /// What they are.
    pub(super) kind: BlockKind,
}

/// What received bytes are.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum BlockKind {
    /// The message with this number, from 0.
    Message(usize),
    /// The beginning of a message. The length in its header, if that is complete, and the number of bytes that are
    /// missing.
    Incomplete(Option<usize>, usize),
    /// A bad header.
    Broken(DecodeError),
    /// What comes after a bad header.
    Unread,
    /// A stream without headers.
    Unframed,
}

/// What is drawn.
pub(super) struct Scene<'a> {
    pub(super) record: &'a Record,
    /// The received bytes that are drawn.
    pub(super) window: Range<u64>,
    pub(super) sends: Vec<Send>,
    /// The numbers of the chunks.
    pub(super) chunks: Range<usize>,
    pub(super) blocks: Vec<Block>,
    /// Whether `recv()` has returned `b''`.
    pub(super) has_ended: bool,
    /// The number of all sends, bytes, chunks and messages so far.
    pub(super) all_sends: usize,
    pub(super) all_messages: usize,
    pieces: Vec<Piece>,
}

impl<'a> Scene<'a> {
    /// At most `rows` sends and messages, and at most `most_chunks` chunks.
    pub(super) fn new(
        record: &'a Record,
        moment: &Moment,
        rows: usize,
        most_chunks: usize,
    ) -> Self {
        let received = record.stream(Direction::Received);
        let end = moment.end(Direction::Received);
        let all_chunks = received.chunk_numbers().start..moment.chunks(Direction::Received);
        let oldest = all_chunks.end.saturating_sub(most_chunks).max(all_chunks.start);
        let by_chunks = received.chunk(oldest).map_or(end, |chunk| chunk.range.start);
        let mut blocks = blocks(received, end, rows);
        let by_blocks = blocks.first().map_or(by_chunks, |block| block.range.start);
        let start = by_chunks.max(by_blocks).max(received.start()).min(end);
        let window = start..end;
        blocks.retain(|block| block.range.end > start || block.range.is_empty());
        let chunks = received.chunks_in(&window);
        let pieces = pieces(received, &window);
        let sends = sends(record, moment, &window, rows);
        Self {
            record,
            window,
            sends,
            chunks,
            blocks,
            has_ended: moment.has_ended(),
            all_sends: moment.chunks(Direction::Sent),
            all_messages: received.messages_until(end).end,
            pieces,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sends.is_empty() && self.window.is_empty() && !self.has_ended
    }

    pub(super) fn received(&self) -> &'a Stream {
        self.record.stream(Direction::Received)
    }

    pub(super) fn sent(&self) -> &'a Stream {
        self.record.stream(Direction::Sent)
    }

    pub(super) fn is_framed(&self) -> bool {
        self.received().is_framed()
    }

    /// The pieces of these received bytes. In a stream without headers they have the fills of the sends that came back.
    pub(super) fn pieces(&self, range: &Range<u64>) -> Vec<Piece> {
        let cut = |piece: &Piece| {
            let (start, end) = (piece.range.start.max(range.start), piece.range.end.min(range.end));
            (start < end).then_some(Piece { range: start..end, fill: piece.fill })
        };
        if self.is_framed() {
            return self.pieces.iter().filter_map(cut).collect();
        }
        let mut pieces = Vec::new();
        let mut at = range.start;
        let echoes = self.sends.iter().filter_map(|send| Some((send.echo.clone()?, send.fill)));
        for (echo, fill) in echoes {
            let Some(piece) = cut(&Piece { range: echo, fill }) else { continue };
            if piece.range.start > at {
                pieces.push(Piece { range: at..piece.range.start, fill: Fill::Plain });
            }
            at = piece.range.end;
            pieces.push(piece);
        }
        if at < range.end {
            pieces.push(Piece { range: at..range.end, fill: Fill::Plain });
        }
        pieces
    }

    /// Whether the stream has ended inside of a message.
    pub(super) fn is_truncated(&self) -> bool {
        let is_incomplete = |block: &Block| matches!(block.kind, BlockKind::Incomplete(..));
        self.has_ended && self.blocks.iter().any(is_incomplete)
    }

    /// The part of a chunk that is drawn.
    pub(super) fn chunk(&self, number: usize) -> Range<u64> {
        let range = self.received().chunk(number).map_or(0..0, |chunk| chunk.range.clone());
        range.start.max(self.window.start)..range.end.min(self.window.end)
    }

    /// The received bytes that are highlighted, and the sent ones.
    pub(super) fn lit(&self, highlight: Option<&Provenance>) -> [Option<Range<u64>>; 2] {
        let Some(highlight) = highlight else { return [None, None] };
        let bytes = &highlight.bytes;
        let shifted = |from: &Range<u64>, to: &Range<u64>| {
            let (start, end) = (bytes.start.max(from.start), bytes.end.min(from.end));
            let by = |at: u64| to.start + (at - from.start);
            (start < end).then(|| by(start)..by(end))
        };
        let pairs = self.sends.iter().filter_map(|send| Some((&send.range, send.echo.as_ref()?)));
        let others = pairs.filter_map(|(sent, echo)| match highlight.direction {
            Direction::Received => shifted(echo, sent),
            Direction::Sent => shifted(sent, echo),
        });
        let other = others.reduce(|one, next| one.start.min(next.start)..one.end.max(next.end));
        match highlight.direction {
            Direction::Received => [Some(bytes.clone()), other],
            Direction::Sent => [other, Some(bytes.clone())],
        }
    }
}

/// The newest messages, and what comes after them.
fn blocks(stream: &Stream, end: u64, rows: usize) -> Vec<Block> {
    if !stream.is_framed() {
        let range = stream.start()..end;
        let kind = BlockKind::Unframed;
        return (!range.is_empty()).then_some(Block { range, kind }).into_iter().collect();
    }
    let rest = stream.rest(end);
    let (header, payload) = rest.header_and_payload();
    let last = match rest {
        Rest::Nothing => Vec::new(),
        Rest::Incomplete { range, declared, missing } => {
            vec![Block { range, kind: BlockKind::Incomplete(declared, missing) }]
        }
        Rest::Broken { error, .. } => {
            let unread = Block { range: payload, kind: BlockKind::Unread };
            let mut last = vec![Block { range: header, kind: BlockKind::Broken(error) }];
            last.extend((!unread.range.is_empty()).then_some(unread));
            last
        }
    };
    let whole = stream.messages_until(end);
    let oldest = whole.end.saturating_sub(rows.saturating_sub(last.len())).max(whole.start);
    let messages = (oldest..whole.end).filter_map(|number| {
        let range = stream.message(number)?.range();
        Some(Block { range, kind: BlockKind::Message(number) })
    });
    messages.chain(last).collect()
}

/// The parts of headers and messages. What comes after a bad header is no error: nobody knows what it is.
fn pieces(stream: &Stream, window: &Range<u64>) -> Vec<Piece> {
    let lane = message_lane(stream, Direction::Received, window, window.end);
    let mut pieces = fills::pieces(&lane);
    if let Rest::Broken { error, .. } = stream.rest(window.end) {
        for piece in pieces.iter_mut().filter(|piece| piece.range.start > error.offset()) {
            piece.fill = Fill::Incomplete;
        }
    }
    pieces
}

/// The newest sends, without those whose answers are not drawn any more.
fn sends(record: &Record, moment: &Moment, window: &Range<u64>, rows: usize) -> Vec<Send> {
    let (sent, received) = (record.stream(Direction::Sent), record.stream(Direction::Received));
    let echoes = echoes(record, moment);
    let newest = echoes.len().saturating_sub(rows);
    let sends = echoes.into_iter().skip(newest).filter_map(|(number, echo)| {
        let range = sent.chunk(number)?.range.clone();
        let is_gone = echo.as_ref().is_some_and(|echo| {
            echo.end - echo.start == range.end - range.start && echo.end <= window.start
        });
        // What came back has the fill of its message.
        let message = echo.as_ref().filter(|echo| !echo.is_empty() && received.is_framed());
        let message = message.map(|echo| received.messages_in(echo).start);
        let fill = by_turns(message.unwrap_or(number));
        (!is_gone || window.is_empty()).then_some(Send { number, range, echo, fill })
    });
    sends.collect()
}
