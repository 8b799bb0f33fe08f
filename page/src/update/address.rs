//! Updates by the page's address. A link is a place: it leads there when the page opens, and on a page that is open.

use framescope_lab::find_variant;

use super::{lesson, session, viewing};
use crate::effect::Effect;
use crate::state::{Lessons, Link, OWN, Problem, State, Tab, WATCHED};

/// The page has opened at its address.
pub(super) fn started(state: &mut State) -> Vec<Effect> {
    let link = state.link.clone();
    let lessons = std::mem::take(&mut state.link.lessons);
    let mut effects = enter(state, lessons);
    effects.extend(keep_token(&link));
    effects.push(Effect::FetchRelayInfo);
    effects
}

/// The page is open, and its address is another.
pub(super) fn changed(state: &mut State, fragment: &str) -> Vec<Effect> {
    let mut link = Link::parse(fragment);
    let kept = keep_token(&link);
    state.is_tab_chosen = true;
    let mut effects = enter(state, std::mem::take(&mut link.lessons));
    let token = link.token.take();
    effects.extend(session::follow_link(state, link, token));
    effects.extend(kept);
    effects
}

/// The page keeps the token, and the address does not have it any more: whoever copies the address shares it.
fn keep_token(link: &Link) -> Vec<Effect> {
    let Some(token) = link.token.clone() else { return Vec::new() };
    vec![Effect::KeepToken(token), Effect::SetFragment(link.to_fragment())]
}

/// Shows what the link is about. The address is that of the link already.
fn enter(state: &mut State, lessons: Lessons) -> Vec<Effect> {
    if matches!(state.problem, Some(Problem::NoLesson(_))) {
        state.problem = None;
    }
    let mut effects = match &lessons.name {
        None => viewing::choose_tab(state, Tab::Live),
        // The relay says later which programs it watches.
        Some(name) if name == WATCHED && !state.lab.experiment.watched => {
            viewing::choose_tab(state, Tab::Live)
        }
        Some(name) if name != OWN && find_variant(name).is_none() => {
            let problem = Problem::NoLesson(name.clone());
            let effects = viewing::choose_tab(state, Tab::Lab);
            state.problem = Some(problem);
            effects
        }
        Some(_) if lessons == state.lessons() => viewing::choose_tab(state, Tab::Lab),
        Some(_) => lesson::follow_link(state, lessons),
    };
    effects.retain(|effect| !matches!(effect, Effect::SetFragment(_)));
    effects
}
