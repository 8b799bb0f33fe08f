//! The text of a program in which another reader has taken over.

use std::ops::Range;

use framescope_framing::HeaderFormat;

use super::reader::Reader;
use crate::trace::Columns;

/// Where the reader takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In place of this line, from 1, which makes the first `recv`, and of the loop that begins with it.
    Instead(u32),
    /// After this line: the first `recv` is in a function that stands further up.
    After(u32),
}

/// A text with a reader in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) text: String,
    /// The reader's first line, from 1.
    first: u32,
    /// By the reader's lines, the part of each that calls `recv`. Empty if none does.
    calls: Vec<Columns>,
    /// The program's own lines that were left out.
    left_out: u32,
}

impl Source {
    /// The text with the reader at this place. Of the program's lines, those before stay, and those after the block.
    pub(super) fn new(
        text: &str,
        place: Place,
        reader: Reader,
        socket: &str,
        header: HeaderFormat,
    ) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let kept = match place {
            Place::Instead(line) => before(&lines, index(line)),
            Place::After(line) => index(line) + 1,
        }
        .min(lines.len());
        let model = match place {
            Place::Instead(_) => lines.get(kept),
            Place::After(line) => lines.get(index(line)),
        };
        let indent = model.map_or(0, |line| indent(line));
        let is_outside = |line: &&str| !line.trim().is_empty() && self::indent(line) < indent;
        let rest = lines[kept..].iter().position(is_outside);
        let rest = rest.map_or(lines.len(), |after| kept + after);
        let of_reader = reader.lines(socket, header).into_iter();
        let of_reader: Vec<String> =
            of_reader.map(|line| format!("{}{line}", " ".repeat(indent))).collect();
        let calls = of_reader.iter().map(|line| call_in(line, socket)).collect();
        let before = lines[..kept].iter().copied();
        let all =
            before.chain(of_reader.iter().map(String::as_str)).chain(lines[rest..].iter().copied());
        let mut text = all.collect::<Vec<_>>().join("\n");
        text.push('\n');
        Self { text, first: number(kept), calls, left_out: number(rest - kept) - 1 }
    }

    /// The numbers of the reader's lines, from 1.
    pub(super) fn lines(&self) -> Range<u32> {
        self.first..self.line(self.calls.len())
    }

    /// The number of one of the reader's lines, from 1.
    pub(super) fn line(&self, of_reader: usize) -> u32 {
        self.first + number(of_reader) - 1
    }

    /// The part of one of the reader's lines that calls `recv`.
    pub(super) fn call(&self, of_reader: usize) -> Columns {
        self.calls.get(of_reader).copied().unwrap_or_default()
    }

    /// Where one of the program's lines is now. A line that was left out is the reader's first.
    pub(super) fn moved(&self, line: u32) -> u32 {
        if line < self.first {
            line
        } else if line < self.first + self.left_out {
            self.first
        } else {
            line - self.left_out + number(self.calls.len()) - 1
        }
    }
}

