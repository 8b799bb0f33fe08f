//! What the labels of a picture say.

use framescope_lab::Event;
use framescope_syscall::Syscall;

use super::*;

/// The recorded lesson with this folder's name at its last moment.
fn lesson(name: &str) -> State {
    let trace = recorded().into_iter().find(|(one, _)| one == name).expect("it is recorded").1;
    page(Language::English, trace)
}

/// The labels of the wire from top to bottom, those of one height in one line.
fn on_the_wire(state: &State, width: f32) -> Vec<String> {
    let wire = Columns::new(width).wire;
    let whole = draw_whole(state, width);
    let mut labels: Vec<(f32, String)> = Vec::new();
    for shape in &whole.shapes {
        let Figure::Text(at, _, text) = &shape.figure else { continue };
        if at.y <= HEAD || at.x < wire.from || at.x > wire.to || shape.style == Style::State {
            continue;
        }
        match labels.iter_mut().find(|(y, _)| y.to_bits() == at.y.to_bits()) {
            Some((_, line)) => *line = format!("{line} {text}"),
            None => labels.push((at.y, text.clone())),
        }
    }
    labels.sort_by(|one, other| one.0.total_cmp(&other.0));
    labels.into_iter().map(|(_, line)| line).collect()
}

/// The labels of all calls, those of the clients first, from top to bottom.
fn of_calls(drawing: &Drawing, width: f32) -> Vec<String> {
    let columns = Columns::new(width);
    let mut labels = Vec::new();
    for side in [columns.left, columns.right] {
        let mut of_side: Vec<(f32, &str)> = Vec::new();
        for shape in &drawing.shapes {
            let Figure::Text(at, _, text) = &shape.figure else { continue };
            if at.y > HEAD && at.x >= side.calls.from && at.x <= side.calls.to {
                of_side.push((at.y, text));
            }
        }
        of_side.sort_by(|one, other| one.0.total_cmp(&other.0));
        labels.extend(of_side.into_iter().map(|(_, text)| text.to_owned()));
    }
    labels
}

#[test]
fn an_arrow_says_what_its_segment_carries_and_what_it_acknowledges() {
    let labels = on_the_wire(&lesson("02a-request-and-reply"), 1000.0);
    let expected = [
        "SYN seq 0",
        "SYN-ACK seq 0 · ACK 1",
        "ACK 1",
        "seq 1 · 13 B hell…rver",
        "ACK 14",
        "seq 1 · 13 B hell…ient",
        "ACK 14",
        "FIN seq 14 |",
        "FIN seq 14 | · ACK 15",
        "ACK 15",
    ];
    assert_eq!(labels, expected);
}

#[test]
fn a_gap_says_which_timer_ends_it() {
    let labels = on_the_wire(&lesson("16a-only-segment-lost"), 1000.0);
    let lost = labels.iter().position(|label| label == "seq 1 · 5 B hello ✕ lost");
    let lost = lost.expect("it is lost");
    assert_eq!(labels[lost + 1..lost + 3], ["⋯ 210 ms: resend timer", "seq 1 · 5 B again hello"]);
    let labels = on_the_wire(&lesson("04a-sends-merge"), 1000.0);
    let waits = labels.iter().position(|label| label == "⋯ 39 ms: delayed ACK");
    assert_eq!(labels[waits.expect("it is delayed") + 1], "ACK 17");
}

#[test]
fn only_what_the_timer_sends_again_says_the_timer() {
    let waits = |name: &str| {
        let labels = on_the_wire(&lesson(name), 1000.0);
        labels.into_iter().filter(|label| label.starts_with('⋯')).collect::<Vec<_>>()
    };
    let lost = waits("16b-first-of-three-lost");
    assert!(lost.contains(&"⋯ 12 ms: ACKs tell of a gap".to_owned()), "{lost:?}");
    assert!(lost.iter().all(|wait| !wait.contains("timer")), "{lost:?}");
    let syn = waits("01b-syn-lost");
    assert_eq!(syn.iter().filter(|wait| wait.ends_with(": resend timer")).count(), 2, "{syn:?}");
    let probe = waits("14c-closed-window");
    assert!(probe.iter().all(|wait| !wait.contains("timer")), "{probe:?}");
}

