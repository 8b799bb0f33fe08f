//! The text of a target, and of several.

use std::path::PathBuf;
use std::str::FromStr;

use framescope_protocol::{BRIDGE_SUBPROTOCOLS, DEMO_TARGET, PLAIN_TARGET};

use super::{Address, Target, TargetTls};
use crate::token::{ParseTokenError, Token, TokenSource};

/// The longest path of a Unix socket, in bytes: what `sockaddr_un` holds on every Unix, less its NUL.
#[cfg(unix)]
const MAX_UNIX_PATH: usize = 103;

/// The most sessions that a target may be given. No process has descriptors for more.
const MAX_MAX_SESSIONS: usize = 1_000_000;

/// What may be said of a target after its address.
const OPTIONS: [&str; 8] =
    ["subprotocol", "tls", "ca", "sni", "proxy-protocol", "token", "token-file", "max-sessions"];

/// The targets in a list with commas: `a=h:1,tls=on,b=h:2`. A piece that begins with an option and `=` belongs to
/// the target before it, and so does one without `=`, as a path may have a comma.
///
/// # Errors
///
/// [`ParseTargetError`] of the first target that is none.
pub fn parse_targets(text: &str) -> Result<Vec<Target>, ParseTargetError> {
    let mut texts: Vec<String> = Vec::new();
    for piece in text.split(',') {
        let key = piece.trim_start().split_once('=').map(|(key, _)| key.trim_end());
        let goes_on = key.is_none_or(|key| OPTIONS.contains(&key));
        match texts.last_mut().filter(|_| goes_on) {
            Some(target) => {
                target.push(',');
                target.push_str(piece);
            }
            None => texts.push(piece.to_owned()),
        }
    }
    texts.iter().map(|text| text.trim().parse()).collect()
}

impl FromStr for Target {
    type Err = ParseTargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, said) = text.split_once('=').ok_or(ParseTargetError::NoName)?;
        let is_name_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        // "." and ".." are steps in a URL's path and never reach us.
        if matches!(name, "" | "." | "..") || !name.chars().all(is_name_char) {
            return Err(ParseTargetError::BadName);
        }
        for reserved in [DEMO_TARGET, PLAIN_TARGET] {
            if name == reserved {
                return Err(ParseTargetError::Reserved { name: reserved });
            }
        }
        let (address, options) = split_options(said);
        let mut target = Self::new(name, address_of(address)?);
        let mut tls = Tls::default();
        for option in options {
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            set(&mut target, &mut tls, key, value)?;
        }
        target.tls = tls.finish(&target.address)?;
        Ok(target)
    }
}

/// The address, and the options after it. A comma before anything else is a part of what is before it.
fn split_options(said: &str) -> (&str, Vec<&str>) {
    let starts = said.match_indices(',').filter_map(|(at, _)| {
        let key = said[at + 1..].split_once('=')?.0.trim();
        OPTIONS.contains(&key).then_some(at)
    });
    let starts: Vec<usize> = starts.collect();
    let ends = starts.iter().skip(1).copied().chain([said.len()]);
    let options = starts.iter().zip(ends).map(|(start, end)| said[start + 1..end].trim());
    (said[..starts.first().copied().unwrap_or(said.len())].trim_end(), options.collect())
}

fn address_of(text: &str) -> Result<Address, ParseTargetError> {
    #[cfg(unix)]
    if let Some(path) = text.strip_prefix("unix:") {
        if !path.starts_with('/') || path.contains('\0') || path.len() > MAX_UNIX_PATH {
            return Err(ParseTargetError::BadPath);
        }
        return Ok(Address::Unix(path.into()));
    }
    if let Some((_, option)) = text.split_once(',') {
        let option = option.split('=').next().unwrap_or_default().to_owned();
        return Err(ParseTargetError::UnknownOption { option });
    }
    let (host, port) = text.rsplit_once(':').ok_or(ParseTargetError::NoPort)?;
    let digits = port.bytes().all(|digit| digit.is_ascii_digit());
    if !digits || !port.parse::<u16>().is_ok_and(|port| port != 0) {
        return Err(ParseTargetError::NoPort);
    }
    if url::Host::parse(host).is_err() {
        return Err(ParseTargetError::BadHost);
    }
    Ok(Address::Tcp(text.to_owned()))
}

/// What is said of TLS, before all of it has been read.
#[derive(Default)]
struct Tls {
    is_on: bool,
    ca: Option<PathBuf>,
    name: Option<String>,
}

impl Tls {
    fn finish(self, address: &Address) -> Result<Option<TargetTls>, ParseTargetError> {
        if !self.is_on {
            let is_said = self.ca.is_some() || self.name.is_some();
            return if is_said { Err(ParseTargetError::NoTls) } else { Ok(None) };
        }
        let of_address = match address {
            Address::Tcp(address) => address.rsplit_once(':').map(|(host, _)| host),
            #[cfg(unix)]
            Address::Unix(_) => None,
        };
        let name = self.name.as_deref().or(of_address).ok_or(ParseTargetError::NoServerName)?;
        let name = name.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = name.try_into().map_err(|_| ParseTargetError::BadServerName)?;
        Ok(Some(TargetTls { name, ca: self.ca }))
    }
}

