//! `framescope class` in a separate process.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use framescope_class::{Code, ConsoleKey};

use crate::nats::Nats;

/// No run is made of such a question.
const PLAN: &str = "[[step]]\nquestion = 'How many?'\nchoices = ['one', 'two']\n";

/// A relay with a class, killed when dropped.
pub(crate) struct ClassRelay {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) code: Code,
    pub(crate) key: ConsoleKey,
}

impl ClassRelay {
    /// With a plan of one question. With NATS, it shares the class of all relays that have it.
    pub(crate) fn start(nats: Option<&Nats>) -> Self {
        let plan = env::temp_dir().join(format!("framescope-bench-{}.toml", std::process::id()));
        fs::write(&plan, PLAN).expect("there is space");
        let mut command = Command::new(env!("CARGO_BIN_EXE_framescope"));
        command.args(["class", "--port", "0", "--no-wire", "--plan"]).arg(&plan);
        if let Some(nats) = nats {
            command.args(["--nats", &nats.url(), "--code", "QKF TDN"]);
        }
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the relay starts");
        let stdout = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(stdout).lines();
        let mut value = |label: &str| {
            let line = lines.next().expect("it prints lines").expect("a line is UTF-8");
            line.strip_prefix(label).expect("lines have their order").trim().to_owned()
        };
        let code = value("code").parse().expect("it is a code");
        let students = value("students");
        let address = students.trim_start_matches("http://").split('/').next();
        let address = address.and_then(|address| address.parse().ok()).expect("it is an address");
        let teacher = value("teacher");
        let key = teacher.split("#key=").nth(1).and_then(|rest| rest.split(' ').next());
        let key = data_encoding::HEXLOWER.decode(key.expect("there is a key").as_bytes());
        let key = key.ok().and_then(|key| key.try_into().ok()).expect("it has sixteen bytes");
        Self { child, address, code, key: ConsoleKey(key) }
    }

    /// The memory that it has in RAM, in KiB: proc(5), `VmRSS`.
    pub(crate) fn resident_kib(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        kib.expect("the kernel says it")
    }

    /// The processor time that it has taken, in seconds: proc(5), `stat`, in ticks of a hundredth.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.expect("it runs");
        let after_name = stat.rsplit(") ").next().unwrap_or_default();
        let fields: Vec<f64> =
            after_name.split(' ').filter_map(|field| field.parse().ok()).collect();
        // The first field after the name is a letter. utime and stime are the 14th and 15th of all.
        (fields[10] + fields[11]) / 100.0
    }
}

impl Drop for ClassRelay {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
