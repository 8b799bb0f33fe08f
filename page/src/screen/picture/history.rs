//! What has happened until the moment on screen: above the line of that moment.

use std::ops::Range;

use framescope_lab::{Connection, Flow};

use super::arrows::{self, Crossed, DROP, LABEL_ABOVE, LABEL_BELOW};
use super::buffers::{self, Buffers};
use super::bytes::pieces;
use super::calls::{self, CallLabel};
use super::columns::{MARK, Side, Span};
use super::measures::{FOLD, HEAD};
use super::rows::{BURST, Lane, Need, Rows};
use super::scene::{self, Step, What};
use super::shape::{Anchor, Figure, Point, Style, TEXT};
use super::sketch::Sketch;
use crate::screen::wording::program_name;
use crate::text::bytes::duration;
use crate::text::fit::cut;

/// The height of a line of a label.
const LINE: f32 = 18.0;
/// The height of a tear, in a picture with much and with little space.
const TEAR: f32 = 26.0;
const LOW_TEAR: f32 = 19.0;
/// The greatest available height of a picture with little space.
const LOW: f32 = 330.0;
/// The part of the height that whole phases fill at least. Otherwise one is folded in part.
const FULL: f32 = 0.75;
/// The width of a byte in the past of a buffer, if there is space.
const BYTE: f32 = 8.0;

/// What has happened, and where it is drawn.
pub(super) struct History<'a> {
    steps: Vec<Step<'a>>,
    rows: Rows,
    /// How many steps are folded.
    folded: usize,
    /// Whether the user has unfolded what would be folded.
    is_unfolded: bool,
    /// For each flow of the connection, what its buffers hold after each step.
    buffers: Vec<(&'a Flow, Vec<Buffers>)>,
}

impl<'a> History<'a> {
    /// Places what has happened. If it is higher than `limit`, folds its beginning.
    pub(super) fn new(
        sketch: &Sketch<'a>,
        connection: Option<&Connection>,
        limit: Option<f32>,
    ) -> Self {
        let height = limit.unwrap_or(f32::INFINITY);
        let (steps, before) = scene::steps(sketch.state, connection);
        let tear = if height > LOW { TEAR } else { LOW_TEAR };
        let needs = needs(sketch, &steps);
        let place = |shown: &[usize], is_folded: bool| {
            let top = HEAD + if is_folded { FOLD } else { 8.0 };
            let needs: Vec<Need> = shown.iter().map(|index| needs[*index]).collect();
            Rows::place(&needs, top, tear)
        };
        let all: Vec<usize> = (0..steps.len()).collect();
        let is_unfolded = sketch.state.lab.is_unfolded && limit.is_none();
        let whole = place(&all, before > 0 || is_unfolded);
        let fits = |rows: &Rows| rows.end <= HEAD + height;
        let (shown, rows) = if fits(&whole) {
            (all, whole)
        } else {
            let shown = |first: usize| visible(&steps, first, sketch.number);
            // The more is folded, the lower is the rest.
            let first = |starts: &[usize]| {
                let first = starts.partition_point(|first| !fits(&place(&shown(*first), true)));
                starts.get(first).copied().unwrap_or(steps.len())
            };
            let by_bursts = first(&starts(&steps));
            let rows = place(&shown(by_bursts), true);
            // A phase that fits in part is folded in part, if much space would be left over.
            if rows.end < HEAD + height * FULL {
                let first = first(&all);
                (shown(first), place(&shown(first), true))
            } else {
                (shown(by_bursts), rows)
            }
        };
        let folded = before + steps.len() - shown.len();
        let steps: Vec<Step<'a>> = shown.into_iter().map(|index| steps[index]).collect();
        let mut numbers: Vec<usize> = steps.iter().skip(1).map(|step| step.event).collect();
        numbers.push(sketch.number);
        let flows = sketch.flows.iter();
        let buffers = flows.map(|flow| (flow, buffers::after(sketch.state, flow, &numbers)));
        let buffers = buffers.collect();
        Self { steps, rows, folded, is_unfolded, buffers }
    }

