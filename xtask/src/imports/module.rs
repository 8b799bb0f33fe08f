//! What the check keeps of a module: the names that it binds and the paths that it mentions.

use std::collections::BTreeMap;

/// The index of a module in its crate's list. The root is 0.
pub(crate) type ModuleId = usize;

pub(crate) const ROOT: ModuleId = 0;

/// One module, inline or a file.
#[derive(Default)]
pub(crate) struct Module {
    /// The names from the crate's root to this module. Empty for the root.
    pub(crate) path: Vec<String>,
    /// The file that it is written in, relative to the workspace.
    pub(crate) file: String,
    pub(crate) parent: Option<ModuleId>,
    /// The `//!` lines at its beginning, each with its line number.
    pub(crate) docs: Vec<(usize, String)>,
    /// One name can be bound several times: as a module and as a function, or under two `cfg`s.
    pub(crate) names: BTreeMap<String, Vec<Binding>>,
    pub(crate) globs: Vec<Import>,
    /// Each path that its code mentions, with the first line that mentions it.
    pub(crate) mentions: BTreeMap<Mention, usize>,
}

pub(crate) enum Binding {
    Module(ModuleId),
    Item(Item),
    Import(Import),
}

/// The kind of an item. It decides whether a path can go on through the item.
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
    /// Whether the `use` has a visibility, so that other modules can import through it.
    pub(crate) reexport: bool,
}

/// A path as it is written in the code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NamePath {
    /// Whether it begins with `::`, and so with the name of a crate.
    pub(crate) global: bool,
    pub(crate) segments: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MentionKind {
    /// A `use` without a visibility.
    Import,
    /// A `use` of `*` without a visibility.
    Glob,
    /// A `use` with a visibility.
    Reexport,
    /// A path in other code.
    Code,
    /// The type of an `impl` without a trait.
    Inherent,
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
