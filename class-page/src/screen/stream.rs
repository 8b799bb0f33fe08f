//! The stream of a lesson's question: the bytes that its programs send, and where each choice says that they are cut.

use framescope_lab::Variant;

use super::programs::ProgramLines;
use crate::state::State;

/// The longest stream that is drawn, in bytes.
const MAX_BYTES: usize = 24;

/// The most ways to cut a stream that are drawn for one choice.
const MAX_WAYS: usize = 2;

/// What the programs of a question send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The bytes of each send, as characters, and what it is called.
    pub sends: Vec<(String, String)>,
    /// How many bytes `recv` asks for, as a text. Empty if that differs.
    pub asks: String,
}

/// Where a choice says that the stream is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The pieces, in each way.
    pub ways: Vec<Vec<Piece>>,
    /// In words.
    pub text: String,
    /// Whether it is said that nobody knows before.
    pub is_open: bool,
}

/// A piece of the stream: the numbers of bytes of each send that are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The index of a send, and its bytes.
    pub parts: Vec<(usize, usize)>,
    /// Whether nobody has received it yet.
    pub is_left: bool,
}

/// The stream of a lesson's programs, and where each of these choices cuts it. `None` if one of them says nothing of cuts.
pub(super) fn stream(
    state: &State,
    variant: &Variant,
    programs: &[ProgramLines],
    choices: &[String],
) -> Option<(Stream, Vec<Cut>)> {
    let sends = sends(programs)?;
    let bytes = sends.concat();
    let lengths: Vec<usize> = sends.iter().map(String::len).collect();
    let cut = |choice: &String| {
        if variant.counts_chunks() {
            Some(counted(state, &lengths, choice.parse().ok()))
        } else {
            named(&lengths, &bytes, choice)
        }
    };
    let cuts = choices.iter().map(cut).collect::<Option<Vec<_>>>()?;
    let named = (1..)
        .zip(sends)
        .map(|(number, send)| (send, state.locale.fill("send-number", &[("number", &number)])));
    let asked = asked(programs);
    let asks = |count: usize| state.locale.fill("recv-asks", &[("number", &count)]);
    Some((Stream { sends: named.collect(), asks: asked.map_or_else(String::new, asks) }, cuts))
}

/// What is between these two in a text, each time.
fn between<'a>(text: &'a str, before: &'a str, after: char) -> impl Iterator<Item = &'a str> {
    text.split(before).skip(1).filter_map(move |rest| rest.split_once(after).map(|(it, _)| it))
}

/// The texts of all sends, if one program sends, and nothing but short texts.
fn sends(programs: &[ProgramLines]) -> Option<Vec<String>> {
    let sends = |program: &ProgramLines| -> Vec<String> {
        let lines = program.lines.iter().filter(|(_, line)| line.contains(".send"));
        lines.map(|(_, line)| line.clone()).collect()
    };
    let mut sending = programs.iter().map(sends).filter(|sends| !sends.is_empty());
    let (sends, None) = (sending.next()?, sending.next()) else { return None };
    let texts = sends.iter().map(|line| {
        let text = between(line, ".send(b'", '\'').next()?;
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        (is_plain && !text.is_empty() && !text.contains('\\')).then(|| text.to_owned())
    });
    let texts = texts.collect::<Option<Vec<_>>>()?;
    (texts.iter().map(String::len).sum::<usize>() <= MAX_BYTES).then_some(texts)
}

/// How many bytes every `recv` asks for.
fn asked(programs: &[ProgramLines]) -> Option<usize> {
    let lines = programs.iter().flat_map(|program| &program.lines);
    let counts = lines.flat_map(|(_, line)| between(line, ".recv(", ')'));
    let mut counts = counts.map(|count| count.parse().ok());
    let first = counts.next()??;
    counts.all(|count| count == Some(first)).then_some(first)
}

