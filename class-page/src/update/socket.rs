//! Updates of the WebSocket: it opens, says something, or is lost and opened again.

use framescope_class::{
    ConsoleId, Follow, FromStudent, FromTeacher, Name, Refused, Role as TeacherRole, ToStudent,
    ToTeacher, Token, decode, encode,
};

use super::opening::{CHECK_MS, open};
use super::{recordings, student, teacher};
use crate::effect::{Effect, Kept, ToFrame};
use crate::entrance::{CONSOLE, to_hex};
use crate::state::{Connection, Console, Entered, Life, Mistake, Role, Shown, State};

/// The shortest and the longest time before a lost connection is opened again, in milliseconds. A student's page adds up to
/// as much.
const RETRY_MS: u32 = 250;
const MAX_RETRY_MS: u32 = 4000;

pub(super) fn started(state: &mut State) -> Vec<Effect> {
    match &state.role {
        Role::Student(student) => {
            let typed = student.code.parse().ok();
            // A page that is reloaded comes back by itself, and one with another code asks first.
            let comes_back = student.participant.is_some_and(|(code, _)| Some(code) == typed);
            if comes_back { open(state) } else { Vec::new() }
        }
        Role::Console(console) => {
            if console.key.is_none() {
                state.connection = Connection::Refused(Refused::Key);
                return Vec::new();
            }
            let mut effects: Vec<Effect> = kept(console).into_iter().collect();
            effects.push(Effect::SetFragment(CONSOLE));
            effects.extend(open(state));
            effects
        }
        Role::Projector(projector) if projector.key.is_none() => {
            state.connection = Connection::Refused(Refused::Key);
            Vec::new()
        }
        Role::Projector(_) => open(state),
    }
}

/// What a console keeps for a reload.
fn kept(console: &Console) -> Option<Effect> {
    let mut kept = to_hex(&console.key?.0);
    let ConsoleId(id) = console.id;
    kept.extend([" ", &id.to_string()]);
    Some(Effect::Keep(Kept::Key, kept))
}

/// The first message says who comes in.
pub(super) fn opened(state: &mut State, number: u32) -> Vec<Effect> {
    if number != state.number {
        return Vec::new();
    }
    state.life.is_open = true;
    let message = match &state.role {
        Role::Student(student) => {
            let Ok(code) = student.code.parse() else { return Vec::new() };
            let known = student.participant.filter(|(known, _)| *known == code);
            let token = Some(known.map_or(Token(state.random), |(_, token)| token));
            let name = Name::new(&student.name).ok();
            encode(&FromStudent::Join { code, token, name })
        }
        Role::Console(console) => {
            let Some(key) = console.key else { return Vec::new() };
            encode(&FromTeacher::Enter {
                key,
                role: TeacherRole::Console { number: Some(console.id), before: console.before },
            })
        }
        Role::Projector(projector) => {
            let Some(key) = projector.key else { return Vec::new() };
            encode(&FromTeacher::Enter { key, role: TeacherRole::Projector })
        }
    };
    vec![Effect::Send(message)]
}

pub(super) fn closed(state: &mut State, number: u32) -> Vec<Effect> {
    if number != state.number {
        return Vec::new();
    }
    let tries = match state.connection {
        // The relay notices after a while that other pages of the participant are gone.
        Connection::Refused(Refused::TooMany) => return vec![Effect::RetryLater(MAX_RETRY_MS)],
        Connection::Closed | Connection::Refused(_) => return Vec::new(),
        Connection::Lost { tries } => tries,
        Connection::Opening | Connection::Open => 0,
    };
    state.connection = Connection::Lost { tries: tries + 1 };
    if let Role::Console(console) = &mut state.role {
        console.shows_again = true;
    }
    let wait = RETRY_MS.saturating_mul(1 << tries.min(8)).min(MAX_RETRY_MS);
    vec![Effect::RetryLater(wait + share_of(state, wait))]
}

/// A part of this time that differs from page to page: a class that has lost its relay does not come back all at once.
fn share_of(state: &State, wait: u32) -> u32 {
    let token = match &state.role {
        Role::Student(student) => student.participant.map(|(_, token)| token),
        Role::Console(_) | Role::Projector(_) => None,
    };
    token.map_or(0, |Token([random, ..])| wait * u32::from(random) / 256)
}

/// A relay that says nothing when it is asked is gone, whatever the browser believes.
pub(super) fn checked(state: &mut State, number: u32) -> Vec<Effect> {
    let is_over = matches!(
        state.connection,
        Connection::Closed | Connection::Lost { .. } | Connection::Refused(_)
    );
    if number != state.number || (is_over && state.life.is_open) {
        return Vec::new();
    }
    let Life { is_open, was_heard, was_asked } = state.life;
    if !is_open || (was_asked && !was_heard) {
        return closed(state, number);
    }
    state.life = Life { is_open, was_heard: false, was_asked: !was_heard };
    let ask = (!was_heard).then(|| match &state.role {
        Role::Student(_) => encode(&FromStudent::AreYouThere),
        Role::Console(_) | Role::Projector(_) => encode(&FromTeacher::AreYouThere),
    });
    let ask = ask.map(Effect::Send);
    ask.into_iter().chain([Effect::CheckLater(number, CHECK_MS)]).collect()
}

pub(super) fn retried(state: &mut State) -> Vec<Effect> {
    match state.connection {
        Connection::Lost { .. } | Connection::Refused(Refused::TooMany) => open(state),
        Connection::Closed | Connection::Opening | Connection::Open | Connection::Refused(_) => {
            Vec::new()
        }
    }
}