fn set(target: &mut Target, tls: &mut Tls, key: &str, value: &str) -> Result<(), ParseTargetError> {
    let bad = |expected| ParseTargetError::BadOption { option: key.to_owned(), expected };
    match (key.trim_end(), value) {
        (_, "") => return Err(bad("a value")),
        ("subprotocol", name) => {
            // RFC 6455, section 4.1: a token of RFC 9110, section 5.6.2.
            let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
            if !name.chars().all(is_token) || BRIDGE_SUBPROTOCOLS.contains(&name) {
                return Err(bad(
                    "the name of a subprotocol other than the relay's own, such as mqtt",
                ));
            }
            target.subprotocols.push(name.to_owned());
        }
        ("tls", "on") => tls.is_on = true,
        ("tls", "off") => tls.is_on = false,
        ("tls", _) => return Err(bad("on or off")),
        ("ca", file) => tls.ca = Some(file.into()),
        ("sni", name) => tls.name = Some(name.to_owned()),
        ("proxy-protocol", "v2") => target.sends_proxy_header = true,
        ("proxy-protocol", _) => return Err(bad("v2")),
        ("token", secret) => target.token = Some(TokenSource::Text(secret.parse::<Token>()?)),
        ("token-file", file) => target.token = Some(TokenSource::File(file.into())),
        ("max-sessions", count) => {
            let count = count.parse().ok().filter(|count| (1..=MAX_MAX_SESSIONS).contains(count));
            target.max_sessions = Some(count.ok_or(bad("a number from 1 to 1000000"))?);
        }
        (option, _) => {
            return Err(ParseTargetError::UnknownOption { option: option.to_owned() });
        }
    }
    Ok(())
}

