//! Reads every crate of the workspace and resolves its imports.

use super::edges::{Imports, imports};
use super::names::Names;
use super::tree::Tree;
use super::workspace::{Kind, Package, Workspace};

/// A crate and its imports.
pub(crate) struct ReadCrate<'a> {
    pub(crate) package: &'a Package,
    pub(crate) kind: Kind,
    pub(crate) tree: Tree,
    pub(crate) imports: Imports,
}

/// Reads the files of all crates of `workspace`. A file that belongs to several crates is read for each.
pub(crate) fn read(workspace: &Workspace) -> anyhow::Result<Vec<ReadCrate<'_>>> {
    let mut crates = Vec::new();
    for package in &workspace.packages {
        for target in &package.targets {
            let tree = Tree::read(&workspace.root, &target.root)?;
            let imports = imports(&Names { tree: &tree, packages: &package.known_as });
            crates.push(ReadCrate { package, kind: target.kind, tree, imports });
        }
    }
    Ok(crates)
}
