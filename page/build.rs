//! Compiles the texts in `www/locales` into the crate, so that no file is read at run time.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

fn main() {
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let mut code = String::new();
    for (name, language) in [("ENGLISH", "en"), ("CHINESE", "zh-CN")] {
        let file = format!("../www/locales/{language}.json");
        println!("cargo:rerun-if-changed={file}");
        let json = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        // Sorted by key, for the binary search in `Locale::text`.
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
