//! The imports of one crate: from module to module, and to other packages of the workspace.

use std::collections::BTreeMap;

use super::module::{Mention, MentionKind, ModuleId, NamePath};
use super::names::{Names, Target};

/// What a crate imports. One entry for each pair, of the first line that makes it.
#[derive(Default)]
pub(crate) struct Imports {
    /// From a module to another one of the same crate, which may be written in the same file.
    pub(crate) modules: BTreeMap<(ModuleId, ModuleId), Written>,
    /// The same for re-exports, which are no arrows but need the other module.
    pub(crate) reexports: BTreeMap<(ModuleId, ModuleId), Written>,
    /// From a module to another package, re-exports included.
    pub(crate) packages: BTreeMap<(ModuleId, String), Written>,
}

/// Where an import stands in its file, and the path that it names.
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
        // A lone name in code is never a module.
        MentionKind::Code => {
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
