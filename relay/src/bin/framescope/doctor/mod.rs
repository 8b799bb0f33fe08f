//! `framescope doctor`: what works on this machine, and why something does not.
//!
//! What comes in: the addresses that a relay would have. What goes out: findings, as text or as JSON.
//!
//! May use: `address`, `desktop`, `language`.

mod finding;
mod words;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;

use self::finding::{Finding, Name, Verdict};
use self::words::Words;
use crate::address::parse_address;
use crate::desktop::Surroundings;
use crate::language::Language;
use clap::Args;
use framescope::{DEFAULT_LISTEN, DEFAULT_TCP_LISTEN, alternatives};

/// The ports of the programs that courses show.
const COURSE_PORTS: [u16; 2] = [8080, 9527];

/// Descriptors of one bridge session: its two connections, and a recording.
#[cfg(unix)]
const DESCRIPTORS_PER_SESSION: u64 = 3;

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Where the page and the WebSockets will be served [default: 127.0.0.1:9528, or ports above]
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = parse_address)]
    listen: Option<SocketAddr>,
    /// Where the built-in TCP server will listen [default: 127.0.0.1:9529, or ports above]
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = parse_address)]
    tcp_listen: Option<SocketAddr>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
    /// The language of what is said: en or zh-CN
    #[arg(long, default_value = "en")]
    lang: String,
}

impl DoctorArgs {
    /// Prints what was found. Returns 0 if all is well, and 1 if not.
    pub(crate) fn run(self) -> anyhow::Result<i32> {
        let words = Words(Language::of(&self.lang));
        let findings = [
            port(words, Name::Page, "--listen", self.listen, DEFAULT_LISTEN),
            port(words, Name::TcpServer, "--tcp-listen", self.tcp_listen, DEFAULT_TCP_LISTEN),
            course_ports(words),
            addresses(words, self.listen.unwrap_or(DEFAULT_LISTEN)),
            descriptors(words),
            wire(words)?,
            browser(words),
        ];
        let mut out = io::stdout();
        if self.json {
            writeln!(out, "{}", serde_json::to_string_pretty(&findings)?)?;
        } else {
            write!(out, "{}", text(words, &findings))?;
        }
        Ok(i32::from(findings.iter().any(|finding| finding.verdict == Verdict::Problem)))
    }
}

/// The findings, one a line, each with its remedy below. One of several lines begins at the left, because a shell finds the
/// end of a here-document only there.
fn text(words: Words, findings: &[Finding]) -> String {
    let mut text = String::new();
    let names = findings.iter().map(|finding| columns(words.name(finding.name)));
    let width = names.max().unwrap_or(0);
    for Finding { name, verdict, found, remedy } in findings {
        let sign = match verdict {
            Verdict::Well => "ok",
            Verdict::Note => "--",
            Verdict::Problem => "!!",
        };
        let name = words.name(*name);
        let space = width - columns(name);
        // Writing to a text does not fail.
        let _ = writeln!(text, "{sign}  {name}{:space$}  {found}", "");
        if let Some(remedy) = remedy {
            let indent = if remedy.contains('\n') { 0 } else { 8 + width };
            let _ = writeln!(text, "{:indent$}{remedy}", "");
        }
    }
    text
}

/// The columns that a name takes in a terminal: two for each Chinese character.
fn columns(name: &str) -> usize {
    name.chars().map(|character| if character.is_ascii() { 1 } else { 2 }).sum()
}

