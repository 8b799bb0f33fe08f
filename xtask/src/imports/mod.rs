//! Checks the imports of the whole workspace: that none leads in a circle, and that what crates
//! and folders use is what they say they may use.
//!
//! It reads the files, not the compiler's output. So it sees all platforms and features at once,
//! and needs no build. Names are resolved to the file that defines the item; a re-export is a way
//! there and no import. What is under `#[cfg(test)]` is left out.
//!
//! Comes in: the folder of the workspace. Goes out: an error that lists every finding.
//!
//! May use: `cargo`.

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
