//! The text of a place to listen.

use std::fmt;
use std::net::SocketAddr;
#[cfg(unix)]
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::comma_list::{elements, nearest};
#[cfg(unix)]
use crate::comma_list::{escape, unescape};

/// The longest path of a Unix socket, in bytes: what `sockaddr_un` holds, less its NUL.
#[cfg(unix)]
pub(crate) const MAX_UNIX_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// Where the page and the WebSockets are served.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListenOn {
    /// An IP address and a port.
    Tcp(SocketAddr),
    /// A Unix socket, unix(7), written `unix:/PATH` or `unix:/PATH,mode=660`. It has no TLS.
    #[cfg(unix)]
    Unix {
        /// Its file, which is made, and removed at the end.
        path: PathBuf,
        /// Who may connect, as chmod(2) takes it. `None`: the umask decides.
        mode: Option<u32>,
    },
    /// All sockets that systemd has opened, `systemd.socket`(5), written `fd:systemd`.
    #[cfg(unix)]
    Systemd,
}

impl ListenOn {
    /// The address, if it is one.
    #[must_use]
    pub const fn tcp(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(address) => Some(*address),
            #[cfg(unix)]
            Self::Unix { .. } | Self::Systemd => None,
        }
    }

    /// The file of the Unix socket, if it is one.
    #[cfg(unix)]
    #[must_use]
    pub fn unix(&self) -> Option<&Path> {
        match self {
            Self::Unix { path, .. } => Some(path),
            Self::Tcp(_) | Self::Systemd => None,
        }
    }
}

impl From<SocketAddr> for ListenOn {
    fn from(address: SocketAddr) -> Self {
        Self::Tcp(address)
    }
}

impl fmt::Display for ListenOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            #[cfg(unix)]
            Self::Unix { path, .. } => write!(f, "unix:{}", escape(&path.display().to_string())),
            #[cfg(unix)]
            Self::Systemd => f.write_str("fd:systemd"),
        }
    }
}

impl FromStr for ListenOn {
    type Err = ParseListenOnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        place(&elements(text))
    }
}

/// The places in a list with commas: `127.0.0.1:9528,unix:/PATH,mode=660`. An element such as `KEY=VALUE` belongs to the
/// place before it.
///
/// # Errors
///
/// [`ParseListenOnError`] of the first place that is none.
pub fn parse_places(list: &str) -> Result<Vec<ListenOn>, ParseListenOnError> {
    let mut places: Vec<Vec<&str>> = Vec::new();
    for element in elements(list) {
        let is_option = element.split_once('=').is_some_and(|(key, _)| !key.contains(':'));
        match places.last_mut().filter(|_| is_option) {
            Some(place) => place.push(element),
            None => places.push(vec![element]),
        }
    }
    places.iter().map(|elements| place(elements)).collect()
}

/// The place of a text and its options.
fn place(elements: &[&str]) -> Result<ListenOn, ParseListenOnError> {
    let (text, options) = elements.split_first().ok_or(ParseListenOnError::NoPlace)?;
    let text = text.trim();
    #[cfg(unix)]
    if let Some(path) = text.strip_prefix("unix:") {
        let path = unescape(path);
        if !path.starts_with('/') || path.contains(char::is_control) {
            return Err(ParseListenOnError::BadPath);
        }
        if path.len() > MAX_UNIX_PATH {
            return Err(ParseListenOnError::LongPath { length: path.len() });
        }
        let mut mode = None;
        for option in options {
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            if key.trim() != "mode" {
                return Err(unknown(option));
            }
            let value = u32::from_str_radix(value.trim(), 8).ok().filter(|mode| *mode <= 0o777);
            if mode.replace(value.ok_or(ParseListenOnError::BadMode)?).is_some() {
                return Err(ParseListenOnError::ModeTwice);
            }
        }
        return Ok(ListenOn::Unix { path: path.into(), mode });
    }
    if let Some(option) = options.first() {
        return Err(unknown(option));
    }
    #[cfg(unix)]
    if text == "fd:systemd" {
        return Ok(ListenOn::Systemd);
    }
    text.parse().map(ListenOn::Tcp).map_err(|_| ParseListenOnError::NoPlace)
}

