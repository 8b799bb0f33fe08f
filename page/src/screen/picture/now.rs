//! The moment on screen: what each program does now, and what the buffers hold.

use framescope_lab::{Connection, Doing, Flow, Socket, TcpState};

use super::buffers::{self, Buffers};
use super::calls::short_call;
use super::sketch::Sketch;
use super::tube::{Tube, tube};
use crate::screen::drawing::{Anchor, Figure, Point, Span, Style, TEXT};
use crate::screen::wording::{ended_text, program_name};
use crate::text::Locale;
use crate::text::bytes::duration;
use crate::text::fit::cut;

/// The distance of the buffers from the line of the moment.
const GAP: f32 = 20.0;

/// Draws the headings, the line of the moment, and what is below it. A picture that [`rests`] has no buffers there.
pub(super) fn draw(
    sketch: &mut Sketch<'_>,
    connection: Option<&Connection>,
    now: f32,
    buffers: &[(&Flow, Buffers)],
    rests: bool,
) {
    heading(sketch, connection);
    let columns = sketch.columns;
    let from = if columns.is_narrow { 0.0 } else { columns.time.to - 4.0 };
    let line = Figure::Line(Point::new(from, now), Point::new(columns.right.calls.to, now));
    sketch.draw(line, Style::Now);
    if !columns.is_narrow {
        let text = sketch.state.locale.text("picture-now").to_owned();
        sketch.say(Point::new(columns.time.to - 8.0, now + 11.0), Anchor::End, &text, Style::You);
        let events = sketch.state.lab.events(sketch.state.event());
        let time = events.last().map(|event| duration(event.at)).unwrap_or_default();
        sketch.say(Point::new(columns.time.to - 8.0, now + 29.0), Anchor::End, &time, Style::Quiet);
    }
    for is_server in [false, true] {
        doing(sketch, connection, is_server, now);
    }
    if rests {
        return;
    }
    for is_server in [false, true] {
        if let Some(shown) = buffer(sketch, is_server, buffers) {
            tube(sketch, now + GAP, &shown);
        }
    }
}

/// Whether every program has ended, and no buffer holds anything.
pub(super) fn rests(sketch: &Sketch<'_>) -> bool {
    let (state, number) = (sketch.state, sketch.number);
    let trace = state.lab.shown_trace();
    let has_ended = |program: usize| {
        state.lab.shown_timeline().program(program).ended(&trace.events, number).is_some()
    };
    let is_empty =
        |flow: &Flow| buffers::after(state, flow, &[number]).iter().all(Buffers::are_empty);
    (0..trace.experiment.programs.len()).all(has_ended) && sketch.flows.iter().all(is_empty)
}

/// The buffer of a side that holds something, or else that of the flow that the tape shows.
fn buffer<'a>(
    sketch: &Sketch<'a>,
    is_server: bool,
    buffers: &[(&'a Flow, Buffers)],
) -> Option<Tube<'a>> {
    let locale = &sketch.state.locale;
    let (flow, received) = buffers.iter().find(|(flow, _)| flow.to_server == is_server)?;
    let unread = received.unread.clone();
    let (name, has_end) = (locale.text("picture-receive-buffer"), received.has_end);
    let count = waiting_text(locale, unread.end - unread.start, has_end);
    let is_empty = unread.is_empty() && !has_end;
    let receive = Tube { flow, is_server, bytes: unread, has_end, name, count };
    let (flow, sent) = buffers.iter().find(|(flow, _)| flow.to_server != is_server)?;
    let kept = sent.unacknowledged.clone();
    let is_sender = sketch.flow.is_some_and(|shown| shown.to_server != is_server);
    if !is_empty || (kept.is_empty() && !is_sender) {
        return Some(receive);
    }
    let name = locale.text("picture-send-buffer");
    let count = kept_text(locale, kept.end - kept.start);
    Some(Tube { flow, is_server, bytes: kept, has_end: false, name, count })
}

/// How many bytes were sent and not acknowledged, in words.
fn kept_text(locale: &Locale, bytes: u64) -> String {
    match bytes {
        0 => locale.text("picture-empty").to_owned(),
        1 => locale.text("picture-kept-one").to_owned(),
        _ => locale.fill("picture-kept", &[("bytes", &bytes)]),
    }
}

/// How many bytes have arrived and were not read, in words.
fn waiting_text(locale: &Locale, bytes: u64, has_end: bool) -> String {
    match bytes {
        0 if has_end => locale.text("picture-end-waits").to_owned(),
        0 => locale.text("picture-empty").to_owned(),
        1 => locale.text("picture-waiting-one").to_owned(),
        _ => locale.fill("picture-waiting", &[("bytes", &bytes)]),
    }
}

/// Whose kernel is on a side: that of its program, or if there are several, of all of them.
fn name(sketch: &Sketch<'_>, is_server: bool) -> String {
    let locale = &sketch.state.locale;
    let programs = 0..sketch.state.lab.shown_trace().experiment.programs.len();
    let mut of_side = programs.filter(|program| sketch.state.lab.is_server(*program) == is_server);
    let only = of_side.next().filter(|_| of_side.next().is_none());
    match (only, sketch.columns.is_narrow) {
        (None, true) if !is_server => locale.text("picture-clients").to_owned(),
        (None, false) if !is_server => locale.text("picture-clients-kernel").to_owned(),
        (only, is_narrow) => {
            let name =
                only.map_or(locale.text("server"), |program| program_name(sketch.state, program));
            if is_narrow {
                name.to_owned()
            } else {
                locale.fill("picture-kernel", &[("side", &name)])
            }
        }
    }
}

