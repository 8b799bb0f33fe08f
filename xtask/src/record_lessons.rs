//! The recorded traces of the lessons: `recorded.json` in each folder of `lab/lessons`. The page shows them where there is
//! no wire.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use framescope_lab::{Network, Trace, Variant, find_variant};

use crate::cargo;
use crate::lesson_folders::lesson_folders;

/// How often a lesson is run until it shows what it is about. A machine that is busy may be too slow for one.
const ATTEMPTS: usize = 5;

/// Records all lessons.
pub(crate) fn run() -> anyhow::Result<()> {
    cargo::run(&mut cargo::cargo(&["build", "--package", "framescope"]))?;
    let program = cargo::target_dir().join("debug/framescope");
    let system = system()?;
    for (name, folder) in lesson_folders()? {
        let variant = find_variant(&name).with_context(|| format!("there is no lesson {name}"))?;
        let mut trace = record(&program, variant)?;
        trace.system.clone_from(&system);
        let file = folder.join("recorded.json");
        fs::write(&file, trace.to_json())
            .with_context(|| format!("cannot write {}", file.display()))?;
        println!("{:4} {} events", variant.name, trace.events.len());
    }
    Ok(())
}

/// A run of a lesson that confirms the choice which its explanation explains.
fn record(program: &Path, variant: &Variant) -> anyhow::Result<Trace> {
    for _ in 0..ATTEMPTS {
        let mut lesson = Command::new(program);
        lesson.args(["lesson", "run", variant.name, "--json"]).stdin(Stdio::null());
        let output = lesson.output().context("cannot start framescope")?;
        let json = String::from_utf8(output.stdout)?;
        let trace = Trace::from_json(&json).with_context(|| {
            format!("lesson {}: {}", variant.name, String::from_utf8_lossy(&output.stderr))
        })?;
        if let Network::Loopback(why) = &trace.network {
            bail!("lessons are recorded on a wire, and here is none: {}", why.error);
        }
        let outcome = variant.outcome(&trace);
        if outcome.is_some_and(|choice| variant.varies != (choice == variant.expected)) {
            return Ok(trace);
        }
    }
    bail!("lesson {} did not show what it is about in {ATTEMPTS} runs", variant.name)
}

/// The name and the version of this system: `Linux 6.18`.
fn system() -> anyhow::Result<String> {
    let output = Command::new("uname").args(["-s", "-r"]).output().context("cannot start uname")?;
    let text = String::from_utf8(output.stdout)?;
    let version: Vec<&str> = text.trim().split('.').take(2).collect();
    ensure!(version.len() == 2, "uname prints {text:?}");
    Ok(version.join("."))
}
