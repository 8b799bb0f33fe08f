//! Connecting to whichever address of a name answers first, RFC 8305.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::time::sleep;

/// How long one address is tried alone before the next is tried too: RFC 8305, section 8.
const NEXT: Duration = Duration::from_millis(250);

/// Connects to the first address that answers. One that refuses makes way for the next at once.
///
/// # Errors
///
/// Those of the address that failed last, if all have failed.
pub(super) async fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut rest = alternating(addresses).into_iter().peekable();
    let mut tried = FuturesUnordered::new();
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    loop {
        tried.extend(rest.next().map(TcpStream::connect));
        tokio::select! {
            answer = tried.next() => match answer {
                Some(Ok(stream)) => return Ok(stream),
                Some(Err(error)) => last = error,
                None => return Err(last),
            },
            () = sleep(NEXT), if rest.peek().is_some() => {}
        }
    }
}

/// The families by turns, each in its order, RFC 8305, section 4.
fn alternating(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (mut one, mut other): (Vec<SocketAddr>, Vec<SocketAddr>) =
        addresses.iter().partition(|address| address.is_ipv6() == first_is_v6);
    let mut all = Vec::with_capacity(addresses.len());
    one.reverse();
    other.reverse();
    while !(one.is_empty() && other.is_empty()) {
        all.extend(one.pop());
        all.extend(other.pop());
    }
    all
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    #[test]
    fn families_take_turns_from_the_one_that_is_first() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        let [a, b, c, d] = ["[::1]:1", "[::2]:1", "[::3]:1", "127.0.0.1:1"].map(address);
        assert_eq!(alternating(&[a, b, c, d]), [a, d, b, c]);
        assert_eq!(alternating(&[d, a, b]), [d, a, b]);
        assert_eq!(alternating(&[]), []);
    }

    /// With a full backlog, Linux lets clients wait. Other kernels may not.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn an_address_that_is_silent_holds_up_none_that_answers() {
        let silent = TcpSocket::new_v4().unwrap();
        silent.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let silent = silent.listen(0).unwrap();
        let address = silent.local_addr().unwrap();
        let _waiting = TcpStream::connect(address).await.unwrap();
        let answers = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = connect(&[address, answers.local_addr().unwrap()]).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), answers.local_addr().unwrap());
    }

    #[tokio::test]
    async fn if_all_refuse_the_last_says_why() {
        let refuses = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let error = connect(&[refuses, refuses]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(connect(&[]).await.is_err());
    }
}
