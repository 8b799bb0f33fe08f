//! The target of every subject. The first message says what the connection is for.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How many bytes are written at a time.
pub(crate) const WRITE: usize = 64 * 1024;

/// What a connection is for. The first message is a letter for it and a number of bytes.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// The target sends this many bytes.
    Down,
    /// The target reads this many bytes, then answers with one byte.
    Up,
    /// The target sends back all bytes that it reads.
    Echo,
}

impl Purpose {
    /// The first message of a connection.
    pub(crate) fn request(self, bytes: u64) -> [u8; 9] {
        let mut request = [0; 9];
        request[0] = match self {
            Self::Down => b'D',
            Self::Up => b'U',
            Self::Echo => b'E',
        };
        request[1..].copy_from_slice(&bytes.to_be_bytes());
        request
    }
}

/// Listens on a free port, prints its address, and serves.
pub(crate) async fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    println!("{}", listener.local_addr().expect("it has an address"));
    loop {
        if let Ok((connection, _)) = listener.accept().await {
            let _ = connection.set_nodelay(true);
            tokio::spawn(serve_connection(connection));
        }
    }
}

/// Serves requests until the connection ends. An error is not reported here: the client sees it too.
async fn serve_connection(mut connection: TcpStream) {
    let mut request = [0; 9];
    while connection.read_exact(&mut request).await.is_ok() {
        let bytes = u64::from_be_bytes(request[1..].try_into().expect("eight of nine bytes"));
        let served = match request[0] {
            b'D' => down(&mut connection, bytes).await,
            b'U' => up(&mut connection, bytes).await,
            _ => echo(&mut connection).await,
        };
        if served.is_err() {
            return;
        }
    }
}

async fn down(connection: &mut TcpStream, mut bytes: u64) -> std::io::Result<()> {
    let chunk = vec![b'x'; WRITE];
    while bytes > 0 {
        let length = bytes.min(WRITE as u64);
        connection.write_all(&chunk[..usize::try_from(length).unwrap_or(WRITE)]).await?;
        bytes -= length;
    }
    Ok(())
}

async fn up(connection: &mut TcpStream, mut bytes: u64) -> std::io::Result<()> {
    let mut buffer = vec![0; 4 * WRITE];
    while bytes > 0 {
        match connection.read(&mut buffer).await? {
            0 => return Ok(()),
            length => bytes = bytes.saturating_sub(length as u64),
        }
    }
    connection.write_all(b".").await
}

async fn echo(connection: &mut TcpStream) -> std::io::Result<()> {
    let mut buffer = vec![0; WRITE];
    loop {
        match connection.read(&mut buffer).await? {
            0 => return Ok(()),
            length => connection.write_all(&buffer[..length]).await?,
        }
    }
}
