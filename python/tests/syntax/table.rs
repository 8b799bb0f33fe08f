//! Wrong programs, each written down.

use crate::oracle::{Verdict, ours, python};

/// Texts between lines of `---`. Most are wrong, and some are right.
const TEXTS: &str = include_str!("texts.txt");

#[test]
fn the_error_of_each_wrong_text_is_that_of_cpython() {
    let texts: Vec<String> = TEXTS.split("\n---\n").map(str::to_owned).collect();
    let mut wrong = 0;
    let mut differ = Vec::new();
    for (text, expected) in texts.iter().zip(python(&texts)) {
        let verdict = ours(text);
        let agree = match expected {
            None => !matches!(verdict, Verdict::Wrong(_)),
            Some(ref error) => {
                wrong += 1;
                verdict == Verdict::Wrong(error.clone().clamped())
            }
        };
        if !agree {
            differ.push(format!("{text}\n  python3: {expected:?}\n  here:    {verdict:?}"));
        }
    }
    assert!(wrong > 500, "only {wrong} texts are wrong");
    assert!(differ.is_empty(), "{}", differ.join("\n---\n"));
}

#[test]
fn the_ends_of_lines_and_the_mark_of_the_encoding_do_not_change_the_error() {
    let texts: Vec<String> = [
        "x = 1\r\nif x\r\n    y\r\n",
        "x = 1\rif x\r    y\r",
        "\u{feff}x = '你' y\n",
        "\u{feff}return 1\n",
    ]
    .map(str::to_owned)
    .to_vec();
    for (text, expected) in texts.iter().zip(python(&texts)) {
        let Verdict::Wrong(error) = ours(text) else { panic!("{text:?} is wrong") };
        assert_eq!(Some(error), expected, "{text:?}");
    }
}
