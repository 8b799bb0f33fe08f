//! `cargo xtask test`: every test there is.

use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::{env, thread};

use crate::cargo::{WASM32, cargo, run as run_command, target_dir};
use crate::prerequisites::{Browser, Peers};
use crate::{page, prerequisites, wine};

/// The variable that tells cargo which program runs a wasm32 binary.
const RUNNER: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER";

/// The variable that sets how many tests a test executable runs at the same time.
const THREADS: &str = "RUST_TEST_THREADS";

/// How many tests run at the same time, at least. Tests mostly wait, so one test for each core would leave
/// a small machine idle.
const MIN_THREADS: usize = 8;

#[derive(clap::Args)]
pub(crate) struct Test {
    /// Also run the browser tests in Firefox, hold the page against axe-core, serve it by nginx, share a class through NATS,
    /// watch programs in Go, Java and node, and run the program for Windows under Wine. Installs what is missing, except zig
    #[arg(long)]
    peers: bool,
}

impl Test {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let peers = self.peers.then(prerequisites::peers).transpose()?;
        run(peers.as_ref())
    }
}

fn run(peers: Option<&Peers>) -> anyhow::Result<()> {
    prerequisites::python()?;
    let browser = prerequisites::browser()?;
    prerequisites::clients();
    let page = page::build()?;
    let target = target_dir();
    // The runner of the wasm32 tests is built along with the native tests: that keeps every core
    // busy, and builds what the two share once.
    let mut build = native("build", &page, &target);
    run_command(build.args(["--tests", "--bin", "wasm-test-runner"]))?;
    let mut tests = native_tests(&page, &target, &browser);
    if let Some(peers) = peers {
        tests.env("FRAMESCOPE_AXE", &peers.axe);
        match wine::build_program(&page) {
            Ok(program) => drop(tests.env("FRAMESCOPE_WINDOWS", program)),
            Err(error) => eprintln!("xtask: the test under Wine is skipped: {error:#}"),
        }
    }
    run_command(&mut tests)?;
    if let Some(peers) = peers {
        let mut in_firefox = native_tests(&page, &target, &browser);
        in_firefox.args(["--test", "browser"]).env("FRAMESCOPE_BROWSER", "firefox");
        in_firefox.env("FIREFOX", &peers.firefox).env("GECKODRIVER", &peers.geckodriver);
        run_command(in_firefox.env("FRAMESCOPE_AXE", &peers.axe))?;
    }
    run_command(
        cargo(&["test", "--package", "framescope-framing", "--tests", "--target", WASM32])
            .env(RUNNER, target.join("debug").join("wasm-test-runner"))
            .env("WASM_BINDGEN_USE_BROWSER", "1")
            .env("CHROMEDRIVER", &browser.driver),
    )
}

fn native_tests(page: &Path, target: &Path, browser: &Browser) -> Command {
    let mut command = native("test", page, target);
    command.env("CHROMIUM", &browser.chromium).env("CHROMEDRIVER", &browser.driver);
    if env::var_os(THREADS).is_none() {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        command.env(THREADS, cores.max(MIN_THREADS).to_string());
    }
    command
}

/// `cargo SUBCOMMAND` for the whole workspace. Always with the same features: with others, cargo
/// compiles many dependencies again.
fn native(subcommand: &str, page: &Path, target: &Path) -> Command {
    let mut command = cargo(&[subcommand, "--workspace", "--features"]);
    command.arg("framescope/browser-tests,xtask/wasm-test-runner").arg("--target-dir").arg(target);
    command.env("FRAMESCOPE_PAGE", page);
    command
}
