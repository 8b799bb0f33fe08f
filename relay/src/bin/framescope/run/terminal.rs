//! The lines that somebody types for programs.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;

use super::words::Words;

/// Says which program reads a line.
pub(crate) fn ask(words: Words, name: &str) {
    if io::stdin().is_terminal() {
        eprint!("{}", words.reads_a_line(name));
    }
}

/// The next line of the terminal. `None` at the end of the input. Nothing is read ahead: whoever waits for the next line
/// sees whether it is there.
pub(crate) fn read_line() -> anyhow::Result<Option<String>> {
    let mut line = Vec::new();
    while let Some(byte) = read_byte().context("cannot read the input")? {
        if byte == b'\n' {
            let line = String::from_utf8(line).context("cannot read the input")?;
            return Ok(Some(line.trim_end_matches('\r').to_owned()));
        }
        line.push(byte);
    }
    let line = String::from_utf8(line).context("cannot read the input")?;
    Ok((!line.is_empty()).then_some(line))
}

/// The next byte of the terminal. `None` at the end of the input.
fn read_byte() -> io::Result<Option<u8>> {
    let mut byte = [0];
    #[cfg(unix)]
    let mut input = {
        // The standard library's reads ahead.
        use std::os::fd::AsFd as _;
        std::fs::File::from(io::stdin().as_fd().try_clone_to_owned()?)
    };
    #[cfg(not(unix))]
    let mut input = io::stdin();
    match io::Read::read_exact(&mut input, &mut byte) {
        Ok(()) => Ok(Some(byte[0])),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}
