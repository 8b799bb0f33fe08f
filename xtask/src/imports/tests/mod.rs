//! Tests of the check, on small workspaces in a temporary folder.

mod by_cargo;
mod cycles;
mod may_use;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::crates;
use super::graph::import_cycles;
use super::rules::broken_rules;
use super::workspace::{Kind, Package, Target, Workspace};

/// Files, each with its text.
type Files<'a> = &'a [(&'a str, &'a str)];

/// The reports of cycles in a library with these files.
fn cycles_in(files: Files) -> Vec<String> {
    let (_folder, workspace) = library(files);
    import_cycles(&crates::read(&workspace).unwrap())
}

/// The broken rules in a library with these files.
fn broken_in(files: Files) -> Vec<String> {
    let (_folder, workspace) = library(files);
    broken_rules(&crates::read(&workspace).unwrap())
}

fn library(files: Files) -> (TempDir, Workspace) {
    let package = package("framescope-a", "", &[(Kind::Library, "src/lib.rs")], &[]);
    workspace(files, vec![package])
}

fn workspace(files: Files, packages: Vec<Package>) -> (TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    let root = folder.path().to_owned();
    (folder, Workspace { root, packages })
}

/// A package in `folder`, which is empty or ends with a slash.
fn package(name: &str, folder: &str, targets: &[(Kind, &str)], uses: &[&str]) -> Package {
    let code_name = |name: &str| name.replace('-', "_");
    let known = uses.iter().chain([&name]);
    Package {
        name: name.to_owned(),
        manifest: format!("{folder}Cargo.toml"),
        targets: targets
            .iter()
            .map(|(kind, root)| Target { kind: *kind, root: format!("{folder}{root}") })
            .collect(),
        dependencies: uses.iter().map(ToString::to_string).collect(),
        known_as: known
            .map(|name| (code_name(name), (*name).to_owned()))
            .collect::<BTreeMap<_, _>>(),
    }
}

fn write(folder: &Path, files: Files) {
    for (file, text) in files {
        let file = folder.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
}
