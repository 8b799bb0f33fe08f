//! `framescope class`: a class that students join with their phones.
//!
//! What comes in: arguments, a plan. What goes out: a running [`Relay`](framescope::Relay) with a class, and what is
//! kept of the class when it ends.
//!
//! May use: `challenge`.

mod invitation;
mod plan;

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, bail};
use clap::Args;
use data_encoding::HEXLOWER;
use framescope::{
    ChallengeConfig, ClassConfig, ClassHandle, Config, DEFAULT_LISTEN, Hosts, Origin, Relay,
    SharedClass, WireChoice, reachable,
};
use framescope_class::{Code, ConsoleKey, Opening};

use self::invitation::Invitation;
use crate::challenge::PORT as CHALLENGE_PORT;

/// How many HTTP connections a class may have in addition: a school behind one address loads the page at once.
const SPARE_CONNECTIONS: usize = 2048;

/// How many pages may be about to join. Each takes a round trip, or at most ten seconds. Of one address there may be as many as a
/// school behind it has, and enough are left for others.
const MAX_ARRIVALS: usize = 4096;
const MAX_ARRIVALS_PER_ADDRESS: usize = 1024;

#[derive(Debug, Args)]
pub(crate) struct ClassArgs {
    /// Let phones and laptops of the network join; without it, nothing leaves this machine
    #[arg(long)]
    lan: bool,
    /// The lesson to begin with, such as 4 or 4b
    #[arg(long, value_name = "LESSON", conflicts_with = "plan")]
    lesson: Option<String>,
    /// A TOML file of lessons and questions
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// The port of the page
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Keep votes and verdicts in this file when the program ends: CSV if its name ends so, or else JSON
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
    /// Keep nicknames too
    #[arg(long, requires = "keep")]
    keep_names: bool,
    /// The port of the challenge for students' own programs, or off
    #[arg(long, value_name = "PORT")]
    challenge_port: Option<ChallengePort>,
    /// Share the class with other relays through NATS: nats://HOST:PORT, or several with commas between them
    #[arg(long, value_name = "URL", env = "FRAMESCOPE_NATS", hide_env_values = true)]
    nats: Option<String>,
    /// The code of the class that is shared; whoever is first begins it
    #[arg(long, value_name = "CODE", requires = "nats")]
    code: Option<Code>,
    /// Where students reach the class if a proxy is in front of it, as an origin: its scheme, host and port
    #[arg(long, value_name = "ORIGIN")]
    public_url: Option<Origin>,
    /// Run the lab's programs on the loopback interface, where no segment is seen
    #[arg(long)]
    no_wire: bool,
}

/// A port, or none.
#[derive(Clone, Copy, Debug)]
enum ChallengePort {
    Off,
    At(u16),
}

impl FromStr for ChallengePort {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "off" => Ok(Self::Off),
            port => port.parse().map(Self::At).map_err(|_| "a port from 0 to 65535, or off"),
        }
    }
}

/// A class that is about to begin.
pub(crate) struct Beginning {
    pub(crate) config: Config,
    code: Code,
    key: ConsoleKey,
    /// The origin of the proxy in front, if there is one.
    public: Option<String>,
    is_open: bool,
    keep: Option<(PathBuf, bool)>,
}

