//! Holds `docs/python.md` against the machine and against `python3`: every example prints what stands under
//! it, every refusal has its sentence, and no name of the crate is missing.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use framescope_python::Budget;

use crate::cpython;
use crate::machine::{self, Ended, Run};

const MANIFEST: &str = env!("CARGO_MANIFEST_DIR");
/// The port of the pairs in the document.
const PORT: &str = "9527";

fn document() -> String {
    std::fs::read_to_string(Path::new(MANIFEST).join("../docs/python.md")).unwrap()
}

/// A program of the document, with the text that stands under it.
struct Example {
    /// `python`, `python server` or `python client`.
    kind: String,
    program: String,
    printed: String,
}

/// The examples. Each `python` block has a `text` block after it.
fn examples(document: &str) -> Vec<Example> {
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in document.lines() {
        match line.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(kind) => {
                open = true;
                blocks.push((kind.to_owned(), String::new()));
            }
            None if open => {
                let (_, text) = blocks.last_mut().unwrap();
                *text += line;
                text.push('\n');
            }
            None => {}
        }
    }
    blocks
        .chunks(2)
        .map(|pair| match pair {
            [(kind, program), (text, printed)] if kind.starts_with("python") && text == "text" => {
                let (kind, program) = (kind.clone(), program.clone());
                Example { kind, program, printed: printed.clone() }
            }
            _ => panic!("a program and its text: {pair:?}"),
        })
        .collect()
}

/// A program in its own file, with the name that stands in the document's tracebacks.
fn file(name: &str, program: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docs");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, program).unwrap();
    path
}

/// What a program printed, as the document shows it.
fn printed(run: &Run, path: &Path) -> String {
    if let Ended::Refused(sentence) = &run.ended {
        return format!("{}refused: {sentence}\n", run.stdout);
    }
    let text = run.stdout.clone() + &run.stderr;
    text.replace(&path.display().to_string(), "example.py")
}

