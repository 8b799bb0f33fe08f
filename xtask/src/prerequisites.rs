//! Installs what the commands need beside cargo and a C compiler. If that is not possible, a message says
//! how to install it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::cargo::{WASM32, cargo, run, target_dir};

/// The version of axe-core that the page is held against: another one has other rules.
const AXE: &str = "axe-core@4.14.1";

/// Adds the wasm32 target through rustup if it is missing.
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

/// Adds a target through rustup, and looks for zig, which compiles and links C for it.
pub(crate) fn cross_compiler(target: &str) -> anyhow::Result<()> {
    if find("cargo-zigbuild").is_none() {
        bail!("there is no cargo-zigbuild; pip install ziglang cargo-zigbuild");
    }
    if find("rustup").is_none() {
        bail!("there is no rustup to add the target");
    }
    run(Command::new("rustup").args(["target", "add", target]))
}

/// Looks for Wine, which runs programs for Windows. If it is missing, tries to install Debian's packages.
pub(crate) fn wine() -> anyhow::Result<()> {
    if find("wine").is_none() {
        install(&["wine", "wine64"])?;
    }
    find("wine").map(drop).context("there is no wine on the PATH")
}

/// A browser and its driver, for the tests that look at the real page.
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) driver: PathBuf,
}

/// Finds Chromium and its driver. If they are missing, tries to install Debian's packages.
pub(crate) fn browser() -> anyhow::Result<Browser> {
    if let Some(browser) = find_browser() {
        return Ok(browser);
    }
    install(&["chromium", "chromium-driver", "fonts-noto-cjk"])?;
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
    Some(Browser {
        chromium: named("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"])?,
        driver: named("CHROMEDRIVER", &["chromedriver"])?,
    })
}

/// Firefox, its driver, and the checks of accessibility.
pub(crate) struct Peers {
    pub(crate) firefox: PathBuf,
    pub(crate) geckodriver: PathBuf,
    /// axe-core, as one script.
    pub(crate) axe: PathBuf,
}

/// Finds what the tests of peers need. If something is missing, tries to install it.
pub(crate) fn peers() -> anyhow::Result<Peers> {
    let tools = target_dir().join("tools");
    client("nginx-light", || Path::new("/usr/sbin/nginx").exists());
    client("nats-server", || Path::new("/usr/sbin/nats-server").exists());
    client("haproxy", || Path::new("/usr/sbin/haproxy").exists());
    client("caddy", || Path::new("/usr/bin/caddy").exists());
    client("mosquitto", || Path::new("/usr/sbin/mosquitto").exists());
    for (package, program) in [
        ("golang-go", "go"),
        ("default-jdk-headless", "javac"),
        ("nodejs", "node"),
        ("strace", "strace"),
        ("iproute2", "ip"),
    ] {
        client(package, || find(program).is_some());
    }
    client("python3-paho-mqtt", || Path::new("/usr/lib/python3/dist-packages/paho").exists());
    Ok(Peers { firefox: firefox()?, geckodriver: geckodriver(&tools)?, axe: axe(&tools)? })
}

fn firefox() -> anyhow::Result<PathBuf> {
    let find = || named("FIREFOX", &["firefox-esr", "firefox"]);
    if find().is_none() {
        install(&["firefox-esr"])?;
    }
    find().context(
        "the tests in Firefox need it on the PATH, or named by FIREFOX; on Debian: sudo apt-get install \
         firefox-esr",
    )
}

/// No package of Debian has it.
fn geckodriver(tools: &Path) -> anyhow::Result<PathBuf> {
    if let Some(geckodriver) = named("GECKODRIVER", &["geckodriver"]) {
        return Ok(geckodriver);
    }
    let compiled = tools.join("bin").join(format!("geckodriver{}", env::consts::EXE_SUFFIX));
    if !compiled.is_file() {
        eprintln!("xtask: there is no geckodriver on the PATH; compiling it takes some minutes");
        run(cargo(&["install", "geckodriver", "--locked", "--root"]).arg(tools))?;
    }
    Ok(compiled)
}

fn axe(tools: &Path) -> anyhow::Result<PathBuf> {
    let script = tools.join("node_modules").join("axe-core").join("axe.min.js");
    if script.is_file() {
        return Ok(script);
    }
    if find("npm").is_none() {
        install(&["npm"])?;
    }
    if find("npm").is_none() {
        bail!("axe-core comes from npm, which is not on the PATH; install it");
    }
    run(Command::new("npm")
        .args(["install", AXE, "--no-save", "--ignore-scripts", "--no-audit", "--prefix"])
        .arg(tools))?;
    Ok(script)
}

/// Python runs the examples, which the tests talk to.
pub(crate) fn python() -> anyhow::Result<()> {
    if find("python3").is_some() {
        return Ok(());
    }
    install(&["python3"])?;
    if find("python3").is_none() {
        bail!("the tests run the Python examples and need python3 on the PATH");
    }
    Ok(())
}

/// Third-party programs for the tests: clients of the bridge, and a reader of capture files. None is required: a test
/// whose program is missing is skipped, and a message names the program.
pub(crate) fn clients() {
    let novnc = Path::new("/usr/share/novnc/vnc_lite.html");
    client("novnc", || env::var_os("NOVNC").is_some() || novnc.is_file());
    client("python3-websockets", || {
        ["python3", "/usr/bin/python3"].iter().any(|python| {
            let mut import = Command::new(python);
            import.args(["-c", "import websockets"]).stdout(Stdio::null()).stderr(Stdio::null());
            import.status().is_ok_and(|status| status.success())
        })
    });
    client("tshark", || find("tshark").is_some());
    if find("websocat").is_none() {
        eprintln!(
            "xtask: websocat is missing, and its tests are skipped; install it with cargo install \
             websocat --version ^1"
        );
    }
}

/// Installs a client's package if it is missing and can be installed.
fn client(package: &str, is_here: impl Fn() -> bool) {
    if is_here() {
        return;
    }
    if let Err(error) = install(&[package]) {
        eprintln!("xtask: {error:#}");
    }
    if !is_here() {
        eprintln!("xtask: the package {package} is missing, and its tests are skipped; install it");
    }
}

/// Installs Debian's packages if there is apt and the user is root. Otherwise does nothing.
fn install(packages: &[&str]) -> anyhow::Result<()> {
    if find("apt-get").is_none() || !is_root() {
        return Ok(());
    }
    run(Command::new("apt-get").args(["update", "--quiet"]))?;
    run(Command::new("apt-get")
        .args(["install", "--yes", "--quiet", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

/// The program that a variable names, or the first of these that is on the PATH.
fn named(variable: &str, programs: &[&str]) -> Option<PathBuf> {
    let named = env::var_os(variable).map(PathBuf::from);
    named.or_else(|| programs.iter().find_map(|program| find(program)))
}

fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    // On Windows the name of a program has an extension, and npm is a script.
    let names = [env::consts::EXE_SUFFIX, ".cmd"].map(|suffix| format!("{program}{suffix}"));
    let names = if cfg!(windows) { &names[..] } else { &names[..1] };
    env::split_paths(&path)
        .flat_map(|dir| names.iter().map(move |name| dir.join(name)))
        .find(|file| file.is_file())
}

/// Is this user root? Runs id(1), because the standard library has no function for it.
fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
