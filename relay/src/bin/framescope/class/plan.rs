//! A teacher's plan: a TOML file of steps, each with a lesson, a question, or both.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{fs, io};

use framescope::of_lesson;
use framescope_class::{Answer, Key, Kind, MAX_QUESTIONS, PlannedStep, Question, Step};
use framescope_lab::find_variant;
use serde::Deserialize;
use toml::Spanned;

/// The longest plan, in bytes: 1 MiB.
const MAX_PLAN: u64 = 1024 * 1024;

/// The longest title and the longest note, in bytes.
const MAX_NOTE: usize = 2000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    step: Vec<Spanned<Written>>,
}

/// A step as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    title: String,
    lesson: Option<Spanned<String>>,
    /// Whether the question of the lesson is asked.
    ask: Option<Spanned<bool>>,
    question: Option<Spanned<String>>,
    choices: Option<Spanned<Vec<String>>>,
    order: Option<Spanned<Vec<String>>>,
    right: Option<Spanned<i64>>,
    minutes: Option<u16>,
    #[serde(default)]
    note: String,
}

/// Reads a plan.
pub(super) fn read(path: &Path) -> Result<Vec<PlannedStep>, PlanError> {
    let failed = |line, cause| PlanError { path: path.to_owned(), line, cause };
    let length = fs::metadata(path).map_err(|error| failed(None, error.into()))?.len();
    if length > MAX_PLAN {
        return Err(failed(None, Cause::TooLong));
    }
    let text = fs::read_to_string(path).map_err(|error| failed(None, error.into()))?;
    parse(&text).map_err(|(at, cause)| failed(at.map(|at| line_of(&text, at)), cause))
}

/// A plan of one lesson.
pub(super) fn of_one_lesson(name: &str) -> Option<Vec<PlannedStep>> {
    let variant = find_variant(name)?;
    let (question, key) = of_lesson(variant)?;
    let step = Step {
        title: String::new(),
        lesson: Some(variant.name.to_owned()),
        question: Some(question),
        minutes: None,
        note: String::new(),
    };
    Some(vec![PlannedStep { step, key }])
}

/// The number of the line that a byte is in, from 1.
fn line_of(text: &str, at: usize) -> usize {
    text.char_indices().take_while(|(start, _)| *start < at).filter(|(_, c)| *c == '\n').count() + 1
}

type Located = (Option<usize>, Cause);

fn parse(text: &str) -> Result<Vec<PlannedStep>, Located> {
    let document: Document = toml::from_str(text).map_err(|error| {
        let message = error.message().lines().collect::<Vec<_>>().join(" ");
        (error.span().map(|span| span.start), Cause::NotAPlan(message))
    })?;
    if document.step.is_empty() {
        return Err((None, Cause::Empty));
    }
    if document.step.len() > MAX_QUESTIONS {
        return Err((None, Cause::TooMany(document.step.len())));
    }
    document.step.into_iter().map(step).collect()
}

fn step(written: Spanned<Written>) -> Result<PlannedStep, Located> {
    let span = written.span();
    let written = written.into_inner();
    if written.title.len() > MAX_NOTE || written.note.len() > MAX_NOTE {
        return Err(at(&span, Cause::LongNote));
    }
    let lesson = written.lesson.as_ref().map(|lesson| {
        find_variant(lesson.get_ref())
            .ok_or_else(|| at(&lesson.span(), Cause::NoLesson(lesson.get_ref().clone())))
    });
    let lesson = lesson.transpose()?;
    let asked = match (&written.question, lesson) {
        (Some(text), _) => {
            refuse(written.ask.as_ref(), Cause::AskWithQuestion)?;
            Some(own_question(&written, text)?)
        }
        (None, Some(variant)) => {
            let asks = written.ask.as_ref().is_none_or(|ask| *ask.get_ref());
            refuse(written.choices.as_ref(), Cause::NoQuestion("choices"))?;
            refuse(written.order.as_ref(), Cause::NoQuestion("order"))?;
            refuse(written.right.as_ref(), Cause::NoQuestion("right"))?;
            of_lesson(variant).filter(|_| asks)
        }
        (None, None) => return Err(at(&span, Cause::Nothing)),
    };
    let (question, key) = asked.unzip();
    let step = Step {
        title: written.title,
        lesson: lesson.map(|variant| variant.name.to_owned()),
        question,
        minutes: written.minutes,
        note: written.note,
    };
    Ok(PlannedStep { step, key: key.unwrap_or(Key::None) })
}

