//! `framescope health`, which a container runs.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::process::{Finished, RelayProcess, framescope, run};
use crate::support::within;

async fn health(arguments: &[&str]) -> Finished {
    let mut command = framescope();
    command.arg("health").args(arguments);
    run(command).await
}

fn finished(code: i32, stderr: &str) -> Finished {
    Finished { code: Some(code), stdout: String::new(), stderr: stderr.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_serves_is_healthy() {
    let relay = RelayProcess::start(&[]).await;
    assert_eq!(health(&["--listen", &relay.http.to_string()]).await, finished(0, ""));
    let mut command = framescope();
    command.arg("health").env("FRAMESCOPE_LISTEN", relay.http.to_string());
    assert_eq!(run(command).await, finished(0, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_and_another_answer_are_not_healthy() {
    let server = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = server.local_addr().expect("it is bound").to_string();
    for (answer, said) in [
        ("", "closes the connection without an answer"),
        ("HTTP/1.1 200 OK\r\n\r\nwelcome", "is another program than framescope"),
        (
            "HTTP/1.1 503 Service Unavailable\r\n\r\n",
            "answers \"HTTP/1.1 503 Service Unavailable\"",
        ),
        (
            "\x1b[2J\0\n",
            "answers \"\\u{1b}[2J\\0\", which is no HTTP: with TLS, health needs --tls-cert and --tls-key too",
        ),
    ] {
        let answering = async {
            let (mut client, _) =
                within("it connects", server.accept()).await.expect("it is sound");
            // A connection that is closed before the request was read is reset.
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(within("the request", client.read_u8()).await.expect("it is sound"));
            }
            client.write_all(answer.as_bytes()).await.expect("it is sound");
        };
        let arguments = ["--listen", address.as_str()];
        let (asked, ()) = tokio::join!(health(&arguments), answering);
        assert_eq!(asked.stderr, format!("framescope: {address} {said}\n"));
        assert_eq!(asked.code, Some(1));
    }
    drop(server);
    let asked = health(&["--listen", &address]).await;
    assert!(asked.stderr.starts_with(&format!("framescope: nothing answers at {address}")));
    assert_eq!((asked.code, asked.stderr.lines().count()), (Some(1), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_command_line_of_a_relay_is_refused() {
    for arguments in [&["--listen", "here"][..], &["doctor"], &["--nothing"]] {
        let Finished { code, stderr, .. } = health(arguments).await;
        assert_eq!((code, stderr.lines().count()), (Some(2), 1), "{arguments:?}: {stderr}");
    }
}
