//! Compares the bridge with a plain TCP proxy, the floor, and with other bridges on the PATH.
//!
//! `cargo xtask bench relay` runs it. The argument is a part of a row's name; without it, all rows are
//! measured. Each subject runs in a separate process, and so does the target. This process is the client.
//! The subjects take turns within each round. The output is the median of the rounds for each row and
//! subject, and its ratio to the floor.

mod client;
mod figure;
mod floor;
mod measure;
mod report;
mod subject;
mod target;

use std::env;
use std::time::Duration;

use tokio::time::timeout;

use measure::{ROUNDS, Row};
use report::Report;
use subject::{Helper, Subject};

/// The time limit for one measurement: many times what the slowest takes. If a subject reaches
/// it, the bench goes on without this value, and the report says so.
const TIME_LIMIT: Duration = Duration::from_secs(20);

fn main() {
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime can be made");
    match arguments.next().as_deref() {
        Some(kind @ ("floor" | "floor+101")) => {
            let target = arguments.next().expect("the floor has a target argument");
            runtime.block_on(floor::serve(&target, kind == "floor+101"));
        }
        Some("target") => runtime.block_on(target::serve()),
        only => runtime.block_on(bench(only)),
    }
}

/// Measures the rows whose names contain `only`, or all.
async fn bench(only: Option<&str>) {
    let most = subject::raise_descriptor_limit();
    let target = Helper::start(&["target"]).await;
    let mut report = Report::new();
    let rows =
        Row::all(most).into_iter().filter(|row| only.is_none_or(|only| row.name.contains(only)));
    let rows: Vec<Row> = rows.collect();
    for round in 1..=ROUNDS {
        for row in rows.iter().filter(|row| round <= row.rounds) {
            for kind in subject::available().into_iter().filter(|kind| row.concerns(*kind)) {
                let subject = Subject::start(kind, target.address).await;
                eprint!("\rround {round} of {ROUNDS}: {:<40} {:<12}", row.name, kind.name());
                match timeout(TIME_LIMIT, row.measure(&subject)).await {
                    Ok(figures) => {
                        for (figure, value) in figures {
                            report.add(row.name, figure, kind, value);
                        }
                    }
                    Err(_) => report.timed_out(row.name, kind),
                }
                subject.stop().await;
            }
        }
    }
    eprintln!();
    report.print();
}
