//! Checks the imports of the whole workspace. There must be no cycle, and each crate and folder must
//! use what its `May use:` line lists, and nothing else.
//!
//! It reads the files and not the compiler's output. So it sees all platforms and features at once and
//! needs no build. A name is resolved to the file that defines the item. A re-export is followed, and is
//! not an import itself. The methods of a type belong in its file, or its file could call them without an
//! import. Code under `#[cfg(test)]` is left out.
//!
//! It does not see a trait's methods that are called without the trait's name (`use Trait as _` apart),
//! and paths that only a macro of another crate writes.
//!
//! What comes in: the folder of the workspace. What goes out: an error that lists every finding.
//!
//! May use: `cargo`.
#![allow(clippy::wildcard_enum_match_arm, reason = "syn adds variants")]

mod attributes;
mod crates;
mod cycles;
mod edges;
mod folders;
mod graph;
mod module;
mod names;
mod rules;
mod syntax;
#[cfg(test)]
mod tests;
mod tokens;
mod tree;
mod workspace;

use std::path::Path;

use anyhow::bail;

/// Fails if anything is wrong with the imports of the workspace at `root`.
pub(crate) fn check(root: &Path) -> anyhow::Result<()> {
    let workspace = workspace::read(root)?;
    let crates = crates::read(&workspace)?;
    let mut findings = graph::import_cycles(&crates);
    findings.extend(rules::broken_rules(&crates));
    if !findings.is_empty() {
        bail!("findings about imports: {}\n{}", findings.len(), findings.join("\n"));
    }
    Ok(())
}
