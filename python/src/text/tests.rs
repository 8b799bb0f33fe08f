//! Every method of `str`, and the same one of `bytes`, on random texts.

use crate::bytes;
use crate::cpython::{bytes_literal, cases, compare, rng, text_literal};
use crate::failure::Failure;
use crate::sequence::padding::Justify;
use crate::text::index::Text;
use crate::text::{case, find, index, layout, predicate, split};

type Answer = Result<String, Failure>;
type Predicate = fn(&str) -> bool;
type PredicateBytes = fn(&[u8]) -> bool;
type Change = fn(&str) -> String;
type ChangeBytes = fn(&[u8]) -> Vec<u8>;

fn list(parts: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", parts.into_iter().collect::<Vec<_>>().join(", "))
}

fn texts<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    list(parts.into_iter().map(text_literal))
}

fn byte_strings<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    list(parts.into_iter().map(bytes_literal))
}

fn truth(truth: bool) -> String {
    if truth { "True" } else { "False" }.to_owned()
}

fn place(found: Option<usize>) -> String {
    found.map_or("-1".to_owned(), |place| place.to_string())
}

fn any_text(rng: &mut fastrand::Rng, pieces: &[&str]) -> String {
    (0..rng.usize(..8)).map(|_| *rng.choice(pieces).unwrap()).collect()
}

const WIDE: [&str; 26] = [
    "a", "b", "ab", "A", " ", "\t", "\n", "\r\n", "\u{1c}", "é", "É", "你", "😀", "Σ", "σ", "ß",
    "ǅ", "\u{307}", "İ", "'", "1", "²", "½", "\u{3000}", "-", "ﬁ",
];
const NARROW: [&str; 14] =
    ["a", "b", "ab", "A", " ", "\t", "\n", "\r\n", "\x0b", "\x1c", "'", "1", "-", "+"];

/// The bounds of `find`, and how Python writes them.
fn any_bounds(rng: &mut fastrand::Rng) -> (find::Bounds, String) {
    let mut any = || if rng.bool() { None } else { Some(rng.i64(-9..9)) };
    let (start, end) = (any(), any());
    let python = |value: Option<i64>| value.map_or("None".to_owned(), |value| value.to_string());
    ((start, end), format!("{}, {}", python(start), python(end)))
}

#[test]
fn searching_and_splitting_are_cpythons() {
    let mut rng = rng();
    let mut cases_of = Vec::new();
    for _ in 0..cases(500) {
        let narrow = rng.bool();
        let pieces: &[&str] = if narrow { &NARROW } else { &WIDE };
        let text = any_text(&mut rng, pieces);
        let sub: String = any_text(&mut rng, pieces).chars().take(rng.usize(..3)).collect();
        let bounds = any_bounds(&mut rng);
        let max = rng.i64(-1..4);
        search_text(&mut cases_of, &text, &sub, &bounds, max);
        if narrow {
            search_bytes(&mut cases_of, text.as_bytes(), sub.as_bytes(), &bounds, max);
        }
    }
    compare(cases_of);
}

type BothBounds = (find::Bounds, String);

