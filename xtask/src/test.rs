//! `cargo xtask test`: every test there is.

use crate::cargo::{WASM32, cargo, run as run_command, target_dir};
use crate::{page, prerequisites};

/// The variable by which cargo finds what to run a wasm32 binary with.
const RUNNER: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER";

pub(crate) fn run() -> anyhow::Result<()> {
    prerequisites::python()?;
    let browser = prerequisites::browser()?;
    prerequisites::clients();
    let page = page::build()?;
    run_command(
        cargo(&["test", "--workspace", "--features", "framescope/browser-tests"])
            .env("FRAMESCOPE_PAGE", &page)
            .env("CHROMIUM", &browser.chromium)
            .env("CHROMEDRIVER", &browser.driver),
    )?;
    let target = target_dir();
    run_command(
        cargo(&["build", "--package", "xtask", "--features", "wasm-test-runner"])
            .args(["--bin", "wasm-test-runner", "--target-dir"])
            .arg(&target),
    )?;
    run_command(
        cargo(&["test", "--package", "framescope-framing", "--tests", "--target", WASM32])
            .env(RUNNER, target.join("debug").join("wasm-test-runner"))
            .env("WASM_BINDGEN_USE_BROWSER", "1")
            .env("CHROMEDRIVER", &browser.driver),
    )
}
