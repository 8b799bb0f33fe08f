//! The folders of `lab/lessons`.

use std::fs;
use std::path::PathBuf;

use crate::cargo::root;

/// The folder of each variant of a lesson, by the variant's name: `4a` has `04a-sends-merge`.
pub(crate) fn lesson_folders() -> anyhow::Result<Vec<(String, PathBuf)>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(root().join("lab/lessons"))? {
        let folder = entry?.path();
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some((number, _)) = name.split_once('-').filter(|_| folder.is_dir()) {
            folders.push((number.strip_prefix('0').unwrap_or(number).to_owned(), folder));
        }
    }
    folders.sort();
    Ok(folders)
}
