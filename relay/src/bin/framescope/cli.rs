//! The command line's grammar: its options, and the bounds of each. To add an option: a field of
//! [`Cli`] here, a field of [`Config`], and the table in docs/operating.md, which a test prints.

use std::collections::HashSet;
use std::env;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context as _;
use clap::builder::BoolishValueParser;
use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, CommandFactory as _, Parser, Subcommand, ValueEnum};
use framescope::{
    ClientFrom, Config, DEFAULT_LISTEN, DEFAULT_TCP_LISTEN, ListenOn, MAX_MAX_CLIENT_MESSAGE,
    MAX_MAX_MESSAGE, Origin, ParseListenOnError, ParseTargetError, Target, Tls, TokenSource,
    TrustedProxy, WireChoice, parse_places, parse_targets,
};
use framescope_framing::HeaderFormat;

use crate::address::parse_address;
use crate::challenge::ChallengeArgs;
use crate::class::ClassArgs;
use crate::desktop::Surroundings;
use crate::doctor::DoctorArgs;
use crate::lab_worker::LabWorkerArgs;
use crate::lesson::LessonArgs;
use crate::run::RunArgs;
use crate::shell::CompletionsArgs;
use crate::watch::{WatchArgs, WatchWorkerArgs};

/// See how TCP's byte stream becomes messages: a page, a WebSocket-to-TCP bridge and a TCP server
/// with 4-byte length headers.
#[derive(Debug, Parser)]
#[command(name = "framescope", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// A TOML file with options as keys; flags and variables win over it
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where to serve the page and the WebSockets, or `unix:/PATH`, or `fd:systemd`; a comma in a path is written `\,`; may
    /// be repeated
    #[arg(long, value_name = "ADDRESS:PORT", default_value = DEFAULT_LISTEN.to_string(),
          value_parser = List::<ListenOn>::places)]
    listen: Vec<List<ListenOn>>,
    /// Where the built-in TCP server listens, or off
    #[arg(long, value_name = "ADDRESS:PORT", default_value = DEFAULT_TCP_LISTEN.to_string(),
          value_parser = parse_tcp_listen)]
    tcp_listen: TcpListen,
    /// A server that /bridge/NAME connects to, or NAME=unix:/PATH, and its options after commas; a comma in a path is
    /// written `\,`; may be repeated
    #[arg(long = "target", value_name = "NAME=HOST:PORT[,KEY=VALUE]",
          value_parser = List::<Target>::targets)]
    targets: Vec<List<Target>>,
    /// The built-in TCP server's header, as Python's struct writes it: i <i >i !i I <I >I !I
    #[arg(long, value_name = "FORMAT", default_value_t = Config::default().header)]
    header: HeaderFormat,
    /// The longest message that the built-in TCP server accepts, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = Config::default().max_message,
          value_parser = parse_max_message)]
    max_message: usize,
    /// The longest WebSocket message that the bridge accepts, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = Config::default().max_client_message,
          value_parser = parse_max_client_message)]
    max_client_message: usize,
    /// A page of another origin that may use the relay; may be repeated
    #[arg(long = "allow-origin", value_name = "SCHEME://HOST[:PORT]", value_delimiter = ',',
          value_parser = parse_trimmed::<Origin>)]
    allow_origins: Vec<Origin>,
    /// The most bridge sessions at a time; one more is refused with 503
    #[arg(long, value_name = "COUNT", default_value_t = Config::default().max_sessions,
          value_parser = parse_max_sessions)]
    max_sessions: usize,
    /// The most bridge sessions of one address at a time; one more is refused with 503
    #[arg(long, value_name = "COUNT", default_value_t = Config::default().max_sessions_per_address,
          value_parser = parse_max_sessions)]
    max_sessions_per_address: usize,
    /// Close a bridge session in which no byte has crossed for this long; 0: never
    #[arg(long, value_name = "SECONDS", default_value_t = seconds(Config::default().idle_timeout),
          value_parser = parse_idle_seconds)]
    idle_timeout: u64,
    /// Close an HTTP connection whose client has taken nothing of a response for this long
    #[arg(long, value_name = "SECONDS", default_value_t = Config::default().send_timeout.as_secs(),
          value_parser = parse_send_seconds)]
    send_timeout: u64,
    /// How long a target may take to accept a connection
    #[arg(long, value_name = "SECONDS", default_value_t = Config::default().connect_timeout.as_secs(),
          value_parser = parse_send_seconds)]
    connect_timeout: u64,
    /// How long nothing may come of a target before its machine is asked whether it is there; 0: never
    #[arg(long, value_name = "SECONDS", default_value_t = seconds(Config::default().target_keepalive),
          value_parser = parse_optional_seconds)]
    target_keepalive: u64,
    /// How long a target may take no bytes before it is given up, on Linux; 0: for ever
    #[arg(long, value_name = "SECONDS", default_value_t = seconds(Config::default().target_user_timeout),
          value_parser = parse_optional_seconds)]
    target_user_timeout: u64,
    /// How long sessions may go on when a new process has taken the relay's place; 0: as long as they like
    #[arg(long, value_name = "SECONDS", default_value_t = seconds(Config::default().drain_timeout),
          value_parser = parse_idle_seconds)]
    drain_timeout: u64,
    /// A proxy in front that is believed when it says who the client is: an address, a network such as
    /// 10.0.0.0/8, or unix; may be repeated
    #[arg(long = "trusted-proxy", value_name = "NETWORK", value_delimiter = ',',
          value_parser = parse_trimmed::<TrustedProxy>)]
    trusted_proxies: Vec<TrustedProxy>,
    /// How trusted proxies say it: x-forwarded-for, forwarded or proxy-protocol
    #[arg(long, value_name = "HEADER", default_value_t = ClientFrom::default())]
    client_from: ClientFrom,
    /// How long nothing may come of a client before it is asked whether it is there
    #[arg(long, value_name = "SECONDS", default_value_t = Config::default().ping_interval.as_secs(),
          value_parser = parse_send_seconds)]
    ping_interval: u64,
    /// Record bridge sessions for the page to open: the first in s.json, the next in s-2.json, and so on
    #[arg(long, value_name = "FILE", value_parser = parse_record)]
    record: Option<PathBuf>,
    /// The token that clients of /bridge, /lab and /metrics must send; other users of this machine
    /// can see it here, but not in the variable
    #[arg(long, value_name = "TOKEN", conflicts_with = "token_file")]
    token: Option<String>,
    /// A file with such tokens, one in each line, of which each will do
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The certificate chain, PEM, for serving the page and the WebSockets with TLS
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Who must have signed a client's certificate, PEM; clients with TLS that have none are refused
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_client_ca: Option<PathBuf>,
    /// How long browsers that came with TLS are to come with nothing else (Strict-Transport-Security); 0: it is
    /// not said
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = parse_idle_seconds)]
    hsts: u64,
    /// How long /readyz says that the relay stops before it does, so that a load balancer finds out
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = parse_optional_seconds)]
    stop_delay: u64,
    /// Run the lab's programs on the loopback interface, where no segment is seen
    #[arg(long)]
    no_wire: bool,
    /// How to write the log
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
    /// Open the page in the browser, as without any option at a desktop
    #[arg(long)]
    pub(crate) open: bool,
    /// What of these nobody has chosen.
    #[arg(skip)]
    pub(crate) unsaid: Unsaid,
}

