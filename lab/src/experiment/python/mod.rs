//! Programs as Python text that a student would write.
//!
//! What comes in: Python text, or a program. What goes out: the program, or its text.
//!
//! May use: `experiment`.
//!
//! The text is a small, exact subset of Python: one call on each line, the sockets `server`, `conn` and
//! `client`, bytes as literals (`b'hello'`, `b'x' * 1000`) or as encoded text (`'你好'.encode()`), and
//! comments after `#`. The text of a program parses to the same program.
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

pub use parse::ParseProgramError;
pub(super) use parse::parse;

/// More than this number of equal bytes are written as a product: `b'x' * 33`.
const MAX_EQUAL_BYTES: usize = 32;

/// A call as a line of Python. `socket` is the name of its socket.
pub(super) fn line(call: &Call, socket: &str) -> String {
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

/// The bytes as Python: many equal bytes as a product, text that is not ASCII as `'text'.encode()`, and
/// all else as a bytes literal.
fn bytes(data: &Data) -> String {
    if let Ok(text) = std::str::from_utf8(&data.0)
        && !text.is_ascii()
        && text.chars().all(|character| character.is_alphanumeric() || character == ' ')
    {
        return format!("'{text}'.encode()");
    }
    match data.0.split_first() {
        Some((first, rest))
            if rest.len() >= MAX_EQUAL_BYTES && rest.iter().all(|byte| byte == first) =>
        {
            format!("{} * {}", Data(vec![*first]), data.0.len())
        }
        _ => data.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use crate::experiment::{Program, Side};
    use crate::lessons::{find_variant, variants};

    #[test]
    fn the_python_text_of_every_lesson_parses_to_the_same_program() {
        for variant in variants() {
            let experiment = variant.experiment();
            for side in experiment.sides() {
                let program = experiment.program(side).unwrap();
                let text = program.to_python(side);
                assert_eq!(Program::parse(&text, side).as_ref(), Ok(program), "{text}");
            }
        }
    }

    #[test]
    fn a_server_uses_its_listening_socket_and_after_accept_its_connection() {
        let experiment = find_variant("4").unwrap().experiment();
        assert_eq!(
            experiment.server.to_python(Side::SERVER),
            "server.listen(5)\nconn, peer = server.accept()\n\
             conn.recv(1024)\nconn.recv(1024)\nconn.recv(1024)\n"
        );
    }
}
