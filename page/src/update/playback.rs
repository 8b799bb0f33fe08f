//! Updates for stepping and playing through the recorded events. In the lab they also make the next
//! steps of the run.

use super::viewing::{show_end, stop_playing};
use super::{lab, lesson};
use crate::effect::Effect;
use crate::msg::Move;
use crate::state::{State, Tab};

/// One step forward. At the end of a lesson, on to the next one.
pub(super) fn go_on(state: &mut State) -> Vec<Effect> {
    if state.tab == Tab::Lab && state.cursor.is_none() && state.lab.is_at_end() {
        return lesson::choose_adjacent(state, 1);
    }
    step(state, Move::By(1))
}

/// One step back. At the beginning of a lesson, back to the one before.
pub(super) fn go_back(state: &mut State) -> Vec<Effect> {
    let positions = state.positions();
    let is_at_beginning = state.cursor.unwrap_or(*positions.end()) == *positions.start();
    if state.tab == Tab::Lab && is_at_beginning && state.lab.editor.is_none() {
        return lesson::choose_adjacent(state, -1);
    }
    step(state, Move::By(-1))
}

pub(super) fn step(state: &mut State, by: Move) -> Vec<Effect> {
    if state.tab == Tab::Lab && state.cursor.is_none() && by == Move::By(1) {
        return lab::step(state, None, state.lab.until);
    }
    let effects = stop_playing(state);
    step_to(state, by);
    effects
}

pub(super) fn step_to_number(state: &mut State, number: usize) -> Vec<Effect> {
    let last = *state.positions().end();
    let from = state.cursor.unwrap_or(last);
    let by = i64::try_from(number).unwrap_or(i64::MAX) - i64::try_from(from).unwrap_or(i64::MAX);
    step(state, Move::By(by))
}

fn step_to(state: &mut State, by: Move) {
    let numbers = state.positions();
    let (first, last) = (*numbers.start() as u64, *numbers.end() as u64);
    let from = state.cursor.map_or(last, |cursor| cursor as u64);
    let to = by.apply(from, first, last);
    state.cursor = (to < last).then(|| usize::try_from(to).unwrap_or(usize::MAX));
    state.follow = state.cursor.is_none();
    show_end(state);
}

pub(super) fn toggle_play(state: &mut State) -> Vec<Effect> {
    if state.playing {
        return stop_playing(state);
    }
    let goes_on = run_goes_on(state);
    if *state.positions().end() == 0 && !goes_on {
        return Vec::new();
    }
    if state.cursor.is_none() && !goes_on {
        step_to(state, Move::First);
    }
    state.playing = true;
    vec![Effect::Play(true)]
}

/// Whether the run on screen can be stepped, now or when what is on its way has arrived.
fn run_goes_on(state: &State) -> bool {
    state.tab == Tab::Lab && (state.lab.goes_on() || state.lab.moves())
}

/// Steps the lesson by itself, until the user touches the page.
pub(super) fn show_by_itself(state: &mut State) -> Vec<Effect> {
    if state.is_touched || state.reduced_motion {
        return Vec::new();
    }
    state.playing = true;
    vec![Effect::Play(true)]
}

pub(super) fn tick(state: &mut State) -> Vec<Effect> {
    if !state.playing {
        return Vec::new();
    }
    let is_not_there = !state.lab.has_programs() || state.lab.awaited > 0;
    if state.tab == Tab::Lab && state.cursor.is_none() && is_not_there {
        return Vec::new();
    }
    let goes_on = run_goes_on(state);
    if state.cursor.is_none() && goes_on {
        return lab::step_in_place(state, None, state.lab.until);
    }
    step_to(state, Move::By(1));
    if state.cursor.is_none() && !goes_on { stop_playing(state) } else { Vec::new() }
}