/// Who is on which side, and in which state its socket is.
fn heading(sketch: &mut Sketch<'_>, connection: Option<&Connection>) {
    let columns = sketch.columns;
    for is_server in [false, true] {
        let side = columns.side(is_server);
        let name = name(sketch, is_server);
        let tcp = connection.and_then(|one| tcp_state(sketch, one, is_server));
        let may_listen = is_server && connection.is_none();
        let tcp = tcp.or_else(|| may_listen.then(|| listens(sketch)).flatten());
        let tcp = tcp.map(|tcp| tcp.to_string()).unwrap_or_default();
        let (span, anchor) = if columns.is_narrow {
            let span =
                Span { from: side.calls.from.min(side.edge), to: side.calls.to.max(side.edge) };
            (span, if is_server { Anchor::End } else { Anchor::Start })
        } else {
            (side.kernel, Anchor::Middle)
        };
        let x = match anchor {
            Anchor::Start => span.from,
            Anchor::Middle => span.middle(),
            Anchor::End => span.to,
        };
        let name = cut(&name, TEXT, span.width() + 24.0);
        sketch.say(Point::new(x, 10.0), anchor, &name, Style::Heading);
        sketch.say(Point::new(x, 29.0), anchor, &cut(&tcp, TEXT, span.width()), Style::Label);
    }
    let is_model = sketch.state.lab.shown_timeline().segments().is_empty()
        && !sketch.state.lab.shown_timeline().connections().is_empty();
    let wire = columns.wire.middle();
    let text = sketch.state.locale.text("picture-wire").to_owned();
    sketch.say(Point::new(wire, 10.0), Anchor::Middle, &text, Style::Heading);
    if is_model {
        let text = sketch.state.locale.text("picture-model").to_owned();
        let text = cut(&text, TEXT, columns.wire.width());
        sketch.say(Point::new(wire, 29.0), Anchor::Middle, &text, Style::Quiet);
    }
}

/// What the kernel says of an end of a connection.
fn tcp_state(sketch: &Sketch<'_>, connection: &Connection, is_server: bool) -> Option<TcpState> {
    let lab = &sketch.state.lab;
    let history = lab.shown_timeline().program(connection.program(is_server)?);
    let sockets = history.sockets(&lab.shown_trace().events, sketch.number);
    connection.socket(is_server, sockets)?.state
}

/// The state of a socket that waits for connections, if there is one.
fn listens(sketch: &Sketch<'_>) -> Option<TcpState> {
    let lab = &sketch.state.lab;
    let programs = 0..lab.shown_trace().experiment.programs.len();
    let mut sockets = programs.flat_map(|program| {
        lab.shown_timeline().program(program).sockets(&lab.shown_trace().events, sketch.number)
    });
    let is_listener = |socket: &&Socket| socket.state == Some(TcpState::Listen);
    sockets.find(is_listener).and_then(|socket| socket.state)
}

/// What the program of a side does: the call that waits, the line that is next, or how it has ended.
fn doing(sketch: &mut Sketch<'_>, connection: Option<&Connection>, is_server: bool, now: f32) {
    let lab = &sketch.state.lab;
    let of_connection = connection.and_then(|one| one.program(is_server));
    let programs = 0..lab.shown_trace().experiment.programs.len();
    let program = of_connection
        .or_else(|| programs.into_iter().find(|program| lab.is_server(*program) == is_server));
    let Some(program) = program else { return };
    let side = *sketch.columns.side(is_server);
    let (text, style) = does(sketch, program);
    let (x, anchor) = side.label();
    let text = cut(&text, TEXT, side.calls.width());
    sketch.say(Point::new(x, now + 12.0), anchor, &text, style);
}

fn does(sketch: &Sketch<'_>, program: usize) -> (String, Style) {
    let lab = &sketch.state.lab;
    let events = &lab.shown_trace().events;
    let history = lab.shown_timeline().program(program);
    if let Some(ended) = history.ended(events, sketch.number) {
        return (ended_text(&sketch.state.locale, ended), Style::Quiet);
    }
    let threads =
        (0..history.threads()).filter_map(|thread| history.thread(events, sketch.number, thread));
    let mut standing = None;
    for thread in threads {
        match thread.doing {
            Doing::Waits(call, _) => return (short_call(call), Style::You),
            Doing::Reads => return ("input()".to_owned(), Style::You),
            Doing::Stands => standing = standing.or(Some(thread.line)),
            Doing::Runs | Doing::Joins | Doing::Ended => {}
        }
    }
    let line = standing.and_then(|line| usize::try_from(line).ok()?.checked_sub(1));
    let text =
        lab.shown_trace().experiment.programs.get(program).map_or("", |one| one.text.as_str());
    let text = line.and_then(|line| text.lines().nth(line)).unwrap_or_default();
    (text.trim().to_owned(), Style::Quiet)
}
