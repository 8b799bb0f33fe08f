//! A class that several relays share through NATS.

use std::net::SocketAddr;

use data_encoding::HEXLOWER;
use framescope::{SharedClass, SharedError};
use framescope_class::{
    Answer, Code, Command, ConsoleKey, FromStudent, FromTeacher, Opening, PlannedStep, Refused,
    Role, Show, Step, Told, Vote, encode,
};
use tokio::task::JoinSet;

use super::client::{KEY, Student, Teacher, class, code};
use crate::support::nats::Nats;
use crate::support::process::{Finished, Running, framescope, run};
use crate::support::websocket::Received;
use crate::support::{TestRelay, within};

fn opening() -> Opening {
    Opening { key: KEY, token: [1; 16], plan: Vec::new() }
}

/// A relay of the class, in this process.
async fn relay(nats: &Nats) -> TestRelay {
    let (shared, opened) =
        SharedClass::open(&nats.url, code(), opening()).await.expect("NATS is there");
    assert_eq!(opened, opening());
    let class = framescope::ClassConfig { shared: Some(shared), challenge: None, ..class() };
    TestRelay::start_with(|config| config.class = Some(class)).await
}

fn has_question(told: &Told) -> bool {
    told.question.is_some()
}

#[tokio::test]
async fn whichever_relay_a_page_is_at_it_sees_the_same_class() {
    let Some(nats) = Nats::start("same").await else { return };
    let (one, two) = (relay(&nats).await, relay(&nats).await);
    let mut console = Teacher::console(one.http).await;
    let mut here = Student::join(one.http, Some("Mia")).await;
    let mut there = Student::join(two.http, Some("Ada")).await;
    console.ask().await;
    for student in [&mut here, &mut there] {
        student.until_told(has_question).await;
        student.until(|student| student.counts.joined == 2).await;
    }
    assert_eq!(here.told, there.told);
    assert_eq!(here.bet(Vote::First, 1, 0).await, None);
    assert_eq!(there.bet(Vote::First, 1, 1).await, None);
    console.until(|told| told.tally.as_ref().is_some_and(|tally| tally.total() == 2)).await;
    // Only the relay at which the teacher is makes the runs, and both have them.
    console.until(|told| told.told.question.is_some()).await;
    console.command(Command::Close).await;
    console
        .until(|told| told.result.as_ref().is_some_and(|result| result.measured.is_some()))
        .await;
    console.command(Command::Reveal).await;
    let is_revealed =
        |told: &Told| told.question.as_ref().is_some_and(|asked| asked.result.is_some());
    for student in [&mut here, &mut there] {
        student.until_told(is_revealed).await;
    }
    // The runs end with the reveal, and the last of them may come after it.
    there.until(|student| student.told == here.told).await;

    // A console at the other relay takes over, and the one here is told.
    let mut other = Teacher::console(two.http).await;
    other.until(|told| !told.is_in_charge && told.people.len() == 2).await;
    other.say(&FromTeacher::TakeOver).await;
    console.until(|told| !told.is_in_charge).await;
    console.command(Command::PutAway).await;
    assert_eq!(console.until_refused().await, Refused::NotInCharge);
    other.command(Command::PutAway).await;
    for student in [&mut here, &mut there] {
        student.until_told(|told| !has_question(told)).await;
    }
}

#[tokio::test]
async fn a_relay_that_comes_late_has_the_present_state() {
    let Some(nats) = Nats::start("late").await else { return };
    let one = relay(&nats).await;
    let mut console = Teacher::console(one.http).await;
    let mut student = Student::join(one.http, None).await;
    for run in [b"first", b"other"] {
        console.say(&FromTeacher::Show(Show::Run(run.to_vec()))).await;
        for number in 0..20 {
            console.say(&FromTeacher::Show(Show::Place(format!("4a {number}")))).await;
            console.say(&FromTeacher::Show(Show::Part(vec![number; 100_000]))).await;
        }
    }
    let is_there = |student: &Student| {
        student.parts.len() == 21
            && student.parts[0] == b"other"
            && student.place.as_deref() == Some("4a 19")
    };
    student.until(is_there).await;
    let two = relay(&nats).await;
    let mut late = Student::join(two.http, None).await;
    late.until(is_there).await;
    assert_eq!(late.parts, student.parts);
    // Whoever was at one relay comes back at the other.
    let mut moved = Student::come(two.http, Some(student.token), None).await.expect("it is known");
    moved.until(|student| student.own.is_some()).await;
    assert_eq!(moved.own.as_ref().map(|own| own.id.0), Some(0));
}

/// A relay of the class as a program.
struct Program {
    running: Running,
    http: SocketAddr,
    code: Code,
    key: ConsoleKey,
}

