//! Which steps are shown: the newest, as many as fit. The others are folded.

use framescope_lab::Connection;

use super::arrows::{DROP, LABEL_ABOVE, LABEL_BELOW};
use super::calls;
use super::measures::{FOLD, HEAD, LINE};
use super::rows::{BURST, Lane, Need, Rows};
use super::scene::{self, Step, What};
use super::sketch::Sketch;

/// The height of a tear, in a picture with much and with little space.
const TEAR: f32 = 26.0;
const LOW_TEAR: f32 = 19.0;
/// The greatest available height of a picture with little space.
const LOW: f32 = 330.0;
/// The part of the height that whole phases fill at least. Otherwise one is folded in part.
const FULL: f32 = 0.75;

/// The steps that are shown, and their places.
pub(super) struct Shown<'a> {
    pub(super) steps: Vec<Step<'a>>,
    pub(super) rows: Rows,
    /// How many steps are folded.
    pub(super) folded: usize,
    /// How many of the first steps are from the part that is folded: calls that still wait, and segments that are held.
    pub(super) kept: usize,
}

impl<'a> Shown<'a> {
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
        let place = |(shown, kept): &(Vec<usize>, usize), is_folded: bool| {
            let top = HEAD + if is_folded { FOLD } else { 8.0 };
            let needs = shown.iter().map(|index| needs[*index]);
            let mut needs: Vec<Need> = needs.map(|need| with_name(&steps, shown, need)).collect();
            without_gaps(&mut needs, *kept);
            Rows::place(&needs, top, tear)
        };
        let all: Vec<usize> = (0..steps.len()).collect();
        let whole = (all.clone(), 0);
        let rows = place(&whole, before > 0 || sketch.state.lab.is_unfolded);
        let fits = |rows: &Rows| rows.end <= HEAD + height;
        let ((shown, kept), rows) = if fits(&rows) {
            (whole, rows)
        } else {
            let shown = |first: usize| visible(&steps, first, sketch.number);
            // The more is folded, the lower is the rest. The newest step is never folded.
            let first = |starts: &[usize]| {
                let first = starts.partition_point(|first| !fits(&place(&shown(*first), true)));
                starts.get(first).copied().unwrap_or(steps.len().saturating_sub(1))
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
        Self { steps, rows, folded, kept }
    }
}

/// The indices of the steps from `first` on, and before them of those that stay, and how many these are.
fn visible(steps: &[Step<'_>], first: usize, number: usize) -> (Vec<usize>, usize) {
    let stays = |index: &usize| scene::stays(&steps[*index], number);
    let mut shown: Vec<usize> = (0..first).filter(stays).collect();
    let kept = shown.len();
    shown.extend(first..steps.len());
    (shown, kept)
}

/// What stays of the part that is folded stands close together: no gap in time is told, and no reason to wait.
fn without_gaps(needs: &mut [Need], kept: usize) {
    let at = needs.get(kept).map(|need| need.at);
    for need in &mut needs[..kept] {
        need.at = at.unwrap_or(need.at);
        if matches!(need.lane, Lane::LeftCalls | Lane::RightCalls) {
            need.below = need.below.min(lines(1));
        }
    }
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

/// What a row needs among the steps that are shown: the result of a call that is folded stands below its name.
fn with_name(steps: &[Step<'_>], shown: &[usize], need: Need) -> Need {
    let at = |event: usize| shown.binary_search_by_key(&event, |index| steps[*index].event).ok();
    let what = at(need.event).map(|at| steps[shown[at]].what);
    match what {
        Some(What::Returned(call)) if at(call.called).is_none() => {
            Need { below: need.below + LINE, ..need }
        }
        Some(_) | None => need,
    }
}

fn needs(sketch: &Sketch<'_>, steps: &[Step<'_>]) -> Vec<Need> {
    steps.iter().map(|step| need(sketch, step)).collect()
}

fn need(sketch: &Sketch<'_>, step: &Step<'_>) -> Need {
    let state = sketch.state;
    let program = state.lab.shown_trace().events.get(step.event).map_or(0, |event| event.program);
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
            let label = calls::came_back(state, call, width, false);
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
