//! What systemd is told, and the machine of a target that is gone.

use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::process::{Running, framescope};
use crate::support::skipped;

/// The socket of a service manager.
struct Manager {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Manager {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("framescope-{}-notify", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let socket = UnixDatagram::bind(&path).expect("a socket can be made");
        socket.set_read_timeout(Some(Duration::from_mins(1))).expect("it has a time limit");
        Self { socket, path }
    }

    /// The next thing that it is told, other than that the program lives.
    async fn told(&self) -> String {
        let socket = self.socket.try_clone().expect("it can be shared");
        let receiving = tokio::task::spawn_blocking(move || {
            loop {
                let mut bytes = [0; 1024];
                let length = socket.recv(&mut bytes).expect("it is told something");
                let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                if text != "WATCHDOG=1\n" {
                    return text;
                }
            }
        });
        receiving.await.expect("the thread does not panic")
    }

    /// Waits until it is told that the program lives.
    fn is_alive(&self) {
        let mut bytes = [0; 1024];
        while self.socket.recv(&mut bytes).map(|length| &bytes[..length] == b"WATCHDOG=1\n").ok()
            != Some(true)
        {}
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_manager_is_told_what_the_relay_does() {
    let manager = Manager::new();
    let mut command = framescope();
    command.args(["--listen", "127.0.0.1:0", "--tcp-listen", "off"]);
    command.env("NOTIFY_SOCKET", &manager.path).env("WATCHDOG_USEC", "200000");
    let mut relay = Running::start(command);
    assert_eq!(manager.told().await, "READY=1\n");
    manager.is_alive();
    manager.is_alive();
    relay.signal("HUP");
    let reloading = manager.told().await;
    assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
    assert_eq!(manager.told().await, "READY=1\n");
    // The new process says that it is ready, and the old one which it is.
    relay.signal("USR2");
    let told = [manager.told().await, manager.told().await];
    let new = told.iter().find_map(|line| line.strip_prefix("MAINPID=")).expect("a number");
    assert!(told.contains(&"READY=1\n".to_owned()), "{told:?}");
    assert_eq!(relay.exit_code().await, Some(0));
    let mut kill = Command::new("kill");
    assert!(kill.args(["-s", "TERM", new.trim()]).status().expect("it is sent").success());
    assert_eq!(manager.told().await, "STOPPING=1\n");
}

/// Two network namespaces, of which one is cut off while a session goes on.
const VANISHING: &str = r#"
set -e
ip link set lo up
ip link add near type veth peer name far
unshare --net sleep 120 & other=$!
until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
ip link set far netns $other
nsenter --target $other --net sh -c 'ip address add 10.99.0.2/24 dev far; ip link set far up'
ip address add 10.99.0.1/24 dev near
ip link set near up
nsenter --target $other --net python3 -c '
import socket
server = socket.create_server(("10.99.0.2", 7000))
print("listening", flush=True)
kept = []
while True: kept.append(server.accept())' > "$3" & target=$!
until grep -q listening "$3"; do sleep 0.05; done
"$1" --listen 127.0.0.1:9528 --tcp-listen off --target mine=10.99.0.2:7000 --ping-interval 1 --target-keepalive 3 > /dev/null & relay=$!
python3 -c '
import socket, subprocess, sys, time
for attempt in range(200):
    try:
        client = socket.create_connection(("127.0.0.1", 9528))
        break
    except OSError:
        time.sleep(0.05)
client.sendall(b"GET /bridge/mine HTTP/1.1\r\nHost: 127.0.0.1:9528\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
said = b""
while b"\r\n\r\n" not in said: said += client.recv(1)
client.settimeout(60)
subprocess.run(["nsenter", "--target", sys.argv[1], "--net", "ip", "link", "set", "far", "down"], check=True)
while True:
    head = client.recv(2)
    payload = client.recv(head[1])
    if head[0] == 0x89:
        client.sendall(bytes([0x8a, 0x80 | len(payload), 0, 0, 0, 0]) + payload)
    else:
        print(int.from_bytes(payload[:2], "big"), payload[2:].decode())
        break' $other
kill $relay $target $other
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_target_whose_machine_has_vanished_is_noticed() {
    let is_there = |program: &str| {
        let mut command = Command::new(program);
        command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok()
    };
    let mut try_namespaces = Command::new("unshare");
    try_namespaces
        .args(["--user", "--map-root-user", "--net", "--mount", "true"])
        .stderr(Stdio::null());
    if !try_namespaces.status().is_ok_and(|status| status.success())
        || !["ip", "nsenter", "python3"].into_iter().all(is_there)
    {
        return skipped("there are no namespaces here, or no ip, nsenter or python3");
    }
    let said = std::env::temp_dir().join(format!("framescope-{}-vanishing", std::process::id()));
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", "--mount", "sh", "-c", VANISHING, "sh"]);
    command.args([env!("CARGO_BIN_EXE_framescope"), "unused"]).arg(&said).stderr(Stdio::null());
    let mut running = Running::start(command);
    let (printed, _) = running.rest().await;
    let _ = std::fs::remove_file(&said);
    assert_eq!(
        printed,
        "1011 the connection to the target failed: Connection timed out (os error 110)\n"
    );
}