    /// Its height below the headings.
    pub(super) fn height(&self) -> f32 {
        self.rows.end - HEAD
    }

    /// For each flow of the connection, what its buffers hold at the moment on screen.
    pub(super) fn last_buffers(&self) -> Vec<(&'a Flow, Buffers)> {
        let last = |all: &Vec<Buffers>| all.last().cloned().unwrap_or_default();
        self.buffers.iter().map(|(flow, all)| (*flow, last(all))).collect()
    }

    /// How many steps are folded, and where that is said.
    pub(super) fn fold(&self, wire: Span) -> Option<(usize, Point)> {
        let at = Point::new(wire.middle(), HEAD + FOLD / 2.0);
        (self.folded > 0 || self.is_unfolded).then_some((self.folded, at))
    }

    /// Draws it, down to the line of the moment on screen.
    pub(super) fn draw(&self, sketch: &mut Sketch<'_>, now: f32) {
        self.draw_ground(sketch, now);
        self.draw_past(sketch, now);
        draw_lifelines(sketch, now);
        self.draw_times(sketch);
        self.draw_segments(sketch);
        for (index, step) in self.steps.iter().enumerate() {
            self.draw_step(sketch, index, step, now);
        }
    }

    fn draw_ground(&self, sketch: &mut Sketch<'_>, now: f32) {
        for side in [sketch.columns.left, sketch.columns.right] {
            let corner = Point::new(side.kernel.from, HEAD);
            sketch.draw(Figure::Rect(corner, side.kernel.width(), now - HEAD), Style::Kernel);
        }
        if self.folded > 0 {
            let text = sketch.state.locale.fill("picture-folded", &[("steps", &self.folded)]);
            let at = Point::new(sketch.columns.wire.middle(), HEAD + FOLD / 2.0);
            let text = cut(&format!("▸ {text}"), TEXT, sketch.columns.wire.width());
            sketch.say(at, Anchor::Middle, &text, Style::Quiet);
        }
    }

    /// The time in its column, and where it is broken.
    fn draw_times(&self, sketch: &mut Sketch<'_>) {
        let columns = sketch.columns;
        for (index, y) in &self.rows.tears {
            for x in
                [columns.left.program, columns.left.edge, columns.right.edge, columns.right.program]
            {
                let (low, high) = (Point::new(x - 5.0, y + 2.0), Point::new(x + 5.0, y - 2.0));
                sketch.draw(Figure::Line(low, high), Style::Tear);
            }
            self.draw_wait(sketch, *index, *y);
        }
        if columns.is_narrow {
            return;
        }
        let (mut free, mut first) = (f32::MIN, 0);
        let mut last = String::new();
        for (index, step) in self.steps.iter().enumerate() {
            let begins = index == 0 || self.rows.tears.iter().any(|(after, _)| *after == index);
            let y = self.rows.at[index];
            let x = columns.time.to;
            sketch.draw(
                Figure::Line(Point::new(x - 3.0, y), Point::new(x + 3.0, y)),
                Style::Lifeline,
            );
            let since = format!("+{}", duration(step.at.saturating_sub(first)));
            let (text, style) = if begins {
                first = step.at;
                let clock = duration(step.at);
                // If the clock's digits do not tell it from the last one, the distance does.
                let text = if clock == last { since } else { clock.clone() };
                last = clock;
                (text, Style::Label)
            } else {
                (since, Style::Quiet)
            };
            if begins || (y >= free && step.at > first) {
                sketch.say(Point::new(x - 7.0, y), Anchor::End, &text, style);
                free = y + LINE;
            }
        }
    }

