//! A verdict in a terminal.

use std::fmt::Write as _;

use framescope_challenge::{Case, Failure, Verdict};
use framescope_record::python_repr;

use super::words::Words;

/// A verdict in lines.
pub(super) fn text(words: Words, case: Case, seed: u64, verdict: &Verdict) -> String {
    let number = case.number();
    let name = words.case(case);
    let Verdict::Failed(failure) = verdict else {
        return format!("ok  {number:>2}  {name}\n");
    };
    let Failure { reason, at, expected, came, message, cuts } = failure;
    let mut text = format!("!!  {number:>2}  {name}: {}\n", words.reason(*reason));
    let place = match message {
        Some(message) => words.in_answer(*at, *message, cuts),
        None => words.after_answers(*at),
    };
    let lines = [
        (words.place(), place),
        (words.expected(), python_repr(expected)),
        (words.came(), python_repr(came)),
        (words.again(), format!("framescope challenge --case {number} --seed {seed}")),
    ];
    for (name, value) in lines {
        // Writing to a text does not fail.
        let _ = writeln!(text, "        {name}{value}");
    }
    text
}

#[cfg(test)]
mod tests {
    use framescope_challenge::Reason;

    use super::*;
    use crate::language::Language;

    #[test]
    fn a_failure_says_what_came_where_and_how_to_repeat_it() {
        let failure = Failure {
            reason: Reason::Differs,
            at: 9,
            expected: b"\x07\0\0\0hello 7".to_vec(),
            came: b"?".to_vec(),
            message: Some(2),
            cuts: vec![2],
        };
        let said =
            text(Words(Language::English), Case::HeaderInPieces, 7, &Verdict::Failed(failure));
        assert_eq!(
            said,
            "!!   3  a pause within each header: a byte of the answers is wrong\n\
             \u{20}       where     byte 9 of the answers, in the answer to message 2, which came cut after byte 2\n\
             \u{20}       expected  b'\\x07\\x00\\x00\\x00hello 7'\n\
             \u{20}       came      b'?'\n\
             \u{20}       again     framescope challenge --case 3 --seed 7\n"
        );
    }
}
