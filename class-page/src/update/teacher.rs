//! Updates of the teacher's console.

use framescope_class::{Ask, FromTeacher, MAX_SHOWN, Phase, Show, ToldConsole, encode};
use framescope_lab::{Command as LabCommand, FileReport, SavedFile, Trace, find_variant};

use crate::effect::Effect;
use crate::msg::{FromFrame, TeacherMsg};
use crate::screen;
use crate::state::{Console, Role, State};

/// The teacher, or the lab in the frame, does something.
pub(super) fn act(state: &mut State, msg: TeacherMsg) -> Vec<Effect> {
    let Role::Console(console) = &mut state.role else { return Vec::new() };
    console.refused = None;
    match msg {
        TeacherMsg::StepChosen(step) => {
            go_to_step(console, step);
            Vec::new()
        }
        TeacherMsg::Next => match screen::next_press(console) {
            Some(screen::Press::Ask) => ask(console),
            Some(screen::Press::Command(command)) => say(&FromTeacher::Command(command)),
            Some(screen::Press::Step) => {
                go_to_step(console, console.step + 1);
                Vec::new()
            }
            None => Vec::new(),
        },
        TeacherMsg::Ask => ask(console),
        TeacherMsg::Command(command) => say(&FromTeacher::Command(command)),
        TeacherMsg::TakeOver => say(&FromTeacher::TakeOver),
        TeacherMsg::InvitationToggled => {
            console.invites = !console.invites;
            show_place(console)
        }
        TeacherMsg::TabChosen(tab) => {
            console.tab = tab;
            Vec::new()
        }
        TeacherMsg::Export { as_table, with_names } => {
            say(&FromTeacher::Export { as_table, with_names })
        }
        TeacherMsg::Recordings(participant, case) => {
            console.recordings_of = Some(participant);
            say(&FromTeacher::Recordings(participant, case))
        }
        TeacherMsg::FrameShows(shows) => frame_shows(console, shows),
    }
}

fn say(message: &FromTeacher) -> Vec<Effect> {
    vec![Effect::Send(encode(message))]
}

/// Goes to a step of the plan. The lab goes to its lesson, if it has one.
pub(super) fn go_to_step(console: &mut Console, step: usize) {
    let plan = console.entered.as_ref().map_or(&[][..], |entered| &entered.plan);
    if let Some(chosen) = plan.get(step) {
        console.step = step;
        if chosen.lesson.is_some() {
            console.lesson.clone_from(&chosen.lesson);
        }
    }
}

/// Asks the question of the step on screen, or if it has none, that of the lesson in the frame.
fn ask(console: &Console) -> Vec<Effect> {
    let step = console.entered.as_ref().and_then(|entered| entered.plan.get(console.step));
    if step.is_some_and(|step| step.question.is_some()) {
        let step = u32::try_from(console.step).unwrap_or(u32::MAX);
        return say(&FromTeacher::Ask(Ask::Step(step)));
    }
    let lesson = console.place.split(' ').next().and_then(find_variant);
    lesson
        .map_or_else(Vec::new, |lesson| say(&FromTeacher::Ask(Ask::Lesson(lesson.name.to_owned()))))
}

/// The projector and those who follow go to where the lab is, or to the way into the class.
fn show_place(console: &Console) -> Vec<Effect> {
    let place = if console.invites { String::new() } else { console.place.clone() };
    say(&FromTeacher::Show(Show::Place(place)))
}

/// The class sees what the lab shows, if this console is in charge.
fn frame_shows(console: &mut Console, shows: FromFrame) -> Vec<Effect> {
    if let FromFrame::Place(place) = &shows {
        console.place.clone_from(place);
    }
    let is_in_charge = console.told.as_ref().is_some_and(|told| told.is_in_charge);
    let show = match shows {
        FromFrame::Place(_) if console.invites || !is_in_charge => return Vec::new(),
        FromFrame::Place(_) => return show_place(console),
        FromFrame::Run(source, load) => {
            // What the lab in the frame sends to its runner is in bounds.
            let Ok(LabCommand::Load(experiment)) = LabCommand::decode(&load) else {
                return Vec::new();
            };
            let head = SavedFile::Trace(Trace::new(source, experiment));
            console.run.clear();
            Show::Run(FileReport::Head(Box::new(head), 0).encode())
        }
        FromFrame::Report(report) => Show::Part(report),
    };
    keep(console, &show);
    if !is_in_charge {
        return Vec::new();
    }
    // The class sees the run.
    let begins = matches!(show, Show::Run(_)) && std::mem::take(&mut console.invites);
    let mut effects = if begins { show_place(console) } else { Vec::new() };
    effects.extend(say(&FromTeacher::Show(show)));
    effects
}

/// Keeps what is shown of the run, as far as a class follows it.
fn keep(console: &mut Console, show: &Show) {
    let length = |show: &Show| match show {
        Show::Run(part) | Show::Part(part) => part.len(),
        Show::Place(_) => 0,
    };
    let kept: usize = console.run.iter().map(length).sum();
    if kept + length(show) <= MAX_SHOWN {
        console.run.push(show.clone());
    }
}

/// The class sees what this console shows: the run from its beginning, and the place.
fn show_all(console: &Console) -> Vec<Effect> {
    let run = console.run.iter().flat_map(|show| say(&FromTeacher::Show(show.clone())));
    run.chain(show_place(console)).collect()
}

/// What the console may know has changed.
pub(super) fn told(console: &mut Console, told: ToldConsole) -> Vec<Effect> {
    console.was_in_charge |= told.is_in_charge;
    let is_new = |told: &ToldConsole| {
        told.told.question.as_ref().map(|asked| (asked.number, asked.phase == Phase::Open))
    };
    let asks_anew = console.told.as_ref().is_none_or(|known| is_new(known) != is_new(&told));
    if asks_anew {
        console.refused = None;
    }
    let is_first = console.told.is_none();
    let was_in_charge = console.told.as_ref().is_some_and(|known| known.is_in_charge);
    let takes_charge = told.is_in_charge && !was_in_charge;
    if is_first {
        console.invites = told.shows_no_place;
    }
    let is_in_charge = told.is_in_charge;
    console.told = Some(told);
    if !is_in_charge {
        return Vec::new();
    }
    let may_have_missed = std::mem::take(&mut console.shows_again);
    if may_have_missed || takes_charge && !is_first { show_all(console) } else { Vec::new() }
}

/// What is kept, as a file.
pub(super) fn exported(as_table: bool, text: String) -> Effect {
    let (name, kind) = if as_table {
        ("class.csv", "text/csv;charset=utf-8")
    } else {
        ("class.json", "application/json")
    };
    Effect::Download { name, kind, text }
}
