//! Finds cycles between the entries of a folder, from the imports between files.

use std::collections::{BTreeMap, BTreeSet};

use super::cycles::{Cycle, Graph, cycles_where};

/// The cycles between the entries of each folder. A cycle is left out if a cycle between files goes
/// through the same entries, because that one is reported already.
pub(crate) fn folder_cycles(files: &Graph, between_files: &[Cycle]) -> Vec<String> {
    let places = Places::of(files);
    let mut folders: BTreeMap<String, Graph> = BTreeMap::new();
    for ((from, to), arrow) in files {
        if let Some((folder, from, to)) = places.apart(from, to) {
            let graph = folders.entry(folder).or_default();
            let kept = graph.entry((from, to)).or_insert_with(|| arrow.clone());
            if arrow < kept {
                kept.clone_from(arrow);
            }
        }
    }
    let mut reports = Vec::new();
    for (folder, graph) in &folders {
        let explained: Vec<BTreeSet<String>> = between_files
            .iter()
            .map(|cycle| cycle.component().filter_map(|file| places.entry(folder, file)).collect())
            .collect();
        let unexplained = |nodes: &BTreeSet<&str>| {
            !explained.iter().any(|entries| nodes.iter().all(|node| entries.contains(*node)))
        };
        for cycle in cycles_where(graph, unexplained) {
            reports.push(cycle.report(&format!("the entries of {folder}")));
        }
    }
    reports
}

/// The place of each file. A module `x.rs` with a folder `x/` counts as `x/mod.rs`.
struct Places {
    folders: BTreeSet<String>,
}

impl Places {
    fn of(files: &Graph) -> Self {
        let mut folders = BTreeSet::new();
        for file in files.keys().flat_map(|(from, to)| [from, to]) {
            for (at, _) in file.match_indices('/') {
                folders.insert(file[..at].to_owned());
            }
        }
        Self { folders }
    }

    /// The names on the path to `file`. Each is a folder, except the last.
    fn names<'a>(&self, file: &'a str) -> Vec<&'a str> {
        let mut names: Vec<_> = file.split('/').collect();
        if let Some(stem) = file.strip_suffix(".rs").filter(|stem| self.folders.contains(*stem)) {
            let last = names.len() - 1;
            names.insert(last, stem.rsplit('/').next().unwrap_or(stem));
        }
        names
    }

    /// The innermost folder that contains both files, and the two entries of it that contain one of them
    /// each.
    fn apart(&self, from: &str, to: &str) -> Option<(String, String, String)> {
        let (from, to) = (self.names(from), self.names(to));
        let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
        let folder = from[..shared].join("/");
        Some((folder, (*from.get(shared)?).to_owned(), (*to.get(shared)?).to_owned()))
    }

    /// The entry of `folder` that is `file` or contains it.
    fn entry(&self, folder: &str, file: &str) -> Option<String> {
        let names = self.names(file);
        let depth = if folder.is_empty() { 0 } else { folder.split('/').count() };
        let inside = names.get(..depth)?.join("/") == folder;
        names.get(depth).filter(|_| inside).map(|name| (*name).to_owned())
    }
}
