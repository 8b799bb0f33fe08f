//! Compiles the lessons' texts in `www/lessons` into the crate, so that no file is read at run time.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    title: String,
    question: String,
    choices: Vec<String>,
    explanation: String,
}

fn main() {
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let mut code = String::new();
    for (name, language) in [("ENGLISH", "en"), ("CHINESE", "zh-CN")] {
        let file = format!("../www/lessons/{language}.json");
        println!("cargo:rerun-if-changed={file}");
        let json = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        let texts: BTreeMap<String, Texts> =
            serde_json::from_str(&json).unwrap_or_else(|error| panic!("{file}: {error}"));
        let count = texts.len();
        let _ = writeln!(code, "static {name}: [(&str, Texts); {count}] = [");
        for (variant, Texts { title, question, choices, explanation }) in texts {
            let _ = writeln!(
                code,
                "({variant:?}, Texts {{ title: {title:?}, question: {question:?}, \
                 choices: &{choices:?}, explanation: {explanation:?} }}),",
            );
        }
        code.push_str("];\n");
    }
    let path = Path::new(&out).join("lessons.rs");
    fs::write(&path, code).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
