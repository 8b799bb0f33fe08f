//! The panel with sentences about the highlighted item, and the line about the leftover bytes.

use std::ops::Range;

use framescope_page::state::{State, Tab};
use framescope_page::text::bytes::{glyph, hex, python_repr, text_or_repr};
use framescope_page::text::{Locale, Notation};
use framescope_record::{Direction, Item, ItemKind, Provenance, Rest};
use web_sys::{Element, HtmlElement};

use super::dom::{set_attribute, set_hidden, set_text};
use crate::browser::element;

/// The number of bytes that are shown in full.
const SHOWN: usize = 2000;

pub(super) struct Detail {
    text: Element,
    bytes: HtmlElement,
    leftover: HtmlElement,
    start_again: HtmlElement,
    forgotten: HtmlElement,
    sent_note: Element,
}

impl Detail {
    pub(super) fn new() -> Self {
        Self {
            text: element("detail-text"),
            bytes: element("detail-bytes"),
            leftover: element("leftover"),
            start_again: element("start-again"),
            forgotten: element("forgotten"),
            sent_note: element("sent-note"),
        }
    }

    pub(super) fn render(&self, state: &State, highlight: Option<&Provenance>) {
        self.render_leftover(state);
        let moment = state.moment();
        let (sends, bytes) = (moment.chunks(Direction::Sent), moment.end(Direction::Sent));
        let note = state.locale.fill("sent-note", &[("sends", &sends), ("bytes", &bytes)]);
        set_text(&self.sent_note, &note);
        let item = state.pointed.filter(|item| state.provenance(Some(*item)).is_some());
        let Some((item, highlight)) = item.or(state.selected).zip(highlight) else {
            set_text(&self.text, state.locale.text("detail-hint"));
            set_hidden(&self.bytes, true);
            return;
        };
        set_text(&self.text, &sentence(state, item, highlight));
        let bytes = content(state, item, highlight);
        set_hidden(&self.bytes, bytes.is_none());
        set_text(&self.bytes, &bytes.unwrap_or_default());
    }

    fn render_leftover(&self, state: &State) {
        let Some(record) = state.record() else { return };
        let moment = state.moment();
        let locale = &state.locale;
        set_hidden(&self.leftover, state.tab == Tab::Lab && state.lab.header().is_none());
        let mut can_reconnect = false;
        let (text, kind) =
            match record.stream(Direction::Received).rest(moment.end(Direction::Received)) {
                Rest::Nothing => (String::new(), "nothing"),
                Rest::Incomplete { range, declared, missing } => {
                    let part = match declared {
                        None => locale.text("part-header"),
                        Some(_) => locale.text("part-message"),
                    };
                    let have = range.end - range.start;
                    let values: [(&str, &dyn std::fmt::Display); 3] =
                        [("have", &have), ("missing", &missing), ("part", &part)];
                    if record.is_truncated(&moment) {
                        (locale.fill("leftover-truncated", &values), "error")
                    } else {
                        (locale.fill("leftover", &values), "incomplete")
                    }
                }
                Rest::Broken { error, .. } => {
                    let error = locale.decode_error(&error);
                    can_reconnect = state.tab == Tab::Live && !state.shows_recording();
                    let text = if can_reconnect {
                        locale.fill("leftover-broken", &[("error", &error)])
                    } else {
                        locale.fill("leftover-broken-over", &[("error", &error)])
                    };
                    (text, "error")
                }
            };
        set_hidden(&self.start_again, !can_reconnect);
        set_text(&self.leftover, &text);
        set_attribute(&self.leftover, "data-kind", Some(kind));
        let start = record.stream(Direction::Received).start();
        set_hidden(&self.forgotten, start == 0);
        set_text(&self.forgotten, &locale.fill("forgotten", &[("bytes", &start)]));
    }
}