#[test]
fn after_a_reset_no_kernel_keeps_what_was_not_acknowledged() {
    let state = lesson("18b-peer-is-gone");
    let all = state.lab.trace.events.clone();
    let is_reset =
        |event: &Event| matches!(&event.kind, EventKind::Segment(one) if one.flags.has(Flags::RST));
    let reset = all.iter().position(is_reset).expect("a reset is sent");
    let reported =
        |event: &Event| event.program == 1 && matches!(event.kind, EventKind::Sockets(_));
    let closed = reset + all[reset..].iter().position(reported).expect("it is reported") + 1;
    let kept = |number: usize| {
        let flow = &state.lab.shown_timeline().flows()[0];
        buffers::after(&state, flow, &[number])[0].clone()
    };
    assert_eq!(kept(reset).unacknowledged, 0..3, "the kernel would send them again");
    for number in closed..=all.len() {
        let buffers = kept(number);
        assert!(buffers.unacknowledged.is_empty(), "after {number} events: {buffers:?}");
        assert!(buffers.unread.is_empty(), "after {number} events: {buffers:?}");
    }
    let drawing = draw_whole(&state, 1000.0);
    let mut texts = drawing.shapes.iter().filter_map(area_of_text);
    assert!(texts.all(|(_, text)| text != "3 bytes kept"));
}

#[test]
fn no_label_has_a_mark_that_turns_the_picture_round() {
    let mut trace = lesson("04a-sends-merge").lab.trace;
    for program in &mut trace.experiment.programs {
        program.name = format!("a\u{202e}{}\u{2066}", program.name);
    }
    let drawing = draw_whole(&page(Language::English, trace), 1000.0);
    let texts: Vec<&str> =
        drawing.shapes.iter().filter_map(area_of_text).map(|all| all.1).collect();
    assert!(texts.iter().any(|text| text.contains(r"a\u{202e}")), "{texts:?}");
    assert!(texts.iter().all(|text| !text.contains(['\u{202e}', '\u{2066}'])), "{texts:?}");
}

#[test]
fn a_gap_before_a_step_is_told_from_one_that_the_kernel_makes() {
    let mut trace = lesson("04a-sends-merge").lab.trace;
    let is_send = |event: &&Event| {
        matches!(&event.kind, EventKind::Called(Syscall::Send { .. }, _)) && event.at > 0
    };
    let second = trace.events.iter().filter(is_send).nth(1).expect("it sends three times").at;
    for event in trace.events.iter_mut().filter(|event| event.at >= second) {
        event.at += 500_000;
    }
    let mut state = page(Language::English, trace);
    let is_told = |state: &State| {
        on_the_wire(state, 1000.0).iter().any(|label| label.ends_with(": until a step"))
    };
    assert!(!is_told(&state), "a run on its own has pauses too, on a busy machine");
    state.lab.was_stepped = true;
    let labels = on_the_wire(&state, 1000.0);
    let steps = labels.iter().filter(|label| label.ends_with(": until a step"));
    assert_eq!(steps.collect::<Vec<_>>(), ["⋯ 500 ms: until a step"], "{labels:?}");
}

#[test]
fn the_result_of_a_folded_call_has_its_name() {
    let state = lesson("12a-two-small-sends");
    let folded = draw(&state, Canvas { width: 1000.0, height: 330.0, unit: 1.0 });
    assert!(folded.fold.is_some());
    let labels = of_calls(&folded.drawing, 1000.0);
    let result = labels.iter().position(|label| label.starts_with('→'));
    let result = result.expect("a call has returned");
    assert!(labels[result - 1].starts_with("recv("), "{labels:?}");
}

#[test]
fn a_close_says_of_which_socket_it_is() {
    let labels = of_calls(&draw_whole(&lesson("04a-sends-merge"), 1000.0), 1000.0);
    let closes: Vec<&String> = labels.iter().filter(|label| label.contains("close")).collect();
    assert_eq!(closes, ["client.close", "conn.close", "server.close"]);
}