/// A teacher's own question, and its answer.
fn own_question(written: &Written, text: &Spanned<String>) -> Result<(Question, Key), Located> {
    let right = written.right.as_ref();
    let (kind, key) = match (&written.choices, &written.order) {
        (Some(_), Some(order)) => return Err(at(&order.span(), Cause::ChoicesAndOrder)),
        (Some(choices), None) => {
            let choices = choices.get_ref().clone();
            let key = match right {
                None => Key::None,
                Some(right) => {
                    let index = right.get_ref().checked_sub(1);
                    let index = index.and_then(|index| u8::try_from(index).ok());
                    let index = index.filter(|index| usize::from(*index) < choices.len());
                    let none = || at(&right.span(), Cause::Right(choices.len()));
                    Key::Answer(Answer::Choice(index.ok_or_else(none)?))
                }
            };
            (Kind::Choice(choices), key)
        }
        (None, Some(order)) => {
            refuse(right, Cause::RightOrder)?;
            let (lines, right) = mixed(order.get_ref());
            if lines.windows(2).any(|two| two[0] == two[1]) {
                return Err(at(&order.span(), Cause::SameLines));
            }
            (Kind::Order(lines), Key::Answer(Answer::Order(right)))
        }
        (None, None) => {
            let key =
                right.map_or(Key::None, |right| Key::Answer(Answer::Number(*right.get_ref())));
            (Kind::Number, key)
        }
    };
    let question = Question::Own { text: text.get_ref().clone(), kind };
    let bare = Question::Own { text: text.get_ref().clone(), kind: Kind::Number };
    bare.check().map_err(|error| at(&text.span(), Cause::Question(error)))?;
    let lines = written.choices.as_ref().or(written.order.as_ref());
    let lines = lines.map_or_else(|| text.span(), Spanned::span);
    question.check().map_err(|error| at(&lines, Cause::Question(error)))?;
    Ok((question, key))
}

/// The lines in another order than that in which they are right, and that order. Sorted, or if that is right, the other way
/// round. Two lines are always sorted: if they were never shown in the right order, that would give it away.
fn mixed(right: &[String]) -> (Vec<String>, Vec<u8>) {
    let mut lines = right.to_vec();
    lines.sort_unstable();
    if lines == right && lines.len() > 2 {
        lines.reverse();
    }
    let place = |line: &String| lines.iter().position(|known| known == line).unwrap_or(0);
    let order = right.iter().map(|line| u8::try_from(place(line)).unwrap_or(u8::MAX));
    let order = order.collect();
    (lines, order)
}

fn at(span: &Range<usize>, cause: Cause) -> Located {
    (Some(span.start), cause)
}

/// This key does not belong here.
fn refuse<T>(key: Option<&Spanned<T>>, cause: Cause) -> Result<(), Located> {
    key.map_or(Ok(()), |key| Err(at(&key.span(), cause)))
}

