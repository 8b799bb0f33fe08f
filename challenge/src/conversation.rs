//! One client in one case.

use framescope_framing::HeaderFormat;

use crate::case::Case;
use crate::script::{Script, Step};
use crate::verdict::{Failure, QUOTED, Reason, Verdict};

/// The most bytes that are taken from a client beyond what is expected.
pub const MAX_ANSWERS: usize = 64 * 1024;

/// What the server is to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action<'a> {
    /// Send these bytes at once.
    Send(&'a [u8]),
    /// Do nothing for so many milliseconds. What comes meanwhile is taken.
    Pause(u32),
    /// Take what comes until there is something else to do.
    Take,
    /// Send no more, and take what comes until the client closes.
    End,
}

/// How a client's answers have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It has closed its side.
    Closed,
    /// The connection was reset.
    Reset,
    /// Nothing has come for as long as a client may take.
    Silent,
}

/// One client in one case: what to do, and what has come of it.
#[derive(Clone, Debug)]
pub struct Conversation {
    case: Case,
    format: HeaderFormat,
    script: Script,
    /// The next step.
    next: usize,
    /// How much of the stream was sent.
    sent: usize,
    answers: Vec<u8>,
}

impl Conversation {
    /// A client that has said that it is there.
    #[must_use]
    pub fn new(case: Case, seed: u64, format: HeaderFormat) -> Self {
        let script = Script::new(case, seed, format);
        Self { case, format, script, next: 0, sent: 0, answers: Vec::new() }
    }

    /// What to do now. Each call goes on to the next step, if that need not wait.
    pub fn go_on(&mut self) -> Action<'_> {
        let Some(step) = self.script.steps.get(self.next) else { return Action::Take };
        match step {
            Step::Await(answers) if self.answers.len() < *answers => Action::Take,
            Step::Await(_) => {
                self.next += 1;
                self.go_on()
            }
            Step::Send(end) => {
                self.next += 1;
                let from = std::mem::replace(&mut self.sent, *end);
                Action::Send(&self.script.stream[from..*end])
            }
            Step::Pause(milliseconds) => {
                self.next += 1;
                Action::Pause(*milliseconds)
            }
            Step::End => {
                self.next += 1;
                Action::End
            }
        }
    }

    /// Takes what the client has sent. `Some` if it is wrong: the case is over.
    pub fn take(&mut self, bytes: &[u8]) -> Option<Verdict> {
        let from = self.answers.len();
        let expected = self.script.answers.get(from..).unwrap_or_default();
        let right = expected.iter().zip(bytes).take_while(|(one, other)| one == other).count();
        let space = (self.script.answers.len() + MAX_ANSWERS).saturating_sub(from);
        self.answers.extend_from_slice(&bytes[..bytes.len().min(space)]);
        if right == bytes.len() {
            return None;
        }
        let is_over = right == expected.len();
        let reason = if is_over { Reason::TooMuch } else { Reason::Differs };
        Some(self.failed(reason, from + right))
    }

    /// The client has ended, or is silent.
    #[must_use]
    pub fn end(&self, ending: Ending) -> Verdict {
        let is_all = self.answers.len() == self.script.answers.len();
        let has_sent = self.sent == self.script.stream.len();
        let is_right = is_all && has_sent;
        match ending {
            Ending::Closed if is_right => Verdict::Passed,
            // A client that has noticed that the stream is broken may reset it: some of it was not read.
            Ending::Reset if is_right && self.case.is_broken() => Verdict::Passed,
            Ending::Closed => self.failed(Reason::ClosedEarly, self.answers.len()),
            Ending::Reset => self.failed(Reason::Reset, self.answers.len()),
            Ending::Silent => self.failed(Reason::TimedOut, self.answers.len()),
        }
    }

    fn failed(&self, reason: Reason, at: usize) -> Verdict {
        let quote = |bytes: &[u8]| {
            let rest = bytes.get(at..).unwrap_or_default();
            rest[..rest.len().min(QUOTED)].to_vec()
        };
        let message = self.script.message_at(at, self.format);
        let cuts = message.as_ref().map_or_else(Vec::new, |(_, range)| {
            let cuts = self.script.cuts(range.start + 1, range.end).into_iter();
            cuts.map(|cut| cut - range.start).collect()
        });
        Verdict::Failed(Failure {
            reason,
            at,
            expected: quote(&self.script.answers),
            came: quote(&self.answers),
            message: message.map(|(number, ..)| number),
            cuts,
        })
    }
}

