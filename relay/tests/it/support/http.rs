//! HTTP without a library, so that a test chooses every byte of a request.

use std::future::ready;
use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::waiting::within;

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// `GET path`, with the `Host` that we serve.
pub(crate) async fn get(server: SocketAddr, path: &str) -> Response {
    request(server, &format!("GET {path} HTTP/1.1\r\nHost: {server}\r\n\r\n")).await
}

/// The same as [`get`] on a connection from this address of ours.
pub(crate) async fn get_from(own: IpAddr, server: SocketAddr, path: &str) -> Response {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\n\r\n");
    exchange_on(connect_from(own, server), &request).await.0
}

/// Sends these bytes and reads one response.
pub(crate) async fn request(server: SocketAddr, bytes: &str) -> Response {
    exchange(server, bytes).await.0
}

/// Asks for a WebSocket. Each of `headers` is a line such as `Origin: null`; a `Host` among them
/// replaces the true one. After a 101, the caller may use the connection.
pub(crate) async fn upgrade(
    server: SocketAddr,
    path: &str,
    headers: &[&str],
) -> (Response, TcpStream) {
    exchange(server, &upgrade_request(server, path, headers)).await
}

/// The same as [`upgrade`] as the second request of a connection.
pub(crate) async fn upgrade_after(
    server: SocketAddr,
    path: &str,
    headers: &[&str],
) -> (Response, TcpStream) {
    let first = format!("GET /healthz HTTP/1.1\r\nHost: {server}\r\n\r\n");
    let (_, stream) = exchange(server, &first).await;
    exchange_on(ready(Ok(stream)), &upgrade_request(server, path, headers)).await
}

/// The request that [`upgrade`] sends.
pub(crate) fn upgrade_request(server: SocketAddr, path: &str, headers: &[&str]) -> String {
    let own = format!("Host: {server}");
    let host = (!headers.iter().any(|line| line.starts_with("Host:"))).then_some(own.as_str());
    let lines: String =
        headers.iter().copied().chain(host).flat_map(|line| [line, "\r\n"]).collect();
    format!(
        "GET {path} HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{lines}\r\n"
    )
}

/// The same as [`upgrade`] on a connection from this address of ours.
pub(crate) async fn upgrade_from(
    own: IpAddr,
    server: SocketAddr,
    path: &str,
    headers: &[&str],
) -> (Response, TcpStream) {
    exchange_on(connect_from(own, server), &upgrade_request(server, path, headers)).await
}

async fn connect_from(own: IpAddr, server: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((own, 0).into())?;
    socket.connect(server).await
}

async fn exchange(server: SocketAddr, bytes: &str) -> (Response, TcpStream) {
    exchange_on(TcpStream::connect(server), bytes).await
}

async fn exchange_on(
    connecting: impl Future<Output = io::Result<TcpStream>>,
    bytes: &str,
) -> (Response, TcpStream) {
    let exchange = async {
        let mut stream = connecting.await.expect("the server listens");
        stream.write_all(bytes.as_bytes()).await.expect("the server reads");
        let response = read_response(&mut stream).await;
        (response, stream)
    };
    within("a request is answered", exchange).await
}

/// Reads a head and a body of `Content-Length`, and no byte of what follows.
async fn read_response(stream: &mut TcpStream) -> Response {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a response has a head"));
    }
    let head = String::from_utf8(head).expect("the head is ASCII");
    let mut lines = head.trim_end().lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).map(str::parse);
    let headers = lines
        .map(|line| line.split_once(": ").expect("a header line has a colon"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut response = Response {
        status: status.expect("there is a status").expect("the status is a number"),
        headers,
        body: String::new(),
    };
    let length = response.header("content-length").map_or(Ok(0), str::parse);
    let mut body = vec![0; length.expect("the length is a number")];
    stream.read_exact(&mut body).await.expect("the body is as long as the header says");
    response.body = String::from_utf8(body).expect("the body is text");
    response
}
