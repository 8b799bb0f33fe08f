//! The board of the challenge: who has passed which cases.

use framescope_challenge::Case;
use framescope_class::{ParticipantId, Row};

use super::case::{Mark, case_name, mark_of};
use super::shown_name::shown_name;
use crate::state::{Entered, State};

/// The most rows on screen.
const MAX_SHOWN: usize = 30;

/// The board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// How many cases are passed, of all that could be.
    pub heading: String,
    /// Where programs connect.
    pub connect: String,
    /// A column for each case.
    pub columns: Vec<Column>,
    /// A row for each participant who has tried a case.
    pub rows: Vec<BoardRow>,
    /// How many more have tried a case, if there are more.
    pub more: Option<String>,
}

/// What has become of a case in the class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The number of the case.
    pub number: u8,
    /// What it is.
    pub name: String,
    /// How many have passed it.
    pub passed: usize,
    /// How many have tried it last without passing.
    pub failed: usize,
    /// How many have tried any case.
    pub of: usize,
}

/// A participant on the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardRow {
    /// Who it is.
    pub id: ParticipantId,
    /// The nickname, or the number.
    pub name: String,
    /// What has become of each case.
    pub marks: Vec<(u8, Mark)>,
}

pub(super) fn screen(state: &State, rows: &[Row], entered: Option<&Entered>) -> Board {
    let all = Case::ALL.len() * rows.len();
    let has = |case: Case, passed: bool| {
        rows.iter().filter(|row| row.cases.contains(&(case, passed))).count()
    };
    let columns: Vec<Column> = Case::ALL
        .into_iter()
        .map(|case| Column {
            number: case.number(),
            name: case_name(state, case).to_owned(),
            passed: has(case, true),
            failed: has(case, false),
            of: rows.len(),
        })
        .collect();
    let passed: usize = columns.iter().map(|column| column.passed).sum();
    let values: [(&str, &dyn std::fmt::Display); 2] = [("passed", &passed), ("all", &all)];
    let more = rows.len().saturating_sub(MAX_SHOWN);
    Board {
        heading: state.locale.fill("board-passed", &values),
        connect: entered.and_then(connect).unwrap_or_default(),
        columns,
        rows: rows.iter().take(MAX_SHOWN).map(|row| board_row(state, row)).collect(),
        more: (more > 0).then(|| state.locale.fill("more", &[("number", &more)])),
    }
}

/// Where programs connect, of the first address of the class.
fn connect(entered: &Entered) -> Option<String> {
    let typed = &entered.addresses.first()?.typed;
    let (host, _) = typed.rsplit_once(':')?;
    Some(format!("{host}:{}", entered.challenge?.port))
}

fn board_row(state: &State, row: &Row) -> BoardRow {
    let name = shown_name(state, row.id, row.name.as_ref());
    let tried = |case: Case| row.cases.iter().find(|(tried, _)| *tried == case);
    let marks = Case::ALL
        .into_iter()
        .map(|case| (case.number(), mark_of(tried(case).map(|(_, is_passed)| *is_passed))));
    BoardRow { id: row.id, name, marks: marks.collect() }
}
