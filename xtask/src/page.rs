//! Builds the page into `target/page`: the files of `www/`, `web/` as wasm, and the lessons' texts.
//!
//! wasm-bindgen's generator is used as a library. Its version must be the version of the `wasm-bindgen`
//! that `web` uses. `Cargo.lock` fixes both; with a separately installed tool they could differ.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use wasm_bindgen_cli_support::Bindgen;

use crate::cargo::{WASM32, cargo, root, run, target_dir};
use crate::{first_picture, glue, page_texts, prerequisites, styles};

/// The packages that are compiled to wasm, and their names in the page.
const MODULES: [(&str, &str); 4] = [
    ("framescope-web", "framescope"),
    ("framescope-web-class", "class"),
    ("framescope-trace-file", "trace_file"),
    ("framescope-web-engine", "engine"),
];

/// The profile of its modules. One that optimises less takes as long, because it has more code to write.
const PROFILE: &str = "wasm";

/// Builds the page and returns its folder.
pub(crate) fn build() -> anyhow::Result<PathBuf> {
    prerequisites::wasm32_target()?;
    let target = target_dir();
    for (package, _) in MODULES {
        // Each alone: together, the page would get the features that another module needs.
        run(cargo(&["build", "--package", package, "--target", WASM32, "--profile", PROFILE])
            .arg("--target-dir")
            .arg(&target))?;
    }
    let made = target.join("page.new");
    if made.exists() {
        fs::remove_dir_all(&made)?;
    }
    copy(&root().join("www"), &made)?;
    // Students begin with it.
    let client = "challenge_client.py";
    fs::copy(root().join("examples/python").join(client), made.join(client))?;
    styles::shorten(&made)?;
    for document in ["index.html", "class.html"] {
        trim(&made.join(document))?;
    }
    page_texts::write(&made)?;
    first_picture::embed(&made)?;
    for (package, name) in MODULES {
        let library = package.replace('-', "_");
        let wasm = target.join(WASM32).join(PROFILE).join(library).with_extension("wasm");
        let output = Bindgen::new()
            .input_path(&wasm)
            .out_name(name)
            .web(true)?
            .typescript(false)
            .omit_default_module_path(false)
            .remove_name_section(true)
            .remove_producers_section(true)
            .generate_output()
            .with_context(|| format!("wasm-bindgen cannot read {}", wasm.display()))?;
        glue::emit(output, &made, name)?;
    }
    let page = target.join("page");
    replace(&made, &page)?;
    fs::remove_dir_all(&made)?;
    Ok(page)
}

/// Takes the indentation out of a document. None of its lines begins where spaces are shown.
fn trim(document: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(document)?;
    let lines: Vec<_> = text.lines().map(str::trim_start).collect();
    Ok(fs::write(document, lines.join("\n"))?)
}

/// Copies a folder.
pub(crate) fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let copied = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &copied)?;
        } else {
            fs::copy(entry.path(), copied)?;
        }
    }
    Ok(())
}

/// Makes `page` equal to `made`. Writes only the files that differ, because the relay is compiled again
/// if the time of a file changes.
fn replace(made: &Path, page: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(page)?;
    let names = |dir: &Path| -> anyhow::Result<BTreeSet<_>> {
        fs::read_dir(dir)?.map(|entry| Ok(entry?.file_name())).collect()
    };
    let wanted = names(made)?;
    for stale in names(page)?.difference(&wanted) {
        let stale = page.join(stale);
        if stale.is_dir() { fs::remove_dir_all(stale)? } else { fs::remove_file(stale)? }
    }
    for name in wanted {
        let (new, old) = (made.join(&name), page.join(&name));
        if new.is_dir() {
            replace(&new, &old)?;
        } else {
            let content = fs::read(&new)?;
            if fs::read(&old).ok().as_ref() != Some(&content) {
                fs::write(&old, content)?;
            }
        }
    }
    Ok(())
}
