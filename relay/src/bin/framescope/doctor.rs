//! `framescope doctor`: what works on this machine, and why something does not.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;

use clap::Args;
use framescope::Config;
use serde::Serialize;

use crate::desktop::Surroundings;

/// The ports of the programs that courses show.
const COURSE_PORTS: [u16; 2] = [8080, 9527];

/// Descriptors of one bridge session: its two connections, and a recording.
#[cfg(unix)]
const DESCRIPTORS_PER_SESSION: u64 = 3;

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Where the page and the WebSockets will be served
    #[arg(long, value_name = "ADDRESS:PORT", default_value_t = Config::default().listen)]
    listen: SocketAddr,
    /// Where the built-in TCP server will listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value_t = Config::default().tcp_listen)]
    tcp_listen: SocketAddr,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// Something that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    name: &'static str,
    verdict: Verdict,
    /// What was found, in a sentence.
    found: String,
    /// What to do about it: commands to copy.
    remedy: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Well,
    /// Something is missing that is of use to few, or that this system does not have.
    Note,
    Problem,
}

impl Finding {
    fn new(name: &'static str, verdict: Verdict, found: impl Into<String>) -> Self {
        Self { name, verdict, found: found.into(), remedy: None }
    }

    fn with_remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }
}

impl DoctorArgs {
    /// Prints what was found. Returns 0 if all is well, and 1 if not.
    pub(crate) fn run(self) -> anyhow::Result<i32> {
        let findings = [
            port("page", "--listen", self.listen),
            port("TCP server", "--tcp-listen", self.tcp_listen),
            course_ports(),
            addresses(self.listen),
            descriptors(),
            wire()?,
            browser(),
        ];
        let mut out = io::stdout();
        if self.json {
            writeln!(out, "{}", serde_json::to_string_pretty(&findings)?)?;
        } else {
            write!(out, "{}", text(&findings))?;
        }
        Ok(i32::from(findings.iter().any(|finding| finding.verdict == Verdict::Problem)))
    }
}

/// The findings, one a line, each with its remedy below. One of several lines begins at the left, because a shell finds the
/// end of a here-document only there.
fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    let width = findings.iter().map(|finding| finding.name.len()).max().unwrap_or(0);
    for Finding { name, verdict, found, remedy } in findings {
        let sign = match verdict {
            Verdict::Well => "ok",
            Verdict::Note => "--",
            Verdict::Problem => "!!",
        };
        // Writing to a text does not fail.
        let _ = writeln!(text, "{sign}  {name:width$}  {found}");
        if let Some(remedy) = remedy {
            let indent = if remedy.contains('\n') { 0 } else { 8 + width };
            let _ = writeln!(text, "{:indent$}{remedy}", "");
        }
    }
    text
}

fn port(name: &'static str, option: &str, address: SocketAddr) -> Finding {
    match TcpListener::bind(address) {
        Ok(_) => Finding::new(name, Verdict::Well, format!("{address} is free")),
        Err(error) => {
            let found = format!("cannot listen on {address}: {}", plain(&error));
            let other = SocketAddr::new(address.ip(), 0);
            Finding::new(name, Verdict::Problem, found)
                .with_remedy(format!("framescope {option} {other}"))
        }
    }
}

/// The system's message without the number that Rust adds.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

fn course_ports() -> Finding {
    let used: Vec<String> = COURSE_PORTS
        .into_iter()
        .filter(|port| TcpListener::bind((IpAddr::from([127, 0, 0, 1]), *port)).is_err())
        .map(|port| port.to_string())
        .collect();
    let name = "course";
    if used.is_empty() {
        let found = "ports 8080 and 9527 are free for the programs of courses";
        return Finding::new(name, Verdict::Well, found);
    }
    let found = format!("another program has port {}", used.join(" and "));
    Finding::new(name, Verdict::Note, format!("{found}; programs of the lab do not mind"))
}

