//! What the server does in a case.

use std::ops::Range;

use framescope_framing::{Decoder, HEADER_LEN, HeaderFormat, encode};

use crate::case::Case;
use crate::seeded::Seeded;

/// The pause within a header, a character or a long message, in milliseconds: longer than what a client may take for one chunk.
const PAUSE: u32 = 40;

/// The time between two bytes that come one by one, in milliseconds.
const BYTE: u32 = 1;

/// The length of a long message, in bytes.
const LONG: usize = 100_000;

/// What messages are made of: text of one, two, three and four bytes for a character.
const WORDS: [&str; 8] =
    ["hello", "world", "你好，世界", "naïve café", "stick", "🙂🙃", "TCP is a byte stream", "粘包"];

/// What the server does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send these bytes of the stream, up to this offset, at once.
    Send(usize),
    /// Do nothing for so many milliseconds.
    Pause(u32),
    /// Wait until the client has answered with so many bytes altogether.
    Await(usize),
    /// Send no more.
    End,
}

/// A case with its seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// All bytes that are sent.
    pub stream: Vec<u8>,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// The bytes with which a right client answers.
    pub answers: Vec<u8>,
}

impl Script {
    /// The script of a case.
    #[must_use]
    pub fn new(case: Case, seed: u64, format: HeaderFormat) -> Self {
        let mut random = Seeded::new(seed);
        let messages = messages(case, &mut random);
        let mut script = Self { stream: Vec::new(), steps: Vec::new(), answers: Vec::new() };
        let mut ends = Vec::new();
        for message in &messages {
            // No message is longer than what a header can say.
            let _ = encode(format, message.as_bytes(), &mut script.stream);
            ends.push(script.stream.len());
        }
        script.answers.clone_from(&script.stream);
        let begins = |index: usize| if index == 0 { 0 } else { ends[index - 1] };
        match case {
            Case::Alone | Case::Empty => {
                for end in &ends {
                    script.steps.extend([Step::Send(*end), Step::Await(*end)]);
                }
            }
            Case::Stuck => script.steps.push(Step::Send(script.stream.len())),
            Case::Long => {
                // Within the long message, so that no single recv returns all of it.
                let long = messages.iter().position(|message| message.len() >= LONG).unwrap_or(0);
                let cut = begins(long) + HEADER_LEN + 1 + random.below(LONG - 1);
                let rest = Step::Send(script.stream.len());
                script.steps.extend([Step::Send(cut), Step::Pause(PAUSE), rest]);
            }
            Case::HeaderInPieces => {
                for (index, end) in ends.iter().enumerate() {
                    let cut = begins(index) + 1 + random.below(HEADER_LEN - 1);
                    let pieces = [Step::Send(cut), Step::Pause(PAUSE), Step::Send(*end)];
                    script.steps.extend(pieces);
                }
            }
            Case::ByteByByte => {
                for end in 1..=script.stream.len() {
                    script.steps.extend([Step::Send(end), Step::Pause(BYTE)]);
                }
            }
            Case::HalfACharacter => {
                for (index, message) in messages.iter().enumerate() {
                    let payload = begins(index) + HEADER_LEN;
                    if let Some(inside) =
                        (0..message.len()).find(|at| !message.is_char_boundary(*at))
                    {
                        script.steps.extend([Step::Send(payload + inside), Step::Pause(PAUSE)]);
                    }
                    script.steps.push(Step::Send(ends[index]));
                }
            }
            Case::CutAnywhere => {
                let mut at = 0;
                while at < script.stream.len() {
                    at = (at + 1 + random.below(9)).min(script.stream.len());
                    script.steps.extend([Step::Send(at), Step::Pause(BYTE)]);
                }
            }
            Case::LyingHeader => {
                // It comes after the answers: a client that closes with bytes unread resets the connection, and answers that
                // are still on their way are lost.
                script
                    .steps
                    .extend([Step::Send(script.stream.len()), Step::Await(script.stream.len())]);
                // -1 in every format: as a number without a sign it is 4 GiB.
                script.stream.extend([0xff; HEADER_LEN]);
                script.stream.extend(b"there is no such message");
                script.steps.push(Step::Send(script.stream.len()));
            }
            Case::EndInTheMiddle => {
                let whole = script.stream.len();
                let _ = encode(format, "this message has no end".as_bytes(), &mut script.stream);
                let cut = whole + HEADER_LEN + 1 + random.below(10);
                script.stream.truncate(cut);
                script.steps.extend([Step::Send(cut), Step::End]);
            }
        }
        if !case.is_broken() {
            script.steps.extend([Step::Await(script.answers.len()), Step::End]);
        }
        script
    }