#[cfg(test)]
mod tests {
    use framescope_framing::Decoder;
    use proptest::prelude::*;

    use super::*;

    /// Plays a case against a client that gets each chunk as it is sent. The client returns its answer to a chunk, and whether
    /// it closes.
    fn play(case: Case, seed: u64, mut client: impl FnMut(&[u8]) -> (Vec<u8>, bool)) -> Verdict {
        let mut conversation = Conversation::new(case, seed, HeaderFormat::default());
        let mut chunk = Vec::new();
        loop {
            let is_end = match conversation.go_on() {
                Action::Send(bytes) => {
                    chunk = bytes.to_vec();
                    false
                }
                Action::Pause(_) => continue,
                Action::Take => return conversation.end(Ending::Silent),
                Action::End => true,
            };
            let (answer, closes) = client(if is_end { b"" } else { &chunk });
            if let Some(verdict) = conversation.take(&answer) {
                return verdict;
            }
            if closes {
                return conversation.end(Ending::Closed);
            }
        }
    }

    /// A client that reads header and payload as they should be read.
    fn right() -> impl FnMut(&[u8]) -> (Vec<u8>, bool) {
        let mut decoder = Decoder::new(HeaderFormat::default());
        move |mut chunk: &[u8]| {
            let (is_end, mut answer) = (chunk.is_empty(), Vec::new());
            loop {
                match decoder.decode(&mut chunk) {
                    Ok(Some(message)) => {
                        let _ = framescope_framing::encode(
                            HeaderFormat::default(),
                            message.payload,
                            &mut answer,
                        );
                    }
                    Ok(None) => return (answer, is_end),
                    Err(_) => return (answer, true),
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_right_client_passes_each_case(
            case in proptest::sample::select(Case::ALL.to_vec()),
            seed: u64,
        ) {
            prop_assert_eq!(play(case, seed, right()), Verdict::Passed);
        }

        /// A client that takes each chunk for a message, and sends it back.
        #[test]
        fn a_client_that_knows_no_header_passes_no_case_that_breaks_the_stream(seed: u64) {
            for case in [Case::LyingHeader, Case::EndInTheMiddle] {
                let verdict = play(case, seed, |chunk| (chunk.to_vec(), chunk.is_empty()));
                prop_assert!(matches!(verdict, Verdict::Failed(_)));
            }
        }
    }

    /// A client that calls recv(4) once for the header and recv(length) once for the payload.
    #[test]
    fn a_naive_client_fails_where_a_header_comes_in_pieces_and_is_told_where() {
        let naive = |chunk: &[u8]| {
            let is_whole = chunk.split_first_chunk::<4>().is_some_and(|(header, payload)| {
                usize::try_from(i32::from_le_bytes(*header)) == Ok(payload.len())
            });
            let answer = if is_whole || chunk.is_empty() { chunk } else { b"?" };
            (answer.to_vec(), chunk.is_empty())
        };
        assert_eq!(play(Case::Alone, 1, naive), Verdict::Passed);
        let Verdict::Failed(failure) = play(Case::HeaderInPieces, 1, naive) else {
            panic!("it must fail");
        };
        assert_eq!((failure.reason, failure.at, failure.message), (Reason::Differs, 0, Some(1)));
        assert_eq!(failure.came, b"?");
        assert!(failure.cuts.iter().all(|cut| (1..4).contains(cut)) && failure.cuts.len() == 1);
    }

    #[test]
    fn who_says_nothing_or_too_much_fails() {
        let silent = play(Case::Stuck, 1, |_| (Vec::new(), false));
        assert!(matches!(silent, Verdict::Failed(Failure { reason: Reason::TimedOut, at: 0, .. })));
        let mut client = right();
        let chatty = play(Case::Stuck, 1, |chunk| {
            let (mut answer, closes) = client(chunk);
            answer.extend(b"bye");
            (answer, closes)
        });
        let Verdict::Failed(failure) = chatty else { panic!("it must fail") };
        assert_eq!((failure.reason, failure.message), (Reason::TooMuch, None));
        assert_eq!(failure.came, b"bye");
    }
}
