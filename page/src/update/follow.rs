//! Updates of a page that follows the teacher's page of a class.

use framescope_lab::{FileReport, Report, SavedFile, Trace, find_variant, variant_of};
use framescope_record::Recording;

use super::{lab_channel, lesson, viewing};
use crate::effect::Effect;
use crate::msg::Followed;
use crate::state::{Connection, State, Tab};

/// Shows what the teacher's page shows. What cannot be read is left out.
pub(super) fn follow(state: &mut State, followed: Followed) -> Vec<Effect> {
    match followed {
        Followed::Run(head) => {
            if let Some(FileReport::Head(head, _)) = FileReport::decode(&head) {
                return match *head {
                    SavedFile::Trace(trace) => begin(state, trace),
                    SavedFile::Recording(recording) => show_recording(state, recording),
                };
            }
        }
        Followed::Report(report) => {
            if let Some(report) = Report::decode(&report) {
                return lab_channel::take(state, report);
            }
        }
        Followed::Place(place) => return go_to(state, &place),
    }
    Vec::new()
}

fn begin(state: &mut State, Trace { source, experiment, .. }: Trace) -> Vec<Effect> {
    state.tab = Tab::Lab;
    state.lab.source = source;
    state.lab.variant = variant_of(&experiment.programs);
    let is_own = state.lab.variant.is_some();
    state.lab.replace_experiment(experiment, is_own);
    state.lab.is_loaded = true;
    viewing::show_newest_moment(state)
}

/// Shows a recording, and nothing else. It is of messages with a header.
fn show_recording(state: &mut State, mut recording: Recording) -> Vec<Effect> {
    let events = std::mem::take(&mut recording.events);
    let mut connection = Connection::recorded(recording, state.max_payload());
    for (number, event) in (1..).zip(&events) {
        connection.cross(number, event);
    }
    let number = state.next_number();
    connection.number = number;
    state.connections = vec![connection];
    state.tab = Tab::Live;
    state.link.is_framed = true;
    viewing::show(state, number)
}

/// Goes to a lesson and a moment.
fn go_to(state: &mut State, place: &str) -> Vec<Effect> {
    let (name, event) = place.split_once(' ').unwrap_or((place, ""));
    let is_elsewhere = state.tab != Tab::Lab || state.lab.name() != name;
    let mut effects = match find_variant(name).filter(|_| is_elsewhere) {
        Some(_) => lesson::choose_by_name(state, name),
        None => Vec::new(),
    };
    match event.parse::<usize>() {
        Ok(event) => {
            let moments = state.lab.timeline.moments();
            let at = moments.partition_point(|moment| *moment <= event).saturating_sub(1);
            state.cursor = Some(at);
            state.follow = false;
        }
        Err(_) => effects.extend(viewing::show_newest_moment(state)),
    }
    effects.retain(|effect| !matches!(effect, Effect::SetFragment(_)));
    effects
}