    /// The message whose answer has this offset: its number, from 1, and its range in the stream. `None` behind the last answer.
    #[must_use]
    pub fn message_at(&self, at: usize, format: HeaderFormat) -> Option<(usize, Range<usize>)> {
        let mut decoder = Decoder::new(format);
        let (mut from, mut number, mut rest) = (0, 0, &self.answers[..]);
        while let Ok(Some(_)) = decoder.decode(&mut rest) {
            number += 1;
            let to = self.answers.len() - rest.len();
            if at < to {
                return Some((number, from..to));
            }
            from = to;
        }
        None
    }

    /// The offsets at which the stream is cut, between these two: where a chunk may end.
    #[must_use]
    pub fn cuts(&self, from: usize, to: usize) -> Vec<usize> {
        let sends = self.steps.iter().filter_map(|step| match step {
            Step::Send(end) => Some(*end),
            Step::Pause(_) | Step::Await(_) | Step::End => None,
        });
        sends.filter(|end| (from..to).contains(end)).collect()
    }
}

fn messages(case: Case, random: &mut Seeded) -> Vec<String> {
    let count = 3 + random.below(3);
    let mut messages: Vec<String> = (0..count)
        .map(|_| format!("{} {}", WORDS[random.below(WORDS.len())], random.below(1000)))
        .collect();
    let middle = 1 + random.below(count - 1);
    match case {
        Case::Empty => messages.insert(middle, String::new()),
        Case::Long => {
            let word = WORDS[random.below(WORDS.len())];
            messages.insert(middle, word.repeat(LONG.div_ceil(word.len())));
        }
        // At least one has a character of several bytes.
        Case::HalfACharacter => messages.insert(middle, format!("你好 {}", random.below(1000))),
        Case::Alone
        | Case::Stuck
        | Case::HeaderInPieces
        | Case::ByteByByte
        | Case::CutAnywhere
        | Case::LyingHeader
        | Case::EndInTheMiddle => {}
    }
    messages
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn case() -> impl Strategy<Value = Case> {
        proptest::sample::select(Case::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn a_script_sends_all_of_its_stream_in_order_and_ends(case in case(), seed: u64) {
            let script = Script::new(case, seed, HeaderFormat::default());
            prop_assert_eq!(&script, &Script::new(case, seed, HeaderFormat::default()));
            let mut sent = 0;
            for step in &script.steps {
                match step {
                    Step::Send(end) => {
                        prop_assert!(*end > sent, "nothing is sent twice, and each time something");
                        sent = *end;
                    }
                    Step::Await(answers) => prop_assert!(*answers <= sent),
                    Step::Pause(_) | Step::End => {}
                }
            }
            prop_assert_eq!(sent, script.stream.len());
            prop_assert!(script.stream.starts_with(&script.answers));
            prop_assert_eq!(case.is_broken(), script.stream.len() > script.answers.len());
        }

        #[test]
        fn what_a_right_client_answers_is_whole_messages(case in case(), seed: u64) {
            let script = Script::new(case, seed, HeaderFormat::default());
            let mut decoder = Decoder::new(HeaderFormat::default());
            let mut rest = &script.answers[..];
            while decoder.decode(&mut rest).expect("it is framed").is_some() {}
            prop_assert_eq!(decoder.finish(), Ok(()));
        }
    }
}
