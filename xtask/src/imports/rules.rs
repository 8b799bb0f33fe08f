//! Checks the rules that crates and folders state in a line of their docs:
//!
//! ```text
//! //! May use: `framing`, `record`.
//! //! May use: nothing.
//! ```
//!
//! In a crate's `lib.rs` the names are crates of the workspace, without `framescope-`. In a module with
//! a folder they are modules of the same crate, as paths from its root. A name allows the module and
//! every module in it. The name `crate` is the root file without its modules.

use std::collections::BTreeSet;

use super::crates::ReadCrate;
use super::edges::Written;
use super::module::{Module, ModuleId, ROOT};
use super::tree::Tree;
use super::workspace::Kind;

/// A finding for everything that is used and not listed, or listed and not used.
pub(crate) fn broken_rules(crates: &[ReadCrate]) -> Vec<String> {
    let mut errors = BTreeSet::new();
    for checked in crates {
        if checked.kind == Kind::Library {
            check_crate(checked, crates, &mut errors);
        }
        if checked.kind != Kind::Development {
            for id in 0..checked.tree.modules.len() {
                if has_folder(&checked.tree, id) {
                    check_folder(checked, id, &mut errors);
                }
            }
        }
    }
    errors.into_iter().collect()
}

fn check_crate(library: &ReadCrate, crates: &[ReadCrate], errors: &mut BTreeSet<String>) {
    let root = &library.tree.modules[ROOT];
    let Some(rule) = Rule::of(root, errors) else { return };
    let package = library.package;
    let mut used = BTreeSet::new();
    let shipped =
        |one: &&ReadCrate| one.package.name == package.name && one.kind != Kind::Development;
    for checked in crates.iter().filter(shipped) {
        for ((from, to), Written { line, path }) in &checked.imports.packages {
            if *to == package.name {
                continue;
            }
            let file = &checked.tree.modules[*from].file;
            used.insert(short(to));
            if !rule.names.contains(short(to)) {
                errors.insert(format!("{file}:{line} imports {path}, {}", rule.lacks(short(to))));
            }
        }
    }
    for dependency in &package.dependencies {
        if !rule.names.contains(short(dependency)) {
            let (manifest, name) = (&package.manifest, short(dependency));
            errors.insert(format!("{manifest} depends on {dependency}, {}", rule.lacks(name)));
        }
    }
    rule.unused(|name| used.contains(name), errors);
}

fn check_folder(checked: &ReadCrate, folder: ModuleId, errors: &mut BTreeSet<String>) {
    let ReadCrate { tree, imports, .. } = checked;
    let Some(rule) = Rule::of(&tree.modules[folder], errors) else { return };
    let mut used = BTreeSet::new();
    let imports = imports.modules.iter().chain(&imports.reexports);
    for ((from, to), Written { line, path }) in imports {
        if !tree.is_under(*from, folder) || tree.is_under(*to, folder) {
            continue;
        }
        let Module { path: place, file, .. } = &tree.modules[*to];
        let place = if place.is_empty() { "crate".to_owned() } else { place.join("::") };
        let allowing: Vec<_> = rule.names.iter().filter(|name| allows(name, &place)).collect();
        if allowing.is_empty() {
            let from = &tree.modules[*from].file;
            let lacks = rule.lacks(&place);
            errors.insert(format!("{from}:{line} imports {path} ({file}), {lacks}"));
        }
        used.extend(allowing.into_iter().map(String::as_str));
    }
    rule.unused(|name| used.contains(name), errors);
}

/// Whether `place` is the module `name` or a module in it.
fn allows(name: &str, place: &str) -> bool {
    place.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Whether the module has a folder: whether any of its children is in a file.
fn has_folder(tree: &Tree, module: ModuleId) -> bool {
    let file = &tree.modules[module].file;
    module != ROOT && tree.modules.iter().any(|one| one.parent == Some(module) && one.file != *file)
}

fn short(package: &str) -> &str {
    package.strip_prefix("framescope-").unwrap_or(package)
}

/// A `May use:` line.
struct Rule {
    file: String,
    line: usize,
    names: BTreeSet<String>,
}

impl Rule {
    /// The rule at the beginning of `module`'s file.
    fn of(module: &Module, errors: &mut BTreeSet<String>) -> Option<Self> {
        const START: &str = "May use:";
        let file = module.file.clone();
        let mut lines = module.docs.iter().map(|(line, text)| (*line, text.trim()));
        let found = lines.find_map(|(line, text)| Some((line, text.strip_prefix(START)?)));
        let Some((line, first)) = found else {
            errors.insert(format!("{file} has no line `//! {START} ...`"));
            return None;
        };
        let paragraph = lines.map(|(_, text)| text).take_while(|text| !text.is_empty());
        let text: String =
            [first].into_iter().chain(paragraph).flat_map(|one| [one, " "]).collect();
        let names = text.split_once('.').and_then(|(names, _)| parse(names.trim()));
        if names.is_none() {
            errors.insert(format!(
                "{file}:{line}: after `{START}` come names in backquotes, separated with commas, \
                 or `nothing`; then a full stop"
            ));
        }
        Some(Self { file, line, names: names? })
    }

    fn lacks(&self, name: &str) -> String {
        format!("but {}:{} does not list `{name}`", self.file, self.line)
    }

    fn unused(&self, used: impl Fn(&str) -> bool, errors: &mut BTreeSet<String>) {
        for name in self.names.iter().filter(|name| !used(name)) {
            errors.insert(format!("{}:{}: `{name}` is listed and not used", self.file, self.line));
        }
    }
}

fn parse(names: &str) -> Option<BTreeSet<String>> {
    if names == "nothing" {
        return Some(BTreeSet::new());
    }
    names
        .split(',')
        .map(|name| {
            let name = name.trim().strip_prefix('`')?.strip_suffix('`')?;
            (!name.is_empty() && !name.contains('`')).then(|| name.to_owned())
        })
        .collect()
}
