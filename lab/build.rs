//! Compiles the programs and texts in `lessons` into the crate, so that no file is read at run time.

#[path = "src/lessons/fingerprint.rs"]
mod fingerprint;

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    title: String,
    question: String,
    choices: Vec<String>,
    explanation: String,
}

/// The `texts.json` of a folder.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Languages {
    en: Texts,
    #[serde(rename = "zh-CN")]
    zh_cn: Texts,
}

/// What is used of the `expect.json` of a folder.
#[derive(serde::Deserialize)]
struct Expect {
    start: Vec<Start>,
    programs: BTreeMap<String, Program>,
    #[serde(default)]
    wire: String,
}

#[derive(serde::Deserialize)]
struct Start {
    program: String,
    when: Option<String>,
}

#[derive(serde::Deserialize)]
struct Program {
    file: String,
    #[serde(default)]
    argv: Vec<String>,
    stdin: Option<Vec<String>>,
    #[serde(default)]
    interrupt: bool,
}

fn main() {
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let path = Path::new(&out).join("folders.rs");
    fs::write(&path, folders()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn read<T: DeserializeOwned>(file: &str) -> T {
    println!("cargo:rerun-if-changed={file}");
    let json = fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn texts(Texts { title, question, choices, explanation }: &Texts) -> String {
    format!(
        "Texts {{ title: {title:?}, question: {question:?}, choices: &{choices:?}, \
         explanation: {explanation:?} }}"
    )
}

/// The statics of `src/lessons/folder.rs`.
fn folders() -> String {
    println!("cargo:rerun-if-changed=lessons");
    let entries = fs::read_dir("lessons").unwrap_or_else(|error| panic!("lessons: {error}"));
    let paths =
        entries.map(|entry| entry.unwrap_or_else(|error| panic!("lessons: {error}")).path());
    let mut folders: Vec<String> = paths
        .filter(|path| path.is_dir())
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    folders.sort();
    let folders: Vec<_> = folders.iter().map(|name| folder(name)).collect();
    let number = folders.len();
    let (folders, contents): (Vec<_>, Vec<_>) = folders.into_iter().unzip();
    format!(
        "static FOLDERS: [Folder; {number}] = [\n{}];\n\
         static CONTENTS: [Contents; {number}] = [\n{}];\n",
        folders.concat(),
        contents.concat()
    )
}

/// A folder, such as `04a-sends-merge`, whose variant is `4a`, and its contents.
fn folder(name: &str) -> (String, String) {
    let (number, _) = name.split_once('-').unwrap_or_else(|| panic!("{name} has no name"));
    let letter = number.strip_prefix('0').unwrap_or(number);
    let Languages { en, zh_cn } = read(&format!("lessons/{name}/texts.json"));
    let expect: Expect = read(&format!("lessons/{name}/expect.json"));
    let index = |program: &str| {
        let found = expect.start.iter().position(|start| start.program == program);
        found.unwrap_or_else(|| panic!("{name}: {program} is not started"))
    };
    let mut programs = String::new();
    let mut starts = String::new();
    let mut program_texts: Vec<String> = Vec::new();
    for start in &expect.start {
        let Program { file, argv, stdin, interrupt } = &expect.programs[&start.program];
        println!("cargo:rerun-if-changed=lessons/{name}/{file}");
        let stdin = stdin.as_ref().map_or_else(|| "None".to_owned(), |it| format!("Some(&{it:?})"));
        let _ = writeln!(
            programs,
            "    Source {{ name: {:?}, file: {file:?}, argv: &{argv:?}, stdin: {stdin}, \
             interrupt: {interrupt} }},",
            start.program
        );
        let path = format!("lessons/{name}/{file}");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        program_texts.push(text);
        let words: Vec<&str> = start.when.iter().flat_map(|when| when.splitn(3, ' ')).collect();
        let _ = match words[..] {
            [] => write!(starts, "Start::AtOnce, "),
            ["listening", port] => write!(starts, "Start::Listening({port}), "),
            [program, "ended"] => write!(starts, "Start::Ended({}), ", index(program)),
            [program, "printed", text] => {
                write!(starts, "Start::Printed({}, {text:?}), ", index(program))
            }
            _ => panic!("{name}: {words:?} is no start"),
        };
    }
    let number = fingerprint::of(program_texts.iter().map(String::as_str));
    let digits = [48, 32, 16, 0].map(|shift| format!("{:04x}", number >> shift & 0xffff));
    let fingerprint = format!("0x{}", digits.join("_"));
    let folder = format!(
        "  Folder {{ variant: {letter:?}, fingerprint: {fingerprint},\n    \
         programs: &[\n{programs}    ],\n    starts: &[{starts}],\n    wire: {:?} }},\n",
        expect.wire
    );
    let contents = format!(
        "  Contents {{ programs: &{program_texts:?},\n    english: {},\n    chinese: {} }},\n",
        texts(&en),
        texts(&zh_cn)
    );
    (folder, contents)
}
