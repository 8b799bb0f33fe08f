//! The server with a header: it echoes messages and obeys commands.

use std::mem;
use std::ops::Range;
use std::time::Duration;

use framescope_framing::{Decoder, EncodeError, HeaderFormat, encode};

use super::action::{Action, End};
use super::command::{Command, HELP};

/// The pause between the bytes of `/drip`: long enough that each arrives alone, short enough to watch.
const DRIP_PAUSE: Duration = Duration::from_millis(40);
/// The pause between the two pieces of the header of `/split`.
const SPLIT_PAUSE: Duration = Duration::from_millis(300);
/// How many of the header's bytes `/split` sends first.
const SPLIT_AT: usize = 2;

/// A conversation with a header.
#[derive(Clone, Debug)]
pub struct Framed {
    format: HeaderFormat,
    /// The longest payload accepted in a request or asked for in a reply, in bytes.
    max_message: usize,
    decoder: Decoder,
    /// The place in the buffer of what was received and not decoded.
    unread: Range<usize>,
    doing: Doing,
    /// What it sends: one message, or a piece of one.
    wire: Vec<u8>,
}

/// What it is doing.
#[derive(Clone, Debug)]
enum Doing {
    /// It reads requests.
    Read,
    /// It sends the whole wire this number of times.
    Send {
        left: usize,
    },
    /// It sends the byte at this place of the wire.
    Drip {
        at: usize,
    },
    /// It pauses before the byte at this place.
    DripPause {
        at: usize,
    },
    /// It sends the wire in two pieces, with a pause between them.
    Split(Piece),
    /// It sends the message with this number.
    Tick {
        number: usize,
        count: usize,
        pause: Duration,
    },
    /// It pauses before the message with this number.
    TickPause {
        number: usize,
        count: usize,
        pause: Duration,
    },
    /// It sends the wire and closes.
    SendAndClose(End),
    Close(End),
}

#[derive(Clone, Copy, Debug)]
enum Piece {
    First,
    Pause,
    Rest,
}

impl Framed {
    pub(super) const fn new(format: HeaderFormat, max_message: usize) -> Self {
        Self {
            format,
            max_message,
            decoder: Decoder::with_max_payload(format, max_message),
            unread: 0..0,
            doing: Doing::Read,
            wire: Vec::new(),
        }
    }

