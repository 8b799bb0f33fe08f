//! `framescope class`: the program itself.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::{env, fs, process};

use crate::support::http::get;
use crate::support::process::{Finished, Running, framescope, run};
use crate::support::websocket::Client;
use framescope_class::{FromStudent, SUBPROTOCOL, ToStudent, decode, encode};

/// A file of this test that is not there.
fn file(name: &str) -> PathBuf {
    let file = env::temp_dir().join(format!("framescope-{}-{name}", process::id()));
    // There is none, unless a test before was cut off.
    let _ = fs::remove_file(&file);
    file
}

/// The value of a line that begins with this label.
async fn value(class: &mut Running, label: &str) -> String {
    loop {
        let line = class.line().await;
        if let Some(value) = line.strip_prefix(label) {
            return value.trim().to_owned();
        }
    }
}

#[tokio::test]
async fn it_says_where_to_go_and_keeps_what_it_was_asked_to_keep() {
    let kept = file("class.csv");
    let mut command = framescope();
    command.args(["class", "--port", "0", "--lesson", "4", "--keep-names", "--keep"]).arg(&kept);
    let mut class = Running::start(command);
    let code = value(&mut class, "code").await;
    let students = value(&mut class, "students").await;
    let address = students.strip_prefix("http://").and_then(|rest| rest.split_once('/'));
    let address: SocketAddr =
        address.and_then(|(address, _)| address.parse().ok()).expect("it is an address");
    assert!(address.ip().is_loopback(), "without --lan nothing leaves this machine");
    let teacher = value(&mut class, "teacher").await;
    let link = format!("http://{address}/class.html#key=");
    assert!(teacher.starts_with(&link), "{teacher}");

    let root = get(address, "/").await;
    assert_eq!((root.status, root.header("location")), (307, Some("/class.html")));
    assert_eq!(get(address, "/lab").await.status, 401, "students run nothing on the relay");

    let mut student = Client::open_offering(address, "/class", Some(SUBPROTOCOL)).await;
    let code = code.parse().expect("it is a code");
    let name = framescope_class::Name::new("Mia").ok();
    student.send(encode(&FromStudent::Join { code, token: None, name })).await;
    let joined = decode(&student.receive_bytes().await);
    assert!(matches!(joined, Some(ToStudent::Joined { .. })), "{joined:?}");

    // The terminal is closed.
    class.signal("HUP");
    assert_eq!(class.rest().await.1, Some(0));
    let mode = fs::metadata(&kept).expect("it was kept").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "nobody else reads it");
    let table = fs::read_to_string(&kept).expect("it was kept");
    fs::remove_file(&kept).expect("it is there");
    assert_eq!(table, "\u{feff}participant,name,about,first,second,right\r\n", "nobody has bet");
}

#[tokio::test]
async fn behind_a_proxy_its_origin_is_the_class_s() {
    let mut command = framescope();
    command.args(["class", "--port", "0", "--challenge-port", "off"]);
    command.args(["--public-url", "https://class.example"]);
    let mut class = Running::start(command);
    assert_eq!(value(&mut class, "students").await, "https://class.example/");
    let teacher = value(&mut class, "teacher").await;
    assert!(teacher.starts_with("https://class.example/class.html#key="), "{teacher}");
    class.signal("TERM");
    assert!(class.rest().await.0.contains('█'), "a QR code leads there");
}

#[tokio::test]
async fn no_pattern_and_no_app_is_where_students_go() {
    for origin in ["https://*.class.example", "null", "tauri://localhost"] {
        let mut command = framescope();
        command.args(["class", "--port", "0", "--public-url", origin]);
        let Finished { code, stderr, .. } = run(command).await;
        assert_eq!(code, Some(2), "{origin}");
        assert!(stderr.contains("--public-url is where students go"), "{stderr}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_refused_before_the_class() {
    let mut command = framescope();
    command.args(["class", "--port", "0", "--keep", "/nonexistent/class.csv"]);
    let Finished { code, stderr, .. } = run(command).await;
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("framescope: cannot write /nonexistent/class.csv: "), "{stderr}");
}

#[tokio::test]
async fn one_port_cannot_be_for_the_page_and_the_challenge() {
    let mut command = framescope();
    command.args(["class", "--port", "9790", "--challenge-port", "9790"]);
    let Finished { code, stderr, .. } = run(command).await;
    let why = "framescope: the page and the challenge need a port each, and both were given 9790\n";
    assert_eq!((code, &*stderr), (Some(2), why));
}

#[tokio::test]
async fn a_plan_that_cannot_be_used_is_refused_with_its_line() {
    let plan = file("plan.toml");
    fs::write(&plan, "[[step]]\nlesson = '4a'\n\n[[step]]\nlesson = '77'\n")
        .expect("there is space");
    let mut command = framescope();
    command.args(["class", "--plan"]).arg(&plan);
    let Finished { code, stderr, .. } = run(command).await;
    let why = "there is no lesson \"77\"; `framescope lesson list` has them";
    let expected = format!("framescope: {}, line 5: {why}\n", plan.display());
    assert_eq!((code, stderr), (Some(2), expected));
    let mut command = framescope();
    command.args(["class", "--keep"]).arg(&plan);
    let Finished { code, stderr, .. } = run(command).await;
    let expected = format!(
        "framescope: {} is there already, and a class overwrites no file\n",
        plan.display()
    );
    assert_eq!((code, stderr), (Some(2), expected));
    fs::remove_file(&plan).expect("it is there");
}
