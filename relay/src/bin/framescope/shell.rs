//! What a shell and man(1) want to know of the command line.

use std::io::{self, Write as _, stdout};

use anyhow::Context as _;
use clap::{Args, Command};
use clap_complete::Shell;

/// The name of the program.
const NAME: &str = "framescope";

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell; its own documentation says where it looks for them
    shell: Shell,
}

impl CompletionsArgs {
    /// Prints the completions of this command line. Returns the exit code.
    pub(crate) fn run(&self, mut command: Command) -> anyhow::Result<i32> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut command, NAME, &mut text);
        print(&text)?;
        Ok(0)
    }
}

/// Prints the manual page of this command line, or of the command with these names. Returns the exit code.
pub(crate) fn man(command: Command, names: &[String]) -> anyhow::Result<i32> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let of_names = names.iter().try_fold(&command, |command, name| {
        let command = command.find_subcommand(name);
        command.with_context(|| format!("there is no command {name:?}"))
    });
    let mut page = Vec::new();
    clap_mangen::Man::new(of_names?.clone()).render(&mut page)?;
    print(&page)?;
    Ok(0)
}

fn print(text: &[u8]) -> io::Result<()> {
    stdout().write_all(text)
}
