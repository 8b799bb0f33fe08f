//! Parses Python text into a program.

use std::fmt;

use framescope_record::{Data, MAX_RECV};

use crate::version1::experiment::bounds::{MAX_CALLS, MAX_SEND};
use crate::version1::experiment::call::Call;
use crate::version1::experiment::side::Side;

/// The longest text of a program, in bytes: 1 MiB.
const MAX_TEXT: usize = 1024 * 1024;

/// What a parse error expects for the size of a buffer.
const BUFFER: &str = "a number of bytes from 0 to 4294967295";

/// The calls of a side's program.
pub(crate) fn parse(text: &str, side: Side) -> Result<Vec<Call>, ParseProgramError> {
    if text.len() > MAX_TEXT {
        return Err(ParseProgramError { line: 1, column: 1, expected: "at most 1 MiB of text" });
    }
    let mut calls = Vec::new();
    for (number, text) in text.lines().enumerate() {
        let mut line = Line { number: number + 1, text, rest: text };
        line.spaces();
        if line.rest.is_empty() || line.rest.starts_with('#') {
            continue;
        }
        if calls.len() == MAX_CALLS {
            return Err(line.expected("at most 256 calls"));
        }
        calls.push(line.call(side)?);
        line.spaces();
        if !(line.rest.is_empty() || line.rest.starts_with('#')) {
            return Err(line.expected("the end of the line"));
        }
    }
    Ok(calls)
}

/// A line that is being parsed.
struct Line<'a> {
    number: usize,
    text: &'a str,
    /// The part of `text` that is not parsed yet.
    rest: &'a str,
}

impl<'a> Line<'a> {
    fn expected(&self, expected: &'static str) -> ParseProgramError {
        let read = self.text.len() - self.rest.len();
        let column = self.text[..read].chars().count() + 1;
        ParseProgramError { line: self.number, column, expected }
    }

    fn spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Takes `token` and the spaces after it. Returns `false` if the line does not go on with `token`.
    fn skip(&mut self, token: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(token) else { return false };
        self.rest = rest;
        self.spaces();
        true
    }

    fn token(&mut self, token: &str, expected: &'static str) -> Result<(), ParseProgramError> {
        if self.skip(token) { Ok(()) } else { Err(self.expected(expected)) }
    }

