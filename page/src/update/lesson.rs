//! Updates of what the lab is about: a lesson, programs of a link, or a trace of a file.

use framescope_lab::{Timeline, Trace, Variant, find_variant, lessons, variant_of, variants};
use framescope_protocol::paths;
use framescope_record::Source;

use super::{opening, programs, run, viewing};
use crate::effect::{Effect, FileSource};
use crate::state::{Asked, LessonTexts, Lessons, OWN, Problem, State, Tab, WATCHED};
use crate::text::{Language, Texts};

/// The longest time between two digits of one number, in milliseconds.
const DIGITS_MS: f64 = 1500.0;

pub(super) fn choose_by_name(state: &mut State, name: &str) -> Vec<Effect> {
    if name == OWN {
        return choose(state, None);
    }
    if name == WATCHED {
        return open_watched(state);
    }
    find_variant(name).map_or_else(Vec::new, |variant| choose(state, Some(variant)))
}

/// Asks the relay which programs it watches.
pub(super) fn open_watched(state: &mut State) -> Vec<Effect> {
    let path = paths::WATCHED.to_owned();
    opening::begin(state, FileSource::Fetched(path.clone()), path)
}

/// Shows the lab with this lesson's variant.
fn choose(state: &mut State, variant: Option<&'static Variant>) -> Vec<Effect> {
    state.tab = Tab::Lab;
    state.lab.variant = variant;
    state.lab.prediction = None;
    state.lab.asked = None;
    state.lab.ahead = None;
    state.link.lessons.programs.clear();
    state.link.lessons.wire = None;
    state.link.lessons.no_wire = None;
    state.lab.editor = None;
    show_own_programs(state);
    run::begin_new_run(state)
}

/// Shows the lesson's own programs, or none if its texts have not arrived.
fn show_own_programs(state: &mut State) {
    let experiment = state.lab.own_experiment();
    state.lab.replace_experiment(experiment, true);
}

/// Shows the variant that is `by` places after the current one in the course.
pub(super) fn choose_adjacent(state: &mut State, by: isize) -> Vec<Effect> {
    let variants: Vec<_> = variants().collect();
    let at = variants.iter().position(|variant| variant.name == state.lab.name());
    let next = at.and_then(|at| variants.get(at.checked_add_signed(by)?));
    next.map_or_else(Vec::new, |variant| choose(state, Some(variant)))
}

/// Shows the first variant of the lesson with the number that ends with this digit.
pub(super) fn choose_digit(state: &mut State, digit: u8, now: f64) -> Vec<Effect> {
    let first = |number: u8| lessons().find(|lesson| lesson.number == number)?.variants.first();
    let before = state.digit.take().filter(|(_, at)| now - at <= DIGITS_MS);
    let of_two = before.and_then(|(tens, _)| first(tens * 10 + digit));
    if of_two.is_none() {
        state.digit = Some((digit, now));
    }
    let variant = of_two.or_else(|| first(digit));
    variant.map_or_else(Vec::new, |variant| choose(state, Some(variant)))
}

/// Shows the lesson whose number or name was typed, or says that there is none.
pub(super) fn go(state: &mut State, typed: &str) -> Vec<Effect> {
    state.go = false;
    let name = typed.trim().to_ascii_lowercase();
    if name.is_empty() {
        return Vec::new();
    }
    let effects = choose_by_name(state, &name);
    if effects.is_empty() {
        state.problem = Some(Problem::NoLesson(name));
    }
    effects
}

/// Shows the lesson and the changed programs of a link.
pub(super) fn follow_link(state: &mut State, link: Lessons) -> Vec<Effect> {
    let name = link.name.clone().unwrap_or_default();
    let mut effects = choose_by_name(state, &name);
    state.lab.ahead = link.moment;
    state.link.lessons = Lessons { name: None, moment: None, ..link };
    effects.extend(take_linked_programs(state));
    effects
}

/// Uses the programs of the link, once those that they replace are there.
fn take_linked_programs(state: &mut State) -> Vec<Effect> {
    if !state.lab.has_programs() || state.link.lessons.programs.is_empty() {
        return Vec::new();
    }
    let linked = std::mem::take(&mut state.link.lessons.programs);
    programs::follow_link(state, linked)
}

/// Asks for the texts of the lesson on screen, unless they are there.
pub(super) fn ask_for_texts(state: &mut State) -> Option<Effect> {
    let name = state.lab.variant.filter(|_| state.tab == Tab::Lab)?.name;
    let language = state.locale.language;
    let is_there = state.lab.texts(language).is_some_and(|texts| texts.language == language);
    let is_asked = |asked: &Asked| asked.variant == name && asked.language == language;
    if is_there || state.lab.asked.as_ref().is_some_and(is_asked) {
        return None;
    }
    state.lab.asked = Some(Asked { variant: name, language, has_failed: false });
    Some(Effect::FetchLesson(name, language))
}

/// The texts of a variant have arrived, or could not be fetched.
pub(super) fn texts_arrived(
    state: &mut State,
    variant: &'static str,
    language: Language,
    texts: Option<Texts>,
) -> Vec<Effect> {
    let Some(texts) = texts else {
        let asked = Asked { variant, language, has_failed: false };
        if let Some(wanted) = state.lab.asked.as_mut().filter(|wanted| **wanted == asked) {
            wanted.has_failed = true;
        }
        return Vec::new();
    };
    let has_arrived = |known: &LessonTexts| known.variant == variant && known.language == language;
    if !state.lab.lesson_texts.iter().any(has_arrived) {
        state.lab.lesson_texts.push(LessonTexts { variant, language, texts });
    }
    if state.lab.has_programs() || state.lab.name() != variant {
        return Vec::new();
    }
    show_own_programs(state);
    take_linked_programs(state)
}

/// Shows the lab with a trace that was read from a file.
pub(super) fn import(state: &mut State, trace: Trace, timeline: Timeline) -> Vec<Effect> {
    state.tab = Tab::Lab;
    state.lab.editor = None;
    let own = variant_of(&trace.experiment.programs).filter(|_| !trace.experiment.watched);
    state.lab.variant = own;
    state.lab.prediction = None;
    state.lab.asked = None;
    state.lab.ahead = None;
    state.link.lessons.programs.clear();
    state.link.lessons.wire = None;
    state.link.lessons.no_wire = None;
    state.lab.replace_experiment(trace.experiment.clone(), own.is_some());
    if trace.events.is_empty() && state.is_watching() {
        // Nothing has happened yet: the first step begins the run.
        run::choose_runner(state, Source::Measured);
        state.lab.clear_run();
    } else {
        state.lab.timeline = timeline;
        state.lab.trace = trace;
        state.lab.is_imported = true;
    }
    let mut effects = viewing::show_newest_moment(state);
    effects.push(Effect::SetFragment(state.fragment()));
    effects
}