impl ClassArgs {
    /// Reads the plan, and makes code and key.
    pub(crate) async fn begin(self) -> anyhow::Result<Beginning> {
        let plan = match (&self.plan, &self.lesson) {
            (Some(file), _) => plan::read(file)?,
            (None, Some(name)) => plan::of_one_lesson(name).with_context(|| {
                format!("there is no lesson {name:?}; `framescope lesson list` has them")
            })?,
            (None, None) => Vec::new(),
        };
        if let (Some(port @ 1..), Some(ChallengePort::At(challenge))) =
            (self.port, self.challenge_port)
            && port == challenge
        {
            bail!("the page and the challenge need a port each, and both were given {port}");
        }
        if let Some(file) = self.keep.as_ref().filter(|file| file.exists()) {
            bail!("{} is there already, and a class overwrites no file", file.display());
        }
        if let Some(file) = &self.keep {
            // Before the class, and not after it.
            let written = write_own(file, "").and_then(|()| fs::remove_file(file));
            written.with_context(|| format!("cannot write {}", file.display()))?;
        }
        let code = self.code.map_or_else(|| random().map(Code::from_random), Ok)?;
        let opening = Opening { key: ConsoleKey(random_bytes()?), token: random_bytes()?, plan };
        let (shared, Opening { key, token, plan }) = match &self.nats {
            Some(url) => {
                let (shared, opening) = SharedClass::open(url, code, opening).await?;
                (Some(shared), opening)
            }
            None => (None, opening),
        };
        let ip = if self.lan { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
        let default = Config::default();
        let challenge = self.challenge(ip);
        let public = self.public_url.as_ref().map(Origin::to_string);
        if let Some(origin) =
            public.as_ref().filter(|origin| !origin.starts_with("http") || origin.contains('*'))
        {
            bail!(
                "--public-url is where students go, http:// or https:// and one host, and not {origin}"
            );
        }
        let hosts = match &public {
            Some(origin) => Hosts::Proxy(origin.clone()),
            None => Hosts::Own(hosts(self.lan)),
        };
        let is_open = self.lan || public.is_some();
        let class = ClassConfig { code, key, hosts, plan, challenge, shared };
        let config = Config {
            listen: vec![SocketAddr::from((ip, self.port.unwrap_or(DEFAULT_LISTEN.port()))).into()],
            may_listen_above: self.port.is_none(),
            // Only the bridge leads there.
            tcp_listen: Some((Ipv4Addr::LOCALHOST, 0).into()),
            token: Some(HEXLOWER.encode(&token).parse().context("the token cannot be used")?),
            class: Some(class),
            allow_origins: self.public_url.into_iter().collect(),
            spare_connections: SPARE_CONNECTIONS,
            spare_connections_per_address: SPARE_CONNECTIONS,
            max_arrivals: MAX_ARRIVALS,
            max_arrivals_per_address: MAX_ARRIVALS_PER_ADDRESS,
            wire: if self.no_wire { WireChoice::Off } else { default.wire },
            ..default
        };
        let keep = self.keep.map(|file| (file, self.keep_names));
        Ok(Beginning { config, code, key, public, is_open, keep })
    }
}

impl ClassArgs {
    /// Where programs take the challenge. If no port was asked for, another one may do.
    fn challenge(&self, ip: Ipv4Addr) -> Option<ChallengeConfig> {
        let port = match self.challenge_port {
            Some(ChallengePort::Off) => return None,
            Some(ChallengePort::At(port)) => port,
            // The system chooses all ports, or none.
            None if self.port == Some(0) => 0,
            None => CHALLENGE_PORT,
        };
        let may_listen_above = self.challenge_port.is_none();
        Some(ChallengeConfig { listen: (ip, port).into(), may_listen_above })
    }
}

impl Beginning {
    /// The teacher's link.
    pub(crate) fn teacher(&self, relay: &Relay) -> String {
        let origin = self.public.clone().unwrap_or_else(|| {
            let address = relay.http_address().map(reachable);
            address.map_or_else(String::new, |address| format!("http://{address}"))
        });
        format!("{origin}/class.html#key={}", HEXLOWER.encode(&self.key.0))
    }

    /// What the terminal says.
    pub(crate) fn text(&self, relay: &Relay) -> String {
        let class = relay.class();
        let addresses = class.as_ref().map_or_else(Vec::new, ClassHandle::addresses);
        let challenge = class.and_then(|class| class.challenge_port());
        let teacher = self.teacher(relay);
        let (code, is_open) = (self.code, self.is_open);
        Invitation { code, addresses: &addresses, teacher: &teacher, challenge, is_open }.text()
    }

    /// Keeps what was asked to be kept.
    pub(crate) fn keep(&self, class: &ClassHandle) -> anyhow::Result<()> {
        let Some((file, with_names)) = &self.keep else { return Ok(()) };
        let is_csv = |extension: &OsStr| extension.eq_ignore_ascii_case("csv");
        let text = class.exported(file.extension().is_some_and(is_csv), *with_names);
        write_own(file, &text).with_context(|| format!("cannot write {}", file.display()))
    }
}

/// Writes a new file that only its owner reads.
fn write_own(file: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(text.as_bytes())
}

/// The addresses of this machine at which students reach it, with the names of their networks. On loopback that is one.
fn hosts(is_open: bool) -> Vec<(IpAddr, String)> {
    if !is_open {
        return vec![(Ipv4Addr::LOCALHOST.into(), "this machine".to_owned())];
    }
    let own = if_addrs::get_if_addrs().unwrap_or_default();
    let of_network = own.into_iter().filter(|interface| !interface.is_loopback());
    let mut hosts: Vec<(IpAddr, String)> =
        of_network.map(|interface| (interface.ip(), interface.name)).collect();
    // Nobody types a link-local address of IPv6, and none without its zone leads anywhere.
    hosts.retain(|(ip, _)| ip.is_ipv4());
    // Private addresses are those of a room; those that a container or a tunnel made come last.
    hosts.sort_by_key(|(ip, name)| {
        let is_virtual = ["docker", "br-", "veth", "virbr", "tun", "tap", "vmnet"];
        let is_virtual = is_virtual.iter().any(|prefix| name.starts_with(prefix));
        let is_private = matches!(ip, IpAddr::V4(ip) if ip.is_private());
        (is_virtual, !is_private)
    });
    hosts
}

fn random_bytes() -> anyhow::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    Ok(bytes)
}

fn random() -> anyhow::Result<u64> {
    let wide = u128::from_le_bytes(random_bytes()?);
    // A code is far shorter than 64 bits.
    Ok(u64::try_from(wide >> 64).unwrap_or_default())
}