    fn word(&mut self) -> &'a str {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.spaces();
        word
    }

    fn call(&mut self, side: Side) -> Result<Call, ParseProgramError> {
        let names: &[&str] = if side == Side::SERVER { &["server", "conn"] } else { &["client"] };
        if side == Side::SERVER && (self.skip("conn, peer = ") || self.skip("conn, _ = ")) {
            self.token("server.accept(", "server.accept()")?;
            self.close()?;
            return Ok(Call::Accept);
        }
        let start = Line { ..*self };
        let word = self.word();
        if word == "time" {
            return self.sleep();
        }
        if names.contains(&word) {
            self.token(".", "a dot and a method")?;
            return self.method(side);
        }
        let reads_socket = |line: &mut Self| {
            line.token("(", "an opening parenthesis")?;
            let at = Line { ..*line };
            if names.contains(&line.word()) {
                Ok(())
            } else {
                Err(at.expected("a socket of this program"))
            }
        };
        let call = match word {
            "send_message" => {
                reads_socket(self)?;
                self.comma()?;
                Call::SendMessage(self.data()?)
            }
            "send_header" => {
                reads_socket(self)?;
                self.comma()?;
                Call::SendHeader(self.number("a whole number of at most 64 bits")?)
            }
            "recv_exactly" => {
                reads_socket(self)?;
                self.comma()?;
                Call::RecvExact(self.recv_size()?)
            }
            "recv_naively" => {
                reads_socket(self)?;
                Call::RecvNaive
            }
            "recv_message" => {
                reads_socket(self)?;
                Call::RecvMessage
            }
            "reset" => {
                reads_socket(self)?;
                Call::Reset
            }
            _ => return Err(start.expected("a call such as client.recv(1024)")),
        };
        self.close()?;
        Ok(call)
    }

    fn method(&mut self, side: Side) -> Result<Call, ParseProgramError> {
        let start = Line { ..*self };
        let name = self.word();
        self.token("(", "an opening parenthesis")?;
        let server = side == Side::SERVER;
        let call = match name {
            "listen" if server => {
                Call::Listen { backlog: self.number("a number from 0 to 65535")? }
            }
            "accept" if server => Call::Accept,
            "connect" if !server => {
                self.token("ADDRESS", "ADDRESS")?;
                Call::Connect
            }
            "sendall" | "send" => Call::Send(self.data()?),
            "recv" => Call::Recv(self.recv_size()?),
            "setsockopt" => self.option()?,
            "shutdown" => {
                self.token("SHUT_WR", "SHUT_WR")?;
                Call::ShutdownWrite
            }
            "close" => Call::Close,
            _ => return Err(start.expected("a method of this program's sockets")),
        };
        self.close()?;
        Ok(call)
    }

    fn option(&mut self) -> Result<Call, ParseProgramError> {
        let start = Line { ..*self };
        let level = self.word();
        self.comma()?;
        let name = self.word();
        self.comma()?;
        match (level, name) {
            ("IPPROTO_TCP", "TCP_NODELAY") => {
                let at = Line { ..*self };
                match self.number("0 or 1")? {
                    0_u8 => Ok(Call::SetNodelay(false)),
                    1 => Ok(Call::SetNodelay(true)),
                    _ => Err(at.expected("0 or 1")),
                }
            }
            ("SOL_SOCKET", "SO_RCVBUF") => Ok(Call::SetRecvBuffer(self.number(BUFFER)?)),
            ("SOL_SOCKET", "SO_SNDBUF") => Ok(Call::SetSendBuffer(self.number(BUFFER)?)),
            _ => Err(start.expected("TCP_NODELAY, SO_RCVBUF or SO_SNDBUF, with its level")),
        }
    }

    fn sleep(&mut self) -> Result<Call, ParseProgramError> {
        self.token(".sleep(", ".sleep(seconds)")?;
        let end = self.rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (digits, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let ms = milliseconds(digits).ok_or_else(|| self.expected("seconds such as 0.2"))?;
        self.rest = rest;
        self.spaces();
        self.close()?;
        Ok(Call::Sleep { ms })
    }

    fn comma(&mut self) -> Result<(), ParseProgramError> {
        self.token(",", "a comma")
    }

    fn close(&mut self) -> Result<(), ParseProgramError> {
        self.token(")", "a closing parenthesis")
    }

    /// The number of bytes that a `recv` asks for.
    fn recv_size(&mut self) -> Result<u32, ParseProgramError> {
        let expected = "a number of bytes from 1 to 1048576";
        let start = Line { ..*self };
        let size = self.number(expected)?;
        if (1..=MAX_RECV).contains(&size) { Ok(size) } else { Err(start.expected(expected)) }
    }

    fn number<T: std::str::FromStr>(
        &mut self,
        expected: &'static str,
    ) -> Result<T, ParseProgramError> {
        let start = Line { ..*self };
        let sign = usize::from(self.rest.starts_with('-'));
        let digits = self.rest[sign..].bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.rest.split_at(sign + digits);
        let number = number.parse().map_err(|_| start.expected(expected))?;
        self.rest = rest;
        self.spaces();
        Ok(number)
    }

    fn data(&mut self) -> Result<Data, ParseProgramError> {
        let start = Line { ..*self };
        let is_bytes = self.rest.starts_with("b'") || self.rest.starts_with("b\"");
        if is_bytes {
            self.rest = &self.rest[1..];
        }
        let mut data = self.quoted(is_bytes)?;
        if !is_bytes {
            self.token(".encode()", ".encode() after a text")?;
        }
        if self.skip("*") {
            let times: usize = self.number("a number of times")?;
            if data.len().saturating_mul(times) > MAX_SEND {
                return Err(start.expected("at most 65536 bytes"));
            }
            data = data.repeat(times);
        }
        if data.len() > MAX_SEND {
            return Err(start.expected("at most 65536 bytes"));
        }
        Ok(Data(data))
    }

    /// Takes a literal in quotes and the spaces after it. Returns its bytes.
    fn quoted(&mut self, is_bytes: bool) -> Result<Vec<u8>, ParseProgramError> {
        let start = Line { ..*self };
        let mut characters = self.rest.chars();
        let Some(quote @ ('\'' | '"')) = characters.next() else {
            return Err(start.expected("bytes such as b'hello'"));
        };
        let mut data = Vec::new();
        loop {
            self.rest = characters.as_str();
            match characters.next() {
                None => return Err(start.expected("a quotation mark at the end of the literal")),
                Some(character) if character == quote => break,
                Some('\\') => data.push(self.escape(&mut characters)?),
                Some(character) if is_bytes && !character.is_ascii() => {
                    return Err(self.expected("ASCII; write other text as 'text'.encode()"));
                }
                Some(character) => {
                    data.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
        self.rest = characters.as_str();
        self.spaces();
        Ok(data)
    }

    fn escape(&self, characters: &mut std::str::Chars<'_>) -> Result<u8, ParseProgramError> {
        const EXPECTED: &str = r"an escape such as \n, \\, \' or \x05";
        match characters.next() {
            Some('n') => Ok(b'\n'),
            Some('r') => Ok(b'\r'),
            Some('t') => Ok(b'\t'),
            Some('\\') => Ok(b'\\'),
            Some('\'') => Ok(b'\''),
            Some('"') => Ok(b'"'),
            Some('x') => {
                let digit = |c: Option<char>| c.and_then(|c| c.to_digit(16));
                let (high, low) = (digit(characters.next()), digit(characters.next()));
                let value = high.zip(low).map(|(high, low)| high * 16 + low);
                value
                    .and_then(|value| u8::try_from(value).ok())
                    .ok_or_else(|| self.expected(EXPECTED))
            }
            _ => Err(self.expected(EXPECTED)),
        }
    }
}

/// Converts seconds with up to three decimals to milliseconds.
fn milliseconds(digits: &str) -> Option<u32> {
    let (seconds, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    if seconds.is_empty() || decimals.is_empty() || decimals.len() > 3 || decimals.contains('.') {
        return None;
    }
    let thousandths: u32 = format!("{decimals:0<3}").parse().ok()?;
    seconds.parse::<u32>().ok()?.checked_mul(1000)?.checked_add(thousandths)
}

/// Why a text is not a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseProgramError {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What the parser expected there.
    pub expected: &'static str,
}

impl fmt::Display for ParseProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, expected } = self;
        write!(f, "line {line}, column {column}: expected {expected}")
    }
}

