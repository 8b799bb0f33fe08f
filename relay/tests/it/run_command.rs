//! `framescope run`: programs in a terminal.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::process::{Finished, framescope, run};
#[cfg(target_os = "linux")]
use crate::support::tshark::Tshark;

/// A folder with these files, for one test.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("framescope-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder for temporary files can be written");
    for (file, text) in files {
        std::fs::write(folder.join(file), text).expect("the folder can be written");
    }
    folder
}

async fn run_in(folder: &PathBuf, arguments: &[&str]) -> Finished {
    let mut command = framescope();
    command.current_dir(folder).arg("run").args(arguments);
    run(command).await
}

const SERVER: &str = "import socket
listener = socket.socket()
listener.bind(('127.0.0.1', 9527))
listener.listen()
conn, peer = listener.accept()
print('got', conn.recv(100))
";
const CLIENT: &str = "import socket, sys
client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.sendall((input() + ' ' + sys.argv[1]).encode())
";

#[tokio::test]
async fn what_is_said_of_a_run_is_said_in_chinese_on_demand() {
    let folder = folder("chinese", &[("server.py", SERVER)]);
    let finished = run_in(&folder, &["server.py", "--simulated", "--lang", "zh-CN"]).await;
    assert!(finished.stdout.contains("accept(3) 等待"), "{}", finished.stdout);
    assert!(finished.stdout.contains("server：在第 5 行等待"), "{}", finished.stdout);
    assert_eq!(finished.code, Some(3));
}

#[tokio::test]
async fn the_timeline_has_every_call_with_its_program_and_line() {
    let folder = folder(
        "timeline",
        &[("server.py", SERVER), ("client.py", CLIENT), ("lines.txt", "typed\n")],
    );
    let options =
        ["server.py", "client.py", "--stdin", "client=lines.txt", "--argv", "client=one two"];
    for simulated in [&[][..], &["--simulated"]] {
        let finished = run_in(&folder, &[&options, simulated].concat()).await;
        assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
        for line in [
            "server    3  bind(3, 127.0.0.1:9527) = 0",
            "client    4  | typed",
            "client    4  send(3, b'typed one') = 9",
            "server    5  accept(3) ",
            "server    6  | got b'typed one'",
        ] {
            assert!(finished.stdout.contains(line), "{line}\n{}", finished.stdout);
        }
    }
}

#[tokio::test]
async fn json_has_one_event_a_line() {
    let folder = folder("json", &[("main.py", "print('hello')\n")]);
    let finished = run_in(&folder, &["main.py", "--json"]).await;
    let events: Vec<Value> = finished
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    assert_eq!(events[0]["kind"], "began");
    let printed = events.iter().find(|event| !event["kind"]["printed"].is_null());
    let printed = printed.expect("it has printed");
    assert_eq!(printed["kind"]["printed"]["text"], "hello\n");
    assert_eq!(printed["line"], 1);
}

#[tokio::test]
async fn the_exit_code_is_that_of_the_worst_program() {
    let folder = folder(
        "codes",
        &[
            ("good.py", "print(1)\n"),
            ("seven.py", "import sys\nsys.exit(7)\n"),
            ("raises.py", "1 / 0\n"),
            ("waits.py", SERVER),
            ("spins.py", "while True: pass\n"),
            ("refused.py", "import asyncio\n"),
        ],
    );
    for (files, code) in [
        (&["good.py"][..], 0),
        (&["good.py", "seven.py"], 7),
        (&["raises.py", "good.py"], 1),
        (&["waits.py"], 3),
        (&["spins.py"], 3),
        (&["refused.py", "good.py"], 4),
    ] {
        let finished = run_in(&folder, &[files, &["--simulated"]].concat()).await;
        assert_eq!(finished.code, Some(code), "{files:?} {}", finished.stdout);
    }
}

#[tokio::test]
async fn what_cannot_be_run_is_said_in_one_line() {
    let folder = folder("wrong", &[("main.py", "print(1)\n"), ("bad.json", "{}")]);
    for (arguments, sentence) in [
        (&["missing.py"][..], "cannot read missing.py"),
        (&["main.py", "main.py"], "two programs have the name \"main\""),
        (&["main.py", "--stdin", "other=main.py"], "there is no program \"other\""),
        (&["main.py", "--argv", "main"], "\"main\" has no '=' after the name"),
        (&["--experiment", "bad.json"], "bad.json is not an experiment"),
    ] {
        let finished = run_in(&folder, arguments).await;
        assert_eq!(finished.code, Some(2), "{arguments:?}");
        assert!(finished.stderr.contains(sentence), "{arguments:?}: {}", finished.stderr);
        assert_eq!(finished.stderr.trim_end().lines().count(), 1, "{}", finished.stderr);
    }
}

#[tokio::test]
async fn a_program_reaches_no_address_but_those_of_the_other_programs() {
    let reach = "import socket
for address in ('8.8.8.8', '10.0.0.1', '192.168.1.1'):
    s = socket.socket()
    try:
        s.connect((address, 80))
    except OSError as e:
        print(e)
s = socket.socket()
print(s.connect_ex(('127.0.0.1', 22)), s.connect_ex(('127.0.0.1', 9529)))
";
    let folder = folder("reach", &[("main.py", reach)]);
    let finished = run_in(&folder, &["main.py", "--outcome"]).await;
    let outcome: Value = serde_json::from_str(&finished.stdout).expect("it is JSON");
    let unreachable = "[Errno 101] Network is unreachable\n".repeat(3);
    assert_eq!(outcome["main"]["stdout"], format!("{unreachable}111 111\n"));
}

