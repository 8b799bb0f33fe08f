//! The teacher's console.

use framescope_class::{Answer, Command, Counts, Next, ParticipantId, Person, Phase, Step, Vote};
use framescope_lab::find_variant;

use super::board::{self, Board};
use super::case::case_name;
use super::question::{self, Asked};
use super::result::{self, Revealed, share};
use super::shown_name::shown_name;
use crate::msg::Tab;
use crate::state::{Console, State};

/// The console.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsoleScreen {
    /// The tab on screen.
    pub tab: Tab,
    /// That another console is in charge, or that this one took over.
    pub charge: Option<String>,
    /// Whether this console is in charge.
    pub is_in_charge: bool,
    /// The steps of the plan.
    pub steps: Vec<StepRow>,
    /// What the teacher wants to remember of the step.
    pub note: String,
    /// The question, while it is not revealed.
    pub asked: Option<Asked>,
    /// The counts of the present vote, in the place of the choices of `asked`.
    pub counts: Vec<CountRow>,
    /// The question, when it is revealed.
    pub revealed: Option<Revealed>,
    /// What to do, in a sentence.
    pub headline: String,
    /// The share of right answers on the ruler.
    pub ruler: Option<Ruler>,
    /// What can be done now.
    pub controls: Vec<Control>,
    /// Whether the projector shows the way into the class.
    pub invites: bool,
    /// The board of the challenge. `None` if there is no challenge.
    pub board: Option<ConsoleBoard>,
    /// Whose recordings are on screen, and of which case.
    pub recorded: Option<String>,
    /// Whether students may run on the relay's own sockets.
    pub grants_runs: bool,
    /// How many have not answered the open question, or how many have joined, as a text.
    pub crowd: String,
    /// Who has joined. While a question is open, those who have not answered come first.
    pub people: Vec<PersonRow>,
    /// The phase of the question on screen.
    pub phase: Option<Phase>,
    /// Why the last command was refused.
    pub refused: Option<String>,
    /// The fragment of the lab in the frame.
    pub lab: String,
}

/// The board of the challenge, on the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleBoard {
    /// Who has passed which cases.
    pub board: Board,
    /// Whether it is on the projector.
    pub is_projected: bool,
}

/// A step of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRow {
    /// What it is called.
    pub title: String,
    /// How many minutes it may take.
    pub minutes: String,
    /// Whether it is the one on screen.
    pub is_current: bool,
}

/// How often an answer was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountRow {
    /// The answer.
    pub text: String,
    /// How often.
    pub count: u32,
    /// The same, in per cent of all.
    pub share: u32,
    /// Whether it is right. No answer is before the vote is closed.
    pub is_right: bool,
}

/// The share of right answers, in per cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ruler {
    /// Where the class is.
    pub right: u32,
    /// What is best done.
    pub next: Next,
}

/// Somebody who has joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// Who it is.
    pub id: ParticipantId,
    /// The nickname, or the number.
    pub name: String,
    /// Whether the nickname can be hidden, and is.
    pub is_hidden: Option<bool>,
    /// Whether there is a bet in the present vote.
    pub has_bet: bool,
}

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// What it says.
    pub text: String,
    /// What it does.
    pub press: Press,
    /// Whether the next press of the violet button does it.
    pub is_next: bool,
}

/// What a press of a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// It asks the question.
    Ask,
    /// It lets something happen.
    Command(Command),
    /// It goes to the next step of the plan.
    Step,
}

/// What the violet button does. `None` if this console is not in charge.
#[must_use]
pub fn next_press(console: &Console) -> Option<Press> {
    let told = console.told.as_ref().filter(|told| told.is_in_charge)?;
    let Some(asked) = &told.told.question else {
        let ask = can_ask(console).then_some(Press::Ask);
        // A step without a question is left behind, if there is another.
        return if asks(console) { ask } else { next_step(console).or(ask) };
    };
    Some(match asked.phase {
        Phase::Open => Press::Command(Command::Close),
        Phase::Closed => {
            let talks = told.advice.is_some_and(|advice| advice.next == Next::Talk);
            let again = talks && asked.vote == Vote::First;
            Press::Command(if again { Command::VoteAgain } else { Command::Reveal })
        }
        Phase::Revealed => Press::Command(Command::PutAway),
    })
}

/// Whether the step on screen has a question.
fn asks(console: &Console) -> bool {
    let step = console.entered.as_ref().and_then(|entered| entered.plan.get(console.step));
    step.is_some_and(|step| step.question.is_some())
}

