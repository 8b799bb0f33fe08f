//! The text of a target, and of several.

use std::path::PathBuf;
use std::str::FromStr;

use framescope_protocol::{BRIDGE_SUBPROTOCOLS, DEMO_TARGET, PLAIN_TARGET};

use super::{Address, Target, TargetTls};
use crate::comma_list::{elements, nearest, unescape};
#[cfg(unix)]
use crate::net::MAX_UNIX_PATH;
use crate::token::{ParseTokenError, Token, TokenSource};

/// The most sessions that a target may be given. No process has descriptors for more.
const MAX_MAX_SESSIONS: usize = 1_000_000;

/// What may be said of a target after its address.
const OPTIONS: [&str; 8] =
    ["subprotocol", "tls", "ca", "sni", "proxy-protocol", "token", "token-file", "max-sessions"];

/// The targets in a list with commas: `a=h:1,tls=on,b=h:2`. A comma in a path is written `\,`.
///
/// # Errors
///
/// [`ParseTargetError`] of the first target that is none.
pub fn parse_targets(list: &str) -> Result<Vec<Target>, ParseTargetError> {
    let mut targets: Vec<Vec<&str>> = Vec::new();
    for element in elements(list) {
        match targets.last_mut().filter(|_| !begins_target(element)) {
            Some(target) => target.push(element),
            None => targets.push(vec![element]),
        }
    }
    targets.iter().map(|elements| target(elements)).collect()
}

/// Whether an element is the next target, and no option of the one before it. What is neither is taken for an option whose
/// name is wrong.
fn begins_target(element: &str) -> bool {
    element.split_once('=').is_some_and(|(name, address)| {
        let is_option = OPTIONS.contains(&&*name.trim().replace('_', "-"));
        let address = address.trim_start();
        !is_option && address.contains(':') && !address.starts_with('/')
    })
}

impl FromStr for Target {
    type Err = ParseTargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        target(&elements(text))
    }
}

/// The target of a text and its options.
fn target(elements: &[&str]) -> Result<Target, ParseTargetError> {
    let (said, options) = elements.split_first().ok_or(ParseTargetError::NoName)?;
    let (name, address) = said.split_once('=').ok_or(ParseTargetError::NoName)?;
    let name = name.trim();
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
    let mut target = Target::new(name, address_of(&unescape(address.trim()))?);
    let (mut tls, mut said) = (Tls::default(), Vec::new());
    for option in options {
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        let key = key.trim();
        if said.contains(&key) && key != "subprotocol" {
            return Err(ParseTargetError::Twice { option: key.to_owned() });
        }
        set(&mut target, &mut tls, key, &unescape(value.trim()))?;
        said.push(key);
    }
    if said.contains(&"token") && said.contains(&"token-file") {
        return Err(ParseTargetError::TwoTokens);
    }
    target.tls = tls.finish(&target.address)?;
    Ok(target)
}

fn address_of(text: &str) -> Result<Address, ParseTargetError> {
    #[cfg(unix)]
    if let Some(path) = text.strip_prefix("unix:") {
        if !path.starts_with('/') || path.contains('\0') || path.len() > MAX_UNIX_PATH {
            return Err(ParseTargetError::BadPath);
        }
        return Ok(Address::Unix(path.into()));
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
    match (key, value) {
        (option, "") if OPTIONS.contains(&option) => return Err(bad("a value")),
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
            let like = nearest(option, &OPTIONS);
            return Err(ParseTargetError::UnknownOption { option: option.to_owned(), like });
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
    #[error(
        "a target has no option {option:?}; there is {}; a comma in a path is written \\,",
        like.map_or_else(|| OPTIONS.join(", "), |like| format!("{like:?}"))
    )]
    UnknownOption {
        /// The word.
        option: String,
        /// The option that is written almost so.
        like: Option<&'static str>,
    },
    /// An option is given again.
    #[error("a target has the option {option:?} twice")]
    Twice {
        /// The option.
        option: String,
    },
    /// There is a token, and a file of tokens.
    #[error("a target has token or token-file, and not both")]
    TwoTokens,
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
        for path in
            ["/run/a b=c:1.sock", "/run/a,b.sock", "/run/x,b=c.sock", "/run/a,b=unix:/c,tls=on"]
        {
            let escaped = crate::comma_list::escape(path);
            let list = parse_targets(&format!("db=unix:{escaped},max-sessions=3,b=h:1")).unwrap();
            assert_eq!(list[0].address, Address::Unix(path.into()));
            assert_eq!(list[0].max_sessions, Some(3));
            assert_eq!(list.len(), 2);
        }
        for text in [
            "db=unix:",
            "db=unix:run/db.sock",
            "db=unix:/\0",
            &format!("db=unix:/{}", "x".repeat(MAX_UNIX_PATH)),
        ] {
            assert_eq!(text.parse::<Target>(), Err(ParseTargetError::BadPath), "{text:?}");
        }
    }

    #[test]
    fn a_target_has_options() {
        let text = "q=mq.example:1883,subprotocol=mqtt , subprotocol=mqttv3.1,tls = on,ca=/etc/a\\,b.pem,\
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
        let list = parse_targets(
            r"a=h:1,tls=on,sni=x.example, b = h:2 ,c=unix:/x\,y,max-sessions=2,d=h:3",
        );
        let list = list.unwrap();
        let names: Vec<&str> = list.iter().map(|target| target.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d"]);
        assert!(list[0].tls.is_some() && list[1].tls.is_none());
        assert_eq!(list[2].max_sessions, Some(2));
        for (list, option, like) in [
            ("a=h:1,tsl=on", "tsl", Some("tls")),
            ("a=h:1,b=h:2,max_sessions=3", "max_sessions", Some("max-sessions")),
            ("a=h:1,token_file=/a:b", "token_file", Some("token-file")),
            ("a=h:1,sin=x.example,b=h:1", "sin", Some("sni")),
            ("a=h:1,b=h", "b", None),
            ("a=h:1,on", "on", None),
            ("a=unix:/run/x,b=c.sock", "b", None),
        ] {
            let error = ParseTargetError::UnknownOption { option: option.to_owned(), like };
            assert_eq!(parse_targets(list).unwrap_err(), error, "{list}");
        }
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
            ("a=h:1,tls", bad_option("tls", "a value")),
            ("a=h:1,tls=on,tls=off", ParseTargetError::Twice { option: "tls".to_owned() }),
            ("a=h:1,sni=a,sni=b", ParseTargetError::Twice { option: "sni".to_owned() }),
            ("a=h:1,token=c2VjcmV0,token-file=/x", ParseTargetError::TwoTokens),
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
