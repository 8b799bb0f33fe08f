//! Measures the page in a real Chromium, beside a page of bare JavaScript and beside the page without its program.
//!
//! `cargo xtask bench page` runs it. The argument is the number of rounds. The relay runs in a separate process. What is
//! compared takes turns within each round, each in a separate browser. The output is the median of the rounds for each
//! row, and whether it keeps the row's bounds. If one is broken, the exit code is 1.

mod browser;
#[path = "../../tests/browser/driver.rs"]
#[allow(dead_code, reason = "the tests run in other browsers too")]
mod driver;
mod measure;
#[path = "../support/relay.rs"]
mod relay;
mod report;
#[path = "../../tests/it/support/waiting.rs"]
#[allow(dead_code, reason = "the tests wait for more")]
mod support;
mod trace;

use std::env;
use std::num::NonZero;
use std::process::ExitCode;
use std::thread;

use relay::Relay;
use report::Report;

/// How often each row is measured, unless an argument says so.
const ROUNDS: u32 = 5;

fn main() -> ExitCode {
    let rounds = env::args().skip(1).find(|argument| argument != "--bench");
    let rounds = rounds.map_or(ROUNDS, |rounds| rounds.parse().expect("a number of rounds"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let report = runtime.expect("a runtime can be made").block_on(bench(rounds));
    report.print();
    if report.keeps_bounds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn bench(rounds: u32) -> Report {
    let relay = Relay::start();
    let mut report = Report::default();
    for round in 1..=rounds {
        eprint!("\rround {round} of {rounds}");
        measure::round(&relay.address, &mut report).await;
    }
    eprintln!();
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let version = browser::version().await;
    println!("{version}, {cores} cores, medians of {rounds} rounds");
    report
}