    /// Says what the kernels wait for, if what ends a gap in time is not a call.
    fn draw_wait(&self, sketch: &mut Sketch<'_>, index: usize, y: f32) {
        let (Some(step), Some(before)) =
            (self.steps.get(index), self.steps.get(index.wrapping_sub(1)))
        else {
            return;
        };
        let What::Sent(_, history) = step.what else { return };
        let waited = duration(step.at - before.at);
        let text = if scene::repeats(sketch.state, history) {
            sketch.state.locale.fill("picture-wait-timer", &[("time", &waited)])
        } else {
            format!("⋯ {waited}")
        };
        let text = cut(&text, TEXT, sketch.columns.wire.width() - 8.0);
        let at = Point::new(sketch.columns.wire.middle(), y);
        sketch.say(at, Anchor::Middle, &text, Style::Quiet);
    }

    fn draw_segments(&self, sketch: &mut Sketch<'_>) {
        let arrivals = |number: u32| {
            let arrived = self.steps.iter().enumerate().filter(
                move |(_, step)| matches!(step.what, What::Arrived(one, _) if one == number),
            );
            arrived.map(|(index, _)| self.rows.at[index])
        };
        for (index, step) in self.steps.iter().enumerate() {
            let What::Sent(number, history) = step.what else { continue };
            let (sent, arrived) = (self.rows.at[index], arrivals(number).collect());
            arrows::segment(sketch, &Crossed { number, history, sent, arrived });
        }
    }

    fn draw_step(&self, sketch: &mut Sketch<'_>, index: usize, step: &Step<'_>, now: f32) {
        let y = self.rows.at[index];
        let state = sketch.state;
        let program = state.lab.trace.events.get(step.event).map_or(0, |event| event.program);
        let side = *sketch.columns.side(state.lab.is_server(program));
        match step.what {
            What::Called(call) => {
                let back = self.steps.iter().position(
                    |other| matches!(other.what, What::Returned(one) if one.called == call.called),
                );
                let waits = call.blocked.is_some_and(|event| event < sketch.number);
                let end = if waits { back.map_or(now, |back| self.rows.at[back]) } else { y };
                draw_mark(sketch, &side, y, end, waits);
                let label = calls::made(state, call, sketch.number, side.calls.width());
                draw_call(sketch, &side, y, &label);
            }
            What::Returned(call) => {
                draw_mark(sketch, &side, y, y, false);
                let label = calls::came_back(state, call, side.calls.width());
                draw_call(sketch, &side, y, &label);
            }
            What::State { is_server, state: tcp } => {
                let side = *sketch.columns.side(is_server);
                if !sketch.columns.is_narrow {
                    let (at, anchor) = inner(&side, y);
                    let text = cut(&tcp.to_string(), TEXT, side.kernel.width() - 8.0);
                    sketch.say(at, anchor, &text, Style::State);
                }
            }
            What::Derived { crossing, to_server } => {
                arrows::derived(sketch, crossing, to_server, y);
            }
            What::Raised { program, class } => {
                let side = *sketch.columns.side(state.lab.is_server(program));
                let text = cut(&format!("✕ {class}"), TEXT, side.calls.width());
                let label = CallLabel { call: text, more: Vec::new(), has_failed: true };
                draw_call(sketch, &side, y, &label);
            }
            What::Sent(..) | What::Arrived(..) => {}
        }
    }

    /// The buffers in the past: how many bytes, and whose, from one step to the next.
    fn draw_past(&self, sketch: &mut Sketch<'_>, now: f32) {
        for (flow, buffers) in &self.buffers {
            let sent: Vec<_> = buffers.iter().map(|one| one.unacknowledged.clone()).collect();
            self.draw_queues(sketch, flow, !flow.to_server, &sent, now);
            let arrived: Vec<_> = buffers.iter().map(|one| one.unread.clone()).collect();
            self.draw_queues(sketch, flow, flow.to_server, &arrived, now);
        }
    }

