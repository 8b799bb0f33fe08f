//! A question that is asked, or whose votes are counted.

use framescope_class::{Answer, Kind, Phase, Question, ToldQuestion, Vote};
use framescope_lab::find_variant;

use super::programs::{ProgramLines, programs};
use super::stream::{Cut, Stream, stream};
use crate::state::{Role, State};

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What is asked.
    pub text: String,
    /// What each program does, if it is the question of a lesson.
    pub programs: Vec<ProgramLines>,
    /// What they send, if that is drawn.
    pub stream: Option<Stream>,
    /// How it is answered.
    pub answers: Answers,
    /// Whether answers are taken.
    pub is_open: bool,
    /// What a student's bet is, or that none is taken any more.
    pub own: String,
    /// How many have bet, as a text.
    pub voted: String,
    /// How many have bet, of how many.
    pub progress: (u32, u32),
    /// What to do now.
    pub hint: String,
}

/// How a question is answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Answers {
    /// One of these is chosen.
    Choices(Vec<Choice>),
    /// A whole number is written. It is what is typed.
    Number(String),
    /// Lines are put in order.
    Order(Vec<String>),
}

/// A choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its index.
    pub index: u8,
    /// Its text.
    pub text: String,
    /// Where it says that the stream is cut.
    pub cut: Option<Cut>,
    /// Whether this page bets on it.
    pub is_bet: bool,
}

pub(super) fn screen(state: &State, asked: &ToldQuestion) -> Asked {
    let own_bet = match &state.role {
        Role::Student(student) => student.bet(asked),
        Role::Console(_) | Role::Projector(_) => None,
    };
    let counts = state.counts();
    let is_open = asked.phase == Phase::Open;
    let (stream, cuts) = drawn(state, &asked.question).unzip();
    let mut cuts = cuts.unwrap_or_default().into_iter();
    let answers = match &asked.question {
        Question::Own { kind: Kind::Number, .. } => Answers::Number(match &state.role {
            Role::Student(student) => student.draft.number.clone(),
            Role::Console(_) | Role::Projector(_) => String::new(),
        }),
        Question::Own { kind: Kind::Order(lines), .. } => {
            let order: Vec<u8> = match &state.role {
                Role::Student(student) => student.draft.order.clone(),
                Role::Console(_) | Role::Projector(_) => (0..).take(lines.len()).collect(),
            };
            let line = |index: &u8| lines.get(usize::from(*index)).cloned();
            Answers::Order(order.iter().filter_map(line).collect())
        }
        Question::Lesson { .. } | Question::Own { kind: Kind::Choice(_), .. } => {
            let choices = choices(state, &asked.question);
            let choice = |(index, text): (u8, String)| Choice {
                cut: cuts.next(),
                is_bet: own_bet == Some(&Answer::Choice(index)),
                index,
                text: unbroken(&text),
            };
            Answers::Choices((0..).zip(choices).map(choice).collect())
        }
    };
    Asked {
        text: text(state, &asked.question),
        programs: programs(state, &asked.question),
        stream,
        answers,
        is_open,
        own: own(state, asked, own_bet),
        voted: state.locale.fill("voted", &[("voted", &counts.voted), ("joined", &counts.joined)]),
        progress: (counts.voted, counts.joined),
        hint: hint(state, asked),
    }
}

/// What is asked.
pub(super) fn text(state: &State, question: &Question) -> String {
    match question {
        Question::Lesson { variant, .. } => {
            state.lesson(variant).map_or_else(String::new, |texts| texts.question().to_owned())
        }
        Question::Own { text, .. } => text.clone(),
    }
}

/// The texts of the choices. Before they have arrived, their numbers.
pub(super) fn choices(state: &State, question: &Question) -> Vec<String> {
    match question {
        Question::Lesson { variant, choices } => {
            let texts = state.lesson(variant);
            let text = |index: u8| match texts {
                Some(texts) => texts.choice(usize::from(index)).to_owned(),
                None => (index + 1).to_string(),
            };
            (0..*choices).map(text).collect()
        }
        Question::Own { kind: Kind::Choice(texts), .. } => texts.clone(),
        Question::Own { kind: Kind::Number | Kind::Order(_), .. } => Vec::new(),
    }
}

/// The text with spaces in bytes literals at which no line breaks: `b' worl'`.
pub(super) fn unbroken(text: &str) -> String {
    let mut parts = text.split("b'");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |before, part| {
        let (literal, after) = part.split_at(part.find('\'').unwrap_or(0));
        format!("{before}b'{}{after}", literal.replace(' ', "\u{a0}"))
    })
}

/// An answer as a text.
pub(super) fn answer_text(state: &State, question: &Question, answer: &Answer) -> String {
    match answer {
        Answer::Choice(index) => {
            choices(state, question).into_iter().nth(usize::from(*index)).unwrap_or_default()
        }
        Answer::Number(number) => number.to_string(),
        Answer::Order(order) => {
            let Question::Own { kind: Kind::Order(lines), .. } = question else {
                return String::new();
            };
            let line = |index: &u8| lines.get(usize::from(*index)).map(|line| line.trim());
            order.iter().filter_map(line).collect::<Vec<_>>().join(" → ")
        }
    }
}

/// The stream of a lesson's question, and where each choice cuts it.
pub(super) fn drawn(state: &State, question: &Question) -> Option<(Stream, Vec<Cut>)> {
    let Question::Lesson { variant, .. } = question else { return None };
    let programs = programs(state, question);
    stream(state, find_variant(variant)?, &programs, &choices(state, question))
}

fn own(state: &State, asked: &ToldQuestion, bet: Option<&Answer>) -> String {
    let Role::Student(student) = &state.role else { return String::new() };
    if student.refused.is_some() {
        return state.locale.text("bet-refused").to_owned();
    }
    match bet {
        Some(_) if student.draft.is_no_number => state.locale.text("no-number").to_owned(),
        Some(answer) => {
            let answer = answer_text(state, &asked.question, answer);
            if student.sent.is_some() {
                state.locale.fill("bet-sent", &[("answer", &answer)])
            } else {
                state.locale.fill("bet", &[("answer", &answer)])
            }
        }
        None if asked.phase == Phase::Open && student.draft.is_no_number => {
            state.locale.text("no-number").to_owned()
        }
        None if asked.phase == Phase::Open => {
            let text = match &asked.question {
                Question::Own { kind: Kind::Number, .. } => state.locale.text("no-bet-number"),
                Question::Own { kind: Kind::Order(_), .. } => state.locale.text("no-bet-order"),
                Question::Own { kind: Kind::Choice(_), .. } | Question::Lesson { .. } => {
                    state.locale.text("no-bet")
                }
            };
            text.to_owned()
        }
        None => state.locale.text("no-bet-taken").to_owned(),
    }
}

fn hint(state: &State, asked: &ToldQuestion) -> String {
    let text = match (asked.phase, asked.vote) {
        (Phase::Open, Vote::First) => state.locale.text("open"),
        (Phase::Open, Vote::Second) => state.locale.text("open-again"),
        (Phase::Closed, Vote::First | Vote::Second) | (Phase::Revealed, _) => {
            state.locale.text("closed")
        }
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_breaks_within_a_literal_and_any_between() {
        let text = "b'hello', then b' worl d'";
        assert_eq!(unbroken(text), "b'hello', then b'\u{a0}worl\u{a0}d'");
        for text in ["it doesn't return b'' at all", "what's left is not b'x", "one two"] {
            assert_eq!(unbroken(text), text);
        }
    }
}