/// A client that sends without Nagle's algorithm, and an experiment in which its second message is lost.
const BAD_WIRE: [(&str, &str); 3] = [
    (
        "server.py",
        "import socket
listener = socket.socket()
listener.bind(('127.0.0.1', 9527))
listener.listen()
conn, peer = listener.accept()
received = b''
while len(received) < 15:
    received += conn.recv(100)
print(received)
",
    ),
    (
        "client.py",
        "import socket
client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for text in [b'hello', b'HELLO', b'hello']:
    client.sendall(text)
print(client.recv(100))
",
    ),
    (
        "bad.json",
        r#"{"programs": {"server": {"file": "server.py"}, "client": {"file": "client.py"}},
"start": [{"program": "server"}, {"program": "client", "when": "listening 9527"}],
"wire": "drop data 2"}"#,
    ),
];

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_experiment_file_says_what_happens_on_the_wire() {
    let folder = folder("bad-wire", &BAD_WIRE);
    let finished = run_in(&folder, &["--experiment", "bad.json", "--wire"]).await;
    assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
    let lines: Vec<&str> = finished.stdout.lines().collect();
    let lost = lines.iter().position(|line| line.ends_with("seq 6:11, ack 1: is lost"));
    let lost = lost.unwrap_or_else(|| panic!("{}", finished.stdout));
    assert!(lines[lost - 1].contains("Flags [P.], seq 6:11, "), "{}", lines[lost - 1]);
    assert!(lines[lost..].iter().any(|line| line.contains("sack 1 {11:16}")), "SACK names the gap");
    assert!(lines.iter().any(|line| line.ends_with("| b'helloHELLOhello'")), "{}", finished.stdout);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_capture_file_is_read_by_tshark() {
    // The last message is lost, so that it is repeated late enough for tshark to call it that.
    let [server, client, (name, experiment)] = BAD_WIRE;
    let experiment = experiment.replace("data 2", "data 3");
    let folder = folder("pcap", &[server, client, (name, &experiment)]);
    let options = ["--experiment", "bad.json", "--pcap", "run.pcapng"];
    assert_eq!(run_in(&folder, &options).await.code, Some(0));
    let Some(tshark) = Tshark::reads(folder.join("run.pcapng")) else { return };
    assert_eq!(tshark.wrong().await, "");
    let repeated = tshark.run(&["-Y", "tcp.analysis.retransmission"]).await;
    assert_eq!(repeated.lines().count(), 1, "{repeated}");
    let followed = tshark.run(&["-q", "-z", "follow,tcp,ascii,0"]).await;
    assert_eq!(followed.matches("hello").count(), 2, "{followed}");
    assert_eq!(followed.matches("HELLO").count(), 1, "{followed}");
    let comments = tshark.fields("tcp.len > 0", &["frame.comment"]).await;
    let lost = comments.lines().nth(2).unwrap_or_default();
    assert_eq!(lost, "client.py:6: send(3, b'hello'),lost on the wire", "{comments}");
}

/// The lab keeps the last 4 MiB of a stream.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn tshark_sees_which_packets_are_captured_without_their_bytes() {
    let server = "import socket
listener = socket.create_server(('127.0.0.1', 9527))
conn, peer = listener.accept()
while conn.recv(65536): pass
";
    let client = "import socket
client = socket.create_connection(('127.0.0.1', 9527))
for one in range(60):
    client.sendall(b'x' * 100000)
client.close()
";
    let folder = folder("long-pcap", &[("server.py", server), ("client.py", client)]);
    let options =
        ["server.py", "client.py", "--on-wire", "mtu 65535", "--pcap", "run.pcapng", "--outcome"];
    assert_eq!(run_in(&folder, &options).await.code, Some(0));
    let Some(tshark) = Tshark::reads(folder.join("run.pcapng")) else { return };
    assert_eq!(tshark.wrong().await, "");
    let fields = ["frame.cap_len", "tcp.len", "frame.comment"];
    let data = tshark.fields("tcp.len > 0", &fields).await;
    let first: Vec<&str> = data.lines().next().unwrap_or_default().split('\t').collect();
    assert_eq!((first[0], first[2]), ("40", "the trace does not have these bytes"), "{data}");
    assert!(first[1].parse().is_ok_and(|length: u32| length > 10_000), "{data}");
    let last = data.lines().last().unwrap_or_default();
    assert!(last.contains("client.py:4: send(3, b'xxx"), "{last}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_option_says_in_words_what_happens_on_the_wire() {
    let [server, client, _] = BAD_WIRE;
    let folder = folder("on-wire", &[server, client]);
    let files = ["server.py", "client.py", "--wire", "--on-wire"];
    let finished = run_in(&folder, &[&files[..], &["duplicate syn >, drop data 2"]].concat()).await;
    assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
    assert!(finished.stdout.contains(" is lost\n"), "{}", finished.stdout);
    assert!(finished.stdout.contains("| b'helloHELLOhello'"), "{}", finished.stdout);
    let wrong = run_in(&folder, &[&files[..], &["drop milk"]].concat()).await;
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("\"drop milk\" is none of 'mtu 576'"), "{}", wrong.stderr);
}
