//! The style sheets of the page, made small: without comments and indentation.
//!
//! What comes in: the page's folder. What goes out: shorter files in it.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

/// The style sheets in `www/`.
const SHEETS: [&str; 3] = ["style.css", "picture.css", "class.css"];

/// Shortens the style sheets in the page's folder.
pub(crate) fn shorten(page: &Path) -> anyhow::Result<()> {
    for sheet in SHEETS {
        let path = page.join(sheet);
        let style =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        fs::write(&path, bare(&style))?;
    }
    Ok(())
}

/// The style without comments and indentation. No text in it has the marks of a comment.
fn bare(style: &str) -> String {
    let mut code = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, comment)) = rest.split_once("/*") {
        code.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    code.push_str(rest);
    let lines = code.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::root;

    #[test]
    fn comments_and_indentation_are_left_out() {
        let style = "/* The bar\n   at the top */\n.bar { color: red; }\n@media print {\n  .a { b: c; } /* d */\n}\n";
        assert_eq!(bare(style), ".bar { color: red; }\n@media print {\n.a { b: c; }\n}\n");
    }

    #[test]
    fn the_page_has_no_other_style_sheets_and_no_text_in_them_looks_like_a_comment() {
        for entry in fs::read_dir(root().join("www")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "css") {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                assert!(SHEETS.contains(&name.as_str()), "{name}");
                let style = fs::read_to_string(&path).unwrap();
                assert!(!bare(&style).contains("*/"), "{name}");
                assert_eq!(bare(&style).matches('{').count(), bare(&style).matches('}').count());
            }
        }
    }
}