fn search_text(
    cases_of: &mut Vec<(String, Answer)>,
    text: &str,
    sub: &str,
    bounds: &BothBounds,
    max: i64,
) {
    let (bounds, python_bounds) = (bounds.0, &bounds.1);
    let t = Text::new(text);
    let mut str_case = |method: String, ours: Answer| {
        cases_of.push((format!("{}{method}", text_literal(text)), ours));
    };
    let s = text_literal(sub);
    str_case(format!(".find({s}, {python_bounds})"), Ok(place(find::find(t, sub, bounds))));
    str_case(format!(".rfind({s}, {python_bounds})"), Ok(place(find::rfind(t, sub, bounds))));
    str_case(format!(".count({s}, {python_bounds})"), Ok(find::count(t, sub, bounds).to_string()));
    str_case(
        format!(".startswith({s}, {python_bounds})"),
        Ok(truth(find::starts_with(t, sub, bounds))),
    );
    str_case(
        format!(".endswith({s}, {python_bounds})"),
        Ok(truth(find::ends_with(t, sub, bounds))),
    );
    str_case(format!(".__contains__({s})"), Ok(truth(find::contains(text, sub))));
    str_case(format!(".removeprefix({s})"), Ok(text_literal(find::remove_prefix(text, sub))));
    str_case(format!(".removesuffix({s})"), Ok(text_literal(find::remove_suffix(text, sub))));
    str_case(format!(".split({s}, {max})"), split::split(text, sub, max).map(texts));
    str_case(format!(".rsplit({s}, {max})"), split::rsplit(text, sub, max).map(texts));
    str_case(format!(".split(None, {max})"), Ok(texts(split::split_whitespace(text, max))));
    str_case(format!(".rsplit(None, {max})"), Ok(texts(split::rsplit_whitespace(text, max))));
    str_case(".splitlines()".to_owned(), Ok(texts(split::lines(text, false))));
    str_case(".splitlines(True)".to_owned(), Ok(texts(split::lines(text, true))));
    let three = |parts: [&str; 3]| texts(parts).replace('[', "(").replace(']', ")");
    str_case(format!(".partition({s})"), split::partition(text, sub).map(three));
    str_case(format!(".rpartition({s})"), split::rpartition(text, sub).map(three));
    for (name, ends) in [
        ("strip", split::Ends::Both),
        ("lstrip", split::Ends::Left),
        ("rstrip", split::Ends::Right),
    ] {
        str_case(format!(".{name}()"), Ok(text_literal(split::strip(text, None, ends))));
        str_case(format!(".{name}({s})"), Ok(text_literal(split::strip(text, Some(sub), ends))));
    }
    str_case(
        format!(".replace({s}, '<你>', {max})"),
        layout::replace(text, sub, "<你>", max, 1000).map(|text| text_literal(&text)),
    );
}

fn search_bytes(
    cases_of: &mut Vec<(String, Answer)>,
    data: &[u8],
    sub: &[u8],
    bounds: &BothBounds,
    max: i64,
) {
    let (bounds, python_bounds) = (bounds.0, &bounds.1);
    let mut bytes_case = |method: String, ours: Answer| {
        cases_of.push((format!("{}{method}", bytes_literal(data)), ours));
    };
    let s = bytes_literal(sub);
    bytes_case(
        format!(".find({s}, {python_bounds})"),
        Ok(place(bytes::find::find(data, sub, bounds))),
    );
    bytes_case(
        format!(".rfind({s}, {python_bounds})"),
        Ok(place(bytes::find::rfind(data, sub, bounds))),
    );
    bytes_case(
        format!(".count({s}, {python_bounds})"),
        Ok(bytes::find::count(data, sub, bounds).to_string()),
    );
    bytes_case(
        format!(".startswith({s}, {python_bounds})"),
        Ok(truth(bytes::find::starts_with(data, sub, bounds))),
    );
    bytes_case(
        format!(".endswith({s}, {python_bounds})"),
        Ok(truth(bytes::find::ends_with(data, sub, bounds))),
    );
    bytes_case(format!(".__contains__({s})"), Ok(truth(bytes::find::contains(data, sub))));
    bytes_case(
        format!(".removeprefix({s})"),
        Ok(bytes_literal(bytes::find::remove_prefix(data, sub))),
    );
    bytes_case(
        format!(".removesuffix({s})"),
        Ok(bytes_literal(bytes::find::remove_suffix(data, sub))),
    );
    bytes_case(
        format!(".split({s}, {max})"),
        bytes::split::split(data, sub, max).map(byte_strings),
    );
    bytes_case(
        format!(".rsplit({s}, {max})"),
        bytes::split::rsplit(data, sub, max).map(byte_strings),
    );
    bytes_case(
        format!(".split(None, {max})"),
        Ok(byte_strings(bytes::split::split_whitespace(data, max))),
    );
    bytes_case(
        format!(".rsplit(None, {max})"),
        Ok(byte_strings(bytes::split::rsplit_whitespace(data, max))),
    );
    bytes_case(".splitlines()".to_owned(), Ok(byte_strings(bytes::split::lines(data, false))));
    bytes_case(".splitlines(True)".to_owned(), Ok(byte_strings(bytes::split::lines(data, true))));
    let three = |parts: [&[u8]; 3]| byte_strings(parts).replace('[', "(").replace(']', ")");
    bytes_case(format!(".partition({s})"), bytes::split::partition(data, sub).map(three));
    bytes_case(format!(".rpartition({s})"), bytes::split::rpartition(data, sub).map(three));
    for (name, ends) in [
        ("strip", bytes::split::Ends::Both),
        ("lstrip", bytes::split::Ends::Left),
        ("rstrip", bytes::split::Ends::Right),
    ] {
        bytes_case(format!(".{name}()"), Ok(bytes_literal(bytes::split::strip(data, None, ends))));
        bytes_case(
            format!(".{name}({s})"),
            Ok(bytes_literal(bytes::split::strip(data, Some(sub), ends))),
        );
    }
    bytes_case(
        format!(".replace({s}, b'<>', {max})"),
        bytes::layout::replace(data, sub, b"<>", max, 1000).map(|bytes| bytes_literal(&bytes)),
    );
}