/// Which options have their default values because nobody said anything else.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unsaid {
    listen: bool,
    tcp_listen: bool,
    /// Neither `--open` nor any other argument was given.
    open: bool,
}

impl Unsaid {
    /// `arguments` is their number, with the program's name.
    pub(crate) fn new(said: &ArgMatches, arguments: usize) -> Self {
        let is_default = |id: &str| said.value_source(id) == Some(ValueSource::DefaultValue);
        Self {
            listen: is_default("listen"),
            tcp_listen: is_default("tcp_listen"),
            open: is_default("open") && arguments <= 1,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The lessons, in the terminal
    Lesson(LessonArgs),
    /// A class: students join with their phones, bet, and see what the sockets did
    Class(ClassArgs),
    /// A server whose messages arrive as badly as TCP allows: does your client stand it?
    Challenge(ChallengeArgs),
    /// Say what works on this machine, and why something does not
    Doctor(DoctorArgs),
    /// Python programs against each other
    Run(RunArgs),
    /// Programs of any language against each other, as they are; on Linux
    Watch(WatchArgs),
    /// Whether the relay with these options, or with none, answers: exit code 0, or 1
    Health {
        /// The options that the relay was started with: --listen, --config and those about TLS and proxies count
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "RELAY OPTION")]
        options: Vec<OsString>,
    },
    /// Whether the relay could be started or reloaded with these options; it connects to nothing
    Check {
        /// The options of the relay
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "RELAY OPTION")]
        options: Vec<OsString>,
    },
    /// Print what a shell completes: framescope completions bash
    Completions(CompletionsArgs),
    /// Print the manual page, or that of a command: framescope man run | man -l -
    Man {
        /// The command
        #[arg(value_name = "COMMAND")]
        names: Vec<String>,
    },
    #[command(hide = true)]
    LabWorker(LabWorkerArgs),
    #[command(hide = true)]
    WatchWorker(WatchWorkerArgs),
    /// Become a program that is watched
    #[command(hide = true)]
    WatchLaunch {
        /// The program and its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// Find out whether this system has what a wire takes
    #[command(hide = true)]
    TryWire,
}

