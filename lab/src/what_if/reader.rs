//! Ways to read a stream, as Python, and what each does with the bytes that come.

use std::fmt;

use framescope_framing::{HEADER_LEN, HeaderFormat};
use framescope_record::python_repr;

use crate::trace::{Ended, Exception};

/// How a program reads a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// `recv(n)`, again and again. The number is not 0.
    Recv(u32),
    /// The wrong way that many tutorials teach: `recv(4)`, then one `recv(length)`.
    Naive,
    /// The right way: `recv` until the header is whole, and then until the message is.
    Whole,
}

impl fmt::Display for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recv(length) => write!(f, "{RECV_PREFIX}{length}"),
            Self::Naive => f.write_str(NAIVE_NAME),
            Self::Whole => f.write_str(WHOLE_NAME),
        }
    }
}

impl Reader {
    /// Reads what [`fmt::Display`] writes: `recv7`, `naive` or `whole`. `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            NAIVE_NAME => Some(Self::Naive),
            WHOLE_NAME => Some(Self::Whole),
            other => {
                let length = other.strip_prefix(RECV_PREFIX)?.parse().ok()?;
                (length > 0).then_some(Self::Recv(length))
            }
        }
    }

    /// Its lines, which read from the socket of this name.
    pub(super) fn lines(self, socket: &str, header: HeaderFormat) -> Vec<String> {
        let lines: &[&str] = match self {
            Self::Recv(_) => &RECV,
            Self::Naive => &NAIVE,
            Self::Whole => &WHOLE,
        };
        let size = if let Self::Recv(size) = self { size.to_string() } else { String::new() };
        let fill = |line: &&str| {
            let line = line.replace("SOCKET", socket).replace("SIZE", &size);
            line.replace("FORMAT", header.notation())
        };
        lines.iter().map(fill).collect()
    }
}

/// Their names in links.
const RECV_PREFIX: &str = "recv";
const NAIVE_NAME: &str = "naive";
const WHOLE_NAME: &str = "whole";

const RECV: [&str; 5] = [
    "while True:",
    "    data = SOCKET.recv(SIZE)",
    "    if not data:",
    "        break",
    "    print(data)",
];

const NAIVE: [&str; 7] = [
    "import struct",
    "while True:",
    "    header = SOCKET.recv(4)",
    "    if not header:",
    "        break",
    "    length, = struct.unpack('FORMAT', header)",
    "    print(SOCKET.recv(length))",
];

const WHOLE: [&str; 17] = [
    "import struct",
    "def recv_exactly(n):",
    "    data = b''",
    "    while len(data) < n:",
    "        part = SOCKET.recv(n - len(data))",
    "        if not part:",
    "            break",
    "        data += part",
    "    return data",
    "while True:",
    "    header = recv_exactly(4)",
    "    if len(header) < 4:",
    "        break",
    "    length, = struct.unpack('FORMAT', header)",
    "    if length < 0:",
    "        raise ValueError(length)",
    "    print(recv_exactly(length))",
];

/// The bytes of a header.
const HEADER: u32 = 4;

/// A `recv` that a reader makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    /// The most bytes that it asks for.
    pub(super) length: u32,
    /// The index of its line.
    pub(super) line: usize,
}

/// What a reader does after a `recv` has returned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Then {
    /// The variables that have changed.
    pub(super) variables: Vec<(&'static str, String)>,
    /// What it prints, and the index of the line.
    pub(super) printed: Option<(String, usize)>,
    /// How it ends, and the index of the line. `None` if it goes on.
    pub(super) ended: Option<(Ended, usize)>,
}

/// A reader at work.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    reader: Reader,
    header: HeaderFormat,
    /// Whether it reads a header, and not a payload.
    reads_header: bool,
    /// The bytes that it has got of the header or of the payload.
    got: Vec<u8>,
    /// The bytes that it wants of the header or of the payload.
    wanted: u32,
}

impl Reading {
    pub(super) const fn new(reader: Reader, header: HeaderFormat) -> Self {
        let wanted = match reader {
            Reader::Recv(length) => length,
            Reader::Naive | Reader::Whole => HEADER,
        };
        Self { reader, header, reads_header: true, got: Vec::new(), wanted }
    }

    /// The `recv` that it makes next.
    pub(super) fn ask(&self) -> Ask {
        let missing = self.wanted.saturating_sub(u32::try_from(self.got.len()).unwrap_or(u32::MAX));
        match (self.reader, self.reads_header) {
            (Reader::Recv(length), _) => Ask { length, line: 1 },
            (Reader::Naive, true) => Ask { length: self.wanted, line: 2 },
            (Reader::Naive, false) => Ask { length: self.wanted, line: 6 },
            (Reader::Whole, _) => Ask { length: missing, line: 4 },
        }
    }