#[test]
fn every_example_prints_the_text_under_it_here_and_in_cpython() {
    let document = document();
    let single = examples(&document).into_iter().filter(|one| one.kind == "python");
    let mut wrong = Vec::new();
    for (number, example) in single.enumerate() {
        let path = file(&format!("example_{number}.py"), &example.program);
        let ours = printed(&machine::run(&path.display().to_string(), &example.program), &path);
        let theirs = printed(&cpython::run(&path), &path);
        for (name, found) in [("here", ours), ("CPython", theirs)] {
            if found != example.printed {
                let Example { program, printed, .. } = &example;
                wrong.push(format!("{program}\n-- {name}\n{found}-- document\n{printed}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_pair_prints_the_texts_under_it_here_and_in_cpython() {
    let document = document();
    let all = examples(&document);
    let pairs: Vec<&[Example]> = all
        .windows(2)
        .filter(|two| two[0].kind == "python server" && two[1].kind == "python client")
        .collect();
    assert!(!pairs.is_empty(), "there is a pair");
    for pair in pairs {
        let programs = [&pair[0].program, &pair[1].program];
        let expected = [&pair[0].printed, &pair[1].printed];
        let names = ["server.py", "client.py"];
        let ours = machine::run_all(&[(names[0], programs[0]), (names[1], programs[1])]);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let with_port = |program: &str| program.replace(PORT, &port.to_string());
        let paths = [0, 1].map(|at| file(names[at], &with_port(programs[at])));
        let theirs = cpython::run_pair([&paths[0], &paths[1]], port);
        for at in [0, 1] {
            assert_eq!(&printed(&ours[at], Path::new(names[at])), expected[at], "{}", names[at]);
            let text = printed(&theirs[at], &paths[at]).replace(&port.to_string(), PORT);
            assert_eq!(&text, expected[at], "{} in CPython", names[at]);
        }
    }
}

/// The rows of a table: the cells of each.
fn rows(document: &str, title: &str) -> Vec<Vec<String>> {
    let section = document.split(&format!("\n## {title}\n")).nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(2);
    rows.map(|row| {
        let row = row.replace("\\|", "\u{1}");
        let cells = row.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().replace('\u{1}', "|")).collect()
    })
    .collect()
}

#[test]
fn every_refusal_has_its_sentence() {
    let rows = rows(&document(), "What is refused");
    assert!(rows.len() > 40, "the table is found");
    let mut wrong = Vec::new();
    for row in rows {
        let [written, sentence, instead] = row.as_slice() else { panic!("three cells: {row:?}") };
        assert!(!instead.is_empty(), "{written}");
        let lines = written.split("<br>").map(|line| line.trim_matches('`'));
        let program: String = lines.map(|line| format!("{line}\n")).collect();
        let said = match machine::run("refused.py", &program).ended {
            Ended::Refused(said) => said,
            other => format!("{other:?}"),
        };
        // A refusal before the run begins with its place.
        let said = match said.split_once(": ") {
            Some((place, said)) if place.starts_with("line ") => said.to_owned(),
            _ => said,
        };
        if said != *sentence {
            wrong.push(format!("{program}  here      {said}\n  document  {sentence}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_budget_has_its_sentence() {
    let document = document();
    for budget in [
        Budget::Memory,
        Budget::OperationsBetweenCalls,
        Budget::Operations,
        Budget::Output,
        Budget::Threads,
    ] {
        assert!(document.contains(&format!("`{budget}`")), "{budget}");
    }
}

fn source(path: &str) -> String {
    std::fs::read_to_string(Path::new(MANIFEST).join("src").join(path)).unwrap()
}

/// The strings in double quotes that stand after `before`.
fn quoted<'a>(text: &'a str, before: &str) -> Vec<&'a str> {
    text.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// Words of letters, digits and `_`.
fn words(text: &str) -> BTreeSet<&str> {
    text.split(|character: char| !(character.is_alphanumeric() || character == '_')).collect()
}

#[test]
fn every_name_is_in_an_example() {
    let document = document();
    let examples = examples(&document);
    let programs: String = examples.iter().map(|one| one.program.as_str()).collect();
    let found = words(&programs);
    let mut names: Vec<String> = Vec::new();
    for folder in ["builtins", "modules", "modules/socket"] {
        for entry in std::fs::read_dir(Path::new(MANIFEST).join("src").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                names.extend(quoted(&text, "name: \"").into_iter().map(str::to_owned));
            }
        }
    }
    // The names of the modules, but not those of the internal one.
    let modules = source("modules/names.rs");
    let listed = modules.split("const MODULES").nth(1).unwrap().split("\nfn ").next().unwrap();
    for module in listed.split("Names {").skip(1) {
        if !module.contains("is_internal: true") {
            names.extend(module.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }
    // The built-in types that have names, and the exceptions of no module.
    let types = source("types.rs");
    let (built_in, exceptions) = types.split_once("exceptions! {\n").unwrap();
    let modules = source("machine/modules.rs");
    let named = modules.split("fn is_named").nth(1).unwrap().split("\n}").next().unwrap();
    for line in built_in.lines().filter(|line| line.trim_end().ends_with("\"\",")) {
        let variant = line.split_whitespace().next().unwrap();
        if words(named).contains(variant) {
            names.push(line.split('"').nth(1).unwrap().to_owned());
        }
    }
    let exceptions = exceptions.lines().filter(|line| line.contains("\" \"\" "));
    names.extend(exceptions.map(|line| line.split('"').nth(1).unwrap().to_owned()));
    names.extend(["Ellipsis", "IOError", "EnvironmentError"].map(str::to_owned));
    // The attributes of Python's own classes, and the special methods.
    let threading = source("modules/library/threading.py");
    names.extend(
        threading
            .split("def ")
            .skip(1)
            .map(|rest| rest.split('(').next().unwrap())
            .filter(|name| !name.starts_with('_'))
            .map(str::to_owned),
    );
    names.extend(quoted(&source("compile/methods.rs"), "\"__").into_iter().map(|rest| {
        let name = format!("__{rest}");
        if name.ends_with("__") && name.len() > 4 { name } else { "__init__".to_owned() }
    }));
    // Old names of methods, of which CPython warns: the table has them.
    let old = ["getName", "setName", "isDaemon", "setDaemon", "isSet"];
    // The library's own functions, and what is no name.
    let internal = ["_thread", "allocate_lock", "wait_for", "current"];
    let is_name = |name: &str| !name.is_empty() && !name.contains('.');
    let missing: BTreeSet<&String> = names
        .iter()
        .filter(|name| !internal.contains(&name.as_str()) && is_name(name))
        .filter(|name| {
            if old.contains(&name.as_str()) {
                !document.contains(&format!("`{name}`"))
            } else {
                !found.contains(name.as_str())
            }
        })
        .collect();
    assert!(names.len() > 400, "the names are found");
    assert!(missing.is_empty(), "{missing:?}");
}