    /// Draws one buffer of a kernel, from step to step.
    fn draw_queues(
        &self,
        sketch: &mut Sketch<'_>,
        flow: &Flow,
        is_server: bool,
        queues: &[Range<u64>],
        now: f32,
    ) {
        let side = *sketch.columns.side(is_server);
        let most = queues.iter().map(|range| range.end - range.start).max().unwrap_or(0);
        if most == 0 {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "a buffer is smaller than 2^24 bytes")]
        let scale = (side.kernel.width() * 0.7 / most as f32).min(BYTE);
        let mut index = 0;
        while index < queues.len() {
            let range = &queues[index];
            let same = queues[index..].iter().take_while(|one| *one == range).count();
            let top = self.rows.at.get(index).copied().unwrap_or(HEAD);
            let bottom = self.rows.at.get(index + same).copied().unwrap_or(now);
            if !range.is_empty() && bottom > top {
                draw_queue(sketch, flow, &side, (top, bottom), range, scale);
            }
            index += same;
        }
    }
}

/// The bytes of a queue as columns next to each other, at the end of the kernel at the wire.
#[expect(clippy::cast_precision_loss, reason = "a buffer is smaller than 2^24 bytes")]
fn draw_queue(
    sketch: &mut Sketch<'_>,
    flow: &Flow,
    side: &Side,
    (top, bottom): (f32, f32),
    range: &Range<u64>,
    scale: f32,
) {
    let width = (range.end - range.start) as f32 * scale;
    let left = if side.toward_wire > 0.0 { side.edge - width } else { side.edge };
    // Pieces that are too narrow to be seen are drawn as one.
    let pieces = pieces(flow, range);
    let pieces = if pieces.len() > MAX_PIECES { &pieces[..1] } else { &pieces[..] };
    let is_one = pieces.len() == 1;
    for piece in pieces {
        let from = if is_one { range.start } else { piece.range.start };
        let to = if is_one { range.end } else { piece.range.end };
        let corner = Point::new(left + (from - range.start) as f32 * scale, top);
        let about = sketch.about_bytes(flow, from..to);
        let figure = Figure::Rect(corner, (to - from) as f32 * scale, bottom - top);
        sketch.add(figure, Style::Past(piece.fill), about);
    }
}

/// The most pieces of a buffer that are told apart.
const MAX_PIECES: usize = 40;

fn draw_lifelines(sketch: &mut Sketch<'_>, now: f32) {
    let columns = sketch.columns;
    let mut lines = vec![(columns.left.edge, Style::Edge), (columns.right.edge, Style::Edge)];
    if !columns.is_narrow {
        lines.push((columns.left.program, Style::Lifeline));
        lines.push((columns.right.program, Style::Lifeline));
        lines.push((columns.time.to, Style::Lifeline));
    }
    for (x, style) in lines {
        sketch.draw(Figure::Line(Point::new(x, HEAD), Point::new(x, now)), style);
    }
}

fn draw_mark(sketch: &mut Sketch<'_>, side: &Side, y: f32, end: f32, waits: bool) {
    let corner = |y: f32| Point::new(side.program - MARK / 2.0, y);
    if waits && end > y {
        let bar = Figure::Rect(corner(y - MARK / 2.0), MARK, end - y + MARK / 2.0);
        sketch.draw(bar, Style::Waits);
    } else {
        sketch.draw(Figure::Rect(corner(y - MARK / 2.0), MARK, MARK), Style::Call);
    }
    if side.program.to_bits() != side.edge.to_bits() {
        let from = Point::new(side.program + side.toward_wire * MARK / 2.0, y);
        sketch.draw(Figure::Line(from, Point::new(side.edge, y)), Style::Lead);
    }
}

fn draw_call(sketch: &mut Sketch<'_>, side: &Side, y: f32, label: &CallLabel) {
    let (x, anchor) = side.label();
    let mut at = Point::new(x, y);
    sketch.say(at, anchor, &label.call, Style::Label);
    if !label.call.is_empty() {
        at.y += LINE;
    }
    let style = if label.has_failed { Style::Error } else { Style::Quiet };
    for line in &label.more {
        sketch.say(at, anchor, line, style);
        at.y += LINE;
    }
}

