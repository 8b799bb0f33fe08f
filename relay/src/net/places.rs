//! Which places can be listened on together.

use std::net::SocketAddr;

use super::listen_on::ListenOn;

/// The most places to listen, the sockets of systemd among them. A restart hands all listening sockets on in one message.
pub(crate) const MAX_LISTENERS: usize = 200;

/// Whether the system would take all of these for one process. `tcp` is the built-in TCP server's, if it must be that one.
pub(crate) fn check_places(
    listen: &[ListenOn],
    tcp: Option<SocketAddr>,
) -> Result<(), PlacesError> {
    check_count(listen.len())?;
    let all: Vec<ListenOn> = listen.iter().cloned().chain(tcp.map(ListenOn::Tcp)).collect();
    for (index, place) in all.iter().enumerate() {
        for before in &all[..index] {
            let addresses = place.tcp().zip(before.tcp());
            // For port 0 the system chooses another one each time.
            if addresses.is_some_and(|(one, other)| one.port() == 0 || one.port() != other.port()) {
                continue;
            }
            if place == before || is_same_file(place, before) {
                return Err(PlacesError::Twice { place: place.to_string() });
            }
            if addresses.is_some_and(|(one, other)| {
                includes(one, other, listen) || includes(other, one, listen)
            }) {
                let (place, other) = (place.to_string(), before.to_string());
                return Err(PlacesError::Overlap { place, other });
            }
        }
    }
    Ok(())
}

/// Whether there are not too many listening sockets.
pub(crate) const fn check_count(count: usize) -> Result<(), PlacesError> {
    if count > MAX_LISTENERS { Err(PlacesError::TooMany { count }) } else { Ok(()) }
}

/// Whether this is every IPv6 address, and every IPv4 address of its port is asked for too. Then its socket is for IPv6
/// only: otherwise it would be for both, ipv6(7), and the other one would find the port taken.
pub(super) fn is_v6_only(address: SocketAddr, asked: &[ListenOn]) -> bool {
    let is_v4_wildcard = |other: SocketAddr| other.is_ipv4() && other.ip().is_unspecified();
    address.is_ipv6()
        && address.ip().is_unspecified()
        && address.port() != 0
        && asked
            .iter()
            .filter_map(ListenOn::tcp)
            .any(|other| is_v4_wildcard(other) && other.port() == address.port())
}

/// Whether a socket on `wide` has the connections to `narrow` too, which has the same port.
fn includes(wide: SocketAddr, narrow: SocketAddr, asked: &[ListenOn]) -> bool {
    // The built-in TCP server's is for both families.
    let is_of_page = asked.contains(&ListenOn::Tcp(wide));
    let is_v6_only = is_of_page && is_v6_only(wide, asked);
    wide.ip().is_unspecified()
        && (wide.is_ipv4() == narrow.is_ipv4() || (wide.is_ipv6() && !is_v6_only))
}

/// Whether these are Unix sockets with one file.
fn is_same_file(place: &ListenOn, other: &ListenOn) -> bool {
    #[cfg(unix)]
    {
        place.unix().is_some() && place.unix() == other.unix()
    }
    #[cfg(not(unix))]
    {
        let _ = (place, other);
        false
    }
}

/// Why places cannot be listened on together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlacesError {
    /// There are more than a restart can hand on.
    #[error("there are {count} places to listen, over the limit of {MAX_LISTENERS}")]
    TooMany {
        /// How many there are.
        count: usize,
    },
    /// One of them is there twice.
    #[error("{place} is among the places to listen twice")]
    Twice {
        /// The place.
        place: String,
    },
    /// One of them is a part of another.
    #[error("{place} and {other} cannot be listened on together: one of them includes the other")]
    Overlap {
        /// One.
        place: String,
        /// The other.
        other: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::parse_places;

    #[test]
    fn places_that_exclude_each_other_are_refused() {
        let check = |list: &str, tcp: Option<&str>| {
            check_places(&parse_places(list).unwrap(), tcp.map(|tcp| tcp.parse().unwrap()))
        };
        for (list, tcp) in [
            ("0.0.0.0:1,[::]:1", None),
            ("[::]:1,0.0.0.0:1,unix:/a", Some("[::]:2")),
            ("127.0.0.1:1,[::1]:1,127.0.0.2:1", Some("127.0.0.3:1")),
            ("127.0.0.1:0,127.0.0.1:0,0.0.0.0:0", Some("[::]:0")),
        ] {
            assert_eq!(check(list, tcp), Ok(()), "{list}");
        }
        for (list, tcp) in [
            ("0.0.0.0:1,127.0.0.1:1", None),
            ("127.0.0.1:1,[::]:1", None),
            ("[::]:1,[::1]:1", None),
            ("0.0.0.0:1", Some("[::]:1")),
        ] {
            assert!(matches!(check(list, tcp), Err(PlacesError::Overlap { .. })), "{list}");
        }
        let mut twice =
            vec![("127.0.0.1:1,[::1]:1,127.0.0.1:1", None), ("[::1]:1", Some("[::1]:1"))];
        if cfg!(unix) {
            twice.extend([
                ("unix:/a,unix:/b,unix:/a,mode=600", None),
                ("fd:systemd,fd:systemd", None),
            ]);
        }
        for (list, tcp) in twice {
            assert!(matches!(check(list, tcp), Err(PlacesError::Twice { .. })), "{list}");
        }
        let many: Vec<String> =
            (1..=MAX_LISTENERS + 1).map(|port| format!("[::1]:{port}")).collect();
        assert_eq!(check(&many[1..].join(","), None), Ok(()));
        let count = MAX_LISTENERS + 1;
        assert_eq!(check(&many.join(","), None), Err(PlacesError::TooMany { count }));
    }
}