impl Cli {
    /// Whether to open the page in a browser.
    pub(crate) fn opens_browser(&self, surroundings: Surroundings) -> bool {
        self.open || (self.unsaid.open && surroundings.is_desktop())
    }

    /// The relay's config. Fails if two targets have the same name, or a file for TLS is bad.
    pub(crate) fn into_config(self) -> anyhow::Result<Config> {
        let targets: Vec<Target> = self.targets.into_iter().flat_map(|List(some)| some).collect();
        let mut names = HashSet::new();
        if let Some(twice) = targets.iter().find(|target| !names.insert(&target.name)) {
            anyhow::bail!("two targets are called \"{}\"; each needs its own name", twice.name);
        }
        let token = self.token.map(|token| token.parse()).transpose();
        let token = token.context("the token cannot be used")?;
        let client_ca = self.tls_client_ca.as_deref();
        let tls = self.tls_cert.zip(self.tls_key);
        let tls = tls.map(|(certificate, key)| Tls::load(&certificate, &key, client_ca));
        Ok(Config {
            token: token.or(self.token_file.map(TokenSource::File)),
            tls: tls.transpose()?,
            listen: self.listen.into_iter().flat_map(|List(some)| some).collect(),
            tcp_listen: self.tcp_listen.0,
            may_listen_above: self.unsaid.listen,
            may_tcp_listen_above: self.unsaid.tcp_listen,
            targets,
            header: self.header,
            max_message: self.max_message,
            max_client_message: self.max_client_message,
            hsts: limit(self.hsts),
            stop_delay: Duration::from_secs(self.stop_delay),
            allow_origins: self.allow_origins,
            max_sessions: self.max_sessions,
            max_sessions_per_address: self.max_sessions_per_address,
            record: self.record,
            wire: if self.no_wire { WireChoice::Off } else { WireChoice::Auto },
            trusted_proxies: self.trusted_proxies,
            client_from: self.client_from,
            target_keepalive: limit(self.target_keepalive),
            target_user_timeout: limit(self.target_user_timeout),
            drain_timeout: limit(self.drain_timeout),
            idle_timeout: limit(self.idle_timeout),
            send_timeout: Duration::from_secs(self.send_timeout),
            connect_timeout: Duration::from_secs(self.connect_timeout),
            ping_interval: Duration::from_secs(self.ping_interval),
            ..Config::default()
        })
    }
}

/// An element of a list, which may have spaces around it.
fn parse_trimmed<T: FromStr>(text: &str) -> Result<T, T::Err> {
    text.trim().parse()
}

fn parse_max_message(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|bytes| (1..=MAX_MAX_MESSAGE).contains(bytes))
        .ok_or_else(|| format!("a number of bytes from 1 to {MAX_MAX_MESSAGE}"))
}

fn parse_max_client_message(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|bytes| (1..=MAX_MAX_CLIENT_MESSAGE).contains(bytes))
        .ok_or_else(|| format!("a number of bytes from 1 to {MAX_MAX_CLIENT_MESSAGE}"))
}

fn parse_record(text: &str) -> Result<PathBuf, String> {
    let file = PathBuf::from(text);
    // A bare name has an empty folder: the current one.
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if file.file_name().is_none() || file.is_dir() || folder.is_some_and(|folder| !folder.is_dir())
    {
        return Err("a file in a folder that is there, such as session.json".to_owned());
    }
    Ok(file)
}

