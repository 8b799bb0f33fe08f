//! A question that is revealed: what the class believed, beside what the sockets did.

use framescope_class::{Answer, Outcome, Question, Tally, ToldQuestion, Vote};

use super::question;
use super::stream::Cut;
use crate::state::{Role, State};

/// A question that is revealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revealed {
    /// What was asked.
    pub text: String,
    /// What is right, in a sentence. `None` if nothing is.
    pub right: Option<String>,
    /// A row for each answer.
    pub rows: Vec<ResultRow>,
    /// Whether there was a second vote.
    pub has_second: bool,
    /// What was measured, and how often. `None` if nothing was.
    pub runs: Option<String>,
    /// Why it is so.
    pub why: String,
}

/// What became of an answer. Shares are in per cent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultRow {
    /// The answer.
    pub text: String,
    /// Where it says that the stream is cut.
    pub cut: Option<Cut>,
    /// The share of the first vote.
    pub first: u32,
    /// The share of the second vote.
    pub second: Option<u32>,
    /// The share of the runs.
    pub runs: Option<u32>,
    /// How many runs that were, as a text. If it is right that it depends: whether these runs differ.
    pub runs_text: String,
    /// Whether it is right.
    pub is_right: bool,
    /// Whether it is this page's last bet.
    pub is_own: bool,
}

pub(super) fn screen(state: &State, asked: &ToldQuestion, outcome: &Outcome) -> Revealed {
    let measured = outcome.measured.as_ref();
    let runs: u32 =
        measured.map_or(0, |measured| measured.runs.iter().sum::<u32>() + measured.other);
    let own = match &state.role {
        Role::Student(student) => student.own.as_ref().and_then(|own| {
            let last = own.bets[Vote::Second as usize].as_ref();
            last.or(own.bets[Vote::First as usize].as_ref())
        }),
        Role::Console(_) | Role::Projector(_) => None,
    };
    let outcomes = measured.map_or(0, |measured| {
        measured.runs.iter().chain([&measured.other]).filter(|count| **count > 0).count()
    });
    let differ = outcomes > 1;
    let answers = answers(outcome);
    let cuts = question::drawn(state, &asked.question).map_or_else(Vec::new, |(_, cuts)| cuts);
    let mut rows: Vec<ResultRow> = answers
        .iter()
        .map(|answer| {
            let of_runs = match answer {
                Answer::Choice(choice) if runs > 0 => {
                    measured.and_then(|measured| measured.runs.get(usize::from(*choice))).copied()
                }
                Answer::Choice(_) | Answer::Number(_) | Answer::Order(_) => None,
            };
            let is_right = outcome.right.as_ref() == Some(answer);
            // No run has "it depends" as its outcome: all of them together have.
            let depends = is_right && of_runs == Some(0);
            let of_runs = of_runs.filter(|_| !depends);
            ResultRow {
                text: question::unbroken(&question::answer_text(state, &asked.question, answer)),
                cut: match answer {
                    Answer::Choice(choice) => cuts.get(usize::from(*choice)).cloned(),
                    Answer::Number(_) | Answer::Order(_) => None,
                },
                first: share_of(&outcome.first, answer),
                second: outcome.second.as_ref().map(|tally| share_of(tally, answer)),
                runs: of_runs.map(|count| share(count, runs)),
                runs_text: match of_runs {
                    Some(count) => state.locale.fill("runs-of-answer", &[("number", &count)]),
                    None if depends && differ => state.locale.text("runs-differ").to_owned(),
                    None if depends => state.locale.text("runs-alike").to_owned(),
                    None => String::new(),
                },
                is_right,
                is_own: own == Some(answer),
            }
        })
        .collect();
    let other = measured.map_or(0, |measured| measured.other);
    if runs > 0 && other > 0 {
        rows.push(ResultRow {
            text: state.locale.text("other").to_owned(),
            cut: None,
            first: share(outcome.first.other, outcome.first.total()),
            second: outcome.second.as_ref().map(|tally| share(tally.other, tally.total())),
            runs: Some(share(other, runs)),
            runs_text: state.locale.fill("runs-of-answer", &[("number", &other)]),
            is_right: false,
            is_own: false,
        });
    }
    let right = outcome.right.as_ref();
    Revealed {
        text: question::text(state, &asked.question),
        right: right.map(|answer| {
            let answer = question::answer_text(state, &asked.question, answer);
            state.locale.fill("right", &[("answer", &answer)])
        }),
        rows,
        has_second: outcome.second.is_some(),
        runs: (runs > 0).then(|| state.locale.fill("runs", &[("number", &runs)])),
        why: match &asked.question {
            Question::Lesson { variant, .. } => state
                .lesson(variant)
                .map_or_else(String::new, |texts| texts.explanation().to_owned()),
            Question::Own { .. } => String::new(),
        },
    }
}

/// All answers that somebody gave, and the right one. Choices in their order.
fn answers(outcome: &Outcome) -> Vec<Answer> {
    let second = outcome.second.iter().flat_map(|tally| &tally.counts);
    let mut answers: Vec<Answer> = Vec::new();
    let given = outcome.first.counts.iter().chain(second).map(|(answer, _)| answer);
    for answer in given.chain(&outcome.right) {
        if !answers.contains(answer) {
            answers.push(answer.clone());
        }
    }
    answers
}

fn share_of(tally: &Tally, answer: &Answer) -> u32 {
    let count =
        tally.counts.iter().find(|(known, _)| known == answer).map_or(0, |(_, count)| *count);
    share(count, tally.total())
}

/// A share in per cent, rounded. 0 of nothing.
pub(super) fn share(count: u32, total: u32) -> u32 {
    (count * 200).checked_div(total).map_or(0, |half| half.div_ceil(2).min(100))
}
