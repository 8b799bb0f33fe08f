//! The picture of every lesson at every moment, in several sizes.

mod labels;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use framescope_lab::{EventKind, Fate, FileReports, Flags, Reader, SavedFile, Trace};
use framescope_syscall::Returned;

use super::*;
use crate::msg::{LabMsg, Msg};
use crate::screen::drawing::{Anchor, Figure, Shape, Style, decimal, write_shapes};
use crate::state::{Link, Preferences, State, Tab, Theme};
use crate::text::fit::text_width;
use crate::text::{Language, Locale, Notation};
use crate::update;

const PREFERENCES: Preferences = Preferences {
    theme: Theme::Light,
    projector: false,
    notation: Notation::Python,
    shortcuts: true,
};

/// A laptop's window, a whole screen, a phone, and a window that is as narrow as can be.
const SIZES: [Canvas; 4] = [
    Canvas { width: 800.0, height: 330.0, unit: 1.0 },
    Canvas { width: 1000.0, height: 620.0, unit: 1.0 },
    Canvas { width: 366.0, height: 404.0, unit: 1.0 },
    Canvas { width: 320.0, height: 180.0, unit: 1.0 },
];

/// The recorded traces of all lessons, by the names of their folders.
fn recorded() -> Vec<(String, Trace)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lab/lessons");
    let entries = fs::read_dir(folder).expect("the lessons are there");
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.sort();
    let traces = paths.into_iter().filter_map(|path| {
        let json = fs::read_to_string(path.join("recorded.json")).ok()?;
        let name = path.file_name()?.to_string_lossy().into_owned();
        Some((name, Trace::from_json(&json).expect("a recorded trace is one")))
    });
    traces.collect()
}

fn page(language: Language, trace: Trace) -> State {
    let json = match language {
        Language::English => include_str!("../../../../www/locales/en.json"),
        Language::Chinese => include_str!("../../../../www/locales/zh-CN.json"),
    };
    let texts: BTreeMap<String, String> = serde_json::from_str(json).expect("it is JSON");
    let locale = Locale::new(language, texts.into_iter().collect());
    let mut state = State::new(locale, PREFERENCES, Link::default());
    update(&mut state, Msg::FileChosen(Tab::Lab, "a.json".to_owned()), 0.0);
    for report in FileReports::new(Ok(SavedFile::Trace(trace))) {
        update(&mut state, Msg::FileReported(1, report), 0.0);
    }
    state
}

/// A rectangle: left, top, right, bottom.
type Area = (f32, f32, f32, f32);

fn area_of_text(shape: &Shape) -> Option<(Area, &str)> {
    let Figure::Text(at, anchor, text) = &shape.figure else { return None };
    let width = text_width(text, shape.style.text_size());
    let left = match anchor {
        Anchor::Start => at.x,
        Anchor::Middle => at.x - width / 2.0,
        Anchor::End => at.x - width,
    };
    let half = shape.style.text_size() * 0.55;
    Some(((left, at.y - half, left + width, at.y + half), text))
}

const fn overlap(one: Area, other: Area) -> bool {
    one.0 < other.2 && other.0 < one.2 && one.1 < other.3 && other.1 < one.3
}

fn check(picture: &Drawing, columns: &Columns, name: &str) {
    let texts: Vec<(Area, &str)> = picture.shapes.iter().filter_map(area_of_text).collect();
    for (index, (area, text)) in texts.iter().enumerate() {
        for (other, other_text) in &texts[index + 1..] {
            assert!(
                !overlap(*area, *other),
                "{name}: “{text}” and “{other_text}” overlap: {area:?} {other:?}"
            );
        }
        let is_inside = area.0 >= -0.5 && area.2 <= picture.width + 0.5;
        assert!(is_inside, "{name}: “{text}” leaves the picture: {area:?}");
        assert!(area.1 >= 0.0 && area.3 <= picture.height, "{name}: “{text}” leaves the picture");
    }
    for shape in &picture.shapes {
        match (&shape.figure, shape.style) {
            (Figure::Line(from, to), Style::Lifeline | Style::Edge) => {
                let is_straight =
                    from.x.to_bits() == to.x.to_bits() || from.y.to_bits() == to.y.to_bits();
                assert!(is_straight, "{name}: a lifeline is one straight line");
            }
            (Figure::Arrow(from, to), _) => {
                assert!(to.y >= from.y + 14.9, "{name}: an arrow goes down");
                let ends = [columns.wire.from.to_bits(), columns.wire.to.to_bits()];
                assert!(
                    ends.contains(&from.x.to_bits()) && ends.contains(&to.x.to_bits()),
                    "{name}: an arrow goes from kernel to kernel"
                );
            }
            _ => {}
        }
        if let Figure::Rect(at, width, height) = shape.figure {
            let is_inside = at.x >= -0.5 && at.x + width <= picture.width + 0.5 && at.y >= 0.0;
            assert!(
                is_inside && height >= 0.0 && at.y + height <= picture.height + 0.5,
                "{name}: {shape:?}"
            );
        }
    }
}

