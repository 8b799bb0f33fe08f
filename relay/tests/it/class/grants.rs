//! Who may run on the relay's own sockets: the teacher, and students if the teacher says so.

use framescope_class::{Command, FromTeacher, ToTeacher};
use framescope_lab::SUBPROTOCOL as LAB_SUBPROTOCOL;

use super::client::{Student, Teacher, relay_with_token};
use crate::support::TestRelay;
use crate::support::http::upgrade;
use crate::support::websocket::Client;

const LAB: &str = "Sec-WebSocket-Protocol: framescope.lab.v2";

async fn status(relay: &TestRelay, path: &str) -> u16 {
    upgrade(relay.http, path, &[LAB]).await.0.status
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn students_run_on_the_relay_only_while_the_teacher_grants_it() {
    let relay = relay_with_token().await;
    let mut console = Teacher::console(relay.http).await;
    let mut student = Student::join(relay.http, None).await;
    assert_eq!(console.token.as_deref(), Some("a-token-of-the-teacher"));
    assert_eq!(status(&relay, "/lab").await, 401);
    assert_eq!(status(&relay, "/lab?token=a-token-of-the-teacher").await, 101);
    console.command(Command::GrantRuns(true)).await;
    student.until_told(|told| told.grants_runs).await;
    assert_eq!(status(&relay, "/lab").await, 101);
    assert_eq!(
        upgrade(relay.http, "/bridge/demo", &[]).await.0.status,
        401,
        "nothing else is granted"
    );
    assert_eq!(upgrade(relay.http, "/metrics", &[]).await.0.status, 401);
    let mut run = Client::open_offering(relay.http, "/lab", Some(LAB_SUBPROTOCOL)).await;
    console.command(Command::GrantRuns(false)).await;
    let (_, code, _) = run.receive_to_close().await;
    assert_eq!(code, 1001, "what runs ends too");
    student.until_told(|told| !told.grants_runs).await;
    assert_eq!(status(&relay, "/lab").await, 401);
}

#[tokio::test]
async fn what_is_kept_is_sent_to_a_console_and_names_only_if_asked_for() {
    let relay = relay_with_token().await;
    let mut console = Teacher::console(relay.http).await;
    let mut student = Student::join(relay.http, Some("Mia")).await;
    console.ask().await;
    student.until_told(|told| told.question.is_some()).await;
    assert_eq!(student.bet(framescope_class::Vote::First, 1, 1).await, None);
    for (as_table, with_names) in [(true, true), (true, false), (false, true), (false, false)] {
        console.say(&FromTeacher::Export { as_table, with_names }).await;
        while console.exported.is_none() {
            console.hear().await;
        }
        let text = console.exported.take().expect("it has come");
        assert_eq!(text.contains("Mia"), with_names, "{text}");
        assert_eq!(text.starts_with("\u{feff}participant,name"), as_table, "{text}");
    }
}

#[test]
fn what_is_kept_of_a_large_class_is_sent_in_parts() {
    let text = "粘包🙂,".repeat(300_000);
    let parts = ToTeacher::exported(true, &text);
    let mut whole = String::new();
    for (number, part) in (1..).zip(&parts) {
        let ToTeacher::Exported { as_table: true, part, is_last } = part else {
            panic!("it is a part")
        };
        assert!(part.len() <= 1024 * 1024);
        assert_eq!(*is_last, number == parts.len());
        whole.push_str(part);
    }
    assert!(parts.len() > 1 && whole == text);
    assert_eq!(ToTeacher::exported(false, "").len(), 1);
}
