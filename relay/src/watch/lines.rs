//! The lines at which a Python is: it keeps them in its memory, where `sitecustomize.py` has said that they are.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::{env, process};

use rustix::fs::{MemfdFlags, memfd_create};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::memory::Memory;

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

/// Where a process has its numbers: pairs of the id of a thread, and its line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines {
    address: u64,
    places: u64,
}

impl Lines {
    /// What the `write` of this text says.
    pub(super) fn told(memory: Memory, address: u64, length: u64) -> Option<Self> {
        let piece = super::memory::Piece { address, length: length.min(MAX_TOLD) };
        let text = String::from_utf8(memory.bytes(&[piece], piece.length)).ok()?;
        let (address, places) = text.split_once(' ')?;
        let places = places.parse().ok().filter(|places| *places <= MAX_PLACES)?;
        Some(Self { address: address.parse().ok()?, places })
    }

    /// The line at which this thread is, from 1. `None` before its first.
    pub(super) fn of(self, memory: Memory, thread: i32) -> Option<u32> {
        let piece = super::memory::Piece { address: self.address, length: self.places * 8 };
        let bytes = memory.bytes(&[piece], piece.length);
        let number = |bytes: &[u8]| bytes.try_into().map(u32::from_ne_bytes).ok();
        // Of two threads with the same id, the later one has the later place.
        let mut own = bytes.chunks_exact(8).rev().filter_map(|pair| pair.split_at_checked(4));
        let own = own.find(|(id, _)| number(id) == u32::try_from(thread).ok());
        own.and_then(|(_, line)| number(line)).filter(|line| *line > 0)
    }
}