fn unknown(option: &str) -> ParseListenOnError {
    let key = option.split('=').next().unwrap_or_default().trim();
    ParseListenOnError::UnknownOption { option: key.to_owned(), like: nearest(key, &["mode"]) }
}

/// Why a text is no [`ListenOn`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseListenOnError {
    /// It is nothing that can be listened on.
    #[error(
        "an IP address and a port, such as 127.0.0.1:9528 or [::1]:9528{}",
        if cfg!(unix) { ", or unix:/PATH, or unix:/PATH,mode=660, or fd:systemd" } else { "" }
    )]
    NoPlace,
    /// The path of a Unix socket is not absolute, or has control characters.
    #[cfg(unix)]
    #[error(
        "the path of a Unix socket begins with / and has no control characters, such as unix:/run/x.sock"
    )]
    BadPath,
    /// The path of a Unix socket does not fit into its address.
    #[cfg(unix)]
    #[error(
        "the path of the Unix socket has {length} bytes, and this system takes at most {MAX_UNIX_PATH}"
    )]
    LongPath {
        /// Its length, in bytes.
        length: usize,
    },
    /// The mode is not one of chmod(2).
    #[cfg(unix)]
    #[error("the mode of a Unix socket is octal, from 0 to 777, such as mode=660")]
    BadMode,
    /// There are two modes.
    #[cfg(unix)]
    #[error("a Unix socket has one mode, and there are two")]
    ModeTwice,
    /// What follows after a comma is no option of this place.
    #[error(
        "no place to listen has the option {option:?}{}; a comma in a path is written \\,",
        match like {
            Some(like) => format!("; a Unix socket has {like:?}"),
            None => String::new(),
        }
    )]
    UnknownOption {
        /// The option.
        option: String,
        /// The one that is written almost so.
        like: Option<&'static str>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_place_is_an_address_or_a_socket_or_what_systemd_has_opened() {
        for text in ["127.0.0.1:9528", "[::1]:9528", "unix:/run/x.sock", "fd:systemd"] {
            assert_eq!(text.parse::<ListenOn>().unwrap().to_string(), text);
        }
        let unix = |path: &str, mode| {
            Ok::<_, ParseListenOnError>(ListenOn::Unix { path: path.into(), mode })
        };
        assert_eq!(r"unix:/run/a\,b,mode=660".parse(), unix("/run/a,b", Some(0o660)));
        assert_eq!("unix:/run/a:b".parse(), unix("/run/a:b", None));
        assert_eq!(unix("/run/a,b", None).unwrap().to_string(), r"unix:/run/a\,b");
        let list = r" 127.0.0.1:1, unix:/a\,mode=1=2 , mode = 660,[::1]:2";
        let texts: Vec<String> =
            parse_places(list).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["127.0.0.1:1", r"unix:/a\,mode=1=2", "[::1]:2"]);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_place_is_refused_with_its_own_reason() {
        use ParseListenOnError::{BadMode, BadPath, LongPath, ModeTwice, NoPlace, UnknownOption};
        let unknown = |option: &str, like| UnknownOption { option: option.to_owned(), like };
        for (text, error) in [
            ("", NoPlace),
            ("localhost:1", NoPlace),
            ("127.0.0.1", NoPlace),
            ("fd:3", NoPlace),
            ("unix:", BadPath),
            ("unix:x", BadPath),
            ("unix:/x\ny", BadPath),
            ("unix:/x,mode=8", BadMode),
            ("unix:/x,mode=1777", BadMode),
            ("unix:/x,mode=", BadMode),
            ("unix:/x,mode=600,mode=660", ModeTwice),
            ("unix:/x,mod=660", unknown("mod", Some("mode"))),
            ("unix:/x,b=c.sock", unknown("b", None)),
            ("127.0.0.1:1,mode=660", unknown("mode", Some("mode"))),
            (
                &format!("unix:/{}", "x".repeat(MAX_UNIX_PATH)),
                LongPath { length: MAX_UNIX_PATH + 1 },
            ),
        ] {
            assert_eq!(parse_places(text), Err(error), "{text:?}");
        }
        let longest = format!("unix:/{}", "x".repeat(MAX_UNIX_PATH - 1));
        assert!(longest.parse::<ListenOn>().is_ok());
    }
}