/// The largest limit on sessions. No process has descriptors for more.
const MAX_MAX_SESSIONS: usize = 1_000_000;

fn parse_max_sessions(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|count| (1..=MAX_MAX_SESSIONS).contains(count))
        .ok_or_else(|| format!("a number of sessions from 1 to {MAX_MAX_SESSIONS}"))
}

/// The longest send timeout, in seconds: an hour.
const MAX_SEND_SECONDS: u64 = 60 * 60;

fn parse_send_seconds(text: &str) -> Result<u64, String> {
    text.parse()
        .ok()
        .filter(|seconds| (1..=MAX_SEND_SECONDS).contains(seconds))
        .ok_or_else(|| format!("a number of seconds from 1 to {MAX_SEND_SECONDS}"))
}

/// The longest idle timeout, in seconds: a year.
const MAX_IDLE_SECONDS: u64 = 365 * 24 * 60 * 60;

fn parse_idle_seconds(text: &str) -> Result<u64, String> {
    text.parse()
        .ok()
        .filter(|seconds| *seconds <= MAX_IDLE_SECONDS)
        .ok_or_else(|| format!("a number of seconds from 1 to {MAX_IDLE_SECONDS}, or 0"))
}

/// 0 stands for none.
fn seconds(limit: Option<Duration>) -> u64 {
    limit.map_or(0, |limit| limit.as_secs())
}

/// The other way.
fn limit(seconds: u64) -> Option<Duration> {
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

fn parse_optional_seconds(text: &str) -> Result<u64, String> {
    text.parse()
        .ok()
        .filter(|seconds| *seconds <= MAX_SEND_SECONDS)
        .ok_or_else(|| format!("a number of seconds from 1 to {MAX_SEND_SECONDS}, or 0"))
}

/// A list of which each element may have commas.
#[derive(Clone, Debug)]
struct List<T>(Vec<T>);

impl List<Target> {
    fn targets(text: &str) -> Result<Self, ParseTargetError> {
        parse_targets(text).map(Self)
    }
}

impl List<ListenOn> {
    fn places(text: &str) -> Result<Self, ParseListenOnError> {
        parse_places(text).map(Self)
    }
}

/// `None`: there is no built-in TCP server.
#[derive(Clone, Copy, Debug)]
struct TcpListen(Option<SocketAddr>);

fn parse_tcp_listen(text: &str) -> Result<TcpListen, String> {
    if text == "off" {
        return Ok(TcpListen(None));
    }
    let address = parse_address(text).map_err(|error| format!("{error}, or off"))?;
    Ok(TcpListen(Some(address)))
}

/// The command line's grammar. Each option has an environment variable: `FRAMESCOPE_MAX_MESSAGE` for
/// `--max-message`. A flag's takes 1, yes, on and true, or their opposites. `--help` does not show their values: one of
/// them is a secret.
pub(crate) fn command() -> clap::Command {
    Cli::command().mut_args(|arg| match arg.get_long() {
        Some(long) => {
            let name = long.replace('-', "_").to_uppercase();
            let name = format!("FRAMESCOPE_{name}");
            // What is empty is not set: systemd and Compose have no other way to say so.
            if env::var_os(&name).is_some_and(|value| value.is_empty()) {
                return arg;
            }
            let arg = arg.env(name).hide_env_values(true);
            if matches!(arg.get_action(), ArgAction::SetTrue) {
                arg.value_parser(BoolishValueParser::new())
            } else {
                arg
            }
        }
        None => arg,
    })
}

/// What is wrong, in one line, without clap's advice.
pub(crate) fn one_sentence(mut error: clap::Error) -> String {
    // clap quotes the argument, which may have line breaks.
    for kind in [ContextKind::InvalidArg, ContextKind::InvalidValue, ContextKind::InvalidSubcommand]
    {
        if let Some(ContextValue::String(text)) = error.get(kind) {
            let text = escape_controls(text);
            error.insert(kind, ContextValue::String(text));
        }
    }
    let text = error.to_string();
    let first = text.lines().take_while(|line| !line.is_empty()).map(str::trim);
    let sentence = first.collect::<Vec<_>>().join(" ");
    sentence.strip_prefix("error: ").unwrap_or(&sentence).to_owned()
}

/// The text with its control characters escaped as Rust does.
fn escape_controls(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, character| {
        if character.is_control() {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
        escaped
    })
}
