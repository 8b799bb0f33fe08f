//! The graphs of imports: between the files of the workspace, and between its crates.

use super::crates::ReadCrate;
use super::cycles::{Arrow, Graph, cycles};
use super::edges::Written;
use super::folders::folder_cycles;
use super::workspace::Kind;

/// A report for each cycle: between crates, between files, and between the entries of a folder; and for
/// methods away from their type.
pub(crate) fn import_cycles(crates: &[ReadCrate]) -> Vec<String> {
    let (packages, files) = (package_graph(crates), file_graph(crates));
    let between_files = cycles(&files);
    let mut reports = Vec::new();
    reports.extend(cycles(&packages).iter().map(|cycle| cycle.report("crates")));
    reports.extend(between_files.iter().map(|cycle| cycle.report("files")));
    reports.extend(folder_cycles(&files, &between_files));
    reports.extend(methods_elsewhere(crates));
    reports
}

/// A report for each `impl` without a trait in another file than its type. Both files can call the
/// other's methods without a path, so they are a cycle that the graph cannot see.
fn methods_elsewhere(crates: &[ReadCrate]) -> Vec<String> {
    let mut reports = Vec::new();
    for ReadCrate { tree, imports, .. } in crates {
        for ((from, to), Written { line, path }) in &imports.methods {
            let (from, to) = (&tree.modules[*from].file, &tree.modules[*to].file);
            if from != to {
                reports.push(format!("{from}:{line} has methods of {path}, which {to} defines"));
            }
        }
    }
    reports
}

fn file_graph(crates: &[ReadCrate]) -> Graph {
    let mut graph = Graph::default();
    for ReadCrate { tree, imports, .. } in crates {
        for ((from, to), written) in &imports.modules {
            let (from, to) = (&tree.modules[*from].file, &tree.modules[*to].file);
            if from != to {
                add(&mut graph, (from, to), arrow(from, written, to));
            }
        }
    }
    graph
}

/// The graph has only libraries, because nothing can import other crates.
fn package_graph(crates: &[ReadCrate]) -> Graph {
    let mut graph = Graph::default();
    for one in crates.iter().filter(|one| one.kind == Kind::Library) {
        for ((from, to), written) in &one.imports.packages {
            let arrow = arrow(&one.tree.modules[*from].file, written, to);
            add(&mut graph, (&one.package.name, to), arrow);
        }
    }
    graph
}

fn arrow(file: &str, Written { line, path }: &Written, target: &str) -> Arrow {
    Arrow { file: file.to_owned(), line: *line, path: path.clone(), target: target.to_owned() }
}

/// Keeps the first of several arrows between two nodes.
fn add(graph: &mut Graph, (from, to): (&str, &str), arrow: Arrow) {
    let kept = graph.entry((from.to_owned(), to.to_owned())).or_insert_with(|| arrow.clone());
    if arrow < *kept {
        *kept = arrow;
    }
}
