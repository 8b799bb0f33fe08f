//! The folders in `lessons`, as `build.rs` compiles them into the crate.

use super::fingerprint;
use super::texts::Texts;
use crate::experiment::{Program, When, WireSetup};

/// A folder: one variant of a lesson, without the texts that somebody reads.
#[derive(Debug)]
pub(super) struct Folder {
    /// The lesson's number and a letter: `4a`.
    variant: &'static str,
    /// The [`fingerprint`] of the texts of its programs.
    fingerprint: u64,
    /// The programs, in the order in which they start.
    programs: &'static [Source],
    /// When each program starts.
    starts: &'static [Start],
    /// The wire between them, in words.
    wire: &'static str,
}

/// The texts in a folder. They are apart from it, because the page fetches those that are wanted.
#[derive(Debug)]
pub(super) struct Contents {
    /// The texts of the programs.
    programs: &'static [&'static str],
    pub(super) english: Texts,
    pub(super) chinese: Texts,
}

/// A program.
#[derive(Debug)]
struct Source {
    name: &'static str,
    file: &'static str,
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

/// The index of the folder of the variant with this name.
fn index_of(variant: &str) -> Option<usize> {
    FOLDERS.iter().position(|folder| folder.variant == variant)
}

/// The folder of the variant with this name.
pub(super) fn find(variant: &str) -> Option<&'static Folder> {
    FOLDERS.get(index_of(variant)?)
}

/// The texts in the folder of the variant with this name.
pub(super) fn find_contents(variant: &str) -> Option<&'static Contents> {
    CONTENTS.get(index_of(variant)?)
}

/// The name of the variant whose programs have these texts.
pub(super) fn variant_with<'a>(programs: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    let fingerprint = fingerprint::of(programs);
    let found = FOLDERS.iter().find(|folder| folder.fingerprint == fingerprint);
    found.map(|folder| folder.variant)
}

impl Contents {
    /// The text of the program in this file.
    pub(super) fn program(&self, folder: &Folder, file: &str) -> &'static str {
        let mut programs = folder.programs.iter().zip(self.programs);
        programs.find(|(program, _)| program.file == file).map_or("", |(_, text)| text)
    }
}

impl Folder {
    /// The wire between the programs.
    ///
    /// # Panics
    ///
    /// Never: a test reads all of them.
    pub(super) fn wire(&self) -> WireSetup {
        self.wire.parse().expect("a test has read it")
    }

    /// The programs, with the texts of their files.
    pub(super) fn programs(&self, mut text_of: impl FnMut(&str) -> String) -> Vec<Program> {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let program = |source: &Source| Program {
            name: source.name.to_owned(),
            file: source.file.to_owned(),
            text: text_of(source.file),
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

    #[test]
    fn a_variant_is_found_by_its_programs() {
        for variant in variants() {
            let experiment = variant.experiment();
            let texts = experiment.programs.iter().map(|program| program.text.as_str());
            assert_eq!(variant_with(texts), Some(variant.name));
        }
        assert_eq!(variant_with(["print(1)\n"].into_iter()), None);
    }
}