    /// Its `recv` has returned these bytes, none at the end of the stream.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Then {
        match self.reader {
            Reader::Recv(_) => {
                let variables = vec![("data", python_repr(bytes))];
                let printed = (!bytes.is_empty()).then(|| (printed(bytes), 4));
                let ended = bytes.is_empty().then_some((Ended::Exit(0), 3));
                Then { variables, printed, ended }
            }
            Reader::Naive if self.reads_header => self.take_header_at_once(bytes),
            Reader::Naive => {
                self.expect_header();
                Then { printed: Some((printed(bytes), 6)), ..Then::default() }
            }
            Reader::Whole => self.take_part(bytes),
        }
    }

    fn take_header_at_once(&mut self, bytes: &[u8]) -> Then {
        let variables = vec![("header", python_repr(bytes))];
        if bytes.is_empty() {
            return Then { variables, ended: Some((Ended::Exit(0), 4)), printed: None };
        }
        let Ok(header) = bytes.try_into() else {
            let wrong = raised("struct.error", "unpack requires a buffer of 4 bytes");
            return Then { variables, ended: Some((wrong, 5)), printed: None };
        };
        self.take_length(header, variables, |_| {
            (raised("ValueError", "negative buffersize in recv"), 6)
        })
    }

    fn take_part(&mut self, bytes: &[u8]) -> Then {
        self.got.extend_from_slice(bytes);
        let variables = vec![("data", python_repr(&self.got))];
        if !bytes.is_empty() && self.got.len() < self.wanted as usize {
            return Then { variables, ..Then::default() };
        }
        let got = std::mem::take(&mut self.got);
        if !self.reads_header {
            self.expect_header();
            return Then { variables, printed: Some((printed(&got), 16)), ended: None };
        }
        let Ok(header) = got[..].try_into() else {
            return Then { variables, ended: Some((Ended::Exit(0), 12)), printed: None };
        };
        let variables = vec![("header", python_repr(&got))];
        let mut then = self.take_length(header, variables, |length| {
            (raised("ValueError", &length.to_string()), 15)
        });
        if then.ended.is_none() && self.wanted == 0 {
            // It makes no call for a payload of 0 bytes.
            self.expect_header();
            then.printed = Some((printed(b""), 16));
        }
        then
    }

    fn take_length(
        &mut self,
        header: [u8; HEADER_LEN],
        mut variables: Vec<(&'static str, String)>,
        of_negative: impl Fn(i64) -> (Ended, usize),
    ) -> Then {
        let length = self.header.read(header);
        variables.push(("length", length.to_string()));
        let Ok(wanted) = u32::try_from(length) else {
            return Then { variables, ended: Some(of_negative(length)), printed: None };
        };
        (self.reads_header, self.wanted) = (false, wanted);
        Then { variables, ..Then::default() }
    }

    const fn expect_header(&mut self) {
        (self.reads_header, self.wanted) = (true, HEADER);
    }
}

fn printed(bytes: &[u8]) -> String {
    python_repr(bytes) + "\n"
}

fn raised(class: &str, message: &str) -> Ended {
    let (class, message) = (class.to_owned(), message.to_owned());
    let shown = format!("{class}: {message}");
    Ended::Exception(Exception { class, message, errno: None, lines: Vec::new(), shown })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader receives of these bytes, at most `most` at once, and how it ends.
    fn read(reader: Reader, bytes: &[u8], most: usize) -> (Vec<Vec<u8>>, Ended) {
        let mut reading = Reading::new(reader, HeaderFormat::LITTLE_SIGNED);
        let (mut received, mut rest) = (Vec::new(), bytes);
        loop {
            let length = rest.len().min(most).min(reading.ask().length as usize);
            let (got, after) = rest.split_at(length);
            rest = after;
            received.push(got.to_vec());
            if let Some((ended, _)) = reading.take(got).ended {
                return (received, ended);
            }
        }
    }

    #[test]
    fn each_reader_cuts_the_same_bytes_in_its_way() {
        let hellos = b"hellohellohello";
        let (once, _) = read(Reader::Recv(1024), hellos, 1024);
        assert_eq!(once, [&hellos[..], b""]);
        let (cut, _) = read(Reader::Recv(7), hellos, 1024);
        assert_eq!(cut, [&b"hellohe"[..], b"llohell", b"o", b""]);
        let framed = b"\x05\0\0\0hello\x01\0\0\0!";
        let (header, other) = (&framed[..4], &framed[9..13]);
        let (whole, ended) = read(Reader::Whole, framed, 2);
        assert_eq!(whole.concat(), framed);
        assert_eq!(ended, Ended::Exit(0));
        let (naive, _) = read(Reader::Naive, framed, 1024);
        assert_eq!(naive, [header, b"hello", other, b"!", b""]);
        let (naive, ended) = read(Reader::Naive, framed, 3);
        assert_eq!(naive, [&header[..3]]);
        assert!(matches!(ended, Ended::Exception(raised) if raised.class == "struct.error"));
    }

    #[test]
    fn no_reader_believes_a_negative_length() {
        for reader in [Reader::Naive, Reader::Whole] {
            let (received, ended) = read(reader, b"\xff\xff\xff\xffhello", 1024);
            assert_eq!(received, [b"\xff\xff\xff\xff"]);
            assert!(matches!(ended, Ended::Exception(raised) if raised.class == "ValueError"));
        }
    }

    #[test]
    fn a_reader_is_named_in_a_link() {
        for reader in [Reader::Recv(7), Reader::Naive, Reader::Whole] {
            assert_eq!(Reader::parse(&reader.to_string()), Some(reader));
        }
        for text in ["", "recv", "recv0", "recv-1", "recv99999999999", "Naive"] {
            assert_eq!(Reader::parse(text), None, "{text}");
        }
    }

    #[test]
    fn empty_messages_are_printed() {
        let mut reading = Reading::new(Reader::Whole, HeaderFormat::LITTLE_SIGNED);
        let then = reading.take(&[0; 4]);
        assert_eq!(then.printed, Some(("b''\n".to_owned(), 16)));
        assert_eq!(reading.ask(), Ask { length: 4, line: 4 });
    }
}
