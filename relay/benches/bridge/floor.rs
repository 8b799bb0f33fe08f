//! The floor: a plain TCP proxy, which only copies bytes.
//!
//! A WebSocket begins with a request and its answer. That is one round trip more than a TCP connection
//! needs. The floor with a 101 makes this round trip, but does not parse the request. So no bridge can open
//! connections faster.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// Answers the key that the client always sends, RFC 6455, section 1.3.
const SWITCHING_PROTOCOLS: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\n\
    Connection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// Listens on a free port, prints its address, and connects every client to `target`. With `upgrades`, it
/// takes a client's first bytes for the handshake. It answers after it has connected to the target.
pub(crate) async fn serve(target: &str, upgrades: bool) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    println!("{}", listener.local_addr().expect("it has an address"));
    loop {
        let Ok((mut client, _)) = listener.accept().await else { continue };
        let target = target.to_owned();
        tokio::spawn(async move {
            let _ = client.set_nodelay(true);
            if upgrades && client.read(&mut [0; 1024]).await.is_err() {
                return;
            }
            let Ok(mut server) = TcpStream::connect(target).await else { return };
            let _ = server.set_nodelay(true);
            if upgrades && client.write_all(SWITCHING_PROTOCOLS).await.is_err() {
                return;
            }
            let _ = copy_bidirectional(&mut client, &mut server).await;
        });
    }
}
