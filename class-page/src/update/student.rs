//! Updates of a student's page.

use framescope_class::{Answer, FromStudent, Name, Own, Refused, Told, encode};

use super::opening;
use crate::effect::Effect;
use crate::msg::StudentMsg;
use crate::screen;
use crate::state::{Mistake, Role, Sent, State, Student};

/// The student does something.
pub(super) fn act(state: &mut State, msg: StudentMsg) -> Vec<Effect> {
    let Role::Student(page) = &mut state.role else { return Vec::new() };
    match msg {
        StudentMsg::CodeTyped(code) => {
            page.code = code;
            page.mistake = None;
        }
        StudentMsg::NameTyped(name) => {
            page.name = name;
            page.mistake = None;
        }
        StudentMsg::Join => return join(state),
        StudentMsg::Bet(answer) => return bet(page, answer),
        StudentMsg::NumberTyped(number) => {
            page.draft.number = number;
            page.draft.is_no_number = false;
        }
        StudentMsg::BetDraft => {
            let order = page.draft.order.clone();
            if !order.is_empty() {
                return bet(page, Answer::Order(order));
            }
            let number = whole_number(&page.draft.number).map(Answer::Number);
            page.draft.is_no_number = number.is_none();
            return number.map_or_else(Vec::new, |number| bet(page, number));
        }
        StudentMsg::LineMoved(at, by) => {
            let order = &mut page.draft.order;
            let to = at.saturating_add_signed(by);
            if at < order.len() && to < order.len() {
                let line = order.remove(at);
                order.insert(to, line);
            }
        }
        StudentMsg::PlaceChosen(place) => {
            page.place = place;
            page.recordings = None;
        }
        StudentMsg::CaseChosen(case) => {
            page.case = Some(case);
            page.recordings = None;
        }
        StudentMsg::TryNext => {
            let Some(case) = screen::case_on_screen(page) else { return Vec::new() };
            page.next = Some(case);
            page.no_recordings = None;
            return vec![Effect::Send(encode(&FromStudent::TryNext(case)))];
        }
        StudentMsg::RecordingsShown => {
            let case = screen::case_on_screen(page);
            let ask = |case| Effect::Send(encode(&FromStudent::Recordings(case)));
            return case.map(ask).into_iter().collect();
        }
    }
    Vec::new()
}

/// A whole number, in digits of full width too, as Chinese keyboards write them.
fn whole_number(text: &str) -> Option<i64> {
    let half = |character: char| match character {
        '０'..='９' => {
            char::from_digit(u32::from(character) - u32::from('０'), 10).unwrap_or(character)
        }
        '－' | '−' => '-',
        other => other,
    };
    text.trim().chars().map(half).collect::<String>().parse().ok()
}

fn join(state: &mut State) -> Vec<Effect> {
    let Role::Student(page) = &mut state.role else { return Vec::new() };
    if page.code.parse::<framescope_class::Code>().is_err() {
        page.mistake = Some(Mistake::Code);
        return Vec::new();
    }
    // A nickname may be left out.
    if !page.name.trim().is_empty() && Name::new(&page.name).is_err() {
        page.mistake = Some(Mistake::Name);
        return Vec::new();
    }
    page.mistake = None;
    opening::open(state)
}

/// Bets, if bets are taken. The page counts its bets: a later one has a higher number.
fn bet(page: &mut Student, answer: Answer) -> Vec<Effect> {
    let asked = page.told.as_ref().and_then(|told| told.question.as_ref());
    let Some((question, vote)) =
        asked.filter(|asked| asked.question.takes(&answer)).map(|asked| (asked.number, asked.vote))
    else {
        return Vec::new();
    };
    if !page.can_bet() {
        return Vec::new();
    }
    let taken = page.own.as_ref().filter(|own| own.question == Some(question));
    let taken = taken.map_or(0, |own| own.last_number);
    let sent = page.sent.as_ref().filter(|sent| sent.question == question);
    let number = sent.map_or(0, |sent| sent.number).max(taken) + 1;
    page.refused = None;
    page.sent = Some(Sent { question, number, answer: answer.clone() });
    vec![Effect::Send(encode(&FromStudent::Bet { question, vote, number, answer }))]
}

/// A bet that was on its way when the connection was lost is sent again. If it had been taken, that changes nothing.
pub(super) fn send_again(page: &Student) -> Option<Effect> {
    let asked = page.told.as_ref().and_then(|told| told.question.as_ref())?;
    let sent = page.sent.as_ref().filter(|sent| sent.question == asked.number)?;
    let Sent { question, number, answer } = sent.clone();
    Some(Effect::Send(encode(&FromStudent::Bet { question, vote: asked.vote, number, answer })))
}

/// What everybody may know has changed.
pub(super) fn told(page: &mut Student, told: Told) {
    let known = page.told.as_ref().and_then(|told| told.question.as_ref());
    let vote = |told: Option<&framescope_class::ToldQuestion>| {
        told.map(|asked| (asked.number, asked.vote))
    };
    if vote(known) != vote(told.question.as_ref()) {
        page.sent = None;
        page.refused = None;
    }
    if let Some(asked) = &told.question {
        page.draft.begin(asked);
    }
    page.told = Some(told);
}

/// What only this participant may know has changed. What has just been tried is looked at.
pub(super) fn own(page: &mut Student, own: Own) {
    let known = page.own.as_ref().map_or(&[][..], |own| &own.tried);
    let new = || own.tried.iter().filter(|tried| !known.contains(tried));
    // Several may come at once, and what has failed is looked at first.
    let newest = new().find(|tried| !tried.is_passed()).or_else(|| new().next_back());
    let newest = newest.map(|tried| tried.case);
    if let Some(case) = newest.filter(|_| page.own.is_some()) {
        page.case = Some(case);
        page.next = None;
        page.recordings = None;
        page.no_recordings = None;
    }
    // After a reload the lines are as they were bet.
    if page.own.is_none()
        && let Some(Answer::Order(order)) = own.bets.iter().flatten().next_back()
        && page.draft.question == own.question
    {
        page.draft.order.clone_from(order);
    }
    page.own = Some(own);
}

/// A bet is taken, or is not.
pub(super) fn answered(page: &mut Student, question: u32, number: u64, refused: Option<Refused>) {
    let is_last = |sent: &Sent| sent.question == question && sent.number == number;
    if !page.sent.as_ref().is_some_and(is_last) {
        return;
    }
    page.sent = None;
    // A later bet of another page of the same participant counts.
    page.refused = refused.filter(|refused| *refused != Refused::Late);
}
