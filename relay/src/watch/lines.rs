//! The lines at which a Python is, and its variables: it keeps them in its memory, where `sitecustomize.py` has said that they
//! are.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::{env, process};

use framescope_lab::Variable;
use rustix::fs::{MemfdFlags, memfd_create};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::memory::{Memory, Piece};

/// The module that Python imports when it starts.
const MODULE: &str = include_str!("sitecustomize.py");

/// The descriptor of the `write` with which it says where its numbers are.
pub(super) const TELLS_PLACES: i32 = -26227;

/// The most threads whose lines are known.
const MAX_PLACES: u64 = 256;

/// The longest text of that `write`, in bytes.
const MAX_TOLD: u64 = 64;

/// A zip file with the module, which is in this process's memory and nowhere else: nothing of it is left behind, however this
/// process ends.
#[derive(Debug)]
pub(super) struct Module(File);

impl Module {
    pub(super) fn write() -> io::Result<Self> {
        let mut file = File::from(memfd_create("framescope-watch", MemfdFlags::CLOEXEC)?);
        let mut zip = ZipWriter::new(&mut file);
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.start_file("sitecustomize.py", stored)?;
        zip.write_all(MODULE.as_bytes())?;
        zip.finish()?;
        Ok(Self(file))
    }

    /// `PYTHONPATH` with the module first.
    pub(super) fn path(&self) -> OsString {
        let own = format!("/proc/{}/fd/{}", process::id(), self.0.as_raw_fd());
        let mut path = OsString::from(own);
        if let Some(others) = env::var_os("PYTHONPATH").filter(|others| !others.is_empty()) {
            path.push(":");
            path.push(others);
        }
        path
    }
}

/// Its presence in the environment lets the module keep variables too.
pub(super) const KEEPS_VARIABLES: &str = "FRAMESCOPE_VARIABLES";

/// How many bytes the module has for the variables of a thread.
const ROOM: u64 = 4096;

/// Where a process has its numbers: pairs of the id of a thread, and its line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines {
    address: u64,
    places: u64,
    /// Where the variables are, at the same places. 0: nowhere.
    texts: u64,
}

/// What a Python tells of a thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// The line of the program's file at which it is, from 1. 0: it is in none.
    pub(super) line: u32,
    /// Its variables. `None`: it tells none.
    pub(super) variables: Option<Vec<Variable>>,
}

impl Lines {
    /// What the `write` of this text says.
    pub(super) fn told(memory: Memory, address: u64, length: u64) -> Option<Self> {
        let piece = Piece { address, length: length.min(MAX_TOLD) };
        let text = String::from_utf8(memory.bytes(&[piece], piece.length)).ok()?;
        let mut words = text.split(' ').map(str::parse);
        let mut next = || words.next()?.ok();
        let (address, places, texts) = (next()?, next()?, next()?);
        (places <= MAX_PLACES).then_some(Self { address, places, texts })
    }

    /// What is known of this thread. `None` before its first line.
    pub(super) fn of(self, memory: Memory, thread: i32) -> Option<Told> {
        let piece = Piece { address: self.address, length: self.places * 8 };
        let bytes = memory.bytes(&[piece], piece.length);
        let (numbers, _) = bytes.as_chunks();
        let numbers: Vec<u32> = numbers.iter().copied().map(u32::from_ne_bytes).collect();
        let (pairs, _) = numbers.as_chunks();
        // Of two threads with the same id, the later one has the later place.
        let is_own = |[id, _]: &[u32; 2]| i64::from(*id) == i64::from(thread);
        let place = pairs.iter().rposition(is_own)?;
        let line = pairs.get(place).map(|[_, line]| *line)?;
        let place = place as u64;
        Some(Told { line, variables: self.variables(memory, place) })
    }

    fn variables(self, memory: Memory, place: u64) -> Option<Vec<Variable>> {
        if self.texts == 0 {
            return None;
        }
        let at = self.texts.checked_add(place * ROOM)?;
        let length = u64::from(u16::from_le_bytes(memory.array(at)?)).min(ROOM - 2);
        let bytes = memory.bytes(&[Piece { address: at.checked_add(2)?, length }], length);
        let text = String::from_utf8_lossy(&bytes);
        // The last one may be cut.
        let whole = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
        Some(whole.filter_map(variable).collect())
    }
}

/// A line of such a text: `l` or `g`, the name, a tab, and the value.
fn variable(line: &str) -> Option<Variable> {
    let (name, value) = line.split_once('\t')?;
    let is_global = name.starts_with('g');
    let name = name.strip_prefix(['g', 'l'])?;
    Some(Variable { name: name.to_owned(), value: value.to_owned(), is_global })
}
