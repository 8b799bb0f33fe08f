//! The server without a header: what a `recv()` returned goes back.

use std::io;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::rules::{IDLE_TIMEOUT, RECV};

/// The pause between the moment when there is something to read and the `recv()`. What is sent meanwhile sticks
/// together: three sends of `hello` are one `hellohellohello`. Without it, a server on the same machine is often fast
/// enough to see each send alone.
const PAUSE: Duration = Duration::from_millis(20);

pub(super) async fn converse(stream: &mut TcpStream) -> io::Result<&'static str> {
    let mut buffer = vec![0; RECV];
    loop {
        let Ok(readable) = timeout(IDLE_TIMEOUT, stream.readable()).await else {
            return Ok("the client was silent for too long");
        };
        readable?;
        sleep(PAUSE).await;
        match stream.try_read(&mut buffer) {
            Ok(0) => return Ok("the client closed"),
            Ok(length) => stream.write_all(&buffer[..length]).await?,
            // The runtime takes a socket for readable until a read says that it is not.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}