#[test]
fn in_a_low_picture_what_was_sent_last_is_drawn_beside_the_calls_that_still_wait() {
    let canvas = Canvas { width: 800.0, height: 300.0, unit: 1.0 };
    for (name, lost) in [("01b-syn-lost", "SYN seq 0 again"), ("16a-only-segment-lost", "again")] {
        let mut state = lesson(name);
        let moments = 0..state.lab.shown_timeline().moments().len();
        let is_drawn = |state: &State| {
            let picture = draw(state, canvas);
            let mut texts = picture.drawing.shapes.iter().filter_map(area_of_text);
            texts.any(|(_, text)| text.contains(lost))
        };
        let drawn = moments.filter(|moment| {
            state.cursor = Some(*moment);
            is_drawn(&state)
        });
        assert!(drawn.count() > 0, "{name}");
    }
}

#[test]
fn the_newest_step_is_drawn_at_every_moment() {
    for (name, trace) in recorded().into_iter().filter(|(_, trace)| trace.events.len() < 200) {
        let mut state = page(Language::English, trace);
        for moment in 0..state.lab.shown_timeline().moments().len() {
            state.cursor = Some(moment);
            let number = state.lab.events(state.event()).len();
            let events = &state.lab.shown_trace().events;
            let last = number.checked_sub(1).and_then(|last| events.get(last));
            let is_segment = last.is_some_and(|event| matches!(event.kind, EventKind::Segment(_)));
            if is_segment {
                let lines = draw(&state, SIZES[0]).drawing.shapes;
                let is_on_its_way = |shape: &Shape| {
                    matches!(shape.style, Style::Data | Style::Control | Style::Again)
                };
                assert!(lines.iter().any(is_on_its_way), "{name} at {moment}");
            }
        }
    }
}

#[test]
fn bytes_that_were_not_read_wait_no_more_when_their_socket_is_closed() {
    let mut state = lesson("13b-close-with-unread-data");
    let (mut before, mut after) = (0, 0);
    for moment in 0..state.lab.shown_timeline().moments().len() {
        state.cursor = Some(moment);
        let whole = draw_whole(&state, 1000.0);
        let is_closed = of_calls(&whole, 1000.0).iter().any(|label| label == "conn.close");
        let mut texts = whole.shapes.iter().filter_map(area_of_text);
        let wait = texts.any(|(_, text)| text.ends_with("bytes wait"));
        assert!(!(is_closed && wait), "at {moment}");
        before += usize::from(wait);
        after += usize::from(is_closed);
    }
    assert!(before > 0 && after > 0, "{before} {after}");
}

#[test]
fn of_several_segments_that_are_held_the_first_has_buttons() {
    let mut trace = lesson("04a-sends-merge").lab.trace;
    trace.events.retain(|event| !matches!(event.kind, EventKind::Fate(..)));
    for number in [4, 3] {
        let kind = EventKind::Fate(number, Fate::Held);
        let at = trace.events.last().map_or(0, |event| event.at);
        trace.events.push(Event { at, program: 0, thread: 0, line: 0, kind });
    }
    let state = page(Language::English, trace);
    let unfolded = Canvas { width: 1000.0, height: 9000.0, unit: 1.0 };
    assert_eq!(draw(&state, unfolded).held.map(|held| held.number), Some(3));
}

#[test]
fn a_heading_says_whose_kernel_it_is() {
    let headings = |name: &str| {
        let drawing = draw_whole(&lesson(name), 1000.0);
        let shapes = drawing.shapes.into_iter().filter(|shape| shape.style == Style::Heading);
        let texts = shapes.filter_map(|shape| match shape.figure {
            Figure::Text(_, _, text) => Some(text),
            Figure::Line(..) | Figure::Arrow(..) | Figure::Rect(..) | Figure::Band(_) => None,
        });
        texts.collect::<Vec<_>>()
    };
    assert_eq!(headings("04a-sends-merge"), ["client's kernel", "server's kernel", "network"]);
    assert_eq!(headings("19a-one-at-a-time"), ["clients' kernel", "server's kernel", "network"]);
}