#[test]
fn at_every_moment_of_every_lesson_no_label_overlaps_and_all_is_in_its_place() {
    let recorded = recorded();
    assert!(recorded.len() > 40, "there are {} traces", recorded.len());
    for (name, trace) in recorded {
        for language in [Language::English, Language::Chinese] {
            let mut state = page(language, trace.clone());
            let last = state.lab.shown_timeline().moments().len() - 1;
            // Of a long run, some moments.
            for moment in (0..=last).step_by(1 + last / 5).chain([last]) {
                state.cursor = Some(moment);
                for canvas in SIZES {
                    let picture = draw(&state, canvas);
                    let of = format!("{name} at {moment}, {} wide, {language:?}", canvas.width);
                    check(&picture.drawing, &Columns::new(canvas.width), &of);
                    let is_high = picture.drawing.height > canvas.height + 1.0;
                    assert!(!is_high || canvas.height < 300.0, "{of}: {}", picture.drawing.height);
                }
                state.lab.is_unfolded = true;
                let whole = draw(&state, SIZES[0]);
                check(&whole.drawing, &Columns::new(SIZES[0].width), &format!("{name}, unfolded"));
                state.lab.is_unfolded = false;
            }
        }
    }
}

#[test]
fn what_another_reader_would_have_done_is_drawn_without_overlaps_too() {
    for (name, trace) in recorded() {
        let mut state = page(Language::English, trace);
        for reader in [Reader::Recv(1), Reader::Recv(7), Reader::Naive, Reader::Whole] {
            update(&mut state, Msg::Lab(LabMsg::ReaderChosen(Some(reader))), 0.0);
            let last = state.lab.shown_timeline().moments().len() - 1;
            for moment in (0..=last).step_by(1 + last / 3).chain([last]) {
                state.cursor = Some(moment);
                for canvas in SIZES {
                    let of = format!("{name} at {moment}, {reader:?}, {} wide", canvas.width);
                    check(&draw(&state, canvas).drawing, &Columns::new(canvas.width), &of);
                }
            }
        }
    }
}

/// Random numbers, always the same: a linear congruential generator.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// A number that is small, large, or as large as can be.
    fn number(&mut self) -> u64 {
        match self.below(4) {
            0 => self.below(4),
            1 => self.below(1 << 20),
            2 => u64::MAX - self.below(3),
            _ => self.below(100),
        }
    }
}

/// Changes an event as somebody may who writes a trace by hand.
fn spoil(kind: &mut EventKind, random: &mut Random) {
    match kind {
        EventKind::Segment(segment) => match random.below(6) {
            0 => segment.seq = random.number(),
            1 => segment.ack = Some(random.number()),
            2 => segment.payload = random.number()..random.number(),
            3 => segment.flags = Flags(u8::try_from(random.below(256)).unwrap()),
            4 => (segment.from, segment.to) = (segment.to, segment.from),
            _ => segment.repeats = Some(7),
        },
        EventKind::Fate(number, fate) => {
            *number = u32::try_from(random.below(30)).unwrap();
            let all = [Fate::Held, Fate::Delivered, Fate::Dropped, Fate::Overflowed, Fate::Copied];
            *fate = all[usize::try_from(random.below(5)).unwrap()];
        }
        EventKind::Sockets(sockets) => {
            for socket in sockets {
                socket.local.port = u16::try_from(random.below(3)).unwrap();
                socket.unread = Some(u32::MAX);
            }
        }
        EventKind::Ended(_) => *kind = EventKind::Reads,
        EventKind::Line(_) => *kind = EventKind::Returned(Returned::Sent(u32::MAX)),
        EventKind::Began
        | EventKind::Variables(_)
        | EventKind::Called(..)
        | EventKind::Blocked(_)
        | EventKind::Returned(_)
        | EventKind::Printed(_)
        | EventKind::Reads
        | EventKind::Read(_)
        | EventKind::Started(_)
        | EventKind::Waits
        | EventKind::ThreadEnded => {}
    }
}

