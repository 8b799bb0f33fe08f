//! The programs of `tests/programs`. A file may hold several, with a line `# ---` between them.

use std::path::{Path, PathBuf};

use crate::{cpython, machine};

const SEPARATOR: &str = "# ---\n";

#[test]
fn every_program_runs_as_in_cpython() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "there are programs");
    let differences: Vec<String> = paths
        .iter()
        .flat_map(|path| programs_of(path))
        .filter_map(|path| difference(&path))
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// The programs of a file, each in its own file.
fn programs_of(path: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(path).unwrap();
    let parts: Vec<&str> = text.split(SEPARATOR).collect();
    if parts.len() == 1 {
        return vec![path.to_owned()];
    }
    let name = path.file_stem().unwrap().to_str().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let part = |(number, text): (usize, &str)| {
        let path = folder.join(format!("{name}_{number}.py"));
        std::fs::write(&path, text).unwrap();
        path
    };
    parts.into_iter().enumerate().map(part).collect()
}

fn difference(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let ours = machine::run(&path.display().to_string(), &text);
    let theirs = cpython::run(path);
    if ours == theirs {
        return None;
    }
    let mut difference = format!(
        "{}\n{text}\n  here    {:?}\n  CPython {:?}",
        path.display(),
        ours.ended,
        theirs.ended
    );
    let text = |run: &machine::Run| run.stdout.clone() + &run.stderr;
    let (ours, theirs) = (text(&ours), text(&theirs));
    let (mut one, mut other) = (ours.lines(), theirs.lines());
    loop {
        match (one.next(), other.next()) {
            (None, None) => break,
            (one, other) if one == other => {}
            (one, other) => {
                difference.push_str(&format!("\n    here    {one:?}\n    CPython {other:?}"));
                break;
            }
        }
    }
    Some(difference)
}
