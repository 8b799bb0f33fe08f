//! The picture of every connection: in several sizes, framings and languages.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks at some shapes")]

use std::collections::BTreeMap;

use framescope_framing::{DEFAULT_MAX_PAYLOAD, HeaderFormat, encode};
use framescope_protocol::ReadOptions;
use framescope_record::{Direction, Item, ItemKind, Record, Source};
use proptest::prelude::*;

use super::*;
use crate::screen::drawing::{Band, Figure, Fill, Shape};
use crate::state::{Connection, Link, Preferences, Theme};
use crate::text::fit::text_width;
use crate::text::{Language, Locale, Notation};

const PREFERENCES: Preferences = Preferences {
    theme: Theme::Light,
    projector: false,
    notation: Notation::Python,
    shortcuts: true,
};

/// A laptop's window, a projector, a whole screen, a phone, and a window that is as narrow as can be.
const SIZES: [Canvas; 5] = [
    Canvas { width: 1326.0, height: 430.0, unit: 1.0 },
    Canvas { width: 904.0, height: 270.0, unit: 1.0 },
    Canvas { width: 1800.0, height: 800.0, unit: 1.0 },
    Canvas { width: 366.0, height: 404.0, unit: 1.0 },
    Canvas { width: 300.0, height: 100.0, unit: 1.0 },
];

/// Something that happens on a connection.
#[derive(Clone, Debug)]
enum Happens {
    Sends(Vec<u8>),
    Receives(Vec<u8>),
    Ends,
}

fn page(language: Language, is_framed: bool, events: &[Happens]) -> State {
    let json = match language {
        Language::English => include_str!("../../../../www/locales/en.json"),
        Language::Chinese => include_str!("../../../../www/locales/zh-CN.json"),
    };
    let texts: BTreeMap<String, String> = serde_json::from_str(json).expect("it is JSON");
    let locale = Locale::new(language, texts.into_iter().collect());
    let mut state = State::new(locale, PREFERENCES, Link::default());
    let record = if is_framed {
        Record::new(HeaderFormat::LITTLE_SIGNED, DEFAULT_MAX_PAYLOAD)
    } else {
        Record::unframed()
    };
    let mut connection =
        Connection::new(1, "demo".to_owned(), Source::Measured, ReadOptions::PAGE_DEFAULT, record);
    let record = &mut connection.record;
    for (event, number) in events.iter().zip(1_usize..) {
        let at = 500 * number as u64;
        match event {
            Happens::Sends(bytes) => record.push(number, Direction::Sent, bytes, 9, at),
            Happens::Receives(bytes) => record.push(number, Direction::Received, bytes, 1024, at),
            Happens::Ends => record.end(number),
        }
    }
    state.connections.push(connection);
    state.shown = 1;
    state
}

fn framed(text: &str) -> Vec<u8> {
    let mut wire = Vec::new();
    encode(HeaderFormat::LITTLE_SIGNED, text.as_bytes(), &mut wire).expect("it is short");
    wire
}

/// Three `hello`, which come back as chunks of these lengths.
fn three_hello(is_framed: bool, lengths: &[usize]) -> Vec<Happens> {
    let one = if is_framed { framed("hello") } else { b"hello".to_vec() };
    let mut events = vec![Happens::Sends(one.clone()); 3];
    let mut all = &one.repeat(3)[..];
    for length in lengths {
        let (chunk, rest) = all.split_at(*length);
        events.push(Happens::Receives(chunk.to_vec()));
        all = rest;
    }
    events
}

