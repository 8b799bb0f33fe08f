//! Checks the map: every file and type that ARCHITECTURE.md names exists, and it is no longer than a map should
//! be. Files that other documents name exist too.
//!
//! In come the documents and the files of the repository; out comes an error that lists what is wrong.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// The map.
const MAP: &str = "ARCHITECTURE.md";

/// Other documents that name files. They may also name types that are not ours.
const DOCUMENTS: [&str; 4] =
    ["CONTRIBUTING.md", "SECURITY.md", "docs/decisions.md", "docs/performance.md"];

/// The longest map, in lines.
const MAX_LINES: usize = 200;

/// Names of the standard library that the map may use.
const STANDARD_NAMES: [&str; 1] = ["Vec"];

/// What comes before the name of an item where it is defined.
const KEYWORDS: [&str; 8] = ["struct", "enum", "trait", "type", "const", "static", "fn", "mod"];

/// Fails if a document names what is not there.
pub(crate) fn check(root: &Path) -> anyhow::Result<()> {
    let sources = Sources::read(root)?;
    let mut findings = Vec::new();
    for document in [MAP].into_iter().chain(DOCUMENTS) {
        let path = root.join(document);
        let text = fs::read_to_string(&path).with_context(|| document.to_owned())?;
        let folder = path.parent().unwrap_or(root);
        let is_file = |path: &str| root.join(path).exists() || folder.join(path).exists();
        let missing = missing(&text, is_file, |name| document != MAP || sources.has(name));
        findings.extend(missing.into_iter().map(|name| format!("{document} names {name}")));
        let lines = text.lines().count();
        if document == MAP && lines > MAX_LINES {
            findings.push(format!("{document} has {lines} lines, over {MAX_LINES}"));
        }
    }
    if !findings.is_empty() {
        bail!("the map is wrong:\n{}", findings.join("\n"));
    }
    Ok(())
}

/// The paths, types and variants that a text names and that do not exist.
fn missing(
    text: &str,
    is_file: impl Fn(&str) -> bool,
    is_item: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut missing = Vec::new();
    for word in words(text) {
        let is_there = if is_path(word) {
            is_file(word)
        } else if let Some(names) = item(word) {
            names.into_iter().all(|name| STANDARD_NAMES.contains(&name) || is_item(name))
        } else {
            true
        };
        if !is_there && !missing.contains(&word.to_owned()) {
            missing.push(word.to_owned());
        }
    }
    missing
}

/// The words of the text that are code or the target of a link, without the marks around them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    // Between backquotes, and between the three of a block.
    let code = text.split('`').skip(1).step_by(2);
    let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let is_mark = |c: char| c.is_whitespace() || ",;()[]{}|<>&\"".contains(c);
    let words = code.chain(links).flat_map(move |part| part.split(is_mark));
    words.map(|word| word.trim_end_matches(['.', ':'])).filter(|word| !word.is_empty())
}

/// A path from the repository's folder, such as `lab/src/lib.rs` or `relay/src/http/`.
fn is_path(word: &str) -> bool {
    const ENDINGS: [&str; 8] = [".rs", ".toml", ".json", ".html", ".css", ".md", ".js", "/"];
    let is_plain = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    is_plain && !word.starts_with(['/', '.']) && ENDINGS.iter().any(|e| word.ends_with(e))
}

/// The parts of an item's name: a word such as `Resolver` or `FrameReader`, or a path such as
/// `Kernel::call`. `None`: the word names no item.
fn item(word: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = word.split("::").collect();
    let is_name = |part: &&str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !parts.iter().all(is_name) {
        return None;
    }
    let is_type = |part: &str| {
        let starts_large = part.starts_with(|c: char| c.is_ascii_uppercase());
        starts_large && part.bytes().any(|byte| byte.is_ascii_lowercase())
    };
    let is_item =
        is_type(parts[0]) || (parts.len() > 1 && parts[0].starts_with(char::is_uppercase));
    is_item.then_some(parts)
}

/// The text of every Rust file in the repository.
struct Sources(String);

impl Sources {
    fn read(root: &Path) -> anyhow::Result<Self> {
        let mut all = String::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for path in entries(&folder)? {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                // What cargo builds into is marked as a cache.
                let is_built = path.join("CACHEDIR.TAG").exists();
                if path.is_dir() && !is_built && !name.starts_with('.') {
                    folders.push(path);
                } else if name.ends_with(".rs") {
                    all.push_str(&fs::read_to_string(&path)?);
                }
            }
        }
        Ok(Self(all))
    }

    /// Is an item, or the variant of an enum, of this name defined?
    fn has(&self, name: &str) -> bool {
        let is_end = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        self.0.match_indices(name).any(|(at, _)| {
            let (before, after) = (&self.0[..at], &self.0[at + name.len()..]);
            let is_defined =
                KEYWORDS.iter().any(|keyword| before.ends_with(&format!("{keyword} ")));
            // A variant stands alone at the beginning of its line.
            let is_variant = before.ends_with("\n    ") && after.starts_with([',', '(', ' ']);
            is_end(after) && (is_defined || is_variant)
        })
    }
}

fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing_in(text: &str) -> Vec<String> {
        let sources = Sources(
            "pub struct FrameReader;\nenum Msg {\n    SocketReceived(u32),\n}\nfn call() {}".into(),
        );
        missing(text, |path| path == "lab/src/lib.rs", |name| sources.has(name))
    }

    #[test]
    fn files_and_types_that_exist_are_found() {
        let text = "`FrameReader` in `lab/src/lib.rs`, `Msg::SocketReceived`, (`FrameReader::call`), `Vec`.";
        assert!(missing_in(text).is_empty(), "{:?}", missing_in(text));
    }

    #[test]
    fn what_is_not_there_is_named() {
        let text = "`FrameWriter`, `lab/src/gone.rs`, `relay/`, `Msg::Gone`, `FrameReaders`";
        assert_eq!(
            missing_in(text),
            ["FrameWriter", "lab/src/gone.rs", "relay/", "Msg::Gone", "FrameReaders"]
        );
    }

    #[test]
    fn other_words_are_not_looked_up() {
        let text =
            "TCP, HTTP/1.1, RFC 6455, /proc/net/tcp, WebSocket-to-TCP, 1/2, Host, --flag, a/b`";
        assert!(missing_in(text).is_empty(), "{:?}", missing_in(text));
    }
}
