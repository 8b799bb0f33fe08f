//! A question from its asking to its reveal.

use framescope_class::{Command, FromTeacher, Phase, Refused, Role, Show, Vote};

use super::client::{Student, Teacher, relay};

/// A mark in the teacher's trace, from which the answer could be read.
const ANSWER: &[u8] = b"the answer is in this trace";

#[tokio::test]
async fn nobody_but_the_console_is_told_counts_or_answer_before_the_reveal() {
    let relay = relay().await;
    let mut console = Teacher::console(relay.http).await;
    let mut projector = Teacher::enter(relay.http, Role::Projector).await;
    let mut students = Vec::new();
    for _ in 0..3 {
        students.push(Student::join(relay.http, None).await);
    }
    console.ask().await;
    console.say(&FromTeacher::Show(Show::Run(ANSWER.to_vec()))).await;
    for (student, choice) in students.iter_mut().zip([0, 0, 2]) {
        student.until_told(|told| told.question.is_some()).await;
        assert_eq!(student.bet(Vote::First, 1, choice).await, None);
    }
    console.until(|told| told.tally.as_ref().is_some_and(|tally| tally.total() == 3)).await;
    console.command(Command::Close).await;
    for student in &mut students {
        let is_closed = |told: &framescope_class::Told| {
            told.question.as_ref().is_some_and(|question| question.phase == Phase::Closed)
        };
        student.until_told(is_closed).await;
        let question = student.told.as_ref().and_then(|told| told.question.as_ref());
        assert_eq!(question.map(|question| question.result.is_none()), Some(true));
        student.until(|student| student.counts.voted == 3).await;
    }
    while projector
        .projected
        .as_ref()
        .and_then(|projected| projected.told.question.as_ref())
        .is_none_or(|question| question.phase == Phase::Open)
    {
        projector.hear().await;
    }
    for wire in students.iter().map(|student| &student.wire).chain([&projector.wire]) {
        let has_answer =
            wire.iter().any(|message| message.windows(ANSWER.len()).any(|bytes| bytes == ANSWER));
        assert!(!has_answer, "the teacher's trace is not sent");
    }
    console.until(|told| told.result.is_some()).await;
    console.command(Command::Reveal).await;
    for student in &mut students {
        let has_result = |told: &framescope_class::Told| {
            told.question.as_ref().is_some_and(|question| question.result.is_some())
        };
        student.until_told(has_result).await;
        student.until(|student| !student.parts.is_empty()).await;
        assert_eq!(student.parts, [ANSWER]);
    }
}

#[tokio::test]
async fn the_lesson_is_run_many_times_and_what_came_of_it_is_right() {
    let relay = relay().await;
    let mut console = Teacher::console(relay.http).await;
    console.say(&FromTeacher::Ask(framescope_class::Ask::Lesson("5a".to_owned()))).await;
    console.command(Command::Close).await;
    let runs = |told: &framescope_class::ToldConsole| {
        let measured = told.result.as_ref().and_then(|result| result.measured.clone());
        measured.map_or(0, |measured| measured.runs.iter().sum::<u32>() + measured.other)
    };
    console.until(|told| runs(told) >= 20).await;
    let result = console.told.as_ref().and_then(|told| told.result.clone()).expect("it is closed");
    let variant = framescope_lab::find_variant("5a").expect("the lesson is there");
    let expected = u8::try_from(variant.expected).expect("it is small");
    assert_eq!(result.right, Some(framescope_class::Answer::Choice(expected)));
}

#[tokio::test]
async fn a_bet_is_confirmed_and_a_reload_keeps_it() {
    let relay = relay().await;
    let mut console = Teacher::console(relay.http).await;
    let mut student = Student::join(relay.http, Some("Mia")).await;
    console.ask().await;
    student.until_told(|told| told.question.is_some()).await;
    assert_eq!(student.bet(Vote::First, 1, 0).await, None);
    assert_eq!(student.bet(Vote::First, 2, 1).await, None);
    assert_eq!(
        student.bet(Vote::First, 1, 0).await,
        Some(Refused::Late),
        "a replay changes nothing"
    );
    let token = student.token;
    drop(student);
    let mut again = Student::come(relay.http, Some(token), None).await.expect("it comes back");
    again.until(|student| student.own.is_some()).await;
    let own = again.own.as_ref().expect("it was told");
    assert_eq!(own.name.as_ref().map(framescope_class::Name::as_str), Some("Mia"));
    assert_eq!((own.last_number, own.bets[0].is_some()), (2, true));
    console.until(|told| told.counts.voted == 1).await;
    assert_eq!(console.told.as_ref().map(|told| told.counts.joined), Some(1));
    console.command(Command::Close).await;
    again
        .until_told(|told| {
            told.question.as_ref().is_some_and(|question| question.phase == Phase::Closed)
        })
        .await;
    assert_eq!(again.bet(Vote::First, 3, 2).await, Some(Refused::NotOpen));
}

#[tokio::test]
async fn a_second_console_takes_over_and_the_first_is_told() {
    let relay = relay().await;
    let mut first = Teacher::console(relay.http).await;
    let mut second = Teacher::console(relay.http).await;
    first.until(|told| told.is_in_charge).await;
    second.until(|told| !told.is_in_charge).await;
    second.ask().await;
    assert_eq!(second.until_refused().await, Refused::NotInCharge);
    second.say(&FromTeacher::TakeOver).await;
    second.until(|told| told.is_in_charge).await;
    first.until(|told| !told.is_in_charge).await;
    // A console that comes back is the same.
    let number = second.console;
    drop(second);
    let mut again =
        Teacher::enter(relay.http, Role::Console { number: None, before: number }).await;
    again.until(|told| told.is_in_charge).await;
    // Of two copies of a page the later one is in charge, and the other is told.
    let mut copy =
        Teacher::enter(relay.http, Role::Console { number: None, before: again.console }).await;
    copy.until(|told| told.is_in_charge).await;
    again.until(|told| !told.is_in_charge).await;
}