/// Whether there is anything to ask: the step's question, or that of the lesson in the frame.
fn can_ask(console: &Console) -> bool {
    let lesson = console.place.split(' ').next().and_then(find_variant);
    asks(console) || lesson.is_some()
}

fn next_step(console: &Console) -> Option<Press> {
    let steps = console.entered.as_ref().map_or(0, |entered| entered.plan.len());
    (console.step + 1 < steps).then_some(Press::Step)
}

pub(super) fn screen(state: &State, console: &Console) -> ConsoleScreen {
    let told = console.told.as_ref();
    let question = state.question();
    let is_revealed = question.is_some_and(|asked| asked.phase == Phase::Revealed);
    let result = told.and_then(|told| told.result.as_ref());
    let asked = question.filter(|_| !is_revealed);
    let is_in_charge = told.is_some_and(|told| told.is_in_charge);
    let step = console.entered.as_ref().and_then(|entered| entered.plan.get(console.step));
    ConsoleScreen {
        tab: console.tab,
        charge: charge(state, console, is_in_charge),
        is_in_charge,
        steps: steps(state, console),
        note: step.map_or_else(String::new, |step| step.note.clone()),
        asked: asked.map(|asked| question::screen(state, asked)),
        counts: counts(state, console),
        revealed: question
            .filter(|_| is_revealed)
            .zip(result)
            .map(|(asked, outcome)| result::screen(state, asked, outcome)),
        headline: headline(state, console),
        ruler: ruler(console),
        controls: controls(state, console),
        invites: console.invites,
        board: console
            .entered
            .as_ref()
            .filter(|entered| entered.challenge.is_some())
            .zip(told)
            .map(|(entered, told)| ConsoleBoard {
                board: board::screen(state, &told.board, Some(entered)),
                is_projected: told.shows_board,
            }),
        recorded: recorded(state, console),
        grants_runs: told.is_some_and(|told| told.told.grants_runs),
        crowd: crowd(state),
        people: people(state, console),
        phase: question.map(|asked| asked.phase),
        refused: console.refused.map(|_| state.locale.text("command-refused").to_owned()),
        lab: lab(console),
    }
}

fn recorded(state: &State, console: &Console) -> Option<String> {
    let (participant, recordings) = console.recordings.as_ref()?;
    let people = console.told.as_ref().map_or(&[][..], |told| &told.people);
    let person = people.iter().find(|person| person.id == *participant)?;
    let name = shown_name(state, person.id, person.name.as_ref());
    let case = case_name(state, recordings.case);
    let values: [(&str, &dyn std::fmt::Display); 3] =
        [("name", &name), ("case", &case), ("seed", &recordings.seed)];
    Some(state.locale.fill("recorded", &values))
}

fn charge(state: &State, console: &Console, is_in_charge: bool) -> Option<String> {
    console.told.as_ref()?;
    if is_in_charge {
        return None;
    }
    let text = if console.was_in_charge {
        state.locale.text("taken-over")
    } else {
        state.locale.text("other-console")
    };
    Some(text.to_owned())
}

fn steps(state: &State, console: &Console) -> Vec<StepRow> {
    let plan = console.entered.as_ref().map_or(&[][..], |entered| &entered.plan);
    let row = |(index, step): (usize, &Step)| {
        let title = if !step.title.is_empty() {
            step.title.clone()
        } else if let Some(lesson) = &step.lesson {
            lesson_title(state, lesson)
        } else {
            step.question.as_ref().map_or_else(String::new, |asked| question::text(state, asked))
        };
        let minutes = step.minutes.map_or_else(String::new, |minutes| {
            state.locale.fill("minutes", &[("number", &minutes)])
        });
        StepRow { title, minutes, is_current: index == console.step }
    };
    plan.iter().enumerate().map(row).collect()
}

/// The lesson's number and title. The page's texts have the titles.
pub(super) fn lesson_title(state: &State, lesson: &str) -> String {
    let key = format!("title-{lesson}");
    let title = state.locale.text(&key);
    if title == key { lesson.to_owned() } else { format!("{lesson} · {title}") }
}

fn counts(state: &State, console: &Console) -> Vec<CountRow> {
    let Some(told) = &console.told else { return Vec::new() };
    let (Some(tally), Some(asked)) = (&told.tally, &told.told.question) else { return Vec::new() };
    let right = told.result.as_ref().and_then(|result| result.right.as_ref());
    let row = |(answer, count): &(Answer, u32)| CountRow {
        text: question::answer_text(state, &asked.question, answer),
        count: *count,
        share: share(*count, tally.total()),
        is_right: right == Some(answer),
    };
    tally.counts.iter().map(row).collect()
}

