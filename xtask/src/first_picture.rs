//! Puts the first picture into the page, so that it is there before any code.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

/// The file with the picture, in `www/`. A test of the page writes it and compares it.
const FILE: &str = "first-picture.svg";
/// Where the attributes of the picture go, in `index.html`.
const ATTRIBUTES: &str = "<svg id=\"picture-svg\"";
/// Where its shapes go.
const SHAPES: &str = "<g id=\"picture-shapes\">";

/// Moves the picture of the page in this folder into its `index.html`.
pub(crate) fn embed(page: &Path) -> anyhow::Result<()> {
    let (file, index) = (page.join(FILE), page.join("index.html"));
    let svg =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let html = fs::read_to_string(&index)?;
    fs::write(&index, with_picture(&html, &svg).context("index.html has no place for a picture")?)?;
    fs::remove_file(&file)?;
    Ok(())
}

fn with_picture(html: &str, svg: &str) -> Option<String> {
    let (attributes, shapes) =
        svg.trim_end().strip_prefix("<svg")?.strip_suffix("</svg>")?.split_once('>')?;
    let (before, rest) = html.split_once(ATTRIBUTES)?;
    let (between, after) = rest.split_once(SHAPES)?;
    Some(format!("{before}{ATTRIBUTES}{attributes}{between}{SHAPES}{shapes}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shapes_and_the_size_of_the_picture_are_put_into_the_page() {
        let html = "<p><svg id=\"picture-svg\" a><g id=\"picture-shapes\"></g></svg>";
        let svg = "<svg width=\"5\"><rect/></svg>\n";
        let expected =
            "<p><svg id=\"picture-svg\" width=\"5\" a><g id=\"picture-shapes\"><rect/></g></svg>";
        assert_eq!(with_picture(html, svg).as_deref(), Some(expected));
        assert_eq!(with_picture("<p>", svg), None);
        assert_eq!(with_picture(html, "<p>"), None);
    }
}
