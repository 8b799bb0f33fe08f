//! What has happened until the moment on screen: above the line of that moment.

use framescope_lab::{CallHistory, Connection, Flow};

use super::arrows::{self, Crossed};
use super::buffers::{self, Buffers};
use super::calls::{self, CallLabel};
use super::columns::{MARK, Side};
use super::folding::Shown;
use super::measures::{FOLD, HEAD, LINE};
use super::scene::{Step, What};
use super::sketch::Sketch;
use super::{past, times};
use crate::screen::drawing::{Anchor, Figure, Point, Span, Style, TEXT};
use crate::text::fit::cut;

/// What has happened, and where it is drawn.
pub(super) struct History<'a> {
    shown: Shown<'a>,
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
        let shown = Shown::new(sketch, connection, limit);
        let mut numbers: Vec<usize> = shown.steps.iter().skip(1).map(|step| step.event).collect();
        numbers.push(sketch.number);
        let flows = sketch.flows.iter();
        let buffers = flows.map(|flow| (flow, buffers::after(sketch.state, flow, &numbers)));
        let buffers = buffers.collect();
        Self { shown, is_unfolded: sketch.state.lab.is_unfolded, buffers }
    }

    /// Its height below the headings.
    pub(super) fn height(&self) -> f32 {
        self.shown.rows.end - HEAD
    }

    /// For each flow of the connection, what its buffers hold at the moment on screen.
    pub(super) fn last_buffers(&self) -> Vec<(&'a Flow, Buffers)> {
        let last = |all: &Vec<Buffers>| all.last().cloned().unwrap_or_default();
        self.buffers.iter().map(|(flow, all)| (*flow, last(all))).collect()
    }

    /// How many steps are folded, and where that is said.
    pub(super) fn fold(&self, wire: Span) -> Option<(usize, Point)> {
        let at = Point::new(wire.middle(), HEAD + FOLD / 2.0);
        (self.shown.folded > 0 || self.is_unfolded).then_some((self.shown.folded, at))
    }

    /// Draws it, down to the line of the moment on screen.
    pub(super) fn draw(&self, sketch: &mut Sketch<'_>, now: f32) {
        self.draw_ground(sketch, now);
        past::draw(sketch, &self.shown.rows.at, &self.buffers, now);
        draw_lifelines(sketch, now);
        times::draw(sketch, &self.shown);
        self.draw_segments(sketch);
        for (index, step) in self.shown.steps.iter().enumerate() {
            self.draw_step(sketch, index, step, now);
        }
    }

    fn draw_ground(&self, sketch: &mut Sketch<'_>, now: f32) {
        for side in [sketch.columns.left, sketch.columns.right] {
            let corner = Point::new(side.kernel.from, HEAD);
            sketch.draw(Figure::Rect(corner, side.kernel.width(), now - HEAD), Style::Kernel);
        }
        if self.shown.folded > 0 && !self.is_unfolded {
            let locale = &sketch.state.locale;
            let text = match self.shown.folded {
                1 => locale.text("picture-folded-one").to_owned(),
                steps => locale.fill("picture-folded", &[("steps", &steps)]),
            };
            let at = Point::new(sketch.columns.wire.middle(), HEAD + FOLD / 2.0);
            let text = cut(&format!("▸ {text}"), TEXT, sketch.columns.wire.width());
            sketch.say(at, Anchor::Middle, &text, Style::Quiet);
        }
    }

    fn draw_segments(&self, sketch: &mut Sketch<'_>) {
        let arrivals = |number: u32| {
            let arrived = self.shown.steps.iter().enumerate().filter(
                move |(_, step)| matches!(step.what, What::Arrived(one, _) if one == number),
            );
            arrived.map(|(index, _)| self.shown.rows.at[index])
        };
        for (index, step) in self.shown.steps.iter().enumerate() {
            let What::Sent(number, history) = step.what else { continue };
            let (sent, arrived) = (self.shown.rows.at[index], arrivals(number).collect());
            arrows::segment(sketch, &Crossed { number, history, sent, arrived });
        }
    }

    /// Whether a call is folded, and what came of it is not.
    fn folds(&self, call: &CallHistory) -> bool {
        self.shown.steps.binary_search_by_key(&call.called, |step| step.event).is_err()
    }

    fn draw_step(&self, sketch: &mut Sketch<'_>, index: usize, step: &Step<'_>, now: f32) {
        let y = self.shown.rows.at[index];
        let state = sketch.state;
        let program =
            state.lab.shown_trace().events.get(step.event).map_or(0, |event| event.program);
        let side = *sketch.columns.side(state.lab.is_server(program));
        match step.what {
            What::Called(call) => {
                let back = self.shown.steps.iter().position(
                    |other| matches!(other.what, What::Returned(one) if one.called == call.called),
                );
                let waits = call.blocked.is_some_and(|event| event < sketch.number);
                let end = if waits { back.map_or(now, |back| self.shown.rows.at[back]) } else { y };
                draw_mark(sketch, &side, y, end, waits);
                let mut label = calls::made(state, call, sketch.number, side.calls.width());
                if index < self.shown.kept {
                    label.more.clear();
                }
                draw_call(sketch, &side, y, &label);
            }
            What::Returned(call) => {
                draw_mark(sketch, &side, y, y, false);
                let label = calls::came_back(state, call, side.calls.width(), self.folds(call));
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
}

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
