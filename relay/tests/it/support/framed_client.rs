//! A client of servers that frame their messages with the header.

use std::net::SocketAddr;

use bytes::{Buf as _, BytesMut};
use framescope_framing::{DecodeError, Decoder, HeaderFormat, Truncated, Wanted, encode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::waiting::within;

pub(crate) struct FramedClient {
    pub(crate) stream: TcpStream,
    decoder: Decoder,
    /// Bytes that `recv()` returned and that the decoder has not read yet.
    chunk: BytesMut,
    /// How many times `recv()` returned bytes.
    pub(crate) reads: usize,
}

impl FramedClient {
    pub(crate) async fn connect(server: SocketAddr, format: HeaderFormat) -> Self {
        let connected = within("the server accepts", TcpStream::connect(server)).await;
        let stream = connected.expect("the server listens");
        stream.set_nodelay(true).expect("TCP_NODELAY can be set");
        Self { stream, decoder: Decoder::new(format), chunk: BytesMut::new(), reads: 0 }
    }

    pub(crate) async fn send(&mut self, payload: impl AsRef<[u8]>) {
        let mut wire = Vec::new();
        encode(self.decoder.format(), payload.as_ref(), &mut wire).expect("the payload is short");
        self.send_raw(&wire).await;
    }

    pub(crate) async fn send_raw(&mut self, wire: &[u8]) {
        within("the server takes bytes", self.stream.write_all(wire)).await.expect("it reads");
    }

    /// The next message.
    pub(crate) async fn receive(&mut self) -> Vec<u8> {
        match self.next().await {
            Ok(Some(message)) => message,
            other => panic!("a message was expected, and this came: {other:?}"),
        }
    }

    /// The next message, `None` if the server closed, or the error in the bytes.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, DecodeError> {
        loop {
            let mut rest = &self.chunk[..];
            let message = self.decoder.decode(&mut rest)?.map(|message| message.payload.to_vec());
            let taken = self.chunk.len() - rest.len();
            self.chunk.advance(taken);
            if message.is_some() || self.recv().await == 0 {
                return Ok(message);
            }
        }
    }

    /// Reads once, and takes no message. Returns what is still missing for one.
    pub(crate) async fn recv_and_look(&mut self) -> Wanted {
        assert_ne!(self.recv().await, 0, "the server closed");
        let mut decoder = self.decoder.clone();
        let _ = decoder.decode(&mut &self.chunk[..]).expect("the header is valid");
        decoder.wanted()
    }

    async fn recv(&mut self) -> usize {
        let read = self.stream.read_buf(&mut self.chunk);
        let length =
            within("the server sends something", read).await.expect("the connection is not reset");
        self.reads += usize::from(length > 0);
        length
    }

    /// Fails unless the server closes now. An error if that is inside a message.
    pub(crate) async fn expect_eof(&mut self) -> Result<(), Truncated> {
        let next = self.next().await.expect("every header is valid");
        assert_eq!(next, None, "the connection goes on");
        self.decoder.finish()
    }
}
