//! What the pages of documentation say to type.

use std::fs;
use std::path::Path;

/// The first box of this language in docs/operating.md.
pub(crate) fn snippet(language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operating.md");
    let page = fs::read_to_string(path).expect("the page is there");
    let begin = format!("```{language}\n");
    let (_, rest) = page.split_once(&begin).expect(language);
    rest.split_once("```").expect("a box has an end").0.to_owned()
}

/// The text with another one in place of a part, which it must have.
pub(crate) fn replaced(text: &str, part: &str, other: &str) -> String {
    assert!(text.contains(part), "{part:?} is not in {text}");
    text.replace(part, other)
}
