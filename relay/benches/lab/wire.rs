//! What a wire costs: events a second, a recorded segment, and the round trips of lesson 12 beside CPython's.

use std::process::{Command, Stdio};
use std::time::Instant;

use framescope_lab::{Event, EventKind, Variant, find_variant};

/// How many experiments run at once.
const AT_ONCE: usize = 32;

/// A server and a client that exchange messages one after the other.
const SERVER: &str = "import socket
server = socket.socket()
server.bind(('127.0.0.1', 9527))
server.listen()
conn, peer = server.accept()
conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
while True:
    message = conn.recv(64)
    if not message: break
    conn.sendall(message)
";
const CLIENT: &str = "import socket
client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for number in range(1000):
    client.sendall(b'a message')
    client.recv(64)
client.close()
";

/// What a run took.
struct Run {
    seconds: f64,
    events: usize,
    segments: usize,
}

/// Prints what a wire costs.
pub(crate) fn bench() {
    let folder = std::env::temp_dir().join(format!("framescope-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder for temporary files can be written");
    for (name, text) in [("server.py", SERVER), ("client.py", CLIENT)] {
        std::fs::write(folder.join(name), text).expect("the folder can be written");
    }
    let exchange = |options: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_framescope"));
        command.current_dir(&folder).args(["run", "server.py", "client.py", "--json"]);
        command.args(options).stdout(Stdio::piped());
        command
    };
    println!("{:<44} {:>9} {:>9}", "1000 messages there and back", "events/s", "events");
    let loopback = run(&mut exchange(&["--no-wire"]));
    let wire = run(&mut exchange(&[]));
    for (name, run) in [("on the loopback interface", &loopback), ("on a wire", &wire)] {
        println!("{name:<44} {:>9.0} {:>9}", run.rate(), run.events);
    }
    #[expect(clippy::cast_precision_loss, reason = "there are some thousands")]
    let cost = (wire.seconds - loopback.seconds) * 1e6 / wire.segments as f64;
    println!("{:<44} {cost:>9.1}", "cost of a recorded segment, in microseconds");
    let began = Instant::now();
    let children: Vec<_> =
        (0..AT_ONCE).map(|_| exchange(&[]).spawn().expect("the program starts")).collect();
    let outputs = std::thread::scope(|scope| {
        let threads: Vec<_> = children
            .into_iter()
            .map(|child| scope.spawn(|| child.wait_with_output().expect("it is a child")))
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join().expect("it does not panic"));
        joined.map(|output| output.stdout.split(|byte| *byte == b'\n').count()).sum::<usize>()
    });
    let all = Run { seconds: began.elapsed().as_secs_f64(), events: outputs, segments: 0 };
    println!(
        "{:<44} {:>9.0} {:>9}",
        format!("{AT_ONCE} at once, on wires"),
        all.rate(),
        all.events
    );
    let _ = std::fs::remove_dir_all(folder);
    println!("{:<44} {:>9} {:>9}", "lesson 12, round trip in ms, median", "a wire", "CPython");
    for variant in ["12a", "12b", "12c"].iter().filter_map(|name| find_variant(name)) {
        lesson(variant);
    }
}

impl Run {
    #[expect(clippy::cast_precision_loss, reason = "there are some hundred thousands")]
    fn rate(&self) -> f64 {
        self.events as f64 / self.seconds
    }
}

fn run(command: &mut Command) -> Run {
    let began = Instant::now();
    let output = command.output().expect("the program starts");
    let seconds = began.elapsed().as_secs_f64();
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let events = lines.map(|line| serde_json::from_slice::<Event>(line).expect("it is an event"));
    let (mut count, mut segments) = (0, 0);
    for event in events {
        count += 1;
        segments += usize::from(matches!(event.kind, EventKind::Segment(_)));
    }
    Run { seconds, events: count, segments }
}

/// What the client of lesson 12 makes of its median.
const VERDICT: &str = "print('quick' if middle < 0.02 else 'slow')";

/// Prints the median of the last ten round trips of a variant of lesson 12.
fn lesson(variant: &Variant) {
    let folder = std::env::temp_dir().join(format!("framescope-12-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder for temporary files can be written");
    for program in variant.experiment().programs {
        let text = program.text.replace(VERDICT, "print('median', middle)");
        std::fs::write(folder.join(&program.file), text).expect("the folder can be written");
    }
    let median = |command: &mut Command| -> f64 {
        let output = command.current_dir(&folder).output().expect("the program starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let seconds =
            text.lines().find_map(|line| line.split("median ").nth(1)?.trim().parse().ok());
        seconds.map_or(f64::NAN, |seconds: f64| seconds * 1000.0)
    };
    let mut ours = Command::new(env!("CARGO_BIN_EXE_framescope"));
    let wire = median(ours.args(["run", "server.py", "client.py"]));
    let script = format!(
        "python3 -c \"{LO_UP}\" && {{ python3 server.py & sleep 0.3; python3 client.py; wait; }}"
    );
    let mut cpython = Command::new("unshare");
    let cpython = median(cpython.args(["--net", "sh", "-c", &script]));
    println!("{:<44} {wire:>9.3} {cpython:>9.3}", format!("  {}", variant.name));
    let _ = std::fs::remove_dir_all(folder);
}

/// Brings the loopback interface of a new namespace up: netdevice(7).
const LO_UP: &str = "import fcntl, socket, struct; \
fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0x8914, struct.pack('16sh', b'lo', 0x49))";