fn sentence(state: &State, item: Item, highlight: &Provenance) -> String {
    let locale = &state.locale;
    let sent = item.direction == Direction::Sent;
    let from = highlight.bytes.start;
    let to = highlight.bytes.end.saturating_sub(1);
    let length = highlight.bytes.end - highlight.bytes.start;
    let what = match item.kind {
        ItemKind::Byte(at) => {
            let stream = state.record().map(|record| record.stream(item.direction));
            let byte = stream.and_then(|stream| stream.bytes(at..at + 1).first().copied());
            let byte = byte.unwrap_or_default();
            let glyph = glyph(byte, Notation::Python);
            locale.fill("detail-byte", &[("at", &at), ("value", &byte), ("glyph", &glyph)])
        }
        ItemKind::Chunk(number) => {
            let number = number + 1;
            let values: [(&str, &dyn std::fmt::Display); 4] =
                [("number", &number), ("from", &from), ("to", &to), ("length", &length)];
            if sent {
                locale.fill("detail-send", &values)
            } else {
                locale.fill("detail-chunk", &values)
            }
        }
        ItemKind::Message(number) => {
            let number = number + 1;
            locale.fill("detail-message", &[("number", &number), ("from", &from), ("to", &to)])
        }
    };
    let mut sentences = vec![what];
    match state.tab {
        Tab::Live => {
            if !matches!(item.kind, ItemKind::Chunk(_)) {
                sentences.push(in_chunks(locale, &highlight.chunks, sent));
            }
            if !matches!(item.kind, ItemKind::Message(_)) {
                sentences.push(in_messages(locale, &highlight.messages));
            }
        }
        Tab::Lab => sentences.extend(both_ends(state, item, &highlight.bytes)),
    }
    sentences.join(" ")
}

/// The sentences for an item in the lab, where both ends are known: the sends and the chunks of its
/// bytes, and its messages if the flow is framed.
fn both_ends(state: &State, item: Item, bytes: &Range<u64>) -> Vec<String> {
    let Some(record) = state.record() else { return Vec::new() };
    let locale = &state.locale;
    let moment = state.moment();
    let (is_send, is_chunk) = match item.kind {
        ItemKind::Chunk(_) => {
            (item.direction == Direction::Sent, item.direction == Direction::Received)
        }
        ItemKind::Byte(_) | ItemKind::Message(_) => (false, false),
    };
    let mut sentences = Vec::new();
    let sends = record.stream(Direction::Sent).chunks_in(bytes);
    if !is_send && !sends.is_empty() {
        let first = sends.start + 1;
        sentences.push(match sends.len() {
            1 => locale.fill("detail-sent-in", &[("first", &first)]),
            _ => locale.fill("detail-sent-in-many", &[("first", &first), ("last", &sends.end)]),
        });
    }
    let received = bytes.start..bytes.end.min(moment.end(Direction::Received));
    if received.is_empty() {
        sentences.push(locale.text("detail-waits").to_owned());
        return sentences;
    }
    let stream = record.stream(Direction::Received);
    if !is_chunk {
        sentences.push(in_chunks(locale, &stream.chunks_in(&received), false));
    }
    if state.lab.header().is_some() && !matches!(item.kind, ItemKind::Message(_)) {
        let whole = stream.messages_until(moment.end(Direction::Received)).end;
        let messages = stream.messages_in(&received);
        let messages = messages.start.min(whole)..messages.end.min(whole);
        sentences.push(in_messages(locale, &messages));
    }
    sentences
}

fn in_chunks(locale: &Locale, chunks: &Range<usize>, sent: bool) -> String {
    let first = chunks.start + 1;
    match (chunks.len(), sent) {
        (0 | 1, false) => locale.fill("detail-in-chunk", &[("first", &first)]),
        (0 | 1, true) => locale.fill("detail-in-send", &[("first", &first)]),
        (_, false) => locale.fill("detail-in-chunks", &[("first", &first), ("last", &chunks.end)]),
        (_, true) => locale.fill("detail-in-sends", &[("first", &first), ("last", &chunks.end)]),
    }
}

fn in_messages(locale: &Locale, messages: &Range<usize>) -> String {
    let first = messages.start + 1;
    match messages.len() {
        0 => locale.text("detail-in-none").to_owned(),
        1 => locale.fill("detail-in-message", &[("first", &first)]),
        _ => locale.fill("detail-in-messages", &[("first", &first), ("last", &messages.end)]),
    }
}

/// The bytes of an item as text: the payload of a message, or all bytes of a chunk.
fn content(state: &State, item: Item, highlight: &Provenance) -> Option<String> {
    let stream = state.record()?.stream(item.direction);
    match item.kind {
        ItemKind::Byte(_) => None,
        ItemKind::Chunk(_) => {
            let bytes = stream.bytes(highlight.bytes.clone());
            Some(match state.preferences.notation {
                Notation::Python => python_repr(bytes, SHOWN),
                Notation::Hex => hex(bytes, SHOWN),
            })
        }
        ItemKind::Message(number) => {
            let payload = stream.bytes(stream.message(number)?.payload.clone());
            Some(match (std::str::from_utf8(payload), state.preferences.notation) {
                (Ok(text), Notation::Python) if payload.len() <= SHOWN => text.to_owned(),
                (_, Notation::Python) => text_or_repr(payload, SHOWN),
                (_, Notation::Hex) => hex(payload, SHOWN),
            })
        }
    }
}
