//! The relay that is soaked: its processes, one after the other, and what they hold.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// How long something may take that the relay does at once.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Soaked {
    first: Child,
    /// The process that takes connections now, and those before it.
    now: Pid,
    earlier: Vec<Pid>,
    pub(crate) address: SocketAddr,
    log: Receiver<String>,
    configuration: PathBuf,
}

impl Soaked {
    pub(crate) fn start(configuration: &str) -> Self {
        let file =
            std::env::temp_dir().join(format!("framescope-soak-{}.toml", std::process::id()));
        fs::write(&file, configuration).expect("there is a folder for it");
        let mut command = Command::new(env!("CARGO_BIN_EXE_framescope"));
        command.args(["--listen", "127.0.0.1:0", "--tcp-listen", "off", "--config"]).arg(&file);
        command.env("FRAMESCOPE_LOG", "info,framescope::http=error").stdin(Stdio::null());
        let mut first =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it was built");
        let mut page = String::new();
        let mut out = BufReader::new(first.stdout.take().expect("it is piped"));
        out.read_line(&mut page).expect("it says where it is");
        std::thread::spawn(move || out.lines().for_each(drop));
        let address = page.trim().trim_end_matches('/').rsplit('/').next();
        let address = address.and_then(|text| text.parse().ok()).expect("an address");
        let errors = BufReader::new(first.stderr.take().expect("it is piped"));
        let (send, log) = channel();
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                let is_news =
                    ["read again", "old one stays", "taken over", "panic", "this one stays"];
                if is_news.iter().any(|news| line.contains(news)) {
                    let _ = send.send(line);
                }
            }
        });
        let now = Pid::from_child(&first);
        Self { first, now, earlier: Vec::new(), address, log, configuration: file }
    }

    /// Waits until the log says this.
    fn said(&self, text: &str) -> String {
        let line = self.log.recv_timeout(PATIENCE).expect(text);
        assert!(line.contains(text), "{text:?} was expected, and the log says: {line}");
        line
    }

    pub(crate) fn reload(&self, configuration: &str, said: &str) {
        fs::write(&self.configuration, configuration).expect("there is a folder for it");
        kill_process(self.now, Signal::HUP).expect("it lives");
        self.said(said);
    }

    pub(crate) fn restart(&mut self) {
        kill_process(self.now, Signal::USR2).expect("it lives");
        let line = self.said("another process has taken over");
        let number = line.rsplit("process=").next().and_then(|rest| rest.split(' ').next());
        let number = number.and_then(|number| number.parse().ok()).expect(&line);
        self.earlier.push(self.now);
        self.now = Pid::from_raw(number).expect("a process");
    }

    /// How many descriptors it has, and how much memory, in KiB.
    pub(crate) fn holds(&self) -> (usize, usize) {
        let process = Path::new("/proc").join(self.now.as_raw_nonzero().to_string());
        let descriptors = fs::read_dir(process.join("fd")).expect("it lives").count();
        let status = fs::read_to_string(process.join("status")).expect("it lives");
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory = memory.and_then(|line| line.trim().strip_suffix(" kB"));
        (descriptors, memory.and_then(|kib| kib.trim().parse().ok()).expect("VmRSS is in kB"))
    }

    /// Waits until the processes before this one have ended.
    pub(crate) fn earlier_have_ended(&mut self) {
        let began = Instant::now();
        let _ = self.first.try_wait();
        while self.earlier.iter().any(|process| is_there(*process)) {
            assert!(began.elapsed() < PATIENCE, "an old process stays");
            std::thread::sleep(Duration::from_millis(100));
            let _ = self.first.try_wait();
        }
    }
}

/// Whether a process is there, and not only its entry, which its parent has not read.
fn is_there(process: Pid) -> bool {
    let status = format!("/proc/{}/status", process.as_raw_nonzero());
    let is_dead = fs::read_to_string(status).map_or(true, |text| text.contains("State:\tZ"));
    test_kill_process(process).is_ok() && !is_dead
}

impl Drop for Soaked {
    fn drop(&mut self) {
        for process in self.earlier.iter().chain([&self.now]) {
            let _ = kill_process(*process, Signal::KILL);
        }
        let _ = self.first.wait();
        let _ = fs::remove_file(&self.configuration);
    }
}
