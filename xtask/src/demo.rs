//! `cargo xtask demo`: builds everything and starts the relay.

use std::process::Command;

use anyhow::Context as _;

use crate::{dist, page};

/// A first build takes less time without what a demo does not need.
const WITHOUT_NATS: [&str; 1] = ["--no-default-features"];

#[derive(clap::Args)]
pub(crate) struct Demo {
    /// Options for the relay, such as --open or --listen 0.0.0.0:9528
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "RELAY OPTION")]
    options: Vec<String>,
}

impl Demo {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let executable = dist::build_relay(&page::build()?, "trial", &WITHOUT_NATS)?;
        become_process(Command::new(executable).args(self.options))
    }
}

/// Replaces this process, so that the relay gets Ctrl-C and its exit code is ours.
#[cfg(unix)]
fn become_process(command: &mut Command) -> anyhow::Result<()> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec()).context("cannot start the relay")
}

#[cfg(not(unix))]
fn become_process(command: &mut Command) -> anyhow::Result<()> {
    crate::cargo::run(command).context("the relay stopped")
}