/// The addresses at which other machines reach the page.
fn addresses(listen: SocketAddr) -> Finding {
    let name = "addresses";
    let port = listen.port();
    if !listen.ip().is_unspecified() {
        let found = format!("http://{listen}/ on this machine");
        let finding = Finding::new(name, Verdict::Well, found);
        return if listen.ip().is_loopback() {
            finding.with_remedy(format!("framescope --listen 0.0.0.0:{port}   # for a class"))
        } else {
            finding
        };
    }
    let own = if_addrs::get_if_addrs().unwrap_or_default();
    let others = own.iter().map(if_addrs::Interface::ip).filter(|ip| !ip.is_loopback());
    let others = others.filter(|ip| ip.is_ipv4() == listen.is_ipv4() || listen.is_ipv6());
    let shown: Vec<String> =
        others.map(|ip| format!("http://{}/", SocketAddr::new(ip, port))).collect();
    if shown.is_empty() {
        let found = "this machine has no address that others reach";
        return Finding::new(name, Verdict::Problem, found);
    }
    Finding::new(name, Verdict::Well, shown.join(" "))
}

#[cfg(unix)]
fn descriptors() -> Finding {
    use rustix::process::{Resource, getrlimit};
    let most = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    let config = Config::default();
    let wanted = u64::try_from(config.max_sessions).unwrap_or(u64::MAX) * DESCRIPTORS_PER_SESSION;
    let found = format!("up to {most} open descriptors");
    let name = "limits";
    if most >= wanted {
        return Finding::new(name, Verdict::Well, format!("{found}, enough for all sessions"));
    }
    let sessions = most / DESCRIPTORS_PER_SESSION;
    Finding::new(name, Verdict::Problem, format!("{found}, which is about {sessions} sessions"))
        .with_remedy(format!("ulimit -n {wanted}"))
}

#[cfg(not(unix))]
fn descriptors() -> Finding {
    Finding::new("limits", Verdict::Well, "this system sets none")
}

fn wire() -> anyhow::Result<Finding> {
    use framescope_lab::NoWireReason;

    let name = "wire";
    let executable = framescope::worker::own_executable()?;
    let Err(why) = framescope::worker::try_wire(&executable) else {
        let found = "namespaces and TUN devices work: every segment of an experiment is seen";
        return Ok(Finding::new(name, Verdict::Well, found));
    };
    let verdict = match why.reason {
        NoWireReason::NotLinux | NoWireReason::Off => Verdict::Note,
        NoWireReason::Namespaces
        | NoWireReason::Tun
        | NoWireReason::Settings
        | NoWireReason::Silent => Verdict::Problem,
    };
    let found = format!("experiments run, and no segment is seen: {}", why.error);
    let finding = Finding::new(name, verdict, found);
    Ok(match why.remedy {
        Some(remedy) => finding.with_remedy(remedy),
        None => finding,
    })
}

/// Whether `--open` finds a browser.
fn browser() -> Finding {
    let name = "browser";
    if !Surroundings::look().has_display {
        let found = "this terminal has no display: open the address in a browser elsewhere";
        return Finding::new(name, Verdict::Note, found);
    }
    let openers = ["xdg-open", "gio", "wslview", "open", "explorer.exe", "rundll32.exe"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |folder: &Path| openers.iter().any(|opener| folder.join(opener).is_file());
    if std::env::split_paths(&path).any(|folder| is_there(&folder)) {
        return Finding::new(name, Verdict::Well, "framescope --open opens one");
    }
    Finding::new(name, Verdict::Note, "none can be opened from here: open the address yourself")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remedy_can_be_copied_into_a_shell_as_it_is() {
        let remedy = "sudo tee file <<'EOF'\nprofile {\n  userns,\n}\nEOF\nsudo parse file";
        let finding = Finding::new("wire", Verdict::Problem, "there is none").with_remedy(remedy);
        assert_eq!(text(&[finding]), format!("!!  wire  there is none\n{remedy}\n"));
    }
}
