//! The Python of a program that was a list of calls.

use std::fmt::Write as _;

use framescope_framing::HeaderFormat;
use framescope_record::{Data, python_repr};

use super::experiment::{Call, Program, Side};

/// The address of the server, in every program of the first version.
const ADDRESS: &str = "('127.0.0.1', 9527)";

const RECV_EXACTLY: &str = "
def recv_exactly(sock, size):
    data = b''
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise EOFError('the stream ended, bytes missing: %d' % (size - len(data)))
        data += more
    return data
";

/// At the end of the stream between two messages it returns no bytes, and the program goes on. The limit is that of
/// the first version.
const RECV_MESSAGE: &str = "
def recv_message(sock):
    header = sock.recv(4)
    if not header:
        return b''
    header += recv_exactly(sock, 4 - len(header))
    length = struct.unpack('FORMAT', header)[0]
    if length < 0:
        raise ValueError('the header says %d' % length)
    if length > 1048576:
        raise ValueError('the header says %d bytes, over the limit of 1048576' % length)
    return recv_exactly(sock, length)
";

const RECV_NAIVELY: &str = "
def recv_naively(sock):
    header = sock.recv(4)
    if not header:
        return b''
    length = struct.unpack('FORMAT', header)[0]
    return sock.recv(length)
";

/// The variant whose programs had a header in network byte order. The others had the default.
const NETWORK_ORDER: &str = "8a";

/// The Python of a program from a link of the first version to a variant. `None` if the text is not one.
#[must_use]
pub fn translate_program(variant: &str, text: &str, is_server: bool) -> Option<String> {
    let side = if is_server { Side::SERVER } else { Side::CLIENT };
    let program = Program::parse(text, side).ok()?;
    let header = if variant == NETWORK_ORDER {
        HeaderFormat::NETWORK_UNSIGNED
    } else {
        HeaderFormat::default()
    };
    Some(Python::of(&program, side, header).text)
}

/// A program as Python, and the line of each of its calls, from 1.
#[derive(Debug)]
pub(super) struct Python {
    pub(super) text: String,
    pub(super) lines: Vec<u32>,
}

impl Python {
    pub(super) fn of(program: &Program, side: Side, header: HeaderFormat) -> Self {
        let calls = &program.0;
        let has = |is: fn(&Call) -> bool| calls.iter().any(is);
        let mut text = String::from("import socket\n");
        if has(|call| call.sends_header() || call.reads_header() || *call == Call::Reset) {
            text += "import struct\n";
        }
        if has(|call| matches!(call, Call::Sleep { .. })) {
            text += "import time\n";
        }
        if has(|call| matches!(call, Call::RecvExact(_) | Call::RecvMessage)) {
            text += RECV_EXACTLY;
        }
        if has(|call| *call == Call::RecvMessage) {
            text += &RECV_MESSAGE.replace("FORMAT", &header.to_string());
        }
        if has(|call| *call == Call::RecvNaive) {
            text += &RECV_NAIVELY.replace("FORMAT", &header.to_string());
        }
        let is_server = side == Side::SERVER;
        text +=
            if is_server { "\nserver = socket.socket()\n" } else { "\nclient = socket.socket()\n" };
        if is_server {
            text += "server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n";
        }
        let mut python = Self { text, lines: Vec::new() };
        let mut socket = if is_server { "server" } else { "client" };
        for (index, call) in calls.iter().enumerate() {
            if *call == Call::Accept && socket == "conn" {
                // The connection before stays open.
                let _ = writeln!(python.text, "conn{index} = conn");
            }
            if matches!(call, Call::Listen { .. }) {
                let _ = writeln!(python.text, "server.bind({ADDRESS})");
            }
            let line = python.text.lines().count() + 1;
            python.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
            let _ = writeln!(python.text, "{}", line_of(call, socket, header));
            if *call == Call::Accept {
                socket = "conn";
            }
        }
        python
    }
}

/// The bytes up to which a literal is written out.
const SHORT: usize = 64;

/// Bytes as a literal. Long ones that repeat are a product, as a link of the first version has them.
fn literal(bytes: &[u8]) -> String {
    let period = period(bytes);
    if bytes.len() <= SHORT || period * 2 > bytes.len() {
        return python_repr(bytes);
    }
    let (once, rest) = (&bytes[..period], &bytes[bytes.len() / period * period..]);
    let product = format!("{} * {}", python_repr(once), bytes.len() / period);
    if rest.is_empty() { product } else { format!("{product} + {}", python_repr(rest)) }
}

/// The smallest number of bytes after which the bytes repeat, by the prefix function of Knuth, Morris and Pratt.
fn period(bytes: &[u8]) -> usize {
    let mut borders = vec![0; bytes.len()];
    let mut border = 0;
    for at in 1..bytes.len() {
        while border > 0 && bytes[at] != bytes[border] {
            border = borders[border - 1];
        }
        border += usize::from(bytes[at] == bytes[border]);
        borders[at] = border;
    }
    bytes.len() - border
}

fn line_of(call: &Call, socket: &str, header: HeaderFormat) -> String {
    let repr = |Data(bytes): &Data| literal(bytes);
    let option = |option: &str, value: &dyn std::fmt::Display| {
        format!("{socket}.setsockopt({option}, {value})")
    };
    match call {
        Call::Listen { backlog } => format!("server.listen({backlog})"),
        Call::Accept => "conn, addr = server.accept()".to_owned(),
        Call::Connect => format!("{socket}.connect({ADDRESS})"),
        Call::Send(data) => format!("{socket}.sendall({})", repr(data)),
        Call::SendMessage(data) => {
            let length = data.0.len();
            format!("{socket}.sendall(struct.pack('{header}', {length}) + {})", repr(data))
        }
        Call::SendHeader(number) if header.write(*number).is_some() => {
            format!("{socket}.sendall(struct.pack('{header}', {number}))")
        }
        Call::SendHeader(number) => {
            format!("{socket}.sendall({})", python_repr(&header.write_or_ones(*number)))
        }
        Call::Recv(length) => format!("print({socket}.recv({length}))"),
        Call::RecvExact(length) => format!("print(recv_exactly({socket}, {length}))"),
        Call::RecvNaive => format!("print(recv_naively({socket}))"),
        Call::RecvMessage => format!("print(recv_message({socket}))"),
        Call::Sleep { ms } => format!("time.sleep({}.{:03})", ms / 1000, ms % 1000),
        Call::SetNodelay(on) => option("socket.IPPROTO_TCP, socket.TCP_NODELAY", &u8::from(*on)),
        Call::SetRecvBuffer(bytes) => option("socket.SOL_SOCKET, socket.SO_RCVBUF", bytes),
        Call::SetSendBuffer(bytes) => option("socket.SOL_SOCKET, socket.SO_SNDBUF", bytes),
        Call::ShutdownWrite => format!("{socket}.shutdown(socket.SHUT_WR)"),
        Call::Close => format!("{socket}.close()"),
        Call::Reset => format!(
            "{socket}.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); {socket}.close()"
        ),
    }
}