/// Why a text is not a [`Target`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseTargetError {
    /// There is no `=`.
    #[error("a target is written NAME=HOST:PORT, such as echo=127.0.0.1:7000")]
    NoName,
    /// The name is empty or has a character that would need escaping in a URL.
    #[error("a target's name has letters, digits, '-', '_' and '.' only")]
    BadName,
    /// The name is taken by a built-in TCP server.
    #[error("the name \"{name}\" stands for a built-in TCP server")]
    Reserved {
        /// The name.
        name: &'static str,
    },
    /// The port is missing or not a number from 1 to 65535.
    #[error("a target ends in a port from 1 to 65535, such as echo=127.0.0.1:7000")]
    NoPort,
    /// The host is empty, or an IPv6 address without brackets.
    #[error("a target's host is a name, an IPv4 address, or an IPv6 address in brackets")]
    BadHost,
    /// The path of a Unix socket is not absolute, or too long for the system.
    #[cfg(unix)]
    #[error(
        "a target's socket is an absolute path of at most {MAX_UNIX_PATH} bytes, such as unix:/run/db.sock"
    )]
    BadPath,
    /// A word after the address is no option.
    #[error("a target has no option {option:?}; there is {}", OPTIONS.join(", "))]
    UnknownOption {
        /// The word.
        option: String,
    },
    /// An option cannot have this value.
    #[error("a target's option {option:?} is {expected}")]
    BadOption {
        /// The option.
        option: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A certificate or a name is given for a connection without TLS.
    #[error("a target's options ca and sni need tls=on")]
    NoTls,
    /// A Unix socket has no name that a certificate could be for.
    #[error("a target with TLS on a Unix socket needs sni=NAME")]
    NoServerName,
    /// No certificate can be for this name.
    #[error(
        "a target's certificate is for a host name or an IP address; sni=NAME gives another one"
    )]
    BadServerName,
    /// The token is too short, or has a character that a header cannot carry.
    #[error(transparent)]
    Token(#[from] ParseTokenError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_name_and_an_address() {
        for (text, name, address) in [
            ("echo=127.0.0.1:7000", "echo", "127.0.0.1:7000"),
            ("my-db_2.x=db.example:5432", "my-db_2.x", "db.example:5432"),
            ("six=[::1]:7000", "six", "[::1]:7000"),
            // In front, the name of an option is a name.
            ("token=127.0.0.1:7000", "token", "127.0.0.1:7000"),
        ] {
            let target: Target = text.parse().unwrap();
            assert_eq!(target, Target::new(name, Address::Tcp(address.to_owned())));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_target_may_be_a_unix_socket() {
        for path in ["/run/a b=c:1.sock", "/run/a,b.sock", "/run/a,b=c.sock"] {
            let target: Target = format!("db=unix:{path},max-sessions=3").parse().unwrap();
            assert_eq!(target.address, Address::Unix(path.into()));
            assert_eq!(target.max_sessions, Some(3));
        }
        for text in [
            "db=unix:",
            "db=unix:run/db.sock",
            "db=unix:/\0",
            &format!("db=unix:/{}", "x".repeat(103)),
        ] {
            assert_eq!(text.parse::<Target>(), Err(ParseTargetError::BadPath), "{text:?}");
        }
    }

    #[test]
    fn a_target_has_options() {
        let text = "q=mq.example:1883,subprotocol=mqtt , subprotocol=mqttv3.1,tls=on,ca=/etc/a,b.pem,\
                    proxy-protocol=v2,token=c2VjcmV0,max-sessions=9";
        let target: Target = text.parse().unwrap();
        assert_eq!(target.address, Address::Tcp("mq.example:1883".to_owned()));
        assert_eq!(target.subprotocols, ["mqtt", "mqttv3.1"]);
        let tls = target.tls.unwrap();
        assert_eq!(
            (tls.name.to_str().as_ref(), tls.ca),
            ("mq.example", Some("/etc/a,b.pem".into()))
        );
        assert!(target.sends_proxy_header);
        assert!(matches!(target.token, Some(TokenSource::Text(token)) if token.is("c2VjcmV0")));
        assert_eq!(target.max_sessions, Some(9));
        let target: Target = "six=[::1]:1,tls=on,token-file=/run/secret".parse().unwrap();
        assert_eq!(target.tls.unwrap().name.to_str(), "::1");
        assert_eq!(target.token, Some(TokenSource::File("/run/secret".into())));
    }

    #[test]
    fn a_list_ends_a_target_where_the_next_has_its_name() {
        let list =
            parse_targets("a=h:1,tls=on,sni=x.example, b=h:2 ,c=unix:/x,y,max-sessions=2,d=h:3");
        let list = list.unwrap();
        let names: Vec<&str> = list.iter().map(|target| target.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d"]);
        assert!(list[0].tls.is_some() && list[1].tls.is_none());
        assert_eq!(list[2].max_sessions, Some(2));
        let refused = parse_targets("a=h:1,tsl=on").unwrap_err();
        assert_eq!(refused, ParseTargetError::NoPort);
        assert_eq!(parse_targets("").unwrap_err(), ParseTargetError::NoName);
    }

    #[test]
    fn what_is_not_a_target_is_refused_with_its_own_reason() {
        let bad_option = |option: &str, expected| ParseTargetError::BadOption {
            option: option.to_owned(),
            expected,
        };
        for (text, error) in [
            ("127.0.0.1:7000", ParseTargetError::NoName),
            ("", ParseTargetError::NoName),
            ("=127.0.0.1:7000", ParseTargetError::BadName),
            ("a/b=127.0.0.1:7000", ParseTargetError::BadName),
            ("demo=127.0.0.1:7000", ParseTargetError::Reserved { name: "demo" }),
            ("demo-plain=unix:/x", ParseTargetError::Reserved { name: "demo-plain" }),
            ("echo=127.0.0.1", ParseTargetError::NoPort),
            ("echo=127.0.0.1:", ParseTargetError::NoPort),
            ("echo=127.0.0.1:0", ParseTargetError::NoPort),
            ("echo=127.0.0.1:65536", ParseTargetError::NoPort),
            ("echo=:7000", ParseTargetError::BadHost),
            ("echo=::1:7000", ParseTargetError::BadHost),
            ("echo=a b:7000", ParseTargetError::BadHost),
            ("echo=[zz:1]:80", ParseTargetError::BadHost),
            ("echo=a/b:80", ParseTargetError::BadHost),
            ("echo=a:+80", ParseTargetError::NoPort),
            ("..=a:80", ParseTargetError::BadName),
            ("a=h:1,tls", ParseTargetError::UnknownOption { option: "tls".to_owned() }),
            ("a=h:1,tls=yes", bad_option("tls", "on or off")),
            ("a=h:1,proxy-protocol=v1", bad_option("proxy-protocol", "v2")),
            ("a=h:1,max-sessions=0", bad_option("max-sessions", "a number from 1 to 1000000")),
            ("a=h:1,ca=", bad_option("ca", "a value")),
            ("a=h:1,ca=/x", ParseTargetError::NoTls),
            ("a=h:1,tls=on,sni=a b", ParseTargetError::BadServerName),
        ] {
            assert_eq!(text.parse::<Target>(), Err(error), "{text:?}");
        }
        for text in ["a=h:1,subprotocol=binary", "a=h:1,subprotocol=a b", "a=h:1,token=short"] {
            assert!(text.parse::<Target>().is_err(), "{text:?}");
        }
        #[cfg(unix)]
        assert_eq!("a=unix:/x,tls=on".parse::<Target>(), Err(ParseTargetError::NoServerName));
    }
}