#[test]
fn case_and_predicates_are_cpythons() {
    let mut rng = rng();
    let mut cases_of = Vec::new();
    let changes: [(&str, Change, Option<ChangeBytes>); 6] = [
        ("upper", case::upper, Some(<[u8]>::to_ascii_uppercase)),
        ("lower", case::lower, Some(<[u8]>::to_ascii_lowercase)),
        ("title", case::title, Some(bytes::ascii::title)),
        ("capitalize", case::capitalize, Some(bytes::ascii::capitalize)),
        ("swapcase", case::swapcase, Some(bytes::ascii::swapcase)),
        ("casefold", case::casefold, None),
    ];
    let predicates: [(&str, Predicate, Option<PredicateBytes>); 12] = [
        ("isupper", case::is_upper, Some(bytes::ascii::is_upper)),
        ("islower", case::is_lower, Some(bytes::ascii::is_lower)),
        ("istitle", case::is_title, Some(bytes::ascii::is_title)),
        ("isalpha", predicate::is_alpha, Some(bytes::ascii::is_alpha)),
        ("isalnum", predicate::is_alnum, Some(bytes::ascii::is_alnum)),
        ("isdigit", predicate::is_digit, Some(bytes::ascii::is_digit)),
        ("isdecimal", predicate::is_decimal, None),
        ("isnumeric", predicate::is_numeric, None),
        ("isspace", predicate::is_space, Some(bytes::ascii::is_space)),
        ("isprintable", predicate::is_printable, None),
        ("isidentifier", predicate::is_identifier, None),
        ("isascii", str::is_ascii, Some(<[u8]>::is_ascii)),
    ];
    for _ in 0..cases(500) {
        let count = rng.usize(1..=WIDE.len());
        let mut pieces = WIDE;
        rng.shuffle(&mut pieces);
        let text = any_text(&mut rng, &pieces[..count]);
        let data = text.as_bytes();
        for (name, ours, of_bytes) in &changes {
            cases_of.push((
                format!("{}.{name}()", text_literal(&text)),
                Ok(text_literal(&ours(&text))),
            ));
            if let Some(ours) = of_bytes {
                cases_of.push((
                    format!("{}.{name}()", bytes_literal(data)),
                    Ok(bytes_literal(&ours(data))),
                ));
            }
        }
        for (name, ours, of_bytes) in &predicates {
            cases_of.push((format!("{}.{name}()", text_literal(&text)), Ok(truth(ours(&text)))));
            if let Some(ours) = of_bytes {
                cases_of.push((format!("{}.{name}()", bytes_literal(data)), Ok(truth(ours(data)))));
            }
        }
    }
    compare(cases_of);
}

