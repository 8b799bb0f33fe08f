//! Stepping and playing through what was recorded; in the lab, also what was not run yet.

use super::lab;
use super::viewing::{show_end, stop_playing};
use crate::effect::Effect;
use crate::msg::Move;
use crate::state::{Model, Room};

pub(super) fn step(model: &mut Model, by: Move) -> Vec<Effect> {
    if model.room == Room::Lab && model.cursor.is_none() && by == Move::By(1) {
        return lab::step(model, None);
    }
    let effects = stop_playing(model);
    step_to(model, by);
    effects
}

pub(super) fn step_to_number(model: &mut Model, number: usize) -> Vec<Effect> {
    let last = *model.positions().end();
    let from = model.cursor.unwrap_or(last);
    let by = i64::try_from(number).unwrap_or(i64::MAX) - i64::try_from(from).unwrap_or(i64::MAX);
    step(model, Move::By(by))
}

fn step_to(model: &mut Model, by: Move) {
    let numbers = model.positions();
    let (first, last) = (*numbers.start() as u64, *numbers.end() as u64);
    let from = model.cursor.map_or(last, |cursor| cursor as u64);
    let to = by.apply(from, first, last);
    model.cursor = (to < last).then(|| usize::try_from(to).unwrap_or(usize::MAX));
    model.follow = model.cursor.is_none();
    show_end(model);
}

pub(super) fn toggle_play(model: &mut Model) -> Vec<Effect> {
    if model.playing {
        return stop_playing(model);
    }
    let goes_on = model.room == Room::Lab && model.lab.next_side().is_some();
    if *model.positions().end() == 0 && !goes_on {
        return Vec::new();
    }
    if model.cursor.is_none() && !goes_on {
        step_to(model, Move::First);
    }
    model.playing = true;
    vec![Effect::Play(true)]
}

pub(super) fn tick(model: &mut Model) -> Vec<Effect> {
    if !model.playing {
        return Vec::new();
    }
    let goes_on = model.room == Room::Lab && model.lab.next_side().is_some();
    if model.cursor.is_none() && goes_on {
        return lab::go_on(model, None);
    }
    step_to(model, Move::By(1));
    if model.cursor.is_none() && !goes_on { stop_playing(model) } else { Vec::new() }
}