fn texts(drawing: &Drawing) -> Vec<&str> {
    let texts = drawing.shapes.iter().filter_map(|shape| match &shape.figure {
        Figure::Text(_, _, text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

/// A rectangle: left, top, right, bottom.
type Area = (f32, f32, f32, f32);

fn area_of_text(shape: &Shape) -> Option<(Area, &str)> {
    let Figure::Text(at, anchor, text) = &shape.figure else { return None };
    let size = shape.style.text_size();
    let width = text_width(text, size);
    let left = match anchor {
        Anchor::Start => at.x,
        Anchor::Middle => at.x - width / 2.0,
        Anchor::End => at.x - width,
    };
    let half = size * 0.42;
    Some(((left, at.y - half, left + width, at.y + half), text))
}

fn check(drawing: &Drawing, name: &str) {
    let texts: Vec<(Area, &str)> = drawing.shapes.iter().filter_map(area_of_text).collect();
    for (index, (area, text)) in texts.iter().enumerate() {
        for (other, other_text) in &texts[index + 1..] {
            let apart =
                area.0 >= other.2 || other.0 >= area.2 || area.1 >= other.3 || other.1 >= area.3;
            assert!(apart, "{name}: “{text}” and “{other_text}” overlap: {area:?} {other:?}");
        }
        let is_inside = area.0 >= -0.5
            && area.2 <= drawing.width + 0.5
            && area.1 >= 0.0
            && area.3 <= drawing.height;
        assert!(is_inside, "{name}: “{text}” leaves the picture: {area:?}");
    }
    for shape in &drawing.shapes {
        let (top, bottom) = match shape.figure {
            Figure::Rect(at, _, height) => (at.y, at.y + height),
            Figure::Band(band) => {
                assert!(band.from_height >= -0.01 && band.to_height >= -0.01, "{name}: {band:?}");
                assert!(band.from.x < band.to.x, "{name}: a ribbon goes to the right");
                (
                    band.from.y.min(band.to.y),
                    (band.from.y + band.from_height).max(band.to.y + band.to_height),
                )
            }
            Figure::Line(from, to) | Figure::Arrow(from, to) => {
                (from.y.min(to.y), from.y.max(to.y))
            }
            Figure::Text(..) => continue,
        };
        assert!(top >= 0.0 && bottom <= drawing.height + 0.5, "{name}: {shape:?}");
    }
}

#[test]
fn three_messages_in_one_chunk_are_joined_to_three_messages() {
    let state = page(Language::English, true, &three_hello(true, &[24, 3]));
    let drawing = draw(&state, SIZES[0]);
    check(&drawing, "three hello");
    let texts = texts(&drawing);
    for text in ["1 · recv(1024) → 24 B · 2.000 ms", "2 messages", "and 6 bytes", "message 3"] {
        assert!(texts.contains(&text), "{text}: {texts:?}");
    }
    for (text, times) in [("hello", 8), ("length 5", 3), ("he", 1), ("llo", 1)] {
        let found = texts.iter().filter(|found| **found == text).count();
        assert_eq!(found, times, "{text}: {texts:?}");
    }
    // The last message comes out of two chunks.
    assert!(texts.contains(&"chunks 1–2"), "{texts:?}");
}

#[test]
fn a_ribbon_ends_where_its_bytes_are() {
    let state = page(Language::English, true, &three_hello(true, &[24, 3]));
    let drawing = draw(&state, SIZES[0]);
    let bands: Vec<&Band> = drawing
        .shapes
        .iter()
        .filter_map(|shape| match &shape.figure {
            Figure::Band(band) => Some(band),
            _ => None,
        })
        .collect();
    // Six parts of the sends, seven parts of chunks, seven parts of messages.
    assert_eq!(bands.len(), 6 + 7 + 7);
    // What is to scale has the same height at both ends.
    for band in bands {
        assert!((band.from_height - band.to_height).abs() < 0.5, "{band:?}");
    }
}

#[test]
fn without_a_header_the_bytes_are_those_of_their_sends_and_nobody_can_cut_them() {
    let state = page(Language::English, false, &three_hello(false, &[15]));
    let drawing = draw(&state, SIZES[0]);
    check(&drawing, "three hello");
    let texts = texts(&drawing);
    for text in ["15 bytes", "where does a", "message end?", "?"] {
        assert!(texts.contains(&text), "{text}: {texts:?}");
    }
    assert!(!texts.contains(&"message 1"), "{texts:?}");
    let fills = drawing.shapes.iter().filter_map(|shape| match (&shape.figure, shape.style) {
        (Figure::Rect(..), Style::Bytes(fill)) => Some(fill),
        _ => None,
    });
    let fills: Vec<Fill> = fills.collect();
    let turns = [Fill::Payload, Fill::Neighbour, Fill::Payload];
    assert_eq!(fills, [&turns[..], &turns[..], &[Fill::Incomplete]].concat());
}

#[test]
fn what_came_unasked_has_the_colour_of_no_send() {
    let events = [Happens::Receives(b"welcome".to_vec())];
    let drawing = draw(&page(Language::English, false, &events), SIZES[0]);
    let is_plain = |shape: &&Shape| shape.style == Style::Bytes(Fill::Plain);
    assert_eq!(drawing.shapes.iter().filter(is_plain).count(), 1);
}

#[test]
fn a_bad_header_ends_the_messages_and_a_message_without_bytes_is_empty() {
    let many = |text: &str| Happens::Receives(framed(text));
    let mut events = vec![many(""), many("a"), many("b"), many("c"), many("d"), many("e")];
    events.push(Happens::Receives(b"\xff\xff\xff\xffafter all".to_vec()));
    events.push(Happens::Ends);
    let drawing = draw(&page(Language::English, true, &events), SIZES[2]);
    check(&drawing, "a bad header");
    let texts = texts(&drawing);
    for text in ["empty", "✕ ff ff ff ff = -1", "cannot be read", "end of stream"] {
        assert!(texts.contains(&text), "{text}: {texts:?}");
    }
}

#[test]
fn what_is_pointed_at_is_lit_from_the_send_to_the_message() {
    let mut state = page(Language::English, true, &three_hello(true, &[24, 3]));
    for (item, lit_sends) in [
        (Item { direction: Direction::Received, kind: ItemKind::Message(2) }, 1),
        (Item { direction: Direction::Received, kind: ItemKind::Chunk(0) }, 3),
        (Item { direction: Direction::Sent, kind: ItemKind::Chunk(1) }, 1),
    ] {
        state.pointed = Some(item);
        let drawing = draw(&state, SIZES[0]);
        let lit: Vec<Item> = drawing
            .shapes
            .iter()
            .filter(|shape| shape.about.is_lit && matches!(shape.style, Style::Bytes(_)))
            .filter_map(|shape| shape.about.item)
            .collect();
        let mut sends: Vec<Item> =
            lit.iter().copied().filter(|item| item.direction == Direction::Sent).collect();
        sends.dedup();
        assert_eq!(sends.len(), lit_sends, "{item:?}: {lit:?}");
        let is_message = |item: &Item| matches!(item.kind, ItemKind::Message(_));
        assert!(lit.iter().any(is_message), "{item:?}: {lit:?}");
    }
}

#[test]
fn a_hundred_thousand_chunks_are_a_picture_of_the_newest() {
    let mut events = Vec::new();
    let big = framed(&"x".repeat(100_000));
    events.extend(big.chunks(1).map(|byte| Happens::Receives(byte.to_vec())));
    let state = page(Language::English, true, &events);
    for canvas in SIZES {
        let drawing = draw(&state, canvas);
        check(&drawing, "many chunks");
        assert!(drawing.shapes.len() < 1200, "{}", drawing.shapes.len());
    }
}

fn happens() -> impl Strategy<Value = Happens> {
    let text = prop_oneof![
        Just("hello".to_owned()),
        Just("你好".to_owned()),
        Just(String::new()),
        Just("/burst 3 hi".to_owned()),
        "[a-z]{1,60}",
    ];
    let bytes = prop_oneof![
        4 => text.clone().prop_map(|text| framed(&text)),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
    ];
    prop_oneof![
        2 => text.prop_map(|text| Happens::Sends(framed(&text))),
        6 => bytes.prop_map(Happens::Receives),
        1 => Just(Happens::Receives(b"\xff\xff\xff\xffx".to_vec())),
    ]
}

proptest! {
    #[test]
    fn no_label_overlaps_and_all_is_inside_whatever_happens(
        events in proptest::collection::vec(happens(), 0..40),
        cut in 1_usize..30,
        is_framed: bool,
        has_ended: bool,
        is_chinese: bool,
        cursor in proptest::option::of(0_usize..60),
    ) {
        let mut all: Vec<Happens> = Vec::new();
        for event in events {
            match event {
                Happens::Receives(bytes) => all.extend(
                    bytes.chunks(cut).map(|chunk| Happens::Receives(chunk.to_vec())),
                ),
                other => all.push(other),
            }
        }
        if has_ended {
            all.push(Happens::Ends);
        }
        let language = if is_chinese { Language::Chinese } else { Language::English };
        let mut state = page(language, is_framed, &all);
        state.cursor = cursor;
        for canvas in SIZES {
            check(&draw(&state, canvas), &format!("{canvas:?}"));
        }
    }
}
