//! `cargo xtask lint`: formatting, clippy and documentation, warnings denied.

use crate::cargo::{WASM32, cargo, run as run_command};
use crate::prerequisites;

/// Everything that is compiled only when asked for.
const ALL_FEATURES: [&str; 2] = ["--features", "framescope/browser-tests,xtask/wasm-test-runner"];

pub(crate) fn run() -> anyhow::Result<()> {
    prerequisites::wasm32_target()?;
    run_command(&mut cargo(&["fmt", "--all", "--check"]))?;
    run_command(
        cargo(&["clippy", "--workspace", "--all-targets"])
            .args(ALL_FEATURES)
            .args(["--", "--deny", "warnings"]),
    )?;
    run_command(
        cargo(&["clippy", "--package", "framescope-framing", "--package", "framescope-lab"]).args(
            [
                "--package",
                "framescope-web",
                "--package",
                "framescope-trace-file",
                "--target",
                WASM32,
                "--",
                "--deny",
                "warnings",
            ],
        ),
    )?;
    run_command(
        cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"])
            .env("RUSTDOCFLAGS", "--deny warnings"),
    )
}
