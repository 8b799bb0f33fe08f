//! The imports of one crate: between its modules, and to other packages of the workspace.

use std::collections::BTreeMap;

use super::module::{Mention, MentionKind, ModuleId, NamePath};
use super::names::{Names, Target};

/// The imports of a crate. Each pair has one entry, with the first line that imports.
#[derive(Default)]
pub(crate) struct Imports {
    /// From a module to another module of the same crate. Both may be in the same file.
    pub(crate) modules: BTreeMap<(ModuleId, ModuleId), Written>,
    /// Re-exports from a module to another module. They are not arrows of the graph, but the rules
    /// count them.
    pub(crate) reexports: BTreeMap<(ModuleId, ModuleId), Written>,
    /// From a module to the module of the type that it adds methods to.
    pub(crate) methods: BTreeMap<(ModuleId, ModuleId), Written>,
    /// From a module to another package, re-exports included.
    pub(crate) packages: BTreeMap<(ModuleId, String), Written>,
}

/// The line of an import in its file, and the path that it names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Written {
    pub(crate) line: usize,
    pub(crate) path: String,
}

/// All imports of a crate.
pub(crate) fn imports(names: &Names) -> Imports {
    let mut imports = Imports::default();
    for (id, module) in names.tree.modules.iter().enumerate() {
        for (mention, line) in &module.mentions {
            let written = Written { line: *line, path: shown(mention) };
            for target in targets(names, id, mention) {
                imports.add(id, target, &written, mention.kind);
            }
        }
    }
    imports
}

fn targets(names: &Names, module: ModuleId, mention: &Mention) -> Vec<Target> {
    let mut targets = names.resolve(module, &mention.path);
    match mention.kind {
        MentionKind::Import | MentionKind::Reexport => {}
        MentionKind::Glob => {
            let modules = targets.iter().filter_map(|target| match target {
                Target::Module(id) => Some(*id),
                Target::Item(..) | Target::Package(_) => None,
            });
            let traits: Vec<_> = modules.flat_map(|id| names.traits(id, module)).collect();
            targets.extend(traits);
        }
        // A path of one name in code is never a module.
        MentionKind::Code | MentionKind::Inherent => {
            if let [_] = mention.path.segments.as_slice() {
                targets.retain(|target| matches!(target, Target::Item(..)));
            }
        }
    }
    targets
}

impl Imports {
    fn add(&mut self, from: ModuleId, target: Target, written: &Written, kind: MentionKind) {
        match target {
            Target::Module(to) | Target::Item(to, _) if to == from => {}
            Target::Module(to) | Target::Item(to, _) => match kind {
                MentionKind::Reexport => keep_first(&mut self.reexports, (from, to), written),
                MentionKind::Import | MentionKind::Glob | MentionKind::Code => {
                    keep_first(&mut self.modules, (from, to), written);
                }
                MentionKind::Inherent => keep_first(&mut self.methods, (from, to), written),
            },
            Target::Package(to) => keep_first(&mut self.packages, (from, to), written),
        }
    }
}

fn keep_first<K: Ord>(kept: &mut BTreeMap<K, Written>, key: K, written: &Written) {
    let first = kept.entry(key).or_insert_with(|| written.clone());
    if written < first {
        first.clone_from(written);
    }
}

fn shown(mention: &Mention) -> String {
    let NamePath { global, segments } = &mention.path;
    let start = if *global { "::" } else { "" };
    let end = if mention.kind == MentionKind::Glob { "::*" } else { "" };
    format!("{start}{}{end}", segments.join("::"))
}