/// If nobody has chosen an address, a port above it does as well.
fn port(
    words: Words,
    name: Name,
    option: &str,
    chosen: Option<SocketAddr>,
    default: SocketAddr,
) -> Finding {
    let address = chosen.unwrap_or(default);
    match TcpListener::bind(address) {
        Ok(_) => Finding::new(name, Verdict::Well, words.is_free(address)),
        Err(_)
            if chosen.is_none()
                && let Some(other) =
                    alternatives(address).find(|other| TcpListener::bind(other).is_ok()) =>
        {
            Finding::new(name, Verdict::Note, words.is_taken(address, other.port()))
        }
        Err(error) => {
            let found = words.cannot_listen(address, &plain(&error));
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

fn course_ports(words: Words) -> Finding {
    let used: Vec<String> = COURSE_PORTS
        .into_iter()
        .filter(|port| TcpListener::bind((IpAddr::from([127, 0, 0, 1]), *port)).is_err())
        .map(|port| port.to_string())
        .collect();
    if used.is_empty() {
        return Finding::new(Name::Course, Verdict::Well, words.course_ports_are_free());
    }
    Finding::new(Name::Course, Verdict::Note, words.course_ports_are_used(&used))
}

/// The addresses at which other machines reach the page.
fn addresses(words: Words, listen: SocketAddr) -> Finding {
    let name = Name::Addresses;
    let port = listen.port();
    if !listen.ip().is_unspecified() {
        let finding = Finding::new(name, Verdict::Well, words.on_this_machine(listen));
        return if listen.ip().is_loopback() {
            finding.with_remedy(format!("framescope class --lan   # {}", words.for_a_class()))
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
        return Finding::new(name, Verdict::Problem, words.no_address());
    }
    Finding::new(name, Verdict::Well, shown.join(" "))
}

#[cfg(unix)]
fn descriptors(words: Words) -> Finding {
    use rustix::process::{Resource, getrlimit};
    // `None`: as many as the system has memory for.
    let Some(most) = getrlimit(Resource::Nofile).maximum else {
        return Finding::new(Name::Limits, Verdict::Well, words.no_limits());
    };
    let config = framescope::Config::default();
    let wanted = u64::try_from(config.max_sessions).unwrap_or(u64::MAX) * DESCRIPTORS_PER_SESSION;
    if most >= wanted {
        return Finding::new(Name::Limits, Verdict::Well, words.enough_descriptors(most));
    }
    let found = words.few_descriptors(most, most / DESCRIPTORS_PER_SESSION);
    Finding::new(Name::Limits, Verdict::Problem, found).with_remedy(format!("ulimit -n {wanted}"))
}

#[cfg(not(unix))]
fn descriptors(words: Words) -> Finding {
    Finding::new(Name::Limits, Verdict::Well, words.no_limits())
}

fn wire(words: Words) -> anyhow::Result<Finding> {
    use framescope_lab::NoWireReason;

    let executable = framescope::worker::own_executable()?;
    let Err(why) = framescope::worker::try_wire(&executable) else {
        return Ok(Finding::new(Name::Wire, Verdict::Well, words.wire_works()));
    };
    let verdict = match why.reason {
        NoWireReason::NotLinux | NoWireReason::Off => Verdict::Note,
        NoWireReason::Namespaces
        | NoWireReason::Tun
        | NoWireReason::Settings
        | NoWireReason::Silent
        | NoWireReason::Right => Verdict::Problem,
    };
    let found = words.no_wire(why.reason, &why.error);
    let finding = Finding::new(Name::Wire, verdict, found);
    Ok(match why.remedy {
        Some(remedy) => finding.with_remedy(remedy),
        None => finding,
    })
}

/// Whether `--open` finds a browser.
fn browser(words: Words) -> Finding {
    let name = Name::Browser;
    if !Surroundings::look().has_display {
        return Finding::new(name, Verdict::Note, words.no_display());
    }
    let openers = ["xdg-open", "gio", "wslview", "open", "explorer.exe", "rundll32.exe"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |folder: &Path| openers.iter().any(|opener| folder.join(opener).is_file());
    if std::env::split_paths(&path).any(|folder| is_there(&folder)) {
        return Finding::new(name, Verdict::Well, words.open_opens());
    }
    Finding::new(name, Verdict::Note, words.none_opens())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remedy_can_be_copied_into_a_shell_as_it_is() {
        let remedy = "sudo tee file <<'EOF'\nprofile {\n  userns,\n}\nEOF\nsudo parse file";
        let finding =
            Finding::new(Name::Wire, Verdict::Problem, "there is none").with_remedy(remedy);
        assert_eq!(
            text(Words(Language::English), &[finding]),
            format!("!!  wire  there is none\n{remedy}\n")
        );
    }
}