impl Program {
    async fn start(nats: &Nats) -> Self {
        let mut command = framescope();
        command.args(["class", "--port", "0", "--challenge-port", "off", "--no-wire"]);
        command.args(["--nats", &nats.url, "--code", "QKF TDN"]);
        let mut running = Running::start(command);
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line: &String| !line.starts_with("teacher")) {
            let line = running.line().await;
            assert!(!line.is_empty(), "the program has ended");
            lines.push(line);
        }
        let teacher = lines.last().and_then(|line| line.strip_prefix("teacher     http://"));
        let (http, rest) = teacher.and_then(|link| link.split_once('/')).expect("it has a link");
        let key = rest.split_once("#key=").and_then(|(_, rest)| rest.split_once(' '));
        let key = key.and_then(|(key, _)| HEXLOWER.decode(key.as_bytes()).ok());
        Self {
            http: http.parse().expect("it is an address"),
            code: lines[0]["code".len()..].trim().parse().expect("it is a code"),
            key: ConsoleKey(key.and_then(|key| key.try_into().ok()).expect("it is a key")),
            running,
        }
    }
}

/// Bets until the relay is gone. Returns the token, and the number and choice of the last bet that was confirmed.
async fn bet_until_gone(relay: SocketAddr) -> (framescope_class::Token, Option<(u64, u8)>) {
    let mut student = Student::join(relay, None).await;
    student.until_told(has_question).await;
    let mut confirmed = None;
    for number in 1.. {
        let choice = u8::try_from(number % 4).expect("it is small");
        let answer = Answer::Choice(choice);
        let bet = FromStudent::Bet { question: 0, vote: Vote::First, number, answer };
        if student.client.try_send(encode(&bet)).await.is_err() {
            break;
        }
        match student.hear_bet().await {
            Ok(answer) => {
                assert_eq!(answer, (number, None));
                confirmed = Some((number, choice));
            }
            Err(_gone) => break,
        }
    }
    (student.token, confirmed)
}

#[tokio::test]
async fn the_death_of_a_relay_loses_no_bet_that_was_confirmed() {
    let Some(nats) = Nats::start("death").await else { return };
    let (one, two) = (Program::start(&nats).await, Program::start(&nats).await);
    assert_eq!((one.code, one.key), (two.code, two.key), "it is one class");
    let mut console =
        Teacher::enter_with(one.http, one.key, Role::Console { number: None, before: None }).await;
    console.ask().await;
    let mut bets = JoinSet::new();
    for _ in 0..24 {
        bets.spawn(bet_until_gone(one.http));
    }
    let mut watching =
        Teacher::enter_with(two.http, two.key, Role::Console { number: None, before: None }).await;
    assert!(watching.token.is_some(), "a class has a token");
    assert_eq!(console.token, watching.token, "and each relay takes the same");
    watching.until(|told| told.counts.voted == 24).await;
    // Bets are between the page and its answer all the time.
    one.running.signal("KILL");
    let mut all = Vec::new();
    while let Some(bet) = within("the pages are told", bets.join_next()).await {
        all.push(bet.expect("it does not panic"));
    }
    let mut most = 0;
    for (token, confirmed) in all {
        let (number, choice) = confirmed.expect("all have bet before");
        most = number.max(most);
        let mut back = Student::come(two.http, Some(token), None).await.expect("it is known");
        back.until(|student| student.own.is_some()).await;
        let own = back.own.as_ref().expect("it was told");
        // The bet that was on its way may be there, or not.
        match own.last_number - number {
            0 => assert_eq!(own.bets[0], Some(Answer::Choice(choice))),
            1 => {}
            other => panic!("{other} bets after the last that was confirmed"),
        }
        assert_eq!(back.bet(Vote::First, number + 2, 3).await, None, "the class goes on");
    }
    assert!(most > 1, "they have bet more than once");
    // The teacher comes back at the other relay, and is in charge there.
    let mut again = Teacher::enter_with(
        two.http,
        two.key,
        Role::Console { number: None, before: console.console },
    )
    .await;
    again.until(|told| told.is_in_charge).await;
    again.command(Command::Close).await;
    again.until(|told| told.result.is_some()).await;
    // It makes the runs there.
    again.until(|told| told.result.as_ref().is_some_and(|result| result.measured.is_some())).await;
}

