//! `cargo xtask dist`: one executable with the page in it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cargo::{self, cargo, target_dir};
use crate::page;

pub(crate) fn run() -> anyhow::Result<()> {
    let built = build_relay(&page::build()?, "ship")?;
    let dist = target_dir().join("dist");
    fs::create_dir_all(&dist)?;
    let copy = dist.join(built.file_name().expect("an executable has a name"));
    fs::copy(&built, &copy)?;
    println!("{} ({} KiB)", copy.display(), fs::metadata(&copy)?.len() / 1024);
    Ok(())
}

/// Builds the relay with this profile and with the page from the folder `page` in it. Returns the
/// executable.
pub(crate) fn build_relay(page: &Path, profile: &str) -> anyhow::Result<PathBuf> {
    let target = target_dir();
    cargo::run(
        cargo(&["build", "--profile", profile, "--package", "framescope"])
            .arg("--target-dir")
            .arg(&target)
            .env("FRAMESCOPE_PAGE", page),
    )?;
    let name = format!("framescope{}", std::env::consts::EXE_SUFFIX);
    Ok(target.join(profile).join(name))
}
