//! Who may run on the relay's own sockets: the teacher, and students if the teacher says so.

use framescope_class::{Command, FromTeacher};

use super::client::{Student, Teacher, relay_with_token};
use crate::support::TestRelay;
use crate::support::http::upgrade;

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
    console.command(Command::GrantRuns(false)).await;
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
        assert_eq!(text.starts_with("participant,name"), as_table, "{text}");
    }
}