/// As of a program that talks to a server elsewhere.
#[test]
fn nothing_is_said_of_the_buffers_of_an_end_that_is_not_watched() {
    let (_, whole) = recorded().into_iter().find(|(name, _)| name.starts_with("04a")).unwrap();
    let server = whole.experiment.programs.iter().position(|one| one.name == "server").unwrap();
    let mut alone = whole.clone();
    alone.events.retain(|event| {
        let is_crossing = matches!(event.kind, EventKind::Segment(_) | EventKind::Fate(..));
        is_crossing || event.program != server
    });
    let says_so = |trace: Trace| {
        let mut state = page(Language::English, trace);
        let moments = 0..state.lab.shown_timeline().moments().len();
        moments.into_iter().any(|moment| {
            state.cursor = Some(moment);
            let picture = draw(&state, SIZES[1]);
            let texts = picture.drawing.shapes.iter().filter_map(area_of_text);
            texts.into_iter().any(|(_, text)| text.ends_with(" bytes wait"))
        })
    };
    assert!(says_so(whole));
    assert!(!says_so(alone));
}

#[test]
fn a_trace_that_makes_no_sense_is_drawn_without_overlaps_too() {
    let mut random = Random(1);
    for (name, trace) in recorded().into_iter().filter(|(_, trace)| trace.events.len() < 200) {
        for round in 0..3 {
            let mut spoilt = trace.clone();
            for event in &mut spoilt.events {
                if random.below(4) == 0 {
                    spoil(&mut event.kind, &mut random);
                }
            }
            let mut state = page(Language::English, spoilt);
            let reader = [None, Some(Reader::Recv(3)), Some(Reader::Whole)][round];
            update(&mut state, Msg::Lab(LabMsg::ReaderChosen(reader)), 0.0);
            let last = state.lab.shown_timeline().moments().len() as u64;
            for _ in 0..3 {
                state.cursor = Some(usize::try_from(random.below(last)).unwrap());
                let canvas = SIZES[usize::try_from(random.below(4)).unwrap()];
                let of = format!("{name}, spoilt {round}");
                check(&draw(&state, canvas).drawing, &Columns::new(canvas.width), &of);
                check(&draw_whole(&state, canvas.width), &Columns::new(canvas.width), &of);
            }
        }
    }
}

/// The file with the picture that the page shows before its code has arrived. The build puts it into the page.
const FIRST_PICTURE: &str = "../www/first-picture.svg";
/// Set this variable to write that file.
const WRITE: &str = "FRAMESCOPE_WRITE_FIRST_PICTURE";

#[test]
fn the_first_picture_of_the_page_is_of_the_recorded_lesson() {
    let recorded = recorded().into_iter().find(|(name, _)| name == "04a-sends-merge");
    let mut state = page(Language::English, recorded.expect("the lesson is there").1);
    let canvas = Canvas { width: 778.0, height: 360.0, unit: 1.0 };
    let waits = |picture: &Picture| {
        let mut texts = picture.drawing.shapes.iter().filter_map(area_of_text);
        texts.any(|(_, text)| text == "15 bytes wait")
    };
    let moments = (0..state.lab.shown_timeline().moments().len()).rev();
    let mut pictures = moments.map(|moment| {
        state.cursor = Some(moment);
        draw(&state, canvas)
    });
    let picture = pictures.find(waits).expect("all bytes wait before the first recv");
    let mut shapes = String::new();
    write_shapes(&mut shapes, &picture.drawing);
    let (width, height) = (decimal(picture.drawing.width), decimal(picture.drawing.height));
    let written = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">{shapes}</svg>\n"
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FIRST_PICTURE);
    if std::env::var_os(WRITE).is_some() {
        fs::write(&path, &written).expect("the file can be written");
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(there == written, "{} differs: run this test with {WRITE}=1", path.display());
}

#[test]
fn what_is_in_view_of_a_high_picture_is_shown_and_nothing_far_from_it() {
    let recorded = recorded().into_iter().find(|(name, _)| name == "12c-one-send");
    let mut state = page(Language::English, recorded.expect("the lesson is there").1);
    state.lab.is_unfolded = true;
    let whole = draw(&state, SIZES[0]).drawing;
    assert!(whole.height > 3000.0 && whole.shapes.len() > 1000, "{}", whole.height);
    for top in [None, Some(0.0), Some(1500.0)] {
        let heights = in_view(whole.height, SIZES[0].height, top);
        let mut shown = whole.clone();
        shown.keep_between(&heights);
        assert!(shown.shapes.len() < whole.shapes.len() / 2, "{}", shown.shapes.len());
        let from = top.unwrap_or(whole.height - SIZES[0].height);
        let view = from..from + SIZES[0].height;
        for shape in &whole.shapes {
            let Figure::Text(at, ..) = shape.figure else { continue };
            assert!(!view.contains(&at.y) || shown.shapes.contains(shape), "{shape:?}");
        }
    }
}
