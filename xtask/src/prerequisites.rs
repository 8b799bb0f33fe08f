//! What the commands need beside cargo and a C compiler: installed where that is possible, named
//! with the command that installs it where it is not.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::bail;

use crate::cargo::{WASM32, run};

/// Adds the wasm32 target through rustup, where it is missing.
pub(crate) fn wasm32_target() -> anyhow::Result<()> {
    if rustc_has_wasm32() {
        return Ok(());
    }
    if find("rustup").is_none() {
        bail!(
            "this Rust cannot compile for {WASM32} and there is no rustup to add it; install the \
             target the way this Rust was installed, such as the package libstd-rust-dev-wasm32"
        );
    }
    run(Command::new("rustup").args(["target", "add", WASM32]))
}

fn rustc_has_wasm32() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", WASM32])
        .stderr(Stdio::null())
        .output();
    output.is_ok_and(|output| {
        let libdir = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success() && PathBuf::from(libdir).is_dir()
    })
}

/// A browser and its driver, for the tests that look at the real page.
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) driver: PathBuf,
}

/// Finds Chromium and its driver; installs Debian's packages where apt and the rights are there.
pub(crate) fn browser() -> anyhow::Result<Browser> {
    if let Some(browser) = find_browser() {
        return Ok(browser);
    }
    if find("apt-get").is_some() && is_root() {
        run(Command::new("apt-get").args(["update", "--quiet"]))?;
        run(Command::new("apt-get")
            .args(["install", "--yes", "--quiet", "--no-install-recommends"])
            .args(["chromium", "chromium-driver", "fonts-noto-cjk"])
            .env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    let Some(browser) = find_browser() else {
        bail!(
            "the browser tests need Chromium (or Chrome) and chromedriver of the same version on \
             the PATH, or named by CHROMIUM and CHROMEDRIVER; on Debian and Ubuntu: sudo apt-get \
             install chromium chromium-driver"
        );
    };
    Ok(browser)
}

fn find_browser() -> Option<Browser> {
    let named = |variable, programs: &[&str]| {
        env::var_os(variable)
            .map(PathBuf::from)
            .or_else(|| programs.iter().find_map(|program| find(program)))
    };
    Some(Browser {
        chromium: named("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"])?,
        driver: named("CHROMEDRIVER", &["chromedriver"])?,
    })
}

/// Python runs the examples, which the tests talk to.
pub(crate) fn python() -> anyhow::Result<()> {
    if find("python3").is_some() {
        return Ok(());
    }
    if find("apt-get").is_some() && is_root() {
        run(Command::new("apt-get").args(["update", "--quiet"]))?;
        run(Command::new("apt-get")
            .args(["install", "--yes", "--quiet", "--no-install-recommends", "python3"])
            .env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    if find("python3").is_none() {
        bail!("the tests run the Python examples and need python3 on the PATH");
    }
    Ok(())
}

fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// Is this user root? Asked of id(1), because the standard library has no word for it.
fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