pub(super) fn received(state: &mut State, number: u32, bytes: &[u8]) -> Vec<Effect> {
    if number != state.number {
        return Vec::new();
    }
    state.life.was_heard = true;
    match &state.role {
        Role::Student(_) => decode(bytes).map_or_else(Vec::new, |said| to_student(state, said)),
        Role::Console(_) => decode(bytes).map_or_else(Vec::new, |said| to_console(state, said)),
        Role::Projector(_) => decode(bytes).map_or_else(Vec::new, |said| to_projector(state, said)),
    }
}

fn to_student(state: &mut State, said: ToStudent) -> Vec<Effect> {
    let Role::Student(page) = &mut state.role else { return Vec::new() };
    match said {
        ToStudent::Joined { token, challenge } => {
            page.challenge = challenge;
            state.connection = Connection::Open;
            page.has_joined = true;
            page.mistake = None;
            let Ok(code) = page.code.parse() else { return Vec::new() };
            page.participant = Some((code, token));
            let kept = format!("{} {}", code.letters(), to_hex(&token.0));
            let mut effects = vec![Effect::Keep(Kept::Participant, kept)];
            effects.extend(student::send_again(page));
            effects
        }
        ToStudent::Told(told) => {
            student::told(page, told);
            Vec::new()
        }
        ToStudent::Counts(counts) => {
            page.counts = counts;
            Vec::new()
        }
        ToStudent::Own(own) => {
            student::own(page, own);
            Vec::new()
        }
        ToStudent::Bet { question, number, refused } => {
            student::answered(page, question, number, refused);
            Vec::new()
        }
        ToStudent::Here => Vec::new(),
        ToStudent::Follow(follow) => self::follow(&mut page.shown, follow),
        ToStudent::Recordings(came) => {
            recordings::came(state, came);
            Vec::new()
        }
        ToStudent::Refused(refused) => {
            page.has_joined = false;
            if refused == Refused::Code {
                page.mistake = Some(Mistake::OtherCode);
                state.connection = Connection::Closed;
                return Vec::new();
            }
            state.connection = Connection::Refused(refused);
            Vec::new()
        }
    }
}

fn to_console(state: &mut State, said: ToTeacher) -> Vec<Effect> {
    let Role::Console(console) = &mut state.role else { return Vec::new() };
    match said {
        ToTeacher::Entered { console: id, code, addresses, plan, token, challenge } => {
            state.connection = Connection::Open;
            console.id = id.unwrap_or(console.id);
            let is_first = console.entered.is_none();
            console.entered = Some(Entered { code, addresses, plan, token, challenge });
            if is_first {
                teacher::go_to_step(console, 0);
            }
            kept(console).into_iter().collect()
        }
        ToTeacher::Console(told) => teacher::told(console, told),
        ToTeacher::Exported { as_table, part, is_last } => {
            console.exported.push_str(&part);
            if !is_last {
                return Vec::new();
            }
            vec![teacher::exported(as_table, std::mem::take(&mut console.exported))]
        }
        ToTeacher::Recordings(came) => {
            recordings::came(state, came);
            Vec::new()
        }
        ToTeacher::Refused(refused) => {
            if refused == Refused::Key {
                state.connection = Connection::Refused(refused);
            } else {
                console.refused = Some(refused);
            }
            Vec::new()
        }
        ToTeacher::Projector(_) | ToTeacher::Follow(_) | ToTeacher::Here => Vec::new(),
    }
}

fn to_projector(state: &mut State, said: ToTeacher) -> Vec<Effect> {
    let Role::Projector(projector) = &mut state.role else { return Vec::new() };
    match said {
        ToTeacher::Entered { console: _, code, addresses, plan, token, challenge } => {
            state.connection = Connection::Open;
            projector.entered = Some(Entered { code, addresses, plan, token, challenge });
            Vec::new()
        }
        ToTeacher::Projector(told) => {
            projector.told = Some(told);
            Vec::new()
        }
        ToTeacher::Follow(follow) => self::follow(&mut projector.shown, follow),
        ToTeacher::Refused(Refused::Key) => {
            state.connection = Connection::Refused(Refused::Key);
            Vec::new()
        }
        ToTeacher::Refused(_)
        | ToTeacher::Console(_)
        | ToTeacher::Exported { .. }
        | ToTeacher::Here
        | ToTeacher::Recordings(_) => Vec::new(),
    }
}

/// What the teacher's page shows has changed. The frame is told.
fn follow(shown: &mut Shown, follow: Follow) -> Vec<Effect> {
    match follow {
        Follow::Nothing => {
            *shown = Shown::default();
            Vec::new()
        }
        Follow::Place(place) => {
            shown.place = Some(place.clone());
            let told = (!place.is_empty()).then_some(Effect::Tell(ToFrame::Place(place)));
            told.into_iter().collect()
        }
        Follow::Part { run, number, part } => {
            if shown.run != Some(run) || number == 0 {
                shown.run = Some(run);
                shown.parts.clear();
            }
            // Parts come in order. One that does not belongs to nothing that is shown.
            if usize::try_from(number) != Ok(shown.parts.len()) {
                return Vec::new();
            }
            let told = ToFrame::part(shown.parts.len(), part.clone());
            shown.parts.push(part);
            vec![Effect::Tell(told)]
        }
    }
}
