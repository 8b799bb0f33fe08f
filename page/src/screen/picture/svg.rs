//! A picture as a file: SVG 2.

use std::fmt::Write as _;

use super::shape::{Figure, Picture, Shape};
use crate::state::Theme;

/// A picture as an SVG file. `defs` are the heads of arrows and the hatches that its shapes refer to, and `style` is the
/// style sheet of pictures.
#[must_use]
pub fn svg(picture: &Picture, theme: Theme, defs: &str, style: &str) -> String {
    let (width, height) = (decimal(picture.width), decimal(picture.height));
    let theme = match theme {
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" data-theme=\"{theme}\"><style>{}</style>\
         <g class=\"picture\">{defs}<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>",
        escaped(style),
    );
    write_shapes(&mut svg, picture);
    svg + "</g></svg>\n"
}

/// Writes the shapes of a picture, one after the other.
pub(super) fn write_shapes(svg: &mut String, picture: &Picture) {
    for shape in &picture.shapes {
        write_shape(svg, shape);
    }
}

fn write_shape(svg: &mut String, shape: &Shape) {
    let class = shape.style.class();
    // Writing to a string cannot fail.
    let _ = match &shape.figure {
        Figure::Line(from, to) | Figure::Arrow(from, to) => {
            let is_arrow = matches!(shape.figure, Figure::Arrow(..));
            let head = if is_arrow {
                format!(" marker-end=\"url(#head-{class})\"")
            } else {
                String::new()
            };
            let ends = [from.x, from.y, to.x, to.y].map(decimal);
            let [x1, y1, x2, y2] = ends;
            write!(
                svg,
                "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"{head}/>"
            )
        }
        Figure::Rect(at, width, height) => {
            let [x, y, width, height] = [at.x, at.y, *width, *height].map(decimal);
            write!(
                svg,
                "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
            )
        }
        Figure::Text(at, anchor, text) => {
            let [x, y] = [at.x, at.y].map(decimal);
            let (anchor, text) = (anchor.name(), escaped(text));
            write!(
                svg,
                "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>"
            )
        }
    };
}

/// A text as XML has it. XML has no control characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\n' | '\t' => escaped.push(character),
            _ if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => {
                escaped.push('·');
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A number with one digit after the point. The standard library's way to write such numbers is a tenth of the page.
#[expect(clippy::cast_possible_truncation, reason = "a picture has fewer than 2^24 pixels")]
#[must_use]
pub fn decimal(value: f32) -> String {
    let tenths = (value * 10.0).round() as i32;
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{}", tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10)
}

#[cfg(test)]
mod tests {
    use super::super::shape::{About, Anchor, Point, Style};
    use super::*;

    #[test]
    fn a_picture_is_written_as_svg_and_its_texts_stay_texts() {
        let text = Figure::Text(Point::new(1.0, -2.25), Anchor::End, "a<b&\u{7}".to_owned());
        let arrow = Figure::Arrow(Point::new(0.0, 1.0), Point::new(2.0, 16.0));
        let shape = |figure, style| Shape { figure, style, about: About::default() };
        let picture = Picture {
            width: 10.0,
            height: 20.5,
            shapes: vec![shape(text, Style::Label), shape(arrow, Style::Data)],
            ..Picture::default()
        };
        let svg = svg(&picture, Theme::Dark, "<defs/>", "a > b {}");
        let begin = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10.0\" height=\"20.5\" viewBox=\"0 0 10.0 20.5\" \
            data-theme=\"dark\"><style>a &gt; b {}</style><g class=\"picture\"><defs/>";
        assert!(svg.starts_with(begin), "{svg}");
        let end = "<text class=\"text-label\" x=\"1.0\" y=\"-2.3\" text-anchor=\"end\">a&lt;b&amp;·</text>\
            <line class=\"arrow-data\" x1=\"0.0\" y1=\"1.0\" x2=\"2.0\" y2=\"16.0\" marker-end=\"url(#head-arrow-data)\"/></g></svg>\n";
        assert!(svg.ends_with(end), "{svg}");
    }
}
