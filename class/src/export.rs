//! What is kept of a class: questions, votes before and after, and verdicts.

use std::fmt::Write as _;

use serde::Serialize;

use crate::asked::{Measured, Vote};
use crate::board::Tried;
use crate::class::Class;
use crate::name::Name;
use crate::question::{Answer, Kind, Question};

/// All of a class that outlives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Export {
    /// The questions, in the order in which they were asked.
    pub questions: Vec<ExportedQuestion>,
    /// The participants, in the order in which they joined.
    pub participants: Vec<ExportedParticipant>,
}

/// A question that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExportedQuestion {
    /// What was asked.
    pub question: Question,
    /// What runs have shown.
    pub measured: Option<Measured>,
    /// The right answer, if there is one.
    pub right: Option<Answer>,
}

/// A participant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExportedParticipant {
    /// Its number, from 1.
    pub number: u32,
    /// The nickname, if it was given and names are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// For each question, the bet in the first and in the second vote. Choices and lines are counted from 0.
    pub bets: Vec<[Option<Answer>; 2]>,
    /// The cases of the challenge that were tried.
    pub verdicts: Vec<ExportedVerdict>,
}

/// A case of the challenge that a participant's program has tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ExportedVerdict {
    /// The number of the case, from 1.
    pub case: u8,
    /// The seed that repeats it.
    pub seed: u64,
    /// Whether all that was expected came.
    pub is_passed: bool,
}

impl Export {
    /// What is kept of a class. Without names, unless they are asked for.
    #[must_use]
    pub fn of(class: &Class, with_names: bool) -> Self {
        let questions = class.asked.iter().map(|asked| ExportedQuestion {
            question: asked.question.clone(),
            measured: asked.measured.clone(),
            right: asked.right(),
        });
        let participants = class.participants.iter().map(|(id, participant)| ExportedParticipant {
            number: id.0 + 1,
            name: participant.name.clone().filter(|_| with_names),
            bets: class
                .asked
                .iter()
                .map(|asked| {
                    [Vote::First, Vote::Second].map(|vote| asked.bet_of(id, vote).cloned())
                })
                .collect(),
            verdicts: class.board.of(id).map(verdict).collect(),
        });
        Self { questions: questions.collect(), participants: participants.collect() }
    }

    /// A table, RFC 4180, in UTF-8 with a byte order mark, without which Excel does not read it so: a row for each participant and question that has a bet, and for each case that was tried.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut table = String::from("\u{feff}participant,name,about,first,second,right\r\n");
        for participant in &self.participants {
            let name = participant.name.as_ref().map_or("", Name::as_str);
            let mut row = |about: &str, first: &str, second: &str, right: &str| {
                let fields = [about, first, second, right].map(field).join(",");
                // Writing to a text does not fail.
                let _ = write!(table, "{},{},{fields}\r\n", participant.number, field(name));
            };
            for (number, (asked, bets)) in self.questions.iter().zip(&participant.bets).enumerate()
            {
                if bets.iter().all(Option::is_none) {
                    continue;
                }
                let [first, second] = bets.each_ref().map(|bet| {
                    bet.as_ref().map_or_else(String::new, |bet| written(&asked.question, bet))
                });
                let last = bets[1].as_ref().or(bets[0].as_ref());
                let right = match &asked.right {
                    Some(right) if last == Some(right) => "yes",
                    Some(_) => "no",
                    None => "",
                };
                let text = match &asked.question {
                    Question::Lesson { variant, .. } => format!("lesson {variant}"),
                    Question::Own { text, .. } => text.clone(),
                };
                row(&format!("question {}: {text}", number + 1), &first, &second, right);
            }
            for verdict in &participant.verdicts {
                let right = if verdict.is_passed { "yes" } else { "no" };
                row(&format!("case {}, seed {}", verdict.case, verdict.seed), "", "", right);
            }
        }
        table
    }
}

fn verdict(tried: &Tried) -> ExportedVerdict {
    let is_passed = tried.is_passed();
    ExportedVerdict { case: tried.case.number(), seed: tried.seed, is_passed }
}

/// An answer as it was given: a choice with its number from 1, and its text if it is a teacher's own.
fn written(question: &Question, answer: &Answer) -> String {
    let line = |lines: &[String], index: u8| lines.get(usize::from(index)).cloned();
    match (answer, question) {
        (Answer::Choice(choice), Question::Own { kind: Kind::Choice(choices), .. }) => {
            let text = line(choices, *choice).unwrap_or_default();
            format!("{}: {text}", choice + 1)
        }
        (Answer::Choice(choice), _) => (choice + 1).to_string(),
        (Answer::Number(number), _) => number.to_string(),
        (Answer::Order(order), Question::Own { kind: Kind::Order(lines), .. }) => {
            let lines = order.iter().filter_map(|index| line(lines, *index));
            lines.collect::<Vec<_>>().join(" / ")
        }
        (Answer::Order(_), _) => String::new(),
    }
}

/// A field of a table. A spreadsheet would take one that begins with these characters for a formula.
fn field(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_no_formula_and_ends_where_it_ends() {
        for (text, expected) in [
            ("recv(5)", "recv(5)"),
            ("a,b", "\"a,b\""),
            ("say \"hello\"", "\"say \"\"hello\"\"\""),
            ("=1+1", "'=1+1"),
            ("-1, @x", "\"'-1, @x\""),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(field(text), expected);
        }
    }
}
