//! Makes the texts in `www/locales` a part of the program, so that nothing has to be read when it
//! runs.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

fn main() {
    let out = env::var("OUT_DIR").expect("cargo says where to write");
    let mut code = String::new();
    for (name, language) in [("ENGLISH", "en"), ("CHINESE", "zh-CN")] {
        let file = format!("../www/locales/{language}.json");
        println!("cargo:rerun-if-changed={file}");
        let json = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        // In order of their keys, so that one can be looked up in a few steps.
        let texts: BTreeMap<String, String> =
            serde_json::from_str(&json).unwrap_or_else(|error| panic!("{file}: {error}"));
        let _ = writeln!(code, "static {name}: [(&str, &str); {}] = [", texts.len());
        for (key, text) in texts {
            let _ = writeln!(code, "({key:?}, {text:?}),");
        }
        code.push_str("];\n");
    }
    let path = Path::new(&out).join("locales.rs");
    fs::write(&path, code).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
