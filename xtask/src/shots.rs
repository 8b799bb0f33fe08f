//! `cargo xtask shots`: screenshots of the page in a real browser, in `target/shots`, to be looked at.

use crate::cargo::{cargo, run as run_command, target_dir};
use crate::{page, prerequisites};

/// The test that takes them.
const TEST: &str = "lab::shots::shots";

pub(crate) fn run() -> anyhow::Result<()> {
    let browser = prerequisites::browser()?;
    let page = page::build()?;
    let shots = target_dir().join("shots");
    run_command(
        cargo(&["test", "--package", "framescope", "--test", "browser"])
            .args(["--features", "framescope/browser-tests", "--target-dir"])
            .arg(target_dir())
            .args(["--", "--ignored", "--exact", TEST])
            .env("FRAMESCOPE_PAGE", page)
            .env("FRAMESCOPE_SHOTS", &shots)
            .env("CHROMIUM", &browser.chromium)
            .env("CHROMEDRIVER", &browser.driver),
    )?;
    println!("{}", shots.join("index.html").display());
    Ok(())
}
