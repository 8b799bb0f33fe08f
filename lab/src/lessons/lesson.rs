//! A lesson, and the experiments that answer its question.

use super::folder::{self, Contents, Folder};
use super::outcome;
use super::texts::Texts;
use crate::experiment::{Experiment, Start, Turn, Until};
use crate::trace::Trace;

/// A lesson: one question about sockets.
#[derive(Debug)]
pub struct Lesson {
    /// The number in the course, from 0.
    pub number: u8,
    /// The experiments that answer the question, in the order to run them.
    pub variants: &'static [Variant],
}

/// One experiment of a lesson.
#[derive(Debug)]
pub struct Variant {
    /// The lesson's number and a letter: `4a`.
    pub name: &'static str,
    /// The order of the steps, a letter for each: see [`program_of`].
    order: &'static str,
    outcome: fn(&Trace) -> Option<usize>,
    /// What the question asks for.
    asks: Asks,
    /// Whether only a run without pauses answers the question. If it is stepped, the segments arrive while the
    /// programs stand still.
    pub needs_no_pauses: bool,
    /// The choice, from 0, that a run in the lesson's own way confirms. The explanation explains it.
    pub expected: usize,
    /// Whether the outcome differs from run to run, because the kernel decides it. Then
    /// [`Variant::expected`] is the choice that says so, and no trace confirms that one.
    pub varies: bool,
}

/// What a question asks for.
#[derive(Clone, Copy, Debug)]
enum Asks {
    /// The time of a round trip.
    RoundTrip,
    /// How many chunks the bytes of all sends come in.
    Chunks,
    Other,
}

impl Variant {
    /// A variant. Each letter of `order` is a step of a program until its next system call has returned or
    /// waits: `s` the server, `c` the client, `t` and `d` those of `server2.py` and `client2.py`.
    pub(super) const fn new(
        name: &'static str,
        order: &'static str,
        outcome: fn(&Trace) -> Option<usize>,
        expected: usize,
    ) -> Self {
        Self {
            name,
            order,
            outcome,
            asks: Asks::Other,
            needs_no_pauses: false,
            expected,
            varies: false,
        }
    }

    pub(super) const fn asking_for_round_trip(self) -> Self {
        Self { asks: Asks::RoundTrip, ..self }.without_pauses()
    }

    pub(super) const fn without_pauses(self) -> Self {
        Self { needs_no_pauses: true, ..self }
    }

    pub(super) const fn that_varies(self) -> Self {
        Self { varies: true, ..self }
    }

    pub(super) const fn that_counts_chunks(self) -> Self {
        Self { asks: Asks::Chunks, ..self }
    }

    /// Whether a choice is how many chunks the bytes of all sends come in.
    #[must_use]
    pub const fn counts_chunks(&self) -> bool {
        matches!(self.asks, Asks::Chunks)
    }

    /// Whether the explanation is that of this choice.
    #[must_use]
    pub const fn explains(&self, choice: usize) -> bool {
        self.varies || choice == self.expected
    }

    /// The experiment.
    #[must_use]
    pub fn experiment(&self) -> Experiment {
        let (folder, contents) = (self.folder(), self.contents());
        self.experiment_of(|file| contents.program(folder, file).to_owned())
    }

    /// The experiment, whose texts of programs are elsewhere: `text_of` returns the text of a file.
    pub fn experiment_of(&self, text_of: impl FnMut(&str) -> String) -> Experiment {
        let folder = self.folder();
        let programs = folder.programs(text_of);
        let starts = folder.starts().enumerate();
        let starts = starts.map(|(program, when)| Start { program, when }).collect();
        let index = |letter| {
            let name = program_of(letter)?;
            programs.iter().position(|program| program.name == name)
        };
        let turn = |program| Turn { program, thread: 0, until: Until::Call };
        let order = self.order.chars().filter_map(index).map(turn).collect();
        Experiment { programs, starts, order, wire: folder.wire(), watched: false }
    }

    /// The texts: in Simplified Chinese if `language` begins with `zh`, otherwise in English.
    #[must_use]
    pub fn texts(&self, language: &str) -> Texts {
        let is_chinese = language
            .as_bytes()
            .first_chunk()
            .is_some_and(|tag: &[u8; 2]| tag.eq_ignore_ascii_case(b"zh"));
        let contents = self.contents();
        if is_chinese { contents.chinese } else { contents.english }
    }

    /// The median round trip in a trace, in microseconds. `None` if the lesson does not ask for it, or
    /// if too few round trips went by without a pause of a program between two calls.
    #[must_use]
    pub fn round_trip(&self, trace: &Trace) -> Option<u64> {
        matches!(self.asks, Asks::RoundTrip).then(|| outcome::median_round_trip(trace)).flatten()
    }

    /// Which of the choices in [`Texts`] a trace of the experiment confirms, from 0. `None` if it confirms
    /// none of them, or is not far enough.
    #[must_use]
    pub fn outcome(&self, trace: &Trace) -> Option<usize> {
        (self.outcome)(trace)
    }

    fn folder(&self) -> &'static Folder {
        folder::find(self.name).expect("a test checks that each variant has a folder")
    }

    fn contents(&self) -> &'static Contents {
        folder::find_contents(self.name).expect("a test checks that each variant has a folder")
    }
}

/// The name of the program that takes a step. Spaces in an order only make it easier to read.
const fn program_of(letter: char) -> Option<&'static str> {
    match letter {
        's' => Some("server"),
        't' => Some("server2"),
        'c' => Some("client"),
        'd' => Some("client2"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::lessons::variants;

    #[test]
    fn each_language_has_all_texts_of_each_variant() {
        for variant in variants() {
            let [english, chinese] = ["en", "ZH-cn"].map(|tag| variant.texts(tag));
            assert_ne!(english, chinese);
            assert_eq!(english.choices.len(), chinese.choices.len(), "lesson {}", variant.name);
            assert!(variant.expected < english.choices.len(), "lesson {}", variant.name);
            for texts in [english, chinese] {
                assert!(texts.choices.len() >= 2);
                let parts = [texts.title, texts.question, texts.explanation];
                for part in texts.choices.iter().chain(&parts) {
                    assert!(!part.is_empty() && part.trim() == *part, "lesson {}", variant.name);
                }
            }
        }
    }

    #[test]
    fn each_experiment_is_within_its_bounds_and_each_letter_of_its_order_is_a_program() {
        for variant in variants() {
            let experiment = variant.experiment();
            assert_eq!(experiment.check(), Ok(()));
            assert_eq!(experiment.starts.len(), experiment.programs.len());
            let letters = variant.order.chars().filter(|letter| *letter != ' ');
            assert_eq!(letters.count(), experiment.order.len(), "lesson {}", variant.name);
            for program in &experiment.programs {
                assert_eq!(program.file, format!("{}.py", program.name));
            }
        }
    }
}
