//! Students who want to spoil the class.

use framescope_class::{
    Code, ConsoleKey, FromStudent, FromTeacher, Refused, Role, SUBPROTOCOL, ToStudent, ToTeacher,
    Vote, decode, encode,
};

use super::client::{Student, Teacher, relay};
use crate::support::TestRelay;
use crate::support::http::upgrade;
use crate::support::websocket::{Client, Received};

const PROTOCOL: &str = "Sec-WebSocket-Protocol: framescope.class.v1";

#[tokio::test]
async fn without_a_class_there_is_none_to_join() {
    let relay = TestRelay::start().await;
    for path in ["/class", "/class/console"] {
        let (response, _) = upgrade(relay.http, path, &[PROTOCOL]).await;
        assert_eq!(response.status, 404, "{}", response.body);
        assert_eq!(response.body, "no class is going on here\n");
    }
}

#[tokio::test]
async fn who_has_no_code_and_no_key_does_not_get_in() {
    let relay = relay().await;
    let mut student = Client::open_offering(relay.http, "/class", Some(SUBPROTOCOL)).await;
    let join = FromStudent::Join { code: Code::from_random(1), token: None, name: None };
    student.send(encode(&join)).await;
    assert_eq!(decode(&student.receive_bytes().await), Some(ToStudent::Refused(Refused::Code)));
    let (_, code, reason) = student.receive_to_close().await;
    assert_eq!((code, &*reason), (1008, "this is not the code of the class"));

    let mut teacher = Client::open_offering(relay.http, "/class/console", Some(SUBPROTOCOL)).await;
    let enter = FromTeacher::Enter {
        key: ConsoleKey([0; 16]),
        role: Role::Console { number: None, before: None },
    };
    teacher.send(encode(&enter)).await;
    assert_eq!(decode(&teacher.receive_bytes().await), Some(ToTeacher::Refused(Refused::Key)));
}

#[tokio::test]
async fn garbage_ends_its_own_page_and_no_other() {
    let relay = relay().await;
    let mut console = Teacher::console(relay.http).await;
    let mut neighbour = Student::join(relay.http, None).await;
    for garbage in [&b""[..], b"\xff", &[0; 900]] {
        let mut page = Student::join(relay.http, None).await;
        page.client.send(garbage.to_vec()).await;
        let (_, code, reason) = page.client.receive_to_close().await;
        assert_eq!((code, &*reason), (1007, "this is not a message of framescope.class.v1"));
    }
    let mut page = Student::join(relay.http, None).await;
    page.client.send(vec![0; 2000]).await;
    let (_, code, _) = page.client.receive_to_close().await;
    assert_eq!(code, 1009);
    console.ask().await;
    neighbour.until_told(|told| told.question.is_some()).await;
    assert_eq!(neighbour.bet(Vote::First, 1, 1).await, None);
}

#[tokio::test]
async fn a_thousand_bets_of_one_page_change_nothing_for_others() {
    let relay = relay().await;
    let mut console = Teacher::console(relay.http).await;
    let mut flood = Student::join(relay.http, None).await;
    let mut neighbour = Student::join(relay.http, None).await;
    console.ask().await;
    flood.until_told(|told| told.question.is_some()).await;
    neighbour.until_told(|told| told.question.is_some()).await;
    for number in 1..1000 {
        let answer = framescope_class::Answer::Choice(0);
        let bet = FromStudent::Bet { question: 0, vote: Vote::First, number, answer };
        flood.client.send(encode(&bet)).await;
    }
    assert_eq!(neighbour.bet(Vote::First, 1, 1).await, None);
    console.until(|told| told.tally.as_ref().is_some_and(|tally| tally.counts[1].1 == 1)).await;
    assert_eq!(console.told.as_ref().map(|told| told.counts.voted), Some(2));
    let news = neighbour.wire.len();
    assert!(news < 20, "the neighbour was told {news} times");
}

#[tokio::test]
async fn a_participant_has_a_few_pages_at_most() {
    let relay = relay().await;
    let first = Student::join(relay.http, None).await;
    let mut pages = Vec::new();
    for _ in 0..3 {
        pages.push(Student::come(relay.http, Some(first.token), None).await.ok());
    }
    let refused = Student::come(relay.http, Some(first.token), None).await.err();
    assert_eq!(refused, Some(Refused::TooMany));
}

#[tokio::test]
async fn who_says_nothing_takes_no_place_for_long_and_none_of_the_teacher() {
    let relay = TestRelay::start_with(|config| {
        config.class = Some(super::client::class());
        config.max_arrivals = 3;
        config.max_arrivals_per_address = 3;
    })
    .await;
    let mut silent = Vec::new();
    for _ in 0..3 {
        silent.push(Client::open_offering(relay.http, "/class", Some(SUBPROTOCOL)).await);
    }
    assert_eq!(upgrade(relay.http, "/class", &[PROTOCOL]).await.0.status, 503);
    let console = Teacher::console(relay.http).await;
    assert!(console.console.is_some(), "the teacher has places of the teacher's own");
    for mut page in silent {
        assert_eq!(page.receive().await, Received::End);
    }
    Student::join(relay.http, None).await;
}
