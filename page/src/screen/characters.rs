//! Characters of several bytes, over their cells.

use std::ops::Range;

use super::lanes::{Cell, SegmentKind};

/// A character that UTF-8 encodes in several bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Character {
    /// Its bytes, as stream offsets.
    pub range: Range<u64>,
    /// The character.
    pub character: char,
    /// Whether a chunk begins or ends within it: then no chunk has all of it.
    pub is_cut: bool,
}

/// The characters of several bytes in these cells, which are in order. The last chunk ends at `read`. UTF-8 tells where a
/// character begins, so that cells before the first one do not matter (RFC 3629, section 3).
#[must_use]
pub fn characters(cells: &[Cell], read: u64) -> Vec<Character> {
    let mut characters = Vec::new();
    let mut index = 0;
    while index < cells.len() {
        let found = character_at(&cells[index..], read);
        index += found.as_ref().map_or(1, |(_, length)| *length);
        characters.extend(found.map(|(character, _)| character));
    }
    characters
}

/// The character of several bytes that begins with the first cell, and the number of its bytes.
fn character_at(cells: &[Cell], read: u64) -> Option<(Character, usize)> {
    let first = cells.first()?;
    let length = match first.byte {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let cells = cells.get(..length)?;
    let is_text = |kind| !matches!(kind, SegmentKind::Header | SegmentKind::BadHeader);
    let follows = |two: &[Cell]| two[1].at == two[0].at + 1;
    if !cells.iter().all(|cell| is_text(cell.kind)) || !cells.windows(2).all(follows) {
        return None;
    }
    let bytes: Vec<u8> = cells.iter().map(|cell| cell.byte).collect();
    let character =
        std::str::from_utf8(&bytes).ok()?.chars().next().filter(|one| !one.is_control())?;
    let range = first.at..first.at + length as u64;
    let is_cut = cells[1..].iter().any(|cell| cell.starts_chunk || cell.at == read);
    Some((Character { range, character, is_cut }, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(bytes: &[u8], cuts: &[u64]) -> Vec<Cell> {
        let cell = |(at, byte): (u64, &u8)| Cell {
            at,
            byte: *byte,
            kind: SegmentKind::Payload,
            message: 0,
            starts_chunk: cuts.contains(&at),
        };
        (0..).zip(bytes).map(cell).collect()
    }

    fn found(bytes: &[u8], cuts: &[u64]) -> Vec<(Range<u64>, char, bool)> {
        let all = characters(&cells(bytes, cuts), 7);
        all.into_iter().map(|one| (one.range, one.character, one.is_cut)).collect()
    }

    #[test]
    fn a_character_spans_its_cells_and_a_chunk_may_cut_it() {
        let whole = found("a你好".as_bytes(), &[0, 5]);
        assert_eq!(whole, [(1..4, '你', false), (4..7, '好', true)]);
    }

    #[test]
    fn a_character_is_cut_where_the_last_chunk_ends() {
        let cut = characters(&cells("你好".as_bytes(), &[0]), 4);
        assert_eq!(cut.iter().map(|one| one.is_cut).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn bytes_that_are_no_character_have_none() {
        assert_eq!(found(b"\xbd\xa0hello\xe4\xbd", &[]), []);
        assert_eq!(found(b"\xe4\xbda", &[]), []);
        assert_eq!(found(b"\xc2\x85\xf0\x9f\x98\x80", &[]), [(2..6, '\u{1f600}', false)]);
    }
}