    /// What it does next. `received` begins with what the last `recv()` returned.
    pub(super) fn next_action(&mut self, received: &[u8]) -> Action<'_> {
        loop {
            match mem::replace(&mut self.doing, Doing::Read) {
                Doing::Read => match self.read(received) {
                    Ok(Some(doing)) => self.doing = doing,
                    Ok(None) => return Action::Recv,
                    Err(error) => self.doing = Doing::Close(End::ReplyTooLong(error)),
                },
                Doing::Send { left: 0 } => {}
                Doing::Send { left } => {
                    self.doing = Doing::Send { left: left - 1 };
                    return Action::Send(&self.wire);
                }
                Doing::Drip { at } if at >= self.wire.len() => {}
                Doing::Drip { at } => {
                    self.doing = Doing::DripPause { at: at + 1 };
                    return Action::Send(&self.wire[at..=at]);
                }
                Doing::DripPause { at } => {
                    self.doing = Doing::Drip { at };
                    return Action::Pause(DRIP_PAUSE);
                }
                Doing::Split(Piece::First) => {
                    self.doing = Doing::Split(Piece::Pause);
                    return Action::Send(&self.wire[..SPLIT_AT]);
                }
                Doing::Split(Piece::Pause) => {
                    self.doing = Doing::Split(Piece::Rest);
                    return Action::Pause(SPLIT_PAUSE);
                }
                Doing::Split(Piece::Rest) => return Action::Send(&self.wire[SPLIT_AT..]),
                Doing::Tick { number, count, .. } if number > count => {}
                Doing::Tick { number, count, pause } => {
                    let text = format!("tick {number} of {count}");
                    self.doing = Doing::TickPause { number: number + 1, count, pause };
                    match self.write(text.as_bytes()) {
                        Ok(()) => return Action::Send(&self.wire),
                        Err(error) => self.doing = Doing::Close(End::ReplyTooLong(error)),
                    }
                }
                Doing::TickPause { number, count, pause } => {
                    self.doing = Doing::Tick { number, count, pause };
                    if number <= count {
                        return Action::Pause(pause);
                    }
                }
                Doing::SendAndClose(end) => {
                    self.doing = Doing::Close(end);
                    return Action::Send(&self.wire);
                }
                Doing::Close(end) => {
                    self.doing = Doing::Close(end.clone());
                    return Action::Close(end);
                }
            }
        }
    }

    /// Its `recv()` has returned this number of bytes.
    pub(super) fn received(&mut self, length: usize) {
        self.unread = 0..length;
        if length == 0 {
            let end = self.decoder.finish().map_or_else(End::Truncated, |()| End::ClientClosed);
            self.doing = Doing::Close(end);
        }
    }

    /// Takes the next request out of what was received. Returns what it does about it. `None` if the request is not
    /// whole.
    fn read(&mut self, received: &[u8]) -> Result<Option<Doing>, EncodeError> {
        let Self { format, max_message, decoder, unread, wire, .. } = self;
        let write = |wire: &mut Vec<u8>, payload: &[u8]| write(*format, payload, wire);
        let mut rest = received.get(unread.clone()).unwrap_or_default();
        let decoded = decoder.decode(&mut rest);
        unread.start = unread.end - rest.len();
        let payload = match decoded {
            Ok(Some(message)) => message.payload,
            Ok(None) => return Ok(None),
            Err(error) => {
                write(wire, format!("error: {error}").as_bytes())?;
                return Ok(Some(Doing::SendAndClose(End::BadHeader(error))));
            }
        };
        let once = Doing::Send { left: 1 };
        let doing = match Command::parse(payload, *max_message) {
            Ok(Command::Echo(payload)) => write(wire, payload).map(|()| once)?,
            Ok(Command::Help) => write(wire, HELP.as_bytes()).map(|()| once)?,
            Ok(Command::Burst { count, payload }) => {
                write(wire, payload).map(|()| Doing::Send { left: count })?
            }
            Ok(Command::Drip { payload }) => {
                write(wire, payload).map(|()| Doing::Drip { at: 0 })?
            }
            Ok(Command::Split { payload }) => {
                write(wire, payload).map(|()| Doing::Split(Piece::First))?
            }
            Ok(Command::Big { length }) => {
                let digits: Vec<u8> = (b'0'..=b'9').cycle().take(length).collect();
                write(wire, &digits).map(|()| once)?
            }
            Ok(Command::Tick { count, pause }) => Doing::Tick { number: 1, count, pause },
            Ok(Command::Negative) => lone_header(*format, -1, wire),
            Ok(Command::Huge) => lone_header(*format, i32::MAX.into(), wire),
            Ok(Command::Die) => {
                write(wire, b"this message will not be finished")?;
                wire.truncate(wire.len() / 2);
                Doing::SendAndClose(End::Died)
            }
            Err(error) => write(wire, format!("error: {error}").as_bytes()).map(|()| once)?,
        };
        Ok(Some(doing))
    }

    fn write(&mut self, payload: &[u8]) -> Result<(), EncodeError> {
        write(self.format, payload, &mut self.wire)
    }
}

/// Replaces the content of `wire` with one message.
fn write(format: HeaderFormat, payload: &[u8], wire: &mut Vec<u8>) -> Result<(), EncodeError> {
    wire.clear();
    encode(format, payload, wire)
}

/// A header of which no message follows.
fn lone_header(format: HeaderFormat, number: i64, wire: &mut Vec<u8>) -> Doing {
    wire.clear();
    wire.extend_from_slice(&format.write_or_ones(number));
    Doing::Send { left: 1 }
}
