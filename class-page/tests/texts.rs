//! The page's texts: each is there in both languages, and used.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn file(language: &str) -> BTreeMap<String, String> {
    let path = root().join(format!("../www/class/{language}.json"));
    let json = fs::read_to_string(path).expect("each language has a file");
    serde_json::from_str(&json).expect("it has texts by their keys")
}

fn sources(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("the sources can be listed").path();
        if path.is_dir() {
            all.push_str(&sources(&path));
        } else {
            all.push_str(&fs::read_to_string(path).expect("sources are UTF-8"));
        }
    }
    all
}

/// Every text between `before` and the next quotation mark.
fn quoted_after(source: &str, before: &str) -> BTreeSet<String> {
    let pieces = source.split(before).skip(1);
    pieces.filter_map(|piece| piece.split('"').next()).map(str::to_owned).collect()
}

#[test]
fn every_text_that_is_used_is_there_and_every_one_that_is_there_is_used() {
    let html = fs::read_to_string(root().join("../www/class.html")).expect("the page is there");
    let rust = sources(&root().join("src")) + &sources(&root().join("../web/class/src"));
    let rust: String = rust.split_whitespace().collect();
    let in_html = ["data-text=\"", "data-label=\"", "data-title=\""];
    let in_rust = [".text(\"", ".fill(\""];
    let used: BTreeSet<String> = in_html
        .iter()
        .flat_map(|attribute| quoted_after(&html, attribute))
        .chain(in_rust.iter().flat_map(|call| quoted_after(&rust, call)))
        .collect();
    for language in ["en", "zh-CN"] {
        let there: BTreeSet<String> = file(language).into_keys().collect();
        let missing: Vec<_> = used.difference(&there).collect();
        let unused: Vec<_> = there.difference(&used).collect();
        assert!(
            missing.is_empty() && unused.is_empty(),
            "{language}: missing {missing:?}, unused {unused:?}"
        );
    }
}

#[test]
fn both_languages_have_the_same_placeholders_and_their_own_words() {
    let places = |text: &str| -> BTreeSet<String> {
        let pieces = text.split('{').skip(1);
        pieces.filter_map(|piece| Some(piece.split_once('}')?.0.to_owned())).collect()
    };
    let (english, chinese) = (file("en"), file("zh-CN"));
    let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    for (key, text) in &english {
        let other = &chinese[key];
        assert_eq!(places(text), places(other), "{key}");
        if key != "language" && key != "join-at" {
            assert!(!text.contains(is_chinese), "{key}: {text}");
            assert!(other.contains(is_chinese), "{key}: {other}");
        }
        assert!(!other.contains("课程"), "{key}: {other}");
    }
}

#[test]
fn the_colours_are_those_of_the_lab() {
    let colours = |sheet: &str| -> BTreeMap<String, String> {
        let style =
            fs::read_to_string(root().join("../www").join(sheet)).expect("the style is there");
        let root = style.split(":root {").nth(1).and_then(|rest| rest.split('}').next());
        let lines = root.expect("the style has colours").lines();
        let pairs = lines.filter_map(|line| line.trim().trim_end_matches(';').split_once(": #"));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let (lab, class) = (colours("style.css"), colours("class.css"));
    for (name, value) in class.iter().filter(|(name, _)| *name != "--bar") {
        assert_eq!(lab.get(name), Some(value), "{name}");
    }
}
