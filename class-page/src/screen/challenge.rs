//! The challenge on a student's page: what to connect to, what has become of each case, and of the one that is looked at, byte
//! by byte.

use framescope_challenge::{Case, Failure, Reason, Script};
use framescope_class::{Challenge, Ticket, Tried};
use framescope_framing::HEADER_LEN;

use super::case::{Mark, case_name, mark_of};
use crate::state::{State, Student};

/// How many bytes stand beside each other. A phone has no space for more.
const SHOWN: usize = 10;

/// How many of them stand before the first that is wrong, if the message is longer.
const BEFORE: usize = 6;

/// The challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChallengeScreen {
    /// How many cases are passed.
    pub heading: String,
    /// Where a program connects.
    pub connect: String,
    /// What it says first.
    pub ticket: String,
    /// How the program with holes is started.
    pub command: String,
    /// Each case, what has become of it, and whether it is looked at.
    pub cases: Vec<(Case, Mark, bool)>,
    /// The number and name of the case that is looked at.
    pub title: String,
    /// What has become of it.
    pub mark: Mark,
    /// What came of it, if it was failed.
    pub failed: Option<Failed>,
    /// That it is tried next, if that was chosen.
    pub next: Option<String>,
    /// Whether recordings are on screen.
    pub shows_recordings: bool,
}

/// What came of a case that was failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// What came to the program, what was expected back, and what came back.
    pub rows: [ByteRow; 3],
    /// Where the first wrong byte is.
    pub place: String,
    /// What went wrong.
    pub what: String,
    /// Why, as far as the chunks tell.
    pub why: String,
    /// The command that repeats the case.
    pub again: String,
}

/// Bytes beside each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteRow {
    /// What they are.
    pub label: String,
    /// The bytes.
    pub cells: Vec<ByteCell>,
}

/// A byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteCell {
    /// In hexadecimal digits. Empty: there is none.
    pub text: String,
    /// What it is.
    pub kind: ByteKind,
    /// Whether a chunk began with it.
    pub begins_chunk: bool,
    /// Whether the first wrong byte is here.
    pub is_here: bool,
}

/// What a byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteKind {
    /// Of a header.
    Header,
    /// Of a payload.
    Payload,
    /// Another than expected.
    Wrong,
    /// There is none.
    Nothing,
}

/// The case that is looked at: the one that was chosen, or the first that is not passed.
#[must_use]
pub fn case_on_screen(student: &Student) -> Option<Case> {
    let tried = student.own.as_ref().map_or(&[][..], |own| &own.tried);
    let is_passed =
        |case: &Case| tried.iter().any(|tried| tried.case == *case && tried.is_passed());
    student.case.or_else(|| Case::ALL.into_iter().find(|case| !is_passed(case)))
}

pub(super) fn screen(state: &State, student: &Student, challenge: Challenge) -> ChallengeScreen {
    let tried = student.own.as_ref().map_or(&[][..], |own| &own.tried);
    let of = |case: Case| tried.iter().find(|tried| tried.case == case);
    let mark = |case: Case| mark_of(of(case).map(Tried::is_passed));
    let case = case_on_screen(student).unwrap_or(Case::Alone);
    let passed = tried.iter().filter(|tried| tried.is_passed()).count();
    let values: [(&str, &dyn std::fmt::Display); 2] =
        [("passed", &passed), ("all", &Case::ALL.len())];
    let ticket = student.own.as_ref().zip(student.participant);
    let ticket = ticket
        .map_or_else(String::new, |(own, (_, token))| Ticket::new(own.id, &token).to_string());
    let failed = of(case).and_then(|tried| Some((tried, tried.failure.as_ref()?)));
    ChallengeScreen {
        heading: state.locale.fill("cases-passed", &values),
        connect: format!("{}:{}", state.host, challenge.port),
        command: format!(
            "python3 challenge_client.py --host {} --port {} --hello {ticket}",
            state.host, challenge.port
        ),
        ticket,
        cases: Case::ALL.into_iter().map(|one| (one, mark(one), one == case)).collect(),
        title: format!("{} · {}", case.number(), case_name(state, case)),
        mark: mark(case),
        failed: failed.map(|(tried, failure)| self::failed(state, challenge, tried, failure)),
        next: if student.no_recordings == Some(case) {
            Some(state.locale.text("no-recordings").to_owned())
        } else {
            (student.next == Some(case)).then(|| state.locale.text("tries-next").to_owned())
        },
        shows_recordings: student.recordings.is_some(),
    }
}

