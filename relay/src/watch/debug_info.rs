//! What a compiled program says of its source: DWARF in an ELF file.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use addr2line::Context;
use gimli::{Dwarf, EndianArcSlice, LittleEndian, SectionId};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _};

/// The longest file that is read: 256 MiB.
const MAX_FILE: u64 = 256 << 20;

/// The functions that a program begins with: of C and C++, and of Go.
const BEGINS: [&str; 2] = ["main", "main.main"];

type Slice = EndianArcSlice<LittleEndian>;

/// The lines of the source of an ELF file.
pub(super) struct DebugInfo(Context<Slice>);

impl std::fmt::Debug for DebugInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DebugInfo").finish_non_exhaustive()
    }
}

impl DebugInfo {
    /// `None`: the file says nothing of its source.
    pub(super) fn of(file: &object::File<'_>) -> Option<Self> {
        file.section_by_name(".debug_line")?;
        let section = |id: SectionId| -> Result<Slice, object::Error> {
            let section = file.section_by_name(id.name());
            let data = section.map(|one| one.uncompressed_data()).transpose()?;
            Ok(Slice::new(Arc::from(&*data.unwrap_or_default()), LittleEndian))
        };
        Context::from_dwarf(Dwarf::load(section).ok()?).ok().map(Self)
    }

    /// The file and the line of an address in the ELF file. The line is from 1.
    pub(super) fn line(&self, address: u64) -> Option<(&str, u32)> {
        let location = self.0.find_location(address).ok()??;
        location.file.zip(location.line.filter(|line| *line > 0))
    }
}

/// The bytes of an ELF file.
pub(super) fn read(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let length = File::open(path).ok()?.take(MAX_FILE + 1).read_to_end(&mut bytes).ok()?;
    (length as u64 <= MAX_FILE).then_some(bytes)
}

/// The file of the source in which a compiled program begins, if it says that and the file is there.
#[must_use]
pub fn source_of(program: &Path) -> Option<PathBuf> {
    let bytes = read(program)?;
    let file = object::File::parse(&*bytes).ok()?;
    let begins = file.symbols().find(|symbol| symbol.name().is_ok_and(|one| BEGINS.contains(&one)));
    let info = DebugInfo::of(&file)?;
    let (source, _) = info.line(begins?.address())?;
    Some(PathBuf::from(source)).filter(|source| source.is_file())
}