/// Where the label of a state begins or ends: at the outer end of the kernel's column.
const fn inner(side: &Side, y: f32) -> (Point, Anchor) {
    if side.toward_wire > 0.0 {
        (Point::new(side.kernel.from + 4.0, y), Anchor::Start)
    } else {
        (Point::new(side.kernel.to - 4.0, y), Anchor::End)
    }
}

/// The indices of the steps from `first` on, and of those before that stay.
fn visible(steps: &[Step<'_>], first: usize, number: usize) -> Vec<usize> {
    let kept = (0..first).filter(|index| scene::stays(&steps[*index], number));
    kept.chain(first..steps.len()).collect()
}

/// Where a picture can begin: at each burst, and if even the last one is too high, within it.
fn starts(steps: &[Step<'_>]) -> Vec<usize> {
    let begins = |index: &usize| {
        *index == 0 || steps[*index].at.saturating_sub(steps[index - 1].at) >= BURST
    };
    let bursts: Vec<usize> = (0..steps.len()).filter(begins).collect();
    let last = bursts.last().copied().unwrap_or(0);
    bursts.into_iter().chain(last + 1..steps.len()).collect()
}

fn needs(sketch: &Sketch<'_>, steps: &[Step<'_>]) -> Vec<Need> {
    steps.iter().map(|step| need(sketch, step)).collect()
}

fn need(sketch: &Sketch<'_>, step: &Step<'_>) -> Need {
    let state = sketch.state;
    let program = state.lab.trace.events.get(step.event).map_or(0, |event| event.program);
    let is_server = state.lab.is_server(program);
    let calls = if is_server { Lane::RightCalls } else { Lane::LeftCalls };
    let width = sketch.columns.side(is_server).calls.width();
    let of = |lane, above, below, after| {
        let (event, at) = (step.event, step.at);
        Need { event, at, lane, above, below, after }
    };
    match step.what {
        What::Called(call) => {
            let label = calls::made(state, call, sketch.number, width);
            of(calls, LINE / 2.0, lines(label.lines()), None)
        }
        What::Returned(call) => {
            let label = calls::came_back(state, call, width);
            of(calls, LINE / 2.0, lines(label.lines()), Some((call.called, LINE)))
        }
        What::Raised { .. } => of(calls, LINE / 2.0, lines(1), None),
        What::State { .. } if sketch.columns.is_narrow => of(Lane::None, 0.0, 0.0, None),
        What::State { is_server, .. } => {
            let lane = if is_server { Lane::RightKernel } else { Lane::LeftKernel };
            of(lane, LINE / 2.0, LINE / 2.0, None)
        }
        What::Sent(..) | What::Derived { .. } => of(Lane::Wire, LABEL_ABOVE, LABEL_BELOW, None),
        What::Arrived(_, sent) => of(Lane::None, 0.0, 2.0, Some((sent, DROP))),
    }
}

/// The height of a label of this many lines, below the middle of its first one.
fn lines(lines: usize) -> f32 {
    let lines = u16::try_from(lines.max(1)).unwrap_or(u16::MAX);
    f32::from(lines) * LINE - LINE / 2.0
}

/// The name of a side: of its program, or if there are several, of all of them.
pub(super) fn side_name(sketch: &Sketch<'_>, is_server: bool) -> String {
    let programs = 0..sketch.state.lab.trace.experiment.programs.len();
    let mut of_side = programs.filter(|program| sketch.state.lab.is_server(*program) == is_server);
    let first = of_side.next();
    if let (Some(program), None) = (first, of_side.next()) {
        program_name(sketch.state, program).to_owned()
    } else {
        let locale = &sketch.state.locale;
        let name = if is_server { locale.text("server") } else { locale.text("picture-clients") };
        name.to_owned()
    }
}
