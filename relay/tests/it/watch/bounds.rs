//! What is no program, and programs that never come to an end by themselves.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use super::{Folder, printed};
use crate::support::process::{Running, copy_framescope, framescope, run};
use crate::support::{skipped, until};

#[tokio::test]
async fn what_cannot_be_watched_is_refused_with_its_sentence() {
    let text = "#!/bin/sh\nexit 0\n";
    let folder = Folder::new("refused", &[("plain", text), ("others", text), ("bits", "")]);
    let mode = |file: &str, mode: u32| {
        let file = folder.path().join(file);
        fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("others", 0o4755);
    fs::write(folder.path().join("bits"), b"\x7fELF\x01\x01\x01").unwrap();
    mode("bits", 0o755);
    for (arguments, said) in [
        (&["./nowhere"][..], "there is no program \"./nowhere\""),
        (&["nowhere-in-path"], "there is no program \"nowhere-in-path\""),
        (&["nowhere.py"], "there is no program \"nowhere.py\""),
        (&["./plain"], "\"./plain\" may not be executed: chmod +x \"./plain\" allows it"),
        (&["./"], "\"./\" is no file"),
        (&["./others"], "(set-user-ID), which a program that is watched does not get"),
        (&["./bits"], "\"./bits\" is a program of 32 bits; only those of 64 bits can be watched"),
        (&["--python", "./nowhere", "plain.py"], "there is no ./nowhere, which a .py needs"),
        (&["sh", "::"], "there is no program before or after a '::'"),
    ] {
        let finished = folder.watch(arguments).await;
        assert_eq!((finished.code, finished.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(finished.stderr.contains(said), "{}", finished.stderr);
        assert!(finished.stderr.starts_with("framescope: "), "{}", finished.stderr);
    }
}

#[tokio::test]
async fn a_program_that_starts_or_prints_without_end_is_ended() {
    let folder = Folder::new("endless", &[]);
    for (script, said) in [
        ("while :; do sleep 60 & done", "sh: there are more than 256 threads and processes\n"),
        ("trap '' TERM; exec yes", "sh: it has printed more than 1 MiB\n"),
        ("trap '' TERM INT HUP; read line; read line", ""),
    ] {
        let finished = folder.watch(&["sh", "-c", script]).await;
        let last = finished.stdout.lines().last().unwrap_or_default();
        assert!(said.is_empty() || format!("{last}\n") == said, "{last}");
        assert!(matches!(finished.code, Some(1 | 3)), "{script}: {:?}", finished.code);
    }
}

/// Two that wait for each other would do so for ever.
#[tokio::test]
async fn programs_that_wait_for_each_other_are_ended() {
    let server = "import socket
listener = socket.create_server(('127.0.0.1', 9527))
conn, peer = listener.accept()
print('connected', flush=True)
conn.recv(1)
";
    let client = "import socket
socket.create_connection(('127.0.0.1', 9527)).recv(1)
";
    let folder = Folder::new("for-ever", &[("server.py", server), ("client.py", client)]);
    let finished = folder.watch(&["server.py", "client.py"]).await;
    assert_eq!(finished.code, Some(3), "{finished:?}");
    for name in ["server", "client"] {
        let said = format!("{name}: it waits, and nothing new happens: the run ends\n");
        assert!(finished.stdout.contains(&said), "{}", finished.stdout);
    }
}

#[tokio::test]
async fn calls_that_are_longer_than_what_is_recorded_end_the_run() {
    let begin = "import socket
listener = socket.create_server(('127.0.0.1', 9527))
client = socket.create_connection(('127.0.0.1', 9527))
conn, _ = listener.accept()
client.setblocking(False)
";
    for (then, said) in [
        ("client.send(b'x' * 17_000_000)", "a call has more than 16 MiB, which is not recorded"),
        (
            "while True:
    try: client.send(b'x' * 10_000_000)
    except BlockingIOError: pass
",
            "its calls have more than 128 MiB, and no more are recorded",
        ),
    ] {
        let folder = Folder::new("long", &[("one.py", &format!("{begin}{then}"))]);
        let finished = folder.watch(&["one.py"]).await;
        assert!(finished.stdout.ends_with(&format!("one: {said}\n")), "{finished:?}");
        assert_eq!(finished.code, Some(3));
    }
}

/// As a class does it that looks at a full buffer.
#[tokio::test]
async fn a_large_send_is_watched_whole() {
    let server = "import socket
conn, _ = socket.create_server(('127.0.0.1', 9527)).accept()
size = 0
while data := conn.recv(1 << 20): size += len(data)
print(size)
";
    let client = "import socket
client = socket.create_connection(('127.0.0.1', 9527))
client.sendall(b'x' * 10_000_000)
";
    let folder = Folder::new("large", &[("server.py", server), ("client.py", client)]);
    let (events, finished) = folder.events(&["server.py", "client.py"]).await;
    assert_eq!((finished.code, &*printed(&events, 0)), (Some(0), "10000000\n"));
}

/// What was recorded until then is there, and nothing is left behind.
#[tokio::test]
async fn ctrl_c_ends_the_run_and_leaves_nothing() {
    let text = "import socket
print('listens', socket.create_server(('127.0.0.1', 9527)).accept())
";
    let folder = Folder::new("ctrl-c", &[("one.py", text)]);
    for name in ["INT", "TERM"] {
        let mut command = framescope();
        let script = "touch runs; sleep 1000";
        command.current_dir(folder.path()).env("TMPDIR", folder.path());
        command.args(["watch", "--record", "trace.json", "sh", "-c", script]);
        let mut watcher = Running::start(command);
        let (runs, trace) = (folder.path().join("runs"), folder.path().join("trace.json"));
        until("it runs", || async { runs.exists() }).await;
        watcher.signal(name);
        assert_eq!(watcher.exit_code().await, Some(3));
        assert!(trace.exists());
        fs::remove_file(runs).unwrap();
        fs::remove_file(trace).unwrap();
    }
    let left = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["one.py"]);
}

/// Nothing goes on when the watcher is gone, however it went.
#[tokio::test]
async fn what_is_watched_dies_with_the_watcher() {
    let folder = Folder::new("dies", &[]);
    let mut command = framescope();
    let script = "sleep 1000 & echo $$ $! > ids; echo started; wait";
    command.current_dir(folder.path()).args(["watch", "--json", "sh", "-c", script]);
    let watcher = Running::start(command);
    let ids = folder.path().join("ids");
    until("it runs", || async { fs::read_to_string(&ids).is_ok_and(|ids| ids.ends_with('\n')) })
        .await;
    let ids = fs::read_to_string(&ids).unwrap();
    let ids: Vec<&str> = ids.split_whitespace().collect();
    let runs = |id: &str| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    };
    assert!(ids.len() == 2 && ids.iter().all(|id| runs(id)));
    watcher.signal("KILL");
    until("nothing is left", || async { !ids.iter().any(|id| runs(id)) }).await;
}

/// No rights are needed: the namespaces are the user's own.
#[tokio::test]
async fn an_ordinary_user_watches_too() {
    let is_root = rustix::process::geteuid().is_root();
    let has_setpriv = Command::new("setpriv").arg("--version").stdout(Stdio::null()).status();
    if !is_root || has_setpriv.is_err() {
        return skipped("not root, or no setpriv is here; install the package util-linux");
    }
    let text = "import os, socket
s = socket.create_server(('127.0.0.1', 9527))
print(os.getuid())
try:
    socket.create_server(('127.0.0.1', 80))
except OSError as error:
    print(error.errno)
try:
    socket.create_connection(('192.0.2.1', 80))
except OSError as error:
    print(error.errno)
";
    let folder = Folder::new("user", &[("one.py", text)]);
    // Others may not look into the folder of the build.
    let program = folder.path().join("framescope");
    copy_framescope(&program);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for user in [None, Some("65534")] {
        let mut command = match user {
            None => Command::new(&program),
            Some(user) => {
                let mut command = Command::new("setpriv");
                let group = format!("--regid={user}");
                command.args([&format!("--reuid={user}"), &group, "--clear-groups"]).arg(&program);
                command
            }
        };
        command.current_dir(folder.path()).args(["watch", "--json", "one.py"]);
        let finished = run(command).await;
        let events: Vec<_> =
            finished.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let user = user.unwrap_or("0");
        // EACCES, and ENETUNREACH.
        let expected = format!("{user}\n13\n101\n");
        assert_eq!((printed(&events, 0), finished.code), (expected, Some(0)), "{finished:?}");
    }
}

/// As in a container: no TUN device, no capabilities, and no way to get any.
#[tokio::test]
async fn without_a_network_of_its_own_a_program_is_watched_in_that_of_the_host() {
    if !rustix::process::geteuid().is_root() {
        return skipped("only root can take the TUN device away");
    }
    let text = "import socket
server = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(server.getsockname())
conn, _ = server.accept()
client.sendall(b'hello')
print(conn.recv(10))
";
    let folder = Folder::new("container", &[("one.py", text)]);
    let program = folder.path().join("framescope");
    copy_framescope(&program);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let watch = async |arguments: &str| {
        let user = "--reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --no-new-privs";
        let script = format!(
            "mount -t tmpfs none /dev/net && exec setpriv {user} ./framescope watch {arguments} one.py"
        );
        let mut command = Command::new("unshare");
        command.current_dir(folder.path()).args(["--mount", "sh", "-c", &script]);
        run(command).await
    };
    let alone = watch("").await;
    assert_eq!((alone.code, &*alone.stdout), (Some(2), ""));
    for said in ["there is no network for them: /dev/net/tun cannot be opened", "With --net host"] {
        assert!(alone.stderr.contains(said), "{}", alone.stderr);
    }
    let host = watch("--net host").await;
    assert_eq!(host.code, Some(0), "{host:?}");
    for said in ["send(4, b'hello') = 5", "recv(5, 10) = b'hello'", "| b'hello'"] {
        assert!(host.stdout.contains(said), "{}", host.stdout);
    }
    assert!(host.stderr.starts_with("No segments are shown: "), "{}", host.stderr);
}

/// What only an interpreter runs gives a program its name.
#[tokio::test]
async fn a_program_is_named_by_what_it_is() {
    let folder = Folder::new("named", &[("says.sh", "echo said\n")]);
    for (command, name) in
        [(&["nice", "-n", "5", "echo", "said"][..], "nice"), (&["sh", "says.sh"], "says")]
    {
        let finished = folder.watch(command).await;
        let said = finished.stdout.lines().find(|line| line.ends_with("| said"));
        let said = said.unwrap_or_else(|| panic!("{finished:?}"));
        assert_eq!(said.split_whitespace().nth(1), Some(name), "{said}");
    }
}
