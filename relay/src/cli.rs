//! The command line.

use std::net::SocketAddr;

use clap::{Parser, Subcommand};
use framescope::{Config, MAX_MAX_MESSAGE, Origin, Target};
use framescope_framing::HeaderFormat;

use crate::lesson::LessonArgs;

/// See how TCP's byte stream becomes messages: a page, a WebSocket-to-TCP bridge and a TCP server
/// with 4-byte length headers.
#[derive(Debug, Parser)]
#[command(name = "framescope", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Where to serve the page and the WebSockets
    #[arg(long, value_name = "ADDRESS:PORT", default_value_t = Config::default().listen,
          value_parser = parse_address)]
    listen: SocketAddr,
    /// Where the built-in TCP server listens
    #[arg(long, value_name = "ADDRESS:PORT", default_value_t = Config::default().tcp_listen,
          value_parser = parse_address)]
    tcp_listen: SocketAddr,
    /// A TCP server that /bridge/NAME connects to; may be repeated
    #[arg(long = "target", value_name = "NAME=HOST:PORT")]
    targets: Vec<Target>,
    /// The built-in TCP server's header, as Python's struct writes it: i <i >i !i I <I >I !I
    #[arg(long, value_name = "FORMAT", default_value_t = Config::default().header)]
    header: HeaderFormat,
    /// The longest message the built-in TCP server accepts, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = Config::default().max_message,
          value_parser = parse_max_message)]
    max_message: usize,
    /// A page of another origin that may use the relay; may be repeated
    #[arg(long = "allow-origin", value_name = "SCHEME://HOST[:PORT]")]
    allow_origins: Vec<Origin>,
    /// Open the page in the browser
    #[arg(long)]
    pub(crate) open: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The lessons, in the terminal
    Lesson(LessonArgs),
}

impl Cli {
    /// The relay's config; an error where two targets have one name.
    pub(crate) fn into_config(self) -> anyhow::Result<Config> {
        for (index, target) in self.targets.iter().enumerate() {
            let name = &target.name;
            if self.targets[..index].iter().any(|earlier| earlier.name == *name) {
                anyhow::bail!("two targets are called \"{name}\"; each needs a name of its own");
            }
        }
        Ok(Config {
            listen: self.listen,
            tcp_listen: self.tcp_listen,
            targets: self.targets,
            header: self.header,
            max_message: self.max_message,
            allow_origins: self.allow_origins,
            ..Config::default()
        })
    }
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "an IP address and a port, such as 127.0.0.1:9528 or [::1]:9528".to_owned())
}

fn parse_max_message(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|bytes| (1..=MAX_MAX_MESSAGE).contains(bytes))
        .ok_or_else(|| format!("a number of bytes from 1 to {MAX_MAX_MESSAGE}"))
}

/// What is wrong, without the advice that clap prints below it.
pub(crate) fn one_sentence(error: &clap::Error) -> String {
    let text = error.to_string();
    let first = text.lines().take_while(|line| !line.is_empty()).map(str::trim);
    let sentence = first.collect::<Vec<_>>().join(" ");
    format!("framescope: {}", sentence.strip_prefix("error: ").unwrap_or(&sentence))
}
