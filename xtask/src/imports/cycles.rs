//! Finds cycles in a graph of imports, and reports them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use petgraph::algo::{astar, tarjan_scc};
use petgraph::graphmap::DiGraphMap;

/// An import, between files or between crates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrow {
    /// The file that imports.
    pub(crate) file: String,
    pub(crate) line: usize,
    /// The path that is imported.
    pub(crate) path: String,
    /// The file or the crate that defines it.
    pub(crate) target: String,
}

/// Arrows between nodes, one for each pair of nodes.
pub(crate) type Graph = BTreeMap<(String, String), Arrow>;

/// A shortest cycle in a strongly connected component.
pub(crate) struct Cycle<'a> {
    /// The arrows of the cycle.
    pub(crate) arrows: Vec<&'a Arrow>,
    /// The nodes of the cycle.
    pub(crate) nodes: BTreeSet<&'a str>,
    /// The other nodes of the component.
    pub(crate) others: BTreeSet<&'a str>,
}

impl Cycle<'_> {
    /// A heading, the arrows, and the names of the other nodes.
    pub(crate) fn report(&self, between: &str) -> String {
        let mut report = format!("import cycle between {between}:");
        for Arrow { file, line, path, target } in &self.arrows {
            let _ = write!(report, "\n  {file}:{line} imports {path} ({target})");
        }
        if !self.others.is_empty() {
            let others: Vec<_> = self.others.iter().copied().collect();
            let _ = write!(report, "\n  in cycles with these: {}", others.join(", "));
        }
        report
    }

    /// All nodes of the component.
    pub(crate) fn component(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().chain(&self.others).copied()
    }
}

/// One cycle for each component of `graph`.
pub(crate) fn cycles(graph: &Graph) -> Vec<Cycle<'_>> {
    cycles_where(graph, |_| true)
}

/// One cycle for each component of `graph`: a shortest cycle for whose nodes `wanted` is true.
pub(crate) fn cycles_where(
    graph: &Graph,
    wanted: impl Fn(&BTreeSet<&str>) -> bool,
) -> Vec<Cycle<'_>> {
    let arrows: DiGraphMap<&str, &Arrow> =
        graph.iter().map(|((from, to), arrow)| (from.as_str(), to.as_str(), arrow)).collect();
    let mut cycles: Vec<_> = tarjan_scc(&arrows)
        .into_iter()
        .filter_map(|component| {
            let component: BTreeSet<_> = component.into_iter().collect();
            let way = shortest(&arrows, &component, &wanted)?;
            let next = way.iter().cycle().skip(1);
            let arrows =
                way.iter().zip(next).filter_map(|(from, to)| arrows.edge_weight(from, to).copied());
            let nodes: BTreeSet<_> = way.iter().copied().collect();
            let others = component.difference(&nodes).copied().collect();
            Some(Cycle { arrows: arrows.collect(), nodes, others })
        })
        .collect();
    cycles.sort_by(|one, other| one.arrows.cmp(&other.arrows));
    cycles
}

/// The nodes of a shortest cycle in `component` for which `wanted` is true, in order.
fn shortest<'a>(
    arrows: &DiGraphMap<&'a str, &'a Arrow>,
    component: &BTreeSet<&'a str>,
    wanted: impl Fn(&BTreeSet<&str>) -> bool,
) -> Option<Vec<&'a str>> {
    let mut ways: Vec<Vec<&str>> = Vec::new();
    for from in component {
        for to in arrows.neighbors(from).filter(|to| component.contains(to)) {
            // The path from `to` back to `from`.
            let back = astar(arrows, to, |node| node == *from, |_| 1, |_| 0);
            ways.extend(back.map(|(_, way)| way));
        }
    }
    ways.retain(|way| wanted(&way.iter().copied().collect()));
    ways.into_iter().min_by(|one, other| (one.len(), one).cmp(&(other.len(), other)))
}