impl std::error::Error for ParseProgramError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version1::experiment::Program;

    #[test]
    fn spaces_blank_lines_and_comments_are_skipped_and_both_quotes_are_read() {
        let text = "\n  # a comment\n  client . connect( ADDRESS )  # and another\n\
                    client.send( \"你好\".encode() )\nclient.sendall(b\"it's\" * 2)\ntime.sleep(1)\n";
        let program = Program::parse(text, Side::CLIENT).unwrap();
        assert_eq!(
            program.0,
            [
                Call::Connect,
                Call::Send(Data("你好".as_bytes().to_vec())),
                Call::Send(Data::from(b"it'sit's")),
                Call::Sleep { ms: 1000 },
            ]
        );
    }

    #[test]
    fn errors_name_line_column_and_what_was_expected() {
        for (text, line, column, expected) in [
            ("client.recv(1024)\nclient.recv(-1)", 2, 13, "a number of bytes from 1 to 1048576"),
            ("client.recv(1048577)", 1, 13, "a number of bytes from 1 to 1048576"),
            ("client.recv(1024", 1, 17, "a closing parenthesis"),
            ("client.recv(1024) x", 1, 19, "the end of the line"),
            ("server.recv(1)", 1, 1, "a call such as client.recv(1024)"),
            ("client.accept()", 1, 8, "a method of this program's sockets"),
            ("client.sendall(b'你')", 1, 18, "ASCII; write other text as 'text'.encode()"),
            ("client.sendall('a')", 1, 19, ".encode() after a text"),
            ("client.sendall(b'a", 1, 17, "a quotation mark at the end of the literal"),
            (r"client.sendall(b'\q')", 1, 18, r"an escape such as \n, \\, \' or \x05"),
            ("client.sendall(b'a' * 65537)", 1, 16, "at most 65536 bytes"),
            (
                "client.setsockopt(SOL_SOCKET, SO_LINGER, 1)",
                1,
                19,
                "TCP_NODELAY, SO_RCVBUF or SO_SNDBUF, with its level",
            ),
            ("time.sleep(0.0001)", 1, 12, "seconds such as 0.2"),
            ("recv_message(server)", 1, 14, "a socket of this program"),
            ("conn, peer = client.recv(1)", 1, 1, "a call such as client.recv(1024)"),
            ("import os", 1, 1, "a call such as client.recv(1024)"),
        ] {
            let error = ParseProgramError { line, column, expected };
            assert_eq!(Program::parse(text, Side::CLIENT), Err(error), "{text}");
        }
        let many = "client.close()\n".repeat(257);
        let error = Program::parse(&many, Side::CLIENT).unwrap_err();
        assert_eq!((error.line, error.expected), (257, "at most 256 calls"));
    }
}
