//! The project's own commands, one file each. `cargo xtask --help` lists them.
//!
//! What comes in: arguments. What goes out: the output of other programs that it starts, and an exit code.

mod architecture;
mod bench;
mod cargo;
mod demo;
mod dist;
mod first_picture;
mod glue;
mod imports;
mod lesson_folders;
mod lint;
mod page;
mod page_texts;
mod prerequisites;
mod record_lessons;
mod shots;
mod styles;
mod test;
mod wine;
#[cfg(test)]
mod workflows;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Framescope's own commands")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything, serve it, and print the address
    Demo(demo::Demo),
    /// Build the page into target/page, for any web server
    Page,
    /// Run every test: native, wasm32, and in a real browser
    Test(test::Test),
    /// Check formatting, imports, clippy (native and wasm32) and the documentation, warnings denied
    Lint(lint::Lint),
    /// Run a benchmark
    Bench(bench::Bench),
    /// Build what is handed on, in target/dist: the executable, a wheel for pip, and the page as a folder
    Dist(dist::Dist),
    /// Take screenshots of every lesson in both languages, in target/shots
    Shots,
    /// Run every lesson on this machine's wire, and keep the traces beside the lessons
    RecordLessons,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Demo(demo) => demo.run(),
        Command::Page => page::build().map(|page| println!("{}", page.display())),
        Command::Test(test) => test.run(),
        Command::Lint(lint) => lint.run(),
        Command::Bench(bench) => bench.run(),
        Command::Dist(dist) => dist.run(),
        Command::Shots => shots::run(),
        Command::RecordLessons => record_lessons::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
