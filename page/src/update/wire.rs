//! Updates of the wire: what is held, and what becomes of it.

use framescope_lab::{Command, MAX_WIRE_RULES, WireAction, WireCommand, WireRule, WireSetup};

use super::lab_channel;
use crate::effect::Effect;
use crate::msg::SegmentFate;
use crate::screen::network::wire_setup;
use crate::state::{Lab, State};

/// How much later a segment arrives that the user delays, in microseconds.
const DELAY_US: u64 = 100_000;

/// From now on the wire holds every segment, or does what the experiment says. What it held is delivered then.
pub(super) fn toggle_hold(state: &mut State) -> Vec<Effect> {
    let lab = &mut state.lab;
    lab.holds_segments = !lab.holds_segments;
    if !lab.is_loaded || lab.is_over() {
        return Vec::new();
    }
    let mut commands = vec![WireCommand::Rules(rules(lab))];
    if !lab.holds_segments {
        commands.push(WireCommand::DeliverAll);
    }
    let send = |command| lab_channel::send(state, &Command::Wire(command));
    commands.into_iter().flat_map(send).collect()
}

/// The user has said in words what happens on the wire. In a run that has begun, other rules hold from now on; latency, MTU
/// and seed are those of the next run.
pub(super) fn typed(state: &mut State, text: String) -> Vec<Effect> {
    let setup: WireSetup = match text.parse() {
        Ok(setup) => setup,
        Err(error) => {
            state.link.lessons.no_wire = Some((text, error));
            return Vec::new();
        }
    };
    state.link.lessons.no_wire = None;
    let lab = &mut state.lab;
    if setup == *wire_setup(&state.link, lab) {
        return Vec::new();
    }
    let is_own = setup == lab.own_experiment().wire;
    lab.experiment.wire.clone_from(&setup);
    state.link.lessons.wire = (!is_own).then_some(setup);
    let mut effects = Vec::new();
    if lab.is_loaded && !lab.trace.events.is_empty() && !lab.is_over() {
        let rules = WireCommand::Rules(rules(lab));
        effects = lab_channel::send(state, &Command::Wire(rules));
    } else {
        lab.is_loaded = false;
    }
    effects.push(Effect::SetFragment(state.fragment()));
    effects
}

/// The user says what becomes of a segment.
pub(super) fn decide(state: &mut State, number: u32, fate: SegmentFate) -> Vec<Effect> {
    if state.lab.is_over() {
        return Vec::new();
    }
    let command = match fate {
        SegmentFate::Deliver => WireCommand::Deliver(number),
        SegmentFate::Drop => WireCommand::Drop(number),
        SegmentFate::Delay => WireCommand::Delay(number, DELAY_US),
        SegmentFate::Duplicate => WireCommand::Duplicate(number),
    };
    lab_channel::send(state, &Command::Wire(command))
}

/// Tells the runner, after it has loaded the experiment, that the user holds every segment.
pub(super) fn after_load(state: &mut State) -> Vec<Effect> {
    if !state.lab.holds_segments {
        return Vec::new();
    }
    let rules = WireCommand::Rules(rules(&state.lab));
    lab_channel::send(state, &Command::Wire(rules))
}

fn rules(lab: &Lab) -> Vec<WireRule> {
    let hold = lab.holds_segments.then(|| WireRule::for_all(WireAction::Hold));
    let rules = hold.into_iter().chain(lab.experiment.wire.rules.iter().copied());
    rules.take(MAX_WIRE_RULES).collect()
}
