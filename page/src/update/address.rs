//! Updates by the page's address. A link is a place: it leads there when the page opens, and on a page that is open.

use framescope_lab::find_variant;

use super::{lesson, session, viewing};
use crate::effect::Effect;
use crate::state::{Lessons, Link, OWN, Problem, State, Tab};

/// The page has opened at its address.
pub(super) fn started(state: &mut State) -> Vec<Effect> {
    let lessons = std::mem::take(&mut state.link.lessons);
    let mut effects = enter(state, lessons);
    if let Some(token) = state.link.token.clone() {
        effects.extend(keep_token(state, token));
    }
    effects.push(Effect::FetchRelayInfo);
    effects
}

/// The page is open, and its address is another.
pub(super) fn changed(state: &mut State, fragment: &str) -> Vec<Effect> {
    let mut link = Link::parse(fragment);
    let mut effects = enter(state, std::mem::take(&mut link.lessons));
    let token = link.token.take();
    effects.extend(session::follow_link(state, link, token.clone()));
    if let Some(token) = token {
        effects.extend(keep_token(state, token));
    }
    effects
}

/// The page keeps the token, and the address does not have it any more: whoever copies the address shares it.
fn keep_token(state: &State, token: String) -> [Effect; 2] {
    [Effect::KeepToken(token), Effect::SetFragment(state.fragment())]
}

/// Shows what the link is about. The address is that of the link already.
fn enter(state: &mut State, lessons: Lessons) -> Vec<Effect> {
    let mut effects = match &lessons.name {
        None => viewing::choose_tab(state, Tab::Live),
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
