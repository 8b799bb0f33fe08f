//! Where a compiled program is in its source: the frames of its stack, by the tables that its files have for that.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use framehop::{ExplicitModuleSectionInfo, FrameAddress, Module, Unwinder as _};
use framescope_sys::trace::Registers;
use object::{Object as _, ObjectSection as _, ObjectSegment as _};

use super::debug_info::{DebugInfo, read};
use super::memory::Memory;

#[cfg(target_arch = "aarch64")]
use framehop::aarch64::{
    CacheAarch64 as Cache, UnwindRegsAarch64 as UnwindRegs, UnwinderAarch64 as Unwinder,
};
#[cfg(target_arch = "x86_64")]
use framehop::x86_64::{
    CacheX86_64 as Cache, UnwindRegsX86_64 as UnwindRegs, UnwinderX86_64 as Unwinder,
};

/// The most frames that are looked at.
const MAX_FRAMES: usize = 64;

/// The most files of which a process is made.
const MAX_FILES: usize = 256;

/// The frames of a process's stacks.
pub(super) struct Stack {
    unwinder: Unwinder<Vec<u8>>,
    cache: Cache,
    /// The files that say which line an address is of.
    files: Vec<Loaded>,
}

/// A file in the memory of a process.
#[derive(Debug)]
struct Loaded {
    addresses: Range<u64>,
    /// What its own addresses are moved by.
    moved_by: u64,
    info: DebugInfo,
}

impl std::fmt::Debug for Stack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stack").field("files", &self.files).finish_non_exhaustive()
    }
}

/// A part of a file that a process executes.
struct Mapped {
    addresses: Range<u64>,
    offset: u64,
    path: PathBuf,
}

impl Stack {
    /// That of a process, as its files are in its memory now.
    pub(super) fn of(process: i32) -> Self {
        let mut stack = Self { unwinder: Unwinder::new(), cache: Cache::new(), files: Vec::new() };
        let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap_or_default();
        for mapped in maps.lines().filter_map(mapped).take(MAX_FILES) {
            stack.add(mapped);
        }
        stack
    }

    /// Adds a file. One that says nothing of its frames ends the way of those who come through it.
    fn add(&mut self, mapped: Mapped) -> Option<()> {
        let bytes = read(&mapped.path)?;
        let file = object::File::parse(&*bytes).ok()?;
        let moved_by = moved_by(&file, &mapped)?;
        let section = |name: &str| {
            let section = file.section_by_name(name)?;
            let data = section.uncompressed_data().ok()?.into_owned();
            Some((section.address()..section.address() + section.size(), data))
        };
        let [text, eh_frame, eh_frame_hdr, got, debug_frame] =
            [".text", ".eh_frame", ".eh_frame_hdr", ".got", ".debug_frame"].map(section);
        let (eh_frame_svma, eh_frame) = eh_frame.unzip();
        let (eh_frame_hdr_svma, eh_frame_hdr) = eh_frame_hdr.unzip();
        let (text_svma, text) = text.unzip();
        let info = ExplicitModuleSectionInfo {
            base_svma: 0,
            text_svma,
            text,
            got_svma: got.map(|(addresses, _)| addresses),
            eh_frame_svma,
            eh_frame,
            eh_frame_hdr_svma,
            eh_frame_hdr,
            debug_frame: debug_frame.map(|(_, data)| data),
            ..ExplicitModuleSectionInfo::default()
        };
        let name = mapped.path.display().to_string();
        self.unwinder.add_module(Module::new(name, mapped.addresses.clone(), moved_by, info));
        if let Some(info) = DebugInfo::of(&file) {
            self.files.push(Loaded { addresses: mapped.addresses, moved_by, info });
        }
        Some(())
    }

    /// The line of this source at which a thread is: that of the innermost of its functions which is in it.
    pub(super) fn line(
        &mut self,
        registers: Registers,
        memory: Memory,
        source: &Path,
    ) -> Option<u32> {
        let Self { unwinder, cache, files } = self;
        let mut read = |address: u64| memory.words(address).map(|[word]| word).ok_or(());
        #[cfg(target_arch = "x86_64")]
        let own = UnwindRegs::new(registers.instruction, registers.stack, registers.frame);
        #[cfg(target_arch = "aarch64")]
        let own = UnwindRegs::new(registers.link, registers.stack, registers.frame);
        let mut frames = unwinder.iter_frames(registers.instruction, own, cache, &mut read);
        for _ in 0..MAX_FRAMES {
            let frame: FrameAddress = frames.next().ok()??;
            let address = frame.address_for_lookup();
            let loaded = files.iter().find(|one| one.addresses.contains(&address));
            let line = loaded.and_then(|one| one.info.line(address.checked_sub(one.moved_by)?));
            if let Some((_, line)) = line.filter(|(file, _)| Path::new(file) == source) {
                return Some(line);
            }
        }
        None
    }
}

/// A line of `/proc/PID/maps` (proc(5)), if it is of a part of a file that can be executed.
fn mapped(line: &str) -> Option<Mapped> {
    let mut words = line.splitn(6, ' ');
    let (from, to) = words.next()?.split_once('-')?;
    let number = |word: &str| u64::from_str_radix(word, 16).ok();
    let can_be_executed = words.next()?.contains('x');
    let offset = number(words.next()?)?;
    let path = words.nth(2)?.trim_start();
    let is_file = path.starts_with('/') && can_be_executed;
    is_file.then_some(Mapped { addresses: number(from)?..number(to)?, offset, path: path.into() })
}

/// What a file's own addresses are moved by.
fn moved_by(file: &object::File<'_>, mapped: &Mapped) -> Option<u64> {
    file.segments().find_map(|segment| {
        let (offset, length) = segment.file_range();
        let into = mapped.offset.checked_sub(offset - offset % PAGE)?;
        let is_here = into < length + offset % PAGE;
        let address = segment.address() - segment.address() % PAGE + into;
        is_here.then_some(mapped.addresses.start.wrapping_sub(address))
    })
}

/// Segments are in memory by whole pages.
const PAGE: u64 = 4096;
