//! The folders in `lessons`, as `build.rs` compiles them into the crate.

use super::texts::Texts;
use crate::experiment::{Program, When};

/// A folder: one variant of a lesson.
#[derive(Debug)]
pub(super) struct Folder {
    /// The lesson's number and a letter: `4a`.
    variant: &'static str,
    /// The programs, in the order in which they start.
    programs: &'static [Source],
    /// When each program starts.
    starts: &'static [Start],
    pub(super) english: Texts,
    pub(super) chinese: Texts,
}

/// A program.
#[derive(Debug)]
struct Source {
    name: &'static str,
    file: &'static str,
    text: &'static str,
    argv: &'static [&'static str],
    stdin: Option<&'static [&'static str]>,
    interrupt: bool,
}

/// A [`When`] that a static can hold.
#[derive(Debug)]
enum Start {
    AtOnce,
    Listening(u16),
    Ended(usize),
    Printed(usize, &'static str),
}

include!(concat!(env!("OUT_DIR"), "/folders.rs"));

/// The folder of the variant with this name.
pub(super) fn find(variant: &str) -> Option<&'static Folder> {
    FOLDERS.iter().find(|folder| folder.variant == variant)
}

impl Folder {
    pub(super) fn programs(&self) -> Vec<Program> {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let program = |source: &Source| Program {
            name: source.name.to_owned(),
            file: source.file.to_owned(),
            text: source.text.to_owned(),
            argv: owned(source.argv),
            stdin: source.stdin.map(owned),
            interrupt: source.interrupt,
        };
        self.programs.iter().map(program).collect()
    }

    /// When each program starts.
    pub(super) fn starts(&self) -> impl Iterator<Item = When> {
        self.starts.iter().map(|start| match start {
            Start::AtOnce => When::AtOnce,
            Start::Listening(port) => When::Listening(*port),
            Start::Ended(program) => When::Ended(*program),
            Start::Printed(program, text) => When::Printed(*program, (*text).to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons::variants;

    #[test]
    fn each_folder_is_a_variant_and_each_variant_has_a_folder() {
        let folders = FOLDERS.iter().map(|folder| folder.variant);
        assert!(folders.eq(variants().map(|variant| variant.name)));
    }
}