#[test]
fn layout_and_slices_are_cpythons() {
    let mut rng = rng();
    let mut cases_of = Vec::new();
    for _ in 0..cases(500) {
        let pieces: &[&str] = if rng.bool() { &NARROW } else { &WIDE };
        let text = any_text(&mut rng, pieces);
        let (t, data) = (Text::new(&text), text.as_bytes());
        let width = rng.i64(-2..20);
        let literal = |text: String| text_literal(&text);
        let bytes_of = |bytes: Vec<u8>| bytes_literal(&bytes);
        let mut both = |method: &str, ours: Answer, of_bytes: Answer| {
            cases_of.push((format!("{}{method}", text_literal(&text)), ours));
            cases_of.push((format!("{}{method}", bytes_literal(data)), of_bytes));
        };
        for (name, to) in
            [("ljust", Justify::Left), ("rjust", Justify::Right), ("center", Justify::Center)]
        {
            let ours = layout::justify(t, to, width, ' ', 1000).map(literal);
            both(
                &format!(".{name}({width})"),
                ours,
                bytes::layout::justify(data, to, width, b' ', 1000).map(bytes_of),
            );
        }
        let (ours, of_bytes) =
            (layout::zfill(t, width, 1000), bytes::layout::zfill(data, width, 1000));
        both(&format!(".zfill({width})"), ours.map(literal), of_bytes.map(bytes_of));
        let ours = layout::expand_tabs(&text, width, 1000).map(literal);
        both(
            &format!(".expandtabs({width})"),
            ours,
            bytes::layout::expand_tabs(data, width, 1000).map(bytes_of),
        );
        let ours = index::repeat(&text, width, 1000).map(literal);
        both(&format!(" * {width}"), ours, bytes::find::repeat(data, width, 1000).map(bytes_of));
        let mut any = || if rng.u8(..4) == 0 { None } else { Some(rng.i64(-9..9)) };
        let (start, end, step) = (any(), any(), any());
        let python = |value: Option<i64>| value.map_or(String::new(), |value| value.to_string());
        let slice = format!("[{}:{}:{}]", python(start), python(end), python(step));
        both(
            &slice,
            t.slice(start, end, step).map(literal),
            bytes::find::slice(data, start, end, step).map(bytes_of),
        );
        let at = width - 9;
        cases_of.push((
            format!("{}[{at}]", text_literal(&text)),
            t.item(at).map(|c| text_literal(&c.to_string())),
        ));
        let fill = any_text(&mut rng, &["x", "你", ""]);
        let ours = layout::fill_character(&fill)
            .and_then(|fill| layout::justify(t, Justify::Center, width, fill, 1000));
        cases_of.push((
            format!("{}.center({width}, {})", text_literal(&text), text_literal(&fill)),
            ours.map(literal),
        ));
    }
    compare(cases_of);
}

#[test]
fn a_huge_result_is_too_large_before_it_is_made() {
    let text = Text::new("a\tb");
    let huge = i64::MAX;
    assert_eq!(layout::justify(text, Justify::Center, huge, '你', 1000), Err(Failure::TooLarge));
    assert_eq!(layout::zfill(text, huge, 1000), Err(Failure::TooLarge));
    assert_eq!(layout::expand_tabs("a\tb", huge, 1000), Err(Failure::TooLarge));
    assert_eq!(index::repeat("ab", huge, 1000), Err(Failure::TooLarge));
    assert_eq!(layout::replace("aaaa", "a", &"b".repeat(300), -1, 1000), Err(Failure::TooLarge));
}
