//! What a client can ask the server with a header for.

use std::fmt;
use std::time::Duration;

/// The most messages that `/burst` and `/tick` send.
const MAX_COUNT: usize = 10_000;
/// The longest pause of `/tick`: one minute.
const MAX_PAUSE_MS: u64 = 60_000;

/// A request, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command<'a> {
    /// No command: the payload goes back as it came.
    Echo(&'a [u8]),
    /// `count` messages, back to back.
    Burst {
        count: usize,
        payload: &'a [u8],
    },
    /// One message, one byte at a time.
    Drip {
        payload: &'a [u8],
    },
    /// One message whose header arrives in two pieces.
    Split {
        payload: &'a [u8],
    },
    /// One message of `length` bytes.
    Big {
        length: usize,
    },
    /// `count` messages with a pause between them.
    Tick {
        count: usize,
        pause: Duration,
    },
    /// A header that says -1.
    Negative,
    /// A header that says 0x7fffffff.
    Huge,
    /// The start of a message, and then the end of the connection.
    Die,
    Help,
}

/// What `/help` answers, in English and in Chinese: it does not know who asks.
pub(super) const HELP: &str = "\
/burst N TEXT  N messages, back to back
/drip TEXT     one message, one byte at a time
/split TEXT    one message whose header arrives in two pieces
/big N         one message of N bytes
/tick N MS     N messages, MS milliseconds apart
/negative      a header that says -1
/huge          a header that says 2147483647
/die           the start of a message, then the end of the connection
/help          this list
Anything else comes back as it was sent.

/burst N TEXT  连续发送 N 条消息
/drip TEXT     一条消息，每次一个字节
/split TEXT    一条消息，报头分两次到达
/big N         一条 N 字节的消息
/tick N MS     N 条消息，每隔 MS 毫秒一条
/negative      长度为 -1 的报头
/huge          长度为 2147483647 的报头
/die           只发消息的开头，然后断开连接
/help          显示本说明
其他内容原样返回。";

impl<'a> Command<'a> {
    /// Reads a payload. One that does not begin with `/` is no command.
    pub(super) fn parse(payload: &'a [u8], max_message: usize) -> Result<Self, CommandError> {
        if payload.first() != Some(&b'/') {
            return Ok(Self::Echo(payload));
        }
        let (name, rest) = next_word(payload);
        match name {
            b"/burst" => {
                let (count, payload) = next_word(rest);
                Ok(Self::Burst { count: parse_count("/burst N TEXT", count)?, payload })
            }
            b"/drip" => Ok(Self::Drip { payload: rest }),
            b"/split" => Ok(Self::Split { payload: rest }),
            b"/big" => {
                let length = parse_number("/big N", rest, max_message as u64)?;
                Ok(Self::Big { length: usize::try_from(length).unwrap_or(max_message) })
            }
            b"/tick" => {
                let (count, pause) = next_word(rest);
                let usage = "/tick N MS";
                let count = parse_count(usage, count)?;
                let pause = Duration::from_millis(parse_number(usage, pause, MAX_PAUSE_MS)?);
                Ok(Self::Tick { count, pause })
            }
            b"/negative" => Ok(Self::Negative),
            b"/huge" => Ok(Self::Huge),
            b"/die" => Ok(Self::Die),
            b"/help" => Ok(Self::Help),
            _ => Err(CommandError::Unknown),
        }
    }
}

/// The bytes before the first space, and those after it.
fn next_word(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == b' ') {
        Some(space) => (&bytes[..space], &bytes[space + 1..]),
        None => (bytes, &[]),
    }
}

fn parse_count(usage: &'static str, bytes: &[u8]) -> Result<usize, CommandError> {
    let count = parse_number(usage, bytes, MAX_COUNT as u64)?;
    Ok(usize::try_from(count).unwrap_or(MAX_COUNT))
}

fn parse_number(usage: &'static str, bytes: &[u8], limit: u64) -> Result<u64, CommandError> {
    std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .filter(|number| *number <= limit)
        .ok_or(CommandError::Number { usage, limit })
}

/// Why a payload that begins with `/` is not a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CommandError {
    Unknown,
    Number { usage: &'static str, limit: u64 },
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => write!(f, "no such command; /help lists them"),
            Self::Number { usage, limit } => {
                write!(f, "usage: {usage}, with a number from 0 to {limit}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_understood() {
        for (payload, command) in [
            (&b"hello"[..], Command::Echo(b"hello")),
            (b"", Command::Echo(b"")),
            (b"\xff\x00", Command::Echo(b"\xff\x00")),
            (b"/burst 3 hello you", Command::Burst { count: 3, payload: b"hello you" }),
            (b"/burst 3", Command::Burst { count: 3, payload: b"" }),
            (b"/drip hi there", Command::Drip { payload: b"hi there" }),
            (b"/split hi", Command::Split { payload: b"hi" }),
            (b"/big 1000", Command::Big { length: 1000 }),
            (b"/tick 3 250", Command::Tick { count: 3, pause: Duration::from_millis(250) }),
            (b"/negative", Command::Negative),
            (b"/huge", Command::Huge),
            (b"/die", Command::Die),
            (b"/help", Command::Help),
        ] {
            assert_eq!(Command::parse(payload, 1000), Ok(command));
        }
    }

    #[test]
    fn numbers_out_of_bounds_are_refused_with_the_bound() {
        for (payload, usage, limit) in [
            (&b"/burst many x"[..], "/burst N TEXT", 10_000),
            (b"/burst 10001 x", "/burst N TEXT", 10_000),
            (b"/big 1001", "/big N", 1000),
            (b"/big -1", "/big N", 1000),
            (b"/big", "/big N", 1000),
            (b"/tick 3", "/tick N MS", 60_000),
            (b"/tick 3 60001", "/tick N MS", 60_000),
            (b"/tick \xff 1", "/tick N MS", 10_000),
        ] {
            assert_eq!(Command::parse(payload, 1000), Err(CommandError::Number { usage, limit }));
        }
        assert_eq!(Command::parse(b"/hepl", 1000), Err(CommandError::Unknown));
    }
}
