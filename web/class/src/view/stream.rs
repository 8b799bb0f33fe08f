//! The stream of a question, and the cuts of its choices.

use framescope_browser::dom::{child, set_attribute, set_hidden, set_length, set_text};
use framescope_browser::element;
use framescope_class_page::screen::{Cut, Stream};
use web_sys::{Element, HtmlElement};

use super::list::fill;

/// The bytes that the programs send, each send in its colour.
pub(super) fn show_stream(stream: Option<&Stream>) {
    let place: HtmlElement = element("stream");
    set_hidden(&place, stream.is_none());
    let (sends, asks) = stream.map_or((&[][..], ""), |stream| (&stream.sends[..], &*stream.asks));
    fill(&element("sends"), "send-template", sends, |send, (bytes, name), at| {
        set_colour(send, at);
        set_length(send, "flex-grow", &bytes.len().to_string());
        set_text(&child(send, ".send-name"), name);
        let bytes: Vec<char> = bytes.chars().collect();
        fill(&child(send, ".bytes"), "part-template", &bytes, |cell, byte, _| {
            set_text(cell, &byte.to_string());
        });
    });
    let line: HtmlElement = element("recv-asks");
    set_hidden(&line, asks.is_empty());
    set_text(&child(&line, "span"), asks);
}

/// Where a choice says that the stream is cut.
pub(super) fn show_cut(ways: &Element, cut: Option<&Cut>) {
    set_attribute(ways, "data-open", cut.filter(|cut| cut.is_open).map(|_| ""));
    let shown = cut.map_or(&[][..], |cut| &cut.ways);
    fill(ways, "way-template", shown, |way, pieces, _| {
        fill(way, "piece-template", pieces, |piece, shown, _| {
            let length: usize = shown.parts.iter().map(|(_, length)| length).sum();
            set_length(piece, "flex-grow", &length.to_string());
            set_attribute(piece, "data-left", shown.is_left.then_some(""));
            fill(piece, "part-template", &shown.parts, |part, (send, length), _| {
                set_colour(part, *send);
                set_length(part, "flex-grow", &length.to_string());
            });
        });
    });
}

fn set_colour(part: &Element, send: usize) {
    set_attribute(part, "data-odd", (send % 2 == 1).then_some(""));
}