#[tokio::test]
async fn without_nats_nothing_is_confirmed_and_afterwards_the_class_goes_on() {
    let Some(mut nats) = Nats::start("outage").await else { return };
    let relay = relay(&nats).await;
    let mut console = Teacher::console(relay.http).await;
    let mut student = Student::join(relay.http, None).await;
    console.ask().await;
    student.until_told(has_question).await;
    assert_eq!(student.bet(Vote::First, 1, 0).await, None);
    nats.kill();
    let answer = Answer::Choice(1);
    let bet = FromStudent::Bet { question: 0, vote: Vote::First, number: 2, answer };
    student.client.send(encode(&bet)).await;
    let why = "the log of the class cannot be reached".to_owned();
    assert_eq!(student.hear_bet().await, Err(Received::Close(1013, why)));
    nats.start_again().await;
    let mut back = loop {
        // The relay may not have found the server again.
        match Student::try_come(relay.http, Some(student.token), None).await {
            Ok(back) => break back.expect("it is known"),
            Err(end) => assert!(matches!(end, Received::Close(1013, _)), "{end:?}"),
        }
    };
    back.until(|student| student.own.is_some()).await;
    assert!(
        back.own.as_ref().is_some_and(|own| own.bets[0].is_some()),
        "what was confirmed is kept"
    );
    assert_eq!(back.bet(Vote::First, 3, 2).await, None);
}

/// Otherwise there would be two classes with one code, and one of them a mixture.
#[tokio::test]
async fn a_relay_whose_class_nats_has_lost_ends() {
    let Some(mut nats) = Nats::start("lost").await else { return };
    let mut one = Program::start(&nats).await;
    nats.kill();
    nats.forget();
    nats.start_again().await;
    let two = Program::start(&nats).await;
    assert_ne!(one.key, two.key, "it is another class");
    assert_eq!(one.running.exit_code().await, Some(0));
    let mut console =
        Teacher::enter_with(two.http, two.key, Role::Console { number: None, before: None }).await;
    console.until(|told| told.is_in_charge).await;
}

/// What was asked for before the answer was lost may be applied later, and then again.
#[tokio::test]
async fn a_page_that_asks_again_is_one_participant_and_one_console() {
    let Some(nats) = Nats::start("again").await else { return };
    let relay = relay(&nats).await;
    let number = Some(framescope_class::ConsoleId(7));
    let mut console = Teacher::enter(relay.http, Role::Console { number, before: None }).await;
    console.until(|told| told.is_in_charge).await;
    let mut again = Teacher::enter(relay.http, Role::Console { number, before: None }).await;
    again.until(|told| told.is_in_charge).await;
    let token = framescope_class::Token([5; 16]);
    for _ in 0..2 {
        let page = Student::come(relay.http, Some(token), None).await.expect("there is space");
        assert_eq!(page.token, token);
    }
    again.until(|told| told.counts.joined == 1).await;
}

#[tokio::test]
async fn a_class_that_cannot_be_shared_says_why() {
    let Some(nats) = Nats::start("refused").await else { return };
    let step = Step {
        title: String::new(),
        lesson: Some("4a".to_owned()),
        question: None,
        minutes: None,
        note: String::new(),
    };
    let plan = vec![PlannedStep { step, key: framescope_class::Key::None }];
    let planned = Opening { key: KEY, token: [1; 16], plan };
    let (_first, _) =
        SharedClass::open(&nats.url, code(), planned.clone()).await.expect("NATS is there");
    let other_key = Opening { key: ConsoleKey([9; 16]), token: [1; 16], plan: Vec::new() };
    let (_second, found) =
        SharedClass::open(&nats.url, code(), other_key).await.expect("NATS is there");
    assert_eq!(found, planned, "the class is as it was opened");
    let mut other_plan = planned;
    other_plan.plan[0].step.lesson = Some("4b".to_owned());
    let refused = SharedClass::open(&nats.url, code(), other_plan).await;
    assert!(matches!(refused, Err(SharedError::OtherPlan(_))), "{refused:?}");

    let several = format!("nats://127.0.0.1:1, {}", nats.url);
    let other_key = Opening { key: KEY, token: [1; 16], plan: Vec::new() };
    SharedClass::open(&several, code(), other_key).await.expect("one of them is there");
    for (url, why) in [
        ("", "\"\" is not the address of a NATS server: "),
        ("nats://127.0.0.1:1", "cannot connect to NATS at 127.0.0.1:1: "),
        ("nats://me:secret@127.0.0.1:1", "cannot connect to NATS at 127.0.0.1:1: "),
        ("nats://me:secret@[", "\"[\" is not the address of a NATS server: "),
    ] {
        let mut command = framescope();
        command.args(["class", "--port", "0", "--nats", url]);
        let Finished { code, stderr, .. } = run(command).await;
        assert_eq!(code, Some(2));
        assert!(stderr.contains(why) && !stderr.contains("secret"), "{stderr}");
    }
}
