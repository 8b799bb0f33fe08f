//! Foreign text among the page's own words: it does not turn them round (Unicode Standard Annex #9).

use std::borrow::Cow;

/// First strong isolate: what follows has its own direction.
const ISOLATE: char = '\u{2068}';
/// Pop directional isolate: the end of what has its own direction.
const POP: char = '\u{2069}';

/// Whether a character changes the direction of the text around it.
#[must_use]
pub const fn is_mark(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// A text whose marks are written as escapes. An isolate that also ends in it stays: it changes nothing outside.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_mark) {
        return Cow::Borrowed(text);
    }
    let is_isolate = |character: char| matches!(character, ISOLATE | POP);
    let has_others = text.contains(|one: char| is_mark(one) && !is_isolate(one));
    let stays = is_balanced(text);
    if stays && !has_others {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_mark(character) && !(stays && is_isolate(character)) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// A text for a place inside a sentence: [`visible`], and isolated if some of it is written from right to left.
#[must_use]
pub(super) fn isolated(text: &str) -> Cow<'_, str> {
    let shown = visible(text);
    if shown.contains(is_right_to_left) {
        Cow::Owned(format!("{ISOLATE}{shown}{POP}"))
    } else {
        shown
    }
}

/// Whether each isolate that begins in a text ends in it.
fn is_balanced(text: &str) -> bool {
    let mut open = 0_u32;
    for character in text.chars() {
        match character {
            ISOLATE => open += 1,
            POP if open == 0 => return false,
            POP => open -= 1,
            _ => {}
        }
    }
    open == 0
}

/// Whether a character is in a block of letters that are written from right to left.
const fn is_right_to_left(character: char) -> bool {
    matches!(
        character,
        '\u{590}'..='\u{8ff}'
            | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{feff}'
            | '\u{10800}'..='\u{10fff}'
            | '\u{1e800}'..='\u{1efff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_are_written_as_escapes() {
        assert_eq!(visible("lesson 4a"), "lesson 4a");
        assert_eq!(visible("a\u{202e}b\u{61c}"), r"a\u{202e}b\u{61c}");
        assert_eq!(visible("a\u{2069}b\u{2068}"), r"a\u{2069}b\u{2068}");
    }

    #[test]
    fn letters_from_right_to_left_are_isolated_once_however_often_they_are_filled_in() {
        let once = isolated("אב").into_owned();
        assert_eq!(once, "\u{2068}אב\u{2069}");
        assert_eq!(visible(&format!("server {once}")), format!("server {once}"));
        assert_eq!(isolated("abc"), "abc");
    }

    proptest! {
        #[test]
        fn no_foreign_text_turns_round_what_is_after_it(
            text in "[a\u{5d0}\u{200e}\u{202a}-\u{202e}\u{2066}-\u{2069}]{0,12}",
        ) {
            let shown = isolated(&text);
            prop_assert!(is_balanced(&shown), "{:?}", shown);
            prop_assert!(shown.chars().all(|one| !is_mark(one) || matches!(one, ISOLATE | POP)));
            prop_assert_eq!(visible(&shown), shown.clone());
        }
    }
}
