//! The packages of the workspace and the crates that cargo builds from them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use crate::cargo::cargo;

/// The workspace: the folder that paths are relative to, and the members.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) packages: Vec<Package>,
}

/// One member of the workspace.
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its `Cargo.toml`, relative to the root.
    pub(crate) manifest: String,
    pub(crate) targets: Vec<Target>,
    /// The members in `[dependencies]`, without dev-dependencies.
    pub(crate) dependencies: Vec<String>,
    /// The members that code of this package can name: the package by its name in the code.
    pub(crate) known_as: BTreeMap<String, String>,
}

/// A target of cargo: one crate for the compiler.
pub(crate) struct Target {
    pub(crate) kind: Kind,
    /// The file of its root, relative to the workspace.
    pub(crate) root: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Library,
    Binary,
    /// Tests, benches and examples. Nothing can import them.
    Development,
}

/// Asks cargo for the workspace at `root`.
pub(crate) fn read(root: &Path) -> anyhow::Result<Workspace> {
    let output = cargo(&["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root)
        .output()
        .context("cannot start `cargo metadata`")?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`cargo metadata` failed: {error}");
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    let root = metadata.workspace_root;
    let libraries: BTreeMap<_, _> = metadata
        .packages
        .iter()
        .filter_map(|package| {
            let library = package.targets.iter().find(|one| one.kind() == Some(Kind::Library))?;
            Some((package.name.clone(), library.name.clone()))
        })
        .collect();
    let packages = metadata
        .packages
        .into_iter()
        .map(|package| package.read(&root, &libraries))
        .collect::<anyhow::Result<_>>()?;
    Ok(Workspace { root, packages })
}

/// The part of the output of `cargo metadata` that the check needs.
#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    packages: Vec<MetadataPackage>,
}

#[derive(Deserialize)]
struct MetadataPackage {
    name: String,
    manifest_path: PathBuf,
    targets: Vec<MetadataTarget>,
    dependencies: Vec<MetadataDependency>,
}

#[derive(Deserialize)]
struct MetadataTarget {
    name: String,
    kind: Vec<String>,
    src_path: PathBuf,
}

#[derive(Deserialize)]
struct MetadataDependency {
    name: String,
    kind: Option<String>,
    rename: Option<String>,
}

impl MetadataPackage {
    /// `libraries` has the members that have a library, each with the library's name in code.
    fn read(self, root: &Path, libraries: &BTreeMap<String, String>) -> anyhow::Result<Package> {
        let mut targets = Vec::new();
        for target in self.targets {
            if let Some(kind) = target.kind() {
                let root = relative(&target.src_path, root)?;
                targets.push(Target { kind, root });
            }
        }
        let mut known_as = BTreeMap::new();
        let mut dependencies = Vec::new();
        if let Some(library) = libraries.get(&self.name) {
            known_as.insert(library.clone(), self.name.clone());
        }
        for dependency in self.dependencies {
            let Some(library) = libraries.get(&dependency.name) else { continue };
            let name = dependency.rename.map_or_else(|| library.clone(), |name| underscored(&name));
            known_as.insert(name, dependency.name.clone());
            if dependency.kind.is_none() {
                dependencies.push(dependency.name);
            }
        }
        let manifest = relative(&self.manifest_path, root)?;
        Ok(Package { name: self.name, manifest, targets, dependencies, known_as })
    }
}

impl MetadataTarget {
    /// `None` for a build script, which is not checked.
    fn kind(&self) -> Option<Kind> {
        match self.kind.first().map(String::as_str) {
            Some("bin") => Some(Kind::Binary),
            Some("test" | "bench" | "example") => Some(Kind::Development),
            Some("custom-build") | None => None,
            Some(_) => Some(Kind::Library),
        }
    }
}

fn underscored(name: &str) -> String {
    name.replace('-', "_")
}

fn relative(path: &Path, root: &Path) -> anyhow::Result<String> {
    let inside = path
        .strip_prefix(root)
        .with_context(|| format!("{} is outside the workspace", path.display()))?;
    Ok(inside.to_string_lossy().replace('\\', "/"))
}
