//! Resolves a path in a module to the item that it names.
//!
//! Visibility is not checked, because the compiler checks it.

use std::collections::BTreeMap;

use super::module::{Binding, Import, Item, ModuleId, NamePath, ROOT};
use super::tree::Tree;

/// What a path can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Module(ModuleId),
    /// An item, and the module that defines it.
    Item(ModuleId, Item),
    /// Another package of the workspace. The rest of the path is not followed.
    Package(String),
}

/// The names of one crate.
pub(crate) struct Names<'a> {
    pub(crate) tree: &'a Tree,
    /// The packages of the workspace that the crate can name, by their names in code.
    pub(crate) packages: &'a BTreeMap<String, String>,
}

/// The names whose lookup is in progress. If a name leads to itself, the search ends there. That happens
/// if a `use` binds the name of the crate in its path, as in `use log::log`.
type Busy = Vec<(ModuleId, String)>;

impl Names<'_> {
    /// Everything that `path` can name in `module`. Empty if it is outside the workspace.
    pub(crate) fn resolve(&self, module: ModuleId, path: &NamePath) -> Vec<Target> {
        self.follow(module, path, &mut Busy::new())
    }

    /// The traits that a glob import of `from` brings into `module`. Code can call their methods without
    /// their names.
    pub(crate) fn traits(&self, from: ModuleId, module: ModuleId) -> Vec<Target> {
        let private_too = self.tree.is_under(module, from);
        let visible = |binding: &&Binding| match binding {
            Binding::Import(import) => import.reexport || private_too,
            Binding::Item(_) => true,
            Binding::Module(_) => false,
        };
        let names = &self.tree.modules[from].names;
        names
            .values()
            .flatten()
            .filter(visible)
            .flat_map(|binding| self.bound(from, binding, &mut Busy::new()))
            .filter(|target| matches!(target, Target::Item(_, Item::Trait)))
            .collect()
    }

    fn follow(&self, module: ModuleId, path: &NamePath, busy: &mut Busy) -> Vec<Target> {
        let Some((first, rest)) = path.segments.split_first() else { return Vec::new() };
        let mut reached = match first.as_str() {
            name if path.global => self.package(name),
            "crate" => vec![Target::Module(ROOT)],
            "self" => vec![Target::Module(module)],
            "super" => self.parent(module),
            name => self.lexical(module, name, busy),
        };
        for segment in rest {
            reached = reached.into_iter().flat_map(|at| self.step(at, segment, busy)).collect();
        }
        reached
    }

    /// Resolves `segment`, the next name of a path, in `at`.
    fn step(&self, at: Target, segment: &str, busy: &mut Busy) -> Vec<Target> {
        match at {
            Target::Module(module) => match segment {
                "self" => vec![at],
                "super" => self.parent(module),
                _ => {
                    let found = self.member(module, segment, busy);
                    if found.is_empty() && !self.tree.modules[module].names.contains_key(segment) {
                        // A name from an included file or from a macro: it belongs to this module.
                        return vec![Target::Item(module, Item::Type)];
                    }
                    found
                }
            },
            // A variant or an associated item is defined with its type.
            Target::Item(_, Item::Enum { .. } | Item::Trait | Item::Type) | Target::Package(_) => {
                vec![at]
            }
            Target::Item(_, Item::Macro | Item::Value) => Vec::new(),
        }
    }

    /// Resolves the first name of a path: a name in the module, a package, or a macro of a module around
    /// this one.
    fn lexical(&self, module: ModuleId, name: &str, busy: &mut Busy) -> Vec<Target> {
        let mut found = self.member(module, name, busy);
        if found.is_empty() {
            found = self.package(name);
        }
        let mut around = self.tree.modules[module].parent;
        while let Some(id) = around.filter(|_| found.is_empty()) {
            let bindings = self.tree.modules[id].names.get(name);
            let is_macro = |one: &Binding| matches!(one, Binding::Item(Item::Macro));
            if bindings.is_some_and(|all| all.iter().any(is_macro)) {
                found.push(Target::Item(id, Item::Macro));
            }
            around = self.tree.modules[id].parent;
        }
        found
    }

    /// Resolves `module::name`. A bound name hides the names from glob imports.
    fn member(&self, module: ModuleId, name: &str, busy: &mut Busy) -> Vec<Target> {
        let key = (module, name.to_owned());
        if busy.contains(&key) {
            return Vec::new();
        }
        busy.push(key);
        let scope = &self.tree.modules[module];
        let found = match scope.names.get(name) {
            Some(bindings) => {
                bindings.iter().flat_map(|binding| self.bound(module, binding, busy)).collect()
            }
            None => scope
                .globs
                .iter()
                .flat_map(|glob| self.through_glob(module, glob, name, busy))
                .collect(),
        };
        busy.pop();
        found
    }

    fn bound(&self, module: ModuleId, binding: &Binding, busy: &mut Busy) -> Vec<Target> {
        match binding {
            Binding::Module(id) => vec![Target::Module(*id)],
            Binding::Item(item) => vec![Target::Item(module, item.clone())],
            Binding::Import(import) => self.follow(module, &import.path, busy),
        }
    }

    fn through_glob(
        &self,
        module: ModuleId,
        glob: &Import,
        name: &str,
        busy: &mut Busy,
    ) -> Vec<Target> {
        let mut found = Vec::new();
        for target in self.follow(module, &glob.path, busy) {
            match &target {
                Target::Module(id) => found.extend(self.member(*id, name, busy)),
                Target::Item(_, Item::Enum { variants }) => {
                    if variants.iter().any(|variant| variant == name) {
                        found.push(target);
                    }
                }
                // Whether the package has this name is not known. The package counts as used.
                Target::Package(_) => found.push(target),
                Target::Item(..) => {}
            }
        }
        found
    }

    fn parent(&self, module: ModuleId) -> Vec<Target> {
        self.tree.modules[module].parent.map(Target::Module).into_iter().collect()
    }

    fn package(&self, name: &str) -> Vec<Target> {
        self.packages.get(name).cloned().map(Target::Package).into_iter().collect()
    }
}
