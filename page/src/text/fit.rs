//! Texts that fit into a width, in the same unit as their size.

use super::bidi::is_mark;

/// The width of a line of text of this size: an upper bound for the fonts of the style sheet.
#[must_use]
pub fn text_width(text: &str, size: f32) -> f32 {
    text.chars().map(|character| if is_wide(character) { size } else { 0.602 * size }).sum()
}

/// Whether a character may take a whole em: it is none of the Latin ones.
const fn is_wide(character: char) -> bool {
    !matches!(character, '\0'..='\u{24f}' | '…')
}

/// The text, cut in the middle to this width.
#[must_use]
pub fn cut(text: &str, size: f32, width: f32) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    // An isolate would lose its end.
    let characters: Vec<char> = text.chars().filter(|one| !is_mark(*one)).collect();
    let mut kept = characters.len();
    loop {
        let (first, last) = (kept.div_ceil(2), kept / 2);
        let begin = characters[..first].iter();
        let end = characters[characters.len() - last..].iter();
        let shorter: String = begin.chain(&['…']).chain(end).collect();
        if kept == 0 || text_width(&shorter, size) <= width {
            return shorter;
        }
        kept -= 1;
    }
}

/// The text in lines of at most this width. Breaks between words, and between the characters of a language without
/// spaces. A word that is wider is cut in its middle.
#[must_use]
pub fn wrap(text: &str, size: f32, width: f32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words(text) {
        let fits = lines.last().is_some_and(|line| {
            text_width(line, size) + text_width(word.trim_end(), size) <= width
        });
        match lines.last_mut() {
            Some(line) if fits => line.push_str(word),
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| cut(line.trim_end(), size, width)).collect()
}

/// The parts between which a line may break, each with the space after it.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        if character == ' ' || is_wide(character) {
            words.push(&text[start..end]);
            start = end;
        }
    }
    words.push(&text[start..]);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_in_the_middle() {
        assert_eq!(cut("recv(1024)", 14.0, 200.0), "recv(1024)");
        assert_eq!(cut("abcdefghij", 10.0, 31.0), "ab…ij");
        assert_eq!(cut("你好世界", 10.0, 27.0), "你…界");
        assert_eq!(cut("abc", 10.0, 0.0), "…");
    }

    #[test]
    fn a_text_breaks_between_words_and_between_chinese_characters() {
        assert_eq!(wrap("waits for a client", 10.0, 60.0), ["waits for", "a client"]);
        assert_eq!(wrap("等待客户端连接", 10.0, 31.0), ["等待客", "户端连", "接"]);
        assert_eq!(wrap("abcdefghijkl", 10.0, 31.0), ["ab…kl"]);
        assert!(wrap("", 10.0, 31.0).is_empty());
    }
}
