//! The program for Windows, for its test under Wine.
//!
//! What comes in: the sources. What goes out: the program, and beside it what Wine lacks.
//!
//! May use: `cargo`, `dist`, `prerequisites`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::cargo::{root, run, target_dir};
use crate::dist::PLATFORMS;
use crate::prerequisites;

/// What Rust's standard library asks for, and Wine 8 has not.
const STAND_IN: &str = "relay/tests/it/process_prng.c";

/// Builds the program for Windows with this page in it. Returns its path. An error says what is missing here.
pub(crate) fn build_program(page: &Path) -> anyhow::Result<PathBuf> {
    prerequisites::wine()?;
    let windows = PLATFORMS.iter().find(|platform| platform.triple.contains("windows"));
    let windows = windows.context("Windows is one of the platforms")?;
    run(windows.build(&[])?.env("FRAMESCOPE_PAGE", page))?;
    let folder = target_dir().join("wine");
    fs::create_dir_all(&folder)?;
    let program = folder.join("framescope.exe");
    fs::copy(windows.executable("debug"), &program)?;
    run(Command::new("cargo-zigbuild")
        .args(["zig", "cc", "--", "-target", "x86_64-windows-gnu", "-shared", "-s", "-o"])
        .arg(folder.join("bcryptprimitives.dll"))
        .arg(root().join(STAND_IN))
        .arg("-ladvapi32"))?;
    Ok(program)
}