/// The stream in as many chunks as the sends allow. `None`: nobody knows how many.
fn counted(state: &State, sends: &[usize], chunks: Option<usize>) -> Cut {
    let Some(chunks) = chunks else {
        let ways = vec![pieces(sends, &[sends.iter().sum()])];
        return Cut { ways, text: state.locale.text("cut-open").to_owned(), is_open: true };
    };
    let ways = groupings(sends, chunks);
    let text = |lengths: &Vec<usize>| match &lengths[..] {
        [all] => state.locale.fill("cut-none", &[("number", all)]),
        [first, second] => state.locale.fill("cut-twice", &[("first", first), ("second", second)]),
        [first, second, third] => {
            let values = [("first", first), ("second", second), ("third", third)];
            state.locale.fill("cut-thrice", &values.map(|(name, value)| (name, value as _)))
        }
        _ => String::new(),
    };
    let text = match &ways.iter().map(text).collect::<Vec<_>>()[..] {
        [one, other] => state.locale.fill("cut-or", &[("one", one), ("other", other)]),
        texts => texts.concat(),
    };
    let ways = ways.iter().map(|lengths| pieces(sends, lengths)).collect();
    Cut { ways, text, is_open: false }
}

/// The lengths of chunks if neighbouring sends come together, so that there are as many.
fn groupings(sends: &[usize], chunks: usize) -> Vec<Vec<usize>> {
    if chunks == 1 {
        return vec![vec![sends.iter().sum()]];
    }
    let first = 1..=(sends.len() + 1).saturating_sub(chunks);
    let ways = first.flat_map(|count| {
        let (together, rest) = sends.split_at(count);
        groupings(rest, chunks - 1).into_iter().map(move |mut lengths| {
            lengths.insert(0, together.iter().sum());
            lengths
        })
    });
    ways.take(MAX_WAYS).collect()
}

/// The chunks that a choice names: `b'hello', then b' worl'`. The rest is left in the buffer.
fn named(sends: &[usize], bytes: &str, choice: &str) -> Option<Cut> {
    let chunks: Vec<&str> = between(choice, "b'", '\'').collect();
    let received = chunks.concat();
    if chunks.is_empty() || !bytes.starts_with(&received) {
        return None;
    }
    let mut lengths: Vec<usize> = chunks.iter().map(|chunk| chunk.len()).collect();
    let left = bytes.len() - received.len();
    lengths.extend((left > 0).then_some(left));
    let mut pieces = pieces(sends, &lengths);
    if let Some(last) = pieces.last_mut().filter(|_| left > 0) {
        last.is_left = true;
    }
    Some(Cut { ways: vec![pieces], text: String::new(), is_open: false })
}

/// Pieces of these lengths, from the front.
fn pieces(sends: &[usize], lengths: &[usize]) -> Vec<Piece> {
    let mut rest = sends.iter().copied().enumerate();
    let mut open = rest.next();
    let mut next = |mut wanted: usize| {
        let mut parts = Vec::new();
        while let Some((send, left)) = open.filter(|_| wanted > 0) {
            let taken = left.min(wanted);
            parts.push((send, taken));
            wanted -= taken;
            open = if taken < left { Some((send, left - taken)) } else { rest.next() };
        }
        Piece { parts, is_left: false }
    };
    lengths.iter().map(|length| next(*length)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_sends_come_in_two_chunks_in_two_ways() {
        assert_eq!(groupings(&[5, 5, 5], 1), [[15]]);
        assert_eq!(groupings(&[5, 5, 5], 2), [[5, 10], [10, 5]]);
        assert_eq!(groupings(&[5, 5, 5], 3), [[5, 5, 5]]);
        assert_eq!(groupings(&[5, 5, 5], 4), Vec::<Vec<usize>>::new());
    }

    #[test]
    fn a_chunk_has_bytes_of_several_sends() {
        let parts: Vec<_> =
            pieces(&[5, 5, 5], &[7, 8]).into_iter().map(|piece| piece.parts).collect();
        assert_eq!(parts, [vec![(0, 5), (1, 2)], vec![(1, 3), (2, 5)]]);
    }

    #[test]
    fn what_a_choice_names_is_in_front_and_the_rest_is_left() {
        let stream = "hello world!again";
        let cut = named(&[12, 5], stream, "b'hello', then b' worl'").expect("it is in front");
        let lengths = |piece: &Piece| piece.parts.iter().map(|(_, length)| length).sum::<usize>();
        let [way] = &cut.ways[..] else { panic!("{cut:?}") };
        assert_eq!(way.iter().map(lengths).collect::<Vec<_>>(), [5, 5, 7]);
        assert_eq!(way.iter().map(|piece| piece.is_left).collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(named(&[12, 5], stream, "b'again'"), None);
    }
}
