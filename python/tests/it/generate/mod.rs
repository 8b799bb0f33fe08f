//! Generated cases. Each is a small program, which prints what it computes. A case that is refused here is
//! skipped; at most one in twenty may be.

mod containers;
mod formats;
mod literals;
mod methods;
mod numbers;
mod packing;

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};

use fastrand::Rng;

use crate::machine::Ended;
use crate::{cpython, machine};

const DEFAULT_CASES: usize = 400;

/// The number of cases: `FRAMESCOPE_CASES`, or a few hundred.
fn cases() -> usize {
    std::env::var("FRAMESCOPE_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(DEFAULT_CASES)
}

/// A program that prints the value of an expression, or its exception.
fn shows(expression: &str) -> String {
    format!("try:\n    print(ascii({expression}))\n{SHOW_ERROR}")
}

const SHOW_ERROR: &str =
    "except Exception as e:\n    print(type(e).__name__ + ': ' + ascii(str(e)))\n";

/// Where the generator starts: `FRAMESCOPE_SEED`, or anywhere if `FRAMESCOPE_CASES` asks for a long run. A short
/// run has the same cases each time.
fn seed() -> u64 {
    let given = std::env::var("FRAMESCOPE_SEED").ok().and_then(|n| n.parse().ok());
    let long = std::env::var_os("FRAMESCOPE_CASES").is_some();
    given.unwrap_or_else(|| if long { RandomState::new().build_hasher().finish() } else { 0 })
}

/// Runs generated programs here and in CPython, and compares what they print.
fn compare(generate: impl Fn(&mut Rng) -> String) {
    let seed = seed();
    println!("seed {seed}");
    let mut rng = Rng::with_seed(seed);
    compare_programs(&(0..cases()).map(|_| generate(&mut rng)).collect::<Vec<_>>());
}

fn compare_programs(programs: &[String]) {
    let theirs = cpython::outputs(programs);
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let mut differences = Vec::new();
    for (program, theirs) in programs.iter().zip(&theirs) {
        let ours = machine::run("case.py", program);
        match ours.ended {
            Ended::Refused(sentence) => *refused.entry(sentence).or_default() += 1,
            Ended::Exit(0) if ours.stdout == *theirs => {}
            ended => differences.push(format!(
                "{program:.800}\n  here    {:.500} {ended:?}\n  CPython {theirs:.500}",
                ours.stdout
            )),
        }
    }
    let count: usize = refused.values().sum();
    println!("{} cases, {count} refused: {refused:?}", programs.len());
    assert!(
        differences.is_empty(),
        "{} differences\n{}",
        differences.len(),
        differences[..differences.len().min(10)].join("\n")
    );
    assert!(count * 20 <= programs.len(), "{count} are refused: {refused:?}");
}
