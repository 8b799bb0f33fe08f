//! What is measured: a process between the client and the target.

use std::env;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use crate::client::Client;

/// Descriptors that a subject needs for itself.
const SPARE: usize = 300;

/// A program to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Floor,
    UpgradingFloor,
    Relay,
    Websocat,
    Wstcp,
    Websockify,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::UpgradingFloor => "floor+101",
            Self::Relay => "framescope",
            Self::Websocat => "websocat",
            Self::Wstcp => "wstcp",
            Self::Websockify => "websockify",
        }
    }

    /// The path of its WebSocket; the floor has none.
    const fn path(self) -> Option<&'static str> {
        match self {
            Self::Floor => None,
            Self::Relay => Some("/bridge/bench"),
            Self::UpgradingFloor | Self::Websocat | Self::Wstcp | Self::Websockify => Some("/"),
        }
    }

    /// Does one process do all the work? websockify starts a process for each connection, and those
    /// are not measured.
    pub(crate) fn is_one_process(self) -> bool {
        self != Self::Websockify
    }

    /// Does it speak the frames of a WebSocket?
    const fn is_bridge(self) -> bool {
        !matches!(self, Self::Floor | Self::UpgradingFloor)
    }
}

/// The floor, the relay, and the other bridges that are on the PATH.
pub(crate) fn available() -> Vec<Kind> {
    let on_path = |kind: &Kind| {
        let path = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&path).any(|folder| folder.join(kind.name()).is_file())
    };
    let others = [Kind::Websocat, Kind::Wstcp, Kind::Websockify].into_iter().filter(on_path);
    [Kind::Floor, Kind::UpgradingFloor, Kind::Relay].into_iter().chain(others).collect()
}

/// This executable in another process, such as the target.
pub(crate) struct Helper {
    pub(crate) address: SocketAddr,
    _child: Child,
}

impl Helper {
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env::current_exe().expect("we are a program"));
        command.args(arguments).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("we can be started again");
        Self { address: first_address(&mut child).await, _child: child }
    }
}

/// A running subject.
pub(crate) struct Subject {
    pub(crate) kind: Kind,
    address: SocketAddr,
    child: Child,
}

impl Subject {
    pub(crate) async fn start(kind: Kind, target: SocketAddr) -> Self {
        // The other bridges cannot choose a free port.
        let free = free_port().await;
        let mut command = match kind {
            Kind::Floor | Kind::UpgradingFloor => {
                let mut command = Command::new(env::current_exe().expect("we are a program"));
                command.arg(kind.name()).arg(target.to_string());
                command
            }
            Kind::Relay => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_framescope"));
                command
                    .args(["--listen", "127.0.0.1:0", "--tcp-listen", "127.0.0.1:0"])
                    .args(["--max-sessions", "20000", "--max-sessions-per-address", "20000"])
                    .arg("--target")
                    .arg(format!("bench={target}"));
                command
            }
            Kind::Websocat => {
                let mut command = Command::new("websocat");
                command.args(["--binary", "--exit-on-eof"]);
                command.arg(format!("ws-l:{free}")).arg(format!("tcp:{target}"));
                command
            }
            Kind::Wstcp => {
                let mut command = Command::new("wstcp");
                command.arg("--bind-addr").arg(free.to_string()).arg(target.to_string());
                command
            }
            Kind::Websockify => {
                let mut command = Command::new("websockify");
                command.arg(free.to_string()).arg(target.to_string());
                command
            }
        };
        command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().expect("the subject starts");
        let address = match kind {
            Kind::Floor | Kind::UpgradingFloor | Kind::Relay => first_address(&mut child).await,
            Kind::Websocat | Kind::Wstcp | Kind::Websockify => free,
        };
        while TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { kind, address, child }
    }

    pub(crate) async fn connect(&self) -> io::Result<Client> {
        Client::connect(self.address, self.kind.path(), self.kind.is_bridge()).await
    }

    pub(crate) async fn stop(mut self) {
        self.child.kill().await.expect("the subject is ours to end");
    }

    /// The user and system CPU time of the process, in seconds; see `proc_pid_stat(5)`.
    pub(crate) fn processor_seconds(&self) -> f64 {
        let stat = self.proc("stat");
        // The second field is the name, which may contain spaces. These fields begin with the third.
        let fields: Vec<&str> =
            stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|f| f.parse::<f64>().ok());
        (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / ticks_per_second()
    }

    /// The anonymous memory of the process, in KiB; see `proc_pid_status(5)`.
    pub(crate) fn memory_kib(&self) -> f64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        kib.expect("the system says how much memory a process has")
    }

    fn proc(&self, file: &str) -> String {
        let id = self.child.id().expect("the subject runs");
        fs::read_to_string(format!("/proc/{id}/{file}")).expect("the subject runs")
    }
}

fn ticks_per_second() -> f64 {
    // The kernel reports times in hundredths of a second, whatever its timer frequency: time(7).
    100.0
}

/// The first address that the subject prints.
async fn first_address(child: &mut Child) -> SocketAddr {
    let stdout = child.stdout.take().expect("its output was asked for");
    let mut lines = BufReader::new(stdout).lines();
    loop {
        let line =
            lines.next_line().await.expect("its output is text").expect("it says where it is");
        let word = line.split_whitespace().last().unwrap_or_default();
        let word = word.trim_start_matches("http://").trim_end_matches('/');
        if let Ok(address) = word.parse() {
            tokio::spawn(async move { while matches!(lines.next_line().await, Ok(Some(_))) {} });
            return address;
        }
    }
}

async fn free_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    listener.local_addr().expect("it has an address")
}

/// Raises the limit on descriptors to the most that this process may set. Returns how many connections a
/// subject can then hold. It needs two descriptors for each.
pub(crate) fn raise_descriptor_limit() -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("a process may raise its limit to the hard limit");
    let descriptors = limit.current.and_then(|limit| usize::try_from(limit).ok());
    descriptors.map_or(usize::MAX, |descriptors| (descriptors - SPARE) / 2)
}