fn ruler(console: &Console) -> Option<Ruler> {
    let advice = console.told.as_ref()?.advice?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share is 0 to 1"
    )]
    let right = (advice.right * 100.0).round() as u32;
    Some(Ruler { right, next: advice.next })
}

fn headline(state: &State, console: &Console) -> String {
    let is_in_charge = console.told.as_ref().is_some_and(|told| told.is_in_charge);
    let Some(asked) = state.question() else {
        // Who is not in charge shows the class nothing, and is told so above.
        if !is_in_charge {
            return String::new();
        }
        let text = if console.invites {
            state.locale.text("head-join")
        } else {
            state.locale.text("head-lab")
        };
        return text.to_owned();
    };
    let voted = state.counts();
    match (asked.phase, ruler(console)) {
        (Phase::Open, _) => {
            state.locale.fill("voted", &[("voted", &voted.voted), ("joined", &voted.joined)])
        }
        (Phase::Closed, Some(Ruler { right, next })) => {
            let right: &dyn std::fmt::Display = &right;
            match next {
                Next::Explain => state.locale.fill("advice-explain", &[("right", right)]),
                Next::Talk => state.locale.fill("advice-talk", &[("right", right)]),
                Next::GoOn => state.locale.fill("advice-go-on", &[("right", right)]),
            }
        }
        (Phase::Closed, None) => state.locale.text("closed").to_owned(),
        (Phase::Revealed, _) => state.locale.text("revealed").to_owned(),
    }
}

fn controls(state: &State, console: &Console) -> Vec<Control> {
    let Some(told) = console.told.as_ref().filter(|told| told.is_in_charge) else {
        return Vec::new();
    };
    let next = next_press(console);
    let control = |press: Press| {
        let text = match press {
            Press::Ask => state.locale.text("ask"),
            Press::Command(Command::Close) => state.locale.text("close"),
            Press::Command(Command::VoteAgain) => state.locale.text("vote-again"),
            Press::Command(Command::Reveal) => state.locale.text("reveal"),
            Press::Command(_) => state.locale.text("put-away"),
            Press::Step => state.locale.text("next-step"),
        };
        Control { text: text.to_owned(), press, is_next: next == Some(press) }
    };
    let presses: Vec<Press> = match &told.told.question {
        None => {
            let ask = can_ask(console).then_some(Press::Ask);
            ask.into_iter().chain(next_step(console)).collect()
        }
        Some(asked) => match asked.phase {
            Phase::Open => vec![Press::Command(Command::Close)],
            Phase::Closed => {
                let again = (asked.vote == Vote::First).then_some(Command::VoteAgain);
                again.into_iter().chain([Command::Reveal]).map(Press::Command).collect()
            }
            Phase::Revealed => vec![Press::Command(Command::PutAway)],
        },
    };
    presses.into_iter().map(control).collect()
}

fn crowd(state: &State) -> String {
    let Counts { joined, voted } = state.counts();
    if state.question().is_some_and(|asked| asked.phase == Phase::Open) {
        let (missing, joined) = (joined.saturating_sub(voted), joined);
        let values: [(&str, &dyn std::fmt::Display); 2] =
            [("missing", &missing), ("joined", &joined)];
        state.locale.fill("not-answered", &values)
    } else {
        state.locale.fill("count-joined", &[("number", &joined)])
    }
}

fn people(state: &State, console: &Console) -> Vec<PersonRow> {
    let people = console.told.as_ref().map_or(&[][..], |told| &told.people);
    let row = |person: &Person| PersonRow {
        id: person.id,
        name: shown_name(state, person.id, person.name.as_ref()),
        is_hidden: person.name.as_ref().map(|_| person.is_hidden),
        has_bet: person.has_bet,
    };
    let mut rows: Vec<PersonRow> = people.iter().map(row).collect();
    if state.question().is_some_and(|asked| asked.phase == Phase::Open) {
        rows.sort_by_key(|person| person.has_bet);
    }
    rows
}

/// The fragment of the lab: the lesson of the step, and the token with which it runs on the relay's own sockets.
fn lab(console: &Console) -> String {
    let Some(entered) = &console.entered else { return String::new() };
    let lesson = console.lesson.as_deref().unwrap_or("4a");
    let lesson = format!("lesson={lesson}");
    match &entered.token {
        Some(token) => format!("{lesson}&token={token}"),
        None => lesson,
    }
}