/// The number of lines before this one, or before the loop that begins with it.
fn before(lines: &[&str], line: usize) -> usize {
    let Some(text) = lines.get(line) else { return lines.len() };
    let above = lines[..line].iter().rposition(|above| !above.trim().is_empty());
    let is_loop = |above: &usize| {
        let (first, inner) = (lines[*above], indent(text));
        let words = first.trim_start();
        (words.starts_with("while ") || words.starts_with("for ")) && indent(first) < inner
    };
    above.filter(is_loop).unwrap_or(line)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn call_in(line: &str, socket: &str) -> Columns {
    let call = format!("{socket}.recv(");
    let Some(at) = line.find(&call) else { return Columns::default() };
    let mut open = 0_i32;
    let end = line[at..].find(|c| {
        open += i32::from(c == '(') - i32::from(c == ')');
        c == ')' && open == 0
    });
    let count = |part: &str| u32::try_from(part.chars().count()).unwrap_or(u32::MAX);
    let from = count(&line[..at]);
    Columns { from, to: from + count(&line[at..=at + end.unwrap_or(call.len() - 1)]) }
}

/// The name of the socket in a line that calls this method of it: `conn` in `data = conn.recv(5)`. `None` if it is no name.
pub(super) fn socket_in(line: &str, columns: Columns, method: &str) -> Option<String> {
    let characters = line.chars().skip(columns.from as usize);
    let call: String =
        characters.take((columns.to.saturating_sub(columns.from)) as usize).collect();
    let (name, _) = call.split_once(&format!(".{method}("))?;
    is_name(name).then(|| name.to_owned())
}

/// The name that a line gives to the socket of `accept`: `conn` in `conn, addr = server.accept()`.
pub(super) fn accepted_in(line: &str) -> Option<String> {
    let (names, _) = line.split_once('=')?;
    let (name, _) = names.split_once(',').unwrap_or((names, ""));
    let name = name.trim().trim_start_matches('(');
    is_name(name).then(|| name.to_owned())
}

fn is_name(text: &str) -> bool {
    let is_part = |part: &str| {
        let starts = part.starts_with(|c: char| c.is_alphabetic() || c == '_');
        starts && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    text.split('.').all(is_part)
}

const fn index(line: u32) -> usize {
    line.saturating_sub(1) as usize
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX - 1) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str = "server = listen()
while True:
    conn, addr = server.accept()
    while True:
        data = conn.recv(1024)
        if not data:
            break
    conn.close()
print('end')
";

    fn source(text: &str, place: Place) -> Source {
        Source::new(text, place, Reader::Recv(7), "conn", HeaderFormat::LITTLE_SIGNED)
    }

    #[test]
    fn a_reader_stands_in_place_of_the_loop_that_reads() {
        let source = source(SERVER, Place::Instead(5));
        let expected = "server = listen()
while True:
    conn, addr = server.accept()
    while True:
        data = conn.recv(7)
        if not data:
            break
        print(data)
print('end')
";
        assert_eq!(source.text, expected);
        assert_eq!((source.line(0), source.line(1)), (4, 5));
        assert_eq!(source.call(1), Columns { from: 15, to: 27 });
        let moved: Vec<u32> = (1..=9).map(|line| source.moved(line)).collect();
        assert_eq!(moved, [1, 2, 3, 4, 4, 4, 4, 4, 9]);
    }

    #[test]
    fn a_reader_follows_the_line_that_called_the_function_that_reads() {
        let text =
            "def read(conn):\n    return conn.recv(4)\nconn, addr = s.accept()\nread(conn)\n";
        let source = source(text, Place::After(3));
        let lines: Vec<&str> = source.text.lines().collect();
        assert_eq!(
            lines[2..5],
            ["conn, addr = s.accept()", "while True:", "    data = conn.recv(7)"]
        );
        assert_eq!(lines.len(), 8);
    }

    #[test]
    fn any_place_of_any_text_is_one() {
        for line in [0, 1, 2, u32::MAX] {
            for text in ["", "\n", "x", "  x\n", "while True:\n    pass"] {
                for place in [Place::Instead(line), Place::After(line)] {
                    let source = source(text, place);
                    let reads = source.text.lines().nth(source.line(1) as usize - 1);
                    assert!(
                        reads.is_some_and(|reads| reads.contains("conn.recv(7)")),
                        "{source:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_socket_has_the_name_that_the_program_gives_it() {
        let line = "    data = self.conn.recv(5)";
        let columns = Columns { from: 11, to: 28 };
        assert_eq!(socket_in(line, columns, "recv").as_deref(), Some("self.conn"));
        assert_eq!(socket_in("data = all[0].recv(5)", Columns { from: 7, to: 21 }, "recv"), None);
        assert_eq!(accepted_in("(conn, addr) = s.accept()").as_deref(), Some("conn"));
        assert_eq!(accepted_in("    c = s.accept()[0]").as_deref(), Some("c"));
        assert_eq!(accepted_in("serve(s.accept())"), None);
    }
}
