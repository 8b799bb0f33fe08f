//! `update(&mut State, Msg) -> Vec<Effect>`: the only function that changes the state.
//!
//! What comes in: the state and a message. What goes out: the effects that the shell carries out.
//!
//! May use: `effect`, `entrance`, `msg`, `screen`, `state`.

mod opening;
mod recordings;
mod socket;
mod student;
mod teacher;

use framescope_class::Question;
use framescope_lab::find_variant;
use framescope_page::state::LessonTexts;
use framescope_page::text::{Language, Locale, Texts};

use crate::effect::{Effect, ToFrame};
use crate::msg::Msg;
use crate::state::{Role, Shown, State};

/// Changes the state and returns what the shell has to do.
pub fn update(state: &mut State, msg: Msg) -> Vec<Effect> {
    let mut effects = carry_out(state, msg);
    effects.extend(ask_for_lesson(state));
    effects
}

fn carry_out(state: &mut State, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Started => socket::started(state),
        Msg::TextsArrived(language, texts) => texts_arrived(state, language, texts),
        Msg::LessonArrived(variant, language, texts) => {
            if let Some(texts) = texts {
                state.lessons.push(LessonTexts { variant, language, texts });
            }
            Vec::new()
        }
        Msg::LanguageToggled => vec![Effect::FetchTexts(state.locale.language.other())],
        Msg::Opened(number) => {
            // What could not be fetched without a network is asked for again.
            let State { asked, lessons, .. } = state;
            asked.retain(|asked| {
                lessons.iter().any(|texts| (texts.variant, texts.language) == *asked)
            });
            socket::opened(state, number)
        }
        Msg::Received(number, bytes) => socket::received(state, number, &bytes),
        Msg::Closed(number) => socket::closed(state, number),
        Msg::Retried => socket::retried(state),
        Msg::Checked(number) => socket::checked(state, number),
        Msg::Student(msg) => student::act(state, msg),
        Msg::Teacher(msg) => teacher::act(state, msg),
        Msg::FrameReady => frame_ready(state),
        Msg::RecordingsClosed => recordings::close(state),
        Msg::RecordedReady(which) => recordings::tell(state, which).into_iter().collect(),
    }
}

fn texts_arrived(state: &mut State, language: Language, texts: Option<Texts>) -> Vec<Effect> {
    if let Some(texts) = texts {
        state.locale = Locale::new(language, texts);
    }
    Vec::new()
}

/// The texts of the lesson that is asked about, unless they are there or on their way.
fn ask_for_lesson(state: &mut State) -> Option<Effect> {
    let Question::Lesson { variant, .. } = &state.question()?.question else { return None };
    let wanted = (find_variant(variant)?.name, state.locale.language);
    if state.asked.contains(&wanted) {
        return None;
    }
    state.asked.push(wanted);
    Some(Effect::FetchLesson(wanted.0, wanted.1))
}

/// The frame has loaded, and is told all that is known.
fn frame_ready(state: &State) -> Vec<Effect> {
    match &state.role {
        Role::Student(student) => all_of(&student.shown),
        Role::Projector(projector) => all_of(&projector.shown),
        Role::Console(_) => Vec::new(),
    }
}

fn all_of(shown: &Shown) -> Vec<Effect> {
    let parts =
        shown.parts.iter().enumerate().map(|(number, part)| ToFrame::part(number, part.clone()));
    let place = shown.place.clone().filter(|place| !place.is_empty()).map(ToFrame::Place);
    parts.chain(place).map(Effect::Tell).collect()
}
