//! Programs as the Python that a student would write, and back.
//!
//! May use: `experiment`.
//!
//! A small, exact subset: one call a line, the sockets `server`, `conn` and `client`, bytes as
//! literals (`b'hello'`, `b'x' * 1000`) or as encoded text (`'你好'.encode()`), comments after `#`.
//! What is printed is read back as the same program.
//!
//! ```
//! use framescope_lab::{Program, Side};
//!
//! let text = "client.connect(ADDRESS)\nclient.sendall(b'hello')\nclient.close()\n";
//! let program = Program::parse(text, Side::CLIENT)?;
//! assert_eq!(program.to_python(Side::CLIENT), text);
//!
//! let error = Program::parse("client.sendall(hello)", Side::CLIENT).unwrap_err();
//! assert_eq!(error.to_string(), "line 1, column 16: expected bytes such as b'hello'");
//! # Ok::<(), framescope_lab::ParseProgramError>(())
//! ```

mod parse;

use framescope_record::Data;

use super::call::Call;
use super::program::{Program, Side};

pub use parse::ParseProgramError;

/// From this many equal bytes on, they are written as a product.
const LONG: usize = 32;

impl Program {
    /// The program of that side as Python, a line a call.
    #[must_use]
    pub fn to_python(&self, side: Side) -> String {
        let mut lines = String::new();
        for index in 0..self.0.len() {
            lines.push_str(&self.line(side, index));
            lines.push('\n');
        }
        lines
    }

    /// One call of the program as a line of Python; empty where there is no such call.
    #[must_use]
    pub fn line(&self, side: Side, index: usize) -> String {
        let Some(call) = self.0.get(index) else { return String::new() };
        let accepted = self.0[..index].contains(&Call::Accept);
        let socket = match (side, call) {
            (Side::SERVER, Call::Listen { .. } | Call::Accept) => "server",
            (Side::SERVER, _) if accepted => "conn",
            (Side::SERVER, _) => "server",
            _ => "client",
        };
        line(call, socket)
    }
}

fn line(call: &Call, socket: &str) -> String {
    match call {
        Call::Listen { backlog } => format!("{socket}.listen({backlog})"),
        Call::Accept => format!("conn, peer = {socket}.accept()"),
        Call::Connect => format!("{socket}.connect(ADDRESS)"),
        Call::Send(data) => format!("{socket}.sendall({})", bytes(data)),
        Call::SendMessage(data) => format!("send_message({socket}, {})", bytes(data)),
        Call::SendHeader(number) => format!("send_header({socket}, {number})"),
        Call::Recv(length) => format!("{socket}.recv({length})"),
        Call::RecvExact(length) => format!("recv_exactly({socket}, {length})"),
        Call::RecvNaive => format!("recv_naively({socket})"),
        Call::RecvMessage => format!("recv_message({socket})"),
        Call::Sleep { ms } => format!("time.sleep({}.{:03})", ms / 1000, ms % 1000),
        Call::SetNodelay(on) => {
            format!("{socket}.setsockopt(IPPROTO_TCP, TCP_NODELAY, {})", u8::from(*on))
        }
        Call::SetRecvBuffer(size) => {
            format!("{socket}.setsockopt(SOL_SOCKET, SO_RCVBUF, {size})")
        }
        Call::SetSendBuffer(size) => {
            format!("{socket}.setsockopt(SOL_SOCKET, SO_SNDBUF, {size})")
        }
        Call::ShutdownWrite => format!("{socket}.shutdown(SHUT_WR)"),
        Call::Close => format!("{socket}.close()"),
        Call::Reset => format!("reset({socket})"),
    }
}

/// Many equal bytes as a product, text in other letters than ASCII's as text.
fn bytes(data: &Data) -> String {
    if let Ok(text) = std::str::from_utf8(&data.0)
        && !text.is_ascii()
        && text.chars().all(|character| character.is_alphanumeric() || character == ' ')
    {
        return format!("'{text}'.encode()");
    }
    match data.0.split_first() {
        Some((first, rest)) if rest.len() >= LONG && rest.iter().all(|byte| byte == first) => {
            format!("{} * {}", Data(vec![*first]), data.0.len())
        }
        _ => data.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons::{Lesson, Variant};

    #[test]
    fn every_lesson_is_read_back_as_it_was_printed() {
        for variant in Lesson::all().flat_map(|lesson| lesson.variants) {
            let experiment = variant.experiment();
            for side in experiment.sides() {
                let program = experiment.program(side).unwrap();
                let text = program.to_python(side);
                assert_eq!(Program::parse(&text, side).as_ref(), Ok(program), "{text}");
            }
        }
    }

    #[test]
    fn a_server_is_written_as_a_student_would_write_it() {
        let experiment = Variant::find("4").unwrap().experiment();
        assert_eq!(
            experiment.server.to_python(Side::SERVER),
            "server.listen(5)\nconn, peer = server.accept()\n\
             conn.recv(1024)\nconn.recv(1024)\nconn.recv(1024)\n"
        );
    }
}
