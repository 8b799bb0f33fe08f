//! The conversation of a server with one client.

use std::fmt;

use framescope_framing::HeaderFormat;

use super::action::Action;
use super::framed::Framed;
use super::plain::Plain;

/// The most bytes that one `recv()` of a server asks for.
pub const RECV: usize = 8 * 1024;

/// What a server makes of the bytes of one client.
#[derive(Clone)]
pub struct Conversation {
    kind: Kind,
    /// What the last `recv()` returned is at the beginning.
    buffer: Box<[u8]>,
}

#[derive(Clone, Debug)]
enum Kind {
    Framed(Box<Framed>),
    Plain(Plain),
}

impl Conversation {
    /// The server that answers framed messages of up to `max_message` bytes.
    #[must_use]
    pub fn framed(format: HeaderFormat, max_message: usize) -> Self {
        Self::new(Kind::Framed(Box::new(Framed::new(format, max_message))))
    }

    /// The server that knows no header.
    #[must_use]
    pub fn plain() -> Self {
        Self::new(Kind::Plain(Plain::default()))
    }

    fn new(kind: Kind) -> Self {
        Self { kind, buffer: vec![0; RECV].into_boxed_slice() }
    }

    /// What the server does next.
    pub fn next_action(&mut self) -> Action<'_> {
        match &mut self.kind {
            Kind::Framed(framed) => framed.next_action(&self.buffer),
            Kind::Plain(plain) => plain.next_action(&self.buffer),
        }
    }

    /// The buffer of the next `recv()`: [`RECV`] bytes.
    #[must_use]
    pub const fn buffer(&mut self) -> &mut [u8] {
        &mut self.buffer
    }

    /// A `recv()` has put this number of bytes into the buffer. 0 is the end of the stream.
    pub fn received(&mut self, length: usize) {
        match &mut self.kind {
            Kind::Framed(framed) => framed.received(length),
            Kind::Plain(plain) => plain.received(length),
        }
    }
}

impl fmt::Debug for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}
