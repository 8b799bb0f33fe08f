//! What is kept of a module's text: the names it binds and the paths it mentions.

use std::collections::BTreeMap;

/// The place of a module in its crate's list. The root is 0.
pub(crate) type ModuleId = usize;

pub(crate) const ROOT: ModuleId = 0;

/// One module, inline or a file.
#[derive(Default)]
pub(crate) struct Module {
    /// The names from the crate's root to this module; empty for the root.
    pub(crate) path: Vec<String>,
    /// The file that it is written in, relative to the workspace.
    pub(crate) file: String,
    pub(crate) parent: Option<ModuleId>,
    /// The `//!` lines at its head, each with its line number.
    pub(crate) docs: Vec<(usize, String)>,
    /// One name can be bound several times: as a module and as a function, or under two `cfg`s.
    pub(crate) names: BTreeMap<String, Vec<Binding>>,
    pub(crate) globs: Vec<Import>,
    /// Each path that its code names, with the line of the first time.
    pub(crate) mentions: BTreeMap<Mention, usize>,
}

pub(crate) enum Binding {
    Module(ModuleId),
    Item(Item),
    Import(Import),
}

/// What kind of item a name is, as far as looking further through it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Enum { variants: Vec<String> },
    Trait,
    Type,
    Macro,
    Value,
}

#[derive(Clone)]
pub(crate) struct Import {
    pub(crate) path: NamePath,
    /// Whether the `use` has a visibility, so that others can import through it.
    pub(crate) reexport: bool,
}

/// A path as it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NamePath {
    /// Whether it begins with `::`, and therefore with a crate's name.
    pub(crate) global: bool,
    pub(crate) segments: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MentionKind {
    /// A `use` without a visibility.
    Import,
    /// The same, of all that a module or an enum has.
    Glob,
    /// A `use` with a visibility.
    Reexport,
    /// A path in other code.
    Code,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mention {
    pub(crate) path: NamePath,
    pub(crate) kind: MentionKind,
}

impl Module {
    pub(crate) fn bind(&mut self, name: String, binding: Binding) {
        self.names.entry(name).or_default().push(binding);
    }

    pub(crate) fn mention(&mut self, path: NamePath, kind: MentionKind, line: usize) {
        let first = self.mentions.entry(Mention { path, kind }).or_insert(line);
        *first = line.min(*first);
    }
}

impl NamePath {
    pub(crate) fn local(segments: Vec<String>) -> Self {
        Self { global: false, segments }
    }
}