fn failed(state: &State, challenge: Challenge, tried: &Tried, failure: &Failure) -> Failed {
    let script = Script::new(tried.case, tried.seed, challenge.header);
    // Behind the last answer stands what is no message.
    let message = script
        .message_at(failure.at, challenge.header)
        .map_or(script.answers.len()..script.stream.len(), |(_, range)| range);
    let from = if message.len() > SHOWN {
        failure.at.saturating_sub(BEFORE).max(message.start)
    } else {
        message.start
    };
    let to = message.end.min(from + SHOWN);
    let begins =
        |offset: usize| offset == from || script.cuts(offset, offset + 1).contains(&offset);
    let kind = |offset: usize| {
        if offset < message.start + HEADER_LEN { ByteKind::Header } else { ByteKind::Payload }
    };
    let cell = |offset: usize, byte: Option<&u8>| ByteCell {
        text: byte.map_or_else(String::new, |byte| format!("{byte:02x}")),
        kind: if byte.is_some() { kind(offset) } else { ByteKind::Nothing },
        begins_chunk: begins(offset),
        is_here: offset == failure.at,
    };
    let came = |offset: usize| {
        let mut cell = cell(offset, script.answers.get(offset).filter(|_| offset < failure.at));
        if let Some(byte) = offset.checked_sub(failure.at).and_then(|at| failure.came.get(at)) {
            let is_right = script.answers.get(offset) == Some(byte);
            cell.text = format!("{byte:02x}");
            cell.kind = if is_right { kind(offset) } else { ByteKind::Wrong };
        }
        cell
    };
    let last = to.max((failure.at + failure.came.len()).min(from + SHOWN));
    let sent =
        (from..last).map(|offset| cell(offset, script.stream.get(offset).filter(|_| offset < to)));
    let expected =
        (from..last).map(|offset| cell(offset, script.answers.get(offset).filter(|_| offset < to)));
    let chunks = script.cuts(message.start + 1, message.end).len() + 1;
    let row = |label: String, cells: Vec<ByteCell>| ByteRow { label, cells };
    let locale = &state.locale;
    Failed {
        rows: [
            row(locale.fill("came-to-you", &[("chunks", &chunks)]), sent.collect()),
            row(locale.text("expected-back").to_owned(), expected.collect()),
            row(locale.text("came-back").to_owned(), (from..last).map(came).collect()),
        ],
        place: locale.fill("first-wrong", &[("right", &failure.at)]),
        what: what(state, failure.reason).to_owned(),
        why: why(state, tried.case, failure).to_owned(),
        again: format!("framescope challenge --case {} --seed {}", tried.case.number(), tried.seed),
    }
}

fn what(state: &State, reason: Reason) -> &str {
    match reason {
        Reason::Differs => state.locale.text("what-differs"),
        Reason::ClosedEarly => state.locale.text("what-closed-early"),
        Reason::TooMuch => state.locale.text("what-too-much"),
        Reason::TimedOut => state.locale.text("what-timed-out"),
        Reason::Reset => state.locale.text("what-reset"),
    }
}

/// What the case is about. A program that fails it most often has not thought of that.
fn why<'a>(state: &'a State, case: Case, failure: &Failure) -> &'a str {
    match case {
        Case::LyingHeader => state.locale.text("why-lying-header"),
        Case::EndInTheMiddle => state.locale.text("why-end-in-the-middle"),
        Case::Empty => state.locale.text("why-empty"),
        Case::Stuck => state.locale.text("why-stuck"),
        Case::Alone => state.locale.text("why-alone"),
        Case::HeaderInPieces | Case::ByteByByte | Case::HalfACharacter | Case::CutAnywhere
            if !failure.cuts.is_empty() =>
        {
            state.locale.text("why-cut")
        }
        Case::HeaderInPieces
        | Case::ByteByByte
        | Case::HalfACharacter
        | Case::CutAnywhere
        | Case::Long => state.locale.text("why-short"),
    }
}