/// Why the file is not a plan.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {cause}", path.display(), line.map_or_else(String::new, |line| format!(", line {line}")))]
pub(crate) struct PlanError {
    path: PathBuf,
    line: Option<usize>,
    cause: Cause,
}

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    #[error("a plan has at most {MAX_PLAN} bytes")]
    TooLong,
    #[error("{0}")]
    NotAPlan(String),
    #[error("there is no [[step]]")]
    Empty,
    #[error("{0} steps are over the limit of {MAX_QUESTIONS}")]
    TooMany(usize),
    #[error("a title and a note have at most {MAX_NOTE} bytes each")]
    LongNote,
    #[error("there is no lesson {0:?}; `framescope lesson list` has them")]
    NoLesson(String),
    #[error("a step has a lesson, a question, or both")]
    Nothing,
    #[error("\"ask\" is about the lesson's question, and this step has its own")]
    AskWithQuestion,
    #[error("\"{0}\" belongs to a question, and this step has none of its own")]
    NoQuestion(&'static str),
    #[error("a question has choices, or lines in an order, but not both")]
    ChoicesAndOrder,
    #[error("\"right\" is the number of a choice, from 1 to {0}")]
    Right(usize),
    #[error("the lines of \"order\" are written in the right order; there is no other \"right\"")]
    RightOrder,
    #[error("two lines are the same, so there is more than one right order")]
    SameLines,
    #[error("{0}")]
    Question(framescope_class::QuestionError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (Option<usize>, String) {
        let (at, cause) = parse(text).expect_err("it is no plan");
        (at.map(|at| line_of(text, at)), cause.to_string())
    }

    #[test]
    fn a_plan_has_lessons_and_questions_of_each_kind() {
        let plan = parse(
            "[[step]]\nlesson = '4'\nminutes = 5\nnote = 'Slowly.'\n\n\
             [[step]]\nlesson = '4b'\nask = false\n\n\
             [[step]]\nquestion = 'Which is it?'\nchoices = ['a', 'b']\nright = 2\n\n\
             [[step]]\nquestion = 'How many?'\nright = 15\n\n\
             [[step]]\ntitle = 'A reader'\nquestion = 'In which order?'\norder = ['recv(4)', 'unpack', 'recv(n)']\n\n\
             [[step]]\nquestion = 'What do you think?'\nchoices = ['yes', 'no']\n",
        );
        let plan = plan.expect("it is a plan");
        let keys: Vec<_> = plan.iter().map(|step| step.key.clone()).collect();
        assert!(matches!(keys[0], Key::Measured { .. }));
        assert_eq!((plan[0].step.lesson.as_deref(), plan[0].step.minutes), (Some("4a"), Some(5)));
        assert_eq!((plan[1].step.question.is_none(), &keys[1]), (true, &Key::None));
        assert_eq!(keys[2], Key::Answer(Answer::Choice(1)));
        assert_eq!(keys[3], Key::Answer(Answer::Number(15)));
        assert_eq!(keys[5], Key::None);
        let Some(Question::Own { kind: Kind::Order(lines), .. }) = &plan[4].step.question else {
            panic!("lines are put in order");
        };
        let Key::Answer(Answer::Order(right)) = &keys[4] else { panic!("one order is right") };
        let in_order: Vec<_> = right.iter().map(|index| &*lines[usize::from(*index)]).collect();
        assert_eq!(in_order, ["recv(4)", "unpack", "recv(n)"]);
        assert_ne!(right[..], [0, 1, 2], "the lines do not come in the right order");
    }

    #[test]
    fn two_lines_may_come_in_the_right_order() {
        let [sorted, other] =
            [["a", "b"], ["b", "a"]].map(|right| mixed(&right.map(str::to_owned)));
        assert_eq!((sorted.0, sorted.1), (vec!["a".to_owned(), "b".to_owned()], vec![0, 1]));
        assert_eq!((other.0, other.1), (vec!["a".to_owned(), "b".to_owned()], vec![1, 0]));
    }

    #[test]
    fn what_is_no_plan_is_refused_with_its_line() {
        for (text, line, why) in [
            ("", None, "there is no [[step]]"),
            (
                "[[step]]\nlesson = '99'",
                Some(2),
                "there is no lesson \"99\"; `framescope lesson list` has them",
            ),
            ("[[step]]\ntitle = 'x'", Some(1), "a step has a lesson, a question, or both"),
            ("[[step]]\nquestion = ''\n", Some(2), "a text is empty"),
            (
                "[[step]]\nquestion = 'q'\nchoices = ['a']",
                Some(3),
                "a question has 2 to 12 choices or lines, and this one 1",
            ),
            (
                "[[step]]\nquestion = 'q'\nchoices = ['a', 'b']\nright = 3",
                Some(4),
                "\"right\" is the number of a choice, from 1 to 2",
            ),
            (
                "[[step]]\nquestion = 'q'\nchoices = ['a', 'b']\nright = 0",
                Some(4),
                "\"right\" is the number of a choice, from 1 to 2",
            ),
            (
                "[[step]]\nquestion = 'q'\norder = ['a', 'a']",
                Some(3),
                "two lines are the same, so there is more than one right order",
            ),
            (
                "[[step]]\nlesson = '4a'\n\nright = 1",
                Some(4),
                "\"right\" belongs to a question, and this step has none of its own",
            ),
        ] {
            assert_eq!(refused(text), (line, why.to_owned()), "{text}");
        }
        let (line, why) = refused("[[step]]\nlesson = '4a'\nanswer = 3\n");
        assert_eq!(line, Some(3));
        assert!(why.contains("answer"), "{why}");
    }
}
