//! A client of a subject: plain TCP for the floor, WebSocket for the others. It encodes
//! and decodes frames itself, so that its own cost is small and the same for all subjects.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::target::{Purpose, WRITE};

/// The client's mask. Any other costs a server the same.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// The first size of the buffer, in bytes: enough for a response's head or a small message.
const SMALL: usize = 4096;

/// A connection through a subject.
pub(crate) struct Client {
    stream: TcpStream,
    is_framed: bool,
    buffer: Vec<u8>,
    /// The bytes in the buffer that are not parsed yet.
    unread: std::ops::Range<usize>,
    /// Payload bytes of the current frame that are not read yet.
    left: u64,
}

impl Client {
    /// Connects. If `path` is given, upgrades to a WebSocket. If `is_framed`, what follows is in frames.
    pub(crate) async fn connect(
        address: SocketAddr,
        path: Option<&str>,
        is_framed: bool,
    ) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut client = Self { stream, is_framed, buffer: vec![0; SMALL], unread: 0..0, left: 0 };
        if let Some(path) = path {
            client.upgrade(address, path).await?;
        }
        Ok(client)
    }

    async fn upgrade(&mut self, address: SocketAddr, path: &str) -> io::Result<()> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Protocol: binary\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        self.stream.write_all(request.as_bytes()).await?;
        let mut length = 0;
        // The target sends nothing before the first request, so no byte follows the head.
        while !self.buffer[..length].ends_with(b"\r\n\r\n") {
            match self.stream.read(&mut self.buffer[length..]).await? {
                0 => break,
                came => length += came,
            }
        }
        let head = &self.buffer[..length];
        if head.starts_with(b"HTTP/1.1 101") {
            Ok(())
        } else {
            Err(io::Error::other(String::from_utf8_lossy(head).into_owned()))
        }
    }

    /// `payload` as it goes over the wire.
    fn framed(&self, payload: &[u8]) -> Vec<u8> {
        if !self.is_framed {
            return payload.to_vec();
        }
        let mut frame = vec![0x82];
        match payload.len() {
            length @ 0..=125 => frame.push(0x80 | u8::try_from(length).unwrap_or(0)),
            length @ 126..=0xffff => {
                frame.push(0x80 | 0x7e);
                frame.extend(u16::try_from(length).unwrap_or(0).to_be_bytes());
            }
            length => {
                frame.push(0x80 | 0x7f);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend(MASK);
        frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        frame
    }

    /// Reads `bytes` of payload.
    async fn skip(&mut self, mut bytes: u64) -> io::Result<()> {
        while bytes > 0 {
            if self.unread.is_empty() || (self.left == 0 && !self.next_frame()) {
                let kept = self.unread.len();
                self.buffer.copy_within(self.unread.clone(), 0);
                let length = self.stream.read(&mut self.buffer[kept..]).await?;
                if length == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                self.unread = 0..kept + length;
                continue;
            }
            let taken = (self.unread.len() as u64).min(self.left).min(bytes);
            self.unread.start += usize::try_from(taken).unwrap_or(usize::MAX);
            self.left -= taken;
            bytes -= taken;
        }
        Ok(())
    }

    /// Begins the next frame if its header has come. The floor's bytes are one endless frame.
    fn next_frame(&mut self) -> bool {
        if !self.is_framed {
            self.left = u64::MAX;
            return true;
        }
        let bytes = &self.buffer[self.unread.clone()];
        let Some(length) = bytes.get(1).map(|byte| byte & 0x7f) else { return false };
        let (header, left) = match length {
            126 if bytes.len() >= 4 => (4, u64::from(u16::from_be_bytes([bytes[2], bytes[3]]))),
            127 if bytes.len() >= 10 => {
                let length = bytes[2..10].try_into().expect("these are eight bytes");
                (10, u64::from_be_bytes(length))
            }
            126 | 127 => return false,
            length => (2, u64::from(length)),
        };
        self.unread.start += header;
        self.left = left;
        true
    }

    async fn request(&mut self, purpose: Purpose, bytes: u64) -> io::Result<()> {
        let request = self.framed(&purpose.request(bytes));
        self.stream.write_all(&request).await
    }

    /// Makes the target send `bytes` bytes, and reads them.
    pub(crate) async fn down(&mut self, bytes: u64) -> io::Result<()> {
        if bytes > SMALL as u64 {
            self.buffer.resize(4 * WRITE, 0);
        }
        self.request(Purpose::Down, bytes).await?;
        self.skip(bytes).await
    }

    /// Sends `bytes` bytes in writes of 64 KiB, and waits until the target has them.
    pub(crate) async fn up(&mut self, bytes: u64) -> io::Result<()> {
        self.request(Purpose::Up, bytes).await?;
        let frame = self.framed(&vec![b'x'; WRITE]);
        for _ in 0..bytes / WRITE as u64 {
            self.stream.write_all(&frame).await?;
        }
        self.skip(1).await
    }

    /// Makes the target echo what this connection sends.
    pub(crate) async fn begin_echo(&mut self) -> io::Result<()> {
        self.request(Purpose::Echo, 0).await
    }

    /// Sends this message and waits for its echo.
    pub(crate) async fn echo(&mut self, payload: &[u8]) -> io::Result<()> {
        let frame = self.framed(payload);
        self.stream.write_all(&frame).await?;
        self.skip(payload.len() as u64).await
    }
}
