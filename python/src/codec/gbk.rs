//! The two-byte characters of GBK and GB 2312.
//!
//! The library follows GB 18030, which has more of them than CPython's tables. Those that both have are
//! the same.

use encoding_rs::GBK;

/// The character of two bytes in GBK.
pub(super) fn decode(first: u8, second: u8) -> Option<char> {
    if newer(first, second) {
        return None;
    }
    let bytes = [first, second];
    let (text, malformed) = GBK.decode_without_bom_handling(&bytes);
    let mut chars = text.chars();
    let c = chars.next().filter(|_| !malformed && chars.next().is_none())?;
    let private_use = matches!(c, '\u{e000}'..='\u{f8ff}');
    (!private_use).then_some(c)
}

/// Pairs of GB 18030 that GBK does not have.
fn newer(first: u8, second: u8) -> bool {
    match first {
        0xa2 => second == 0xe3,
        0xa3 => second == 0xa0,
        0xa6 => matches!(second, 0xd9..=0xdf | 0xec..=0xed | 0xf3),
        0xa8 => matches!(second, 0xbc | 0xbf),
        0xa9 => matches!(second, 0x89..=0x95),
        0xfe => second >= 0x50,
        _ => false,
    }
}

/// The two bytes of a character in GBK.
pub(super) fn encode(c: char) -> Option<[u8; 2]> {
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = GBK.encode(c.encode_utf8(&mut buffer));
    match *bytes {
        [first, second] if !unmappable && decode(first, second) == Some(c) => Some([first, second]),
        _ => None,
    }
}

/// The character of two bytes in GB 2312.
pub(super) fn decode_gb2312(first: u8, second: u8) -> Option<char> {
    match [first, second] {
        MIDDLE_DOT => Some('\u{30fb}'),
        DASH => Some('\u{2015}'),
        _ if in_gb2312(first, second) => decode(first, second),
        _ => None,
    }
}

/// In GBK these are U+00B7 and U+2014.
const MIDDLE_DOT: [u8; 2] = [0xa1, 0xa4];
const DASH: [u8; 2] = [0xa1, 0xaa];

fn in_gb2312(first: u8, second: u8) -> bool {
    match first {
        0xa1 | 0xa3 | 0xb0..=0xd6 | 0xd8..=0xf7 => matches!(second, 0xa1..=0xfe),
        0xa2 => matches!(second, 0xb1..=0xe2 | 0xe5..=0xee | 0xf1..=0xfc),
        0xa4 => matches!(second, 0xa1..=0xf3),
        0xa5 => matches!(second, 0xa1..=0xf6),
        0xa6 => matches!(second, 0xa1..=0xb8 | 0xc1..=0xd8),
        0xa7 => matches!(second, 0xa1..=0xc1 | 0xd1..=0xf1),
        0xa8 => matches!(second, 0xa1..=0xba | 0xc5..=0xe9),
        0xa9 => matches!(second, 0xa4..=0xef),
        0xd7 => matches!(second, 0xa1..=0xf9),
        _ => false,
    }
}

/// The two bytes of a character in GB 2312.
pub(super) fn encode_gb2312(c: char) -> Option<[u8; 2]> {
    match c {
        '\u{30fb}' => Some(MIDDLE_DOT),
        '\u{2015}' => Some(DASH),
        _ => encode(c).filter(|&[first, second]| decode_gb2312(first, second) == Some(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpython::{bytes_literal, compare, text_literal};

    type Decode = fn(u8, u8) -> Option<char>;
    type Encode = fn(char) -> Option<[u8; 2]>;

    const BOTH: [(&str, Decode, Encode); 2] =
        [("gbk", decode, encode), ("gb2312", decode_gb2312, encode_gb2312)];

    #[test]
    fn every_pair_of_bytes_decodes_as_in_cpython() {
        let list = BOTH.map(|(name, decode, _)| {
            let pairs =
                (0x80..=0xff).flat_map(|first| (0..=0xff).map(move |second| (first, second)));
            let text: String =
                pairs.map(|(first, second)| decode(first, second).unwrap_or('?')).collect();
            let python = format!(
                "''.join(x if len(x) == 1 else '?' for a in range(128, 256) for b in range(256) \
                 for x in [bytes([a, b]).decode('{name}', 'replace')])"
            );
            (python, Ok(text_literal(&text)))
        });
        compare(list.into());
    }

    #[test]
    fn every_character_encodes_as_in_cpython() {
        let list = BOTH.map(|(name, _, encode)| {
            let every = ('\u{80}'..=char::MAX).filter_map(encode);
            let bytes: Vec<u8> = every.flatten().collect();
            let python = format!(
                "''.join(chr(n) for n in range(128, 0x110000) if not 0xd800 <= n < 0xe000).encode('{name}', 'ignore')"
            );
            (python, Ok(bytes_literal(&bytes)))
        });
        compare(list.into());
    }
}
