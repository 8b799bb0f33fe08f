//! `cargo xtask lint`: formatting, imports, the map, clippy and documentation, warnings denied.

use crate::cargo::{WASM32, cargo, root, run as run_command, target_dir};
use crate::dist::PLATFORMS;
use crate::{architecture, imports, prerequisites};

/// Every feature that is not on by default.
const ALL_FEATURES: [&str; 2] = ["--features", "framescope/browser-tests,xtask/wasm-test-runner"];

/// The fuzz targets. They are not in the workspace.
const FUZZ: &str = "fuzz/Cargo.toml";

/// The packages that must build for wasm32, with the features that the page does not use yet.
const PACKAGES_FOR_WASM: [&str; 32] = [
    "--package",
    "framescope-framing",
    "--package",
    "framescope-record",
    "--package",
    "framescope-protocol",
    "--package",
    "framescope-lab",
    "--package",
    "framescope-syscall",
    "--package",
    "framescope-python",
    "--package",
    "framescope-engine",
    "--package",
    "framescope-challenge",
    "--package",
    "framescope-class",
    "--package",
    "framescope-page",
    "--package",
    "framescope-class-page",
    "--package",
    "framescope-browser",
    "--package",
    "framescope-web",
    "--package",
    "framescope-web-class",
    "--package",
    "framescope-trace-file",
    "--package",
    "framescope-web-engine",
];

#[derive(clap::Args)]
pub(crate) struct Lint {
    /// Build the program for other systems instead, with zig as compiler and linker of C
    #[arg(long)]
    cross: bool,
}

impl Lint {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        if self.cross { cross() } else { lint() }
    }
}

/// Builds the program for the systems that are not Linux, warnings denied. Says what is skipped, and why.
fn cross() -> anyhow::Result<()> {
    for platform in PLATFORMS.iter().filter(|platform| !platform.triple.contains("linux")) {
        match platform.build(&["--deny", "warnings"]) {
            Ok(mut build) => run_command(&mut build)?,
            Err(missing) => eprintln!("skipped: {}: {missing:#}", platform.triple),
        }
    }
    Ok(())
}

fn lint() -> anyhow::Result<()> {
    prerequisites::wasm32_target()?;
    run_command(&mut cargo(&["fmt", "--all", "--check"]))?;
    run_command(&mut cargo(&["fmt", "--manifest-path", FUZZ, "--check"]))?;
    architecture::check(root())?;
    imports::check(root())?;
    run_command(
        cargo(&["clippy", "--workspace", "--all-targets"])
            .args(ALL_FEATURES)
            .args(["--", "--deny", "warnings"]),
    )?;
    // As `cargo xtask demo` builds it.
    run_command(
        cargo(&["clippy", "--package", "framescope", "--no-default-features"])
            .args(["--", "--deny", "warnings"]),
    )?;
    run_command(
        cargo(&["clippy", "--target", WASM32])
            .args(PACKAGES_FOR_WASM)
            .args(["--", "--deny", "warnings"]),
    )?;
    // A library that is not there: nothing is linked, and libFuzzer is C++, which would have to be compiled.
    run_command(
        cargo(&["clippy", "--manifest-path", FUZZ, "--target-dir"])
            .arg(target_dir())
            .env("CUSTOM_LIBFUZZER_PATH", "/not-built/libfuzzer.a")
            .args(["--", "--deny", "warnings"]),
    )?;
    run_command(
        cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"])
            .env("RUSTDOCFLAGS", "--deny warnings"),
    )
}
