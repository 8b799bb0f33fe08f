//! A drawing as a file: SVG 2.

use std::fmt::Write as _;

use super::shape::{Band, Drawing, Figure, Point, Shape};
use crate::state::Theme;

/// A drawing as an SVG file. `defs` are the heads of arrows and the hatches that its shapes refer to, and `style` is the
/// style sheet of pictures.
#[must_use]
pub fn svg(drawing: &Drawing, theme: Theme, defs: &str, style: &str) -> String {
    let (width, height) = (decimal(drawing.width), decimal(drawing.height));
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
    write_shapes(&mut svg, drawing);
    svg + "</g></svg>\n"
}

/// Writes the shapes of a drawing, one after the other.
pub fn write_shapes(svg: &mut String, drawing: &Drawing) {
    for shape in &drawing.shapes {
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
        Figure::Band(band) => write!(svg, "<path class=\"{class}\" d=\"{}\"/>", band_path(band)),
    };
}

/// A band as the data of a path: its upper edge there, its lower edge back.
#[must_use]
pub fn band_path(band: &Band) -> String {
    let Band { from, from_height, to, to_height } = *band;
    let middle = f32::midpoint(from.x, to.x);
    let side = |start: Point, end: Point| {
        let [a, b, c, d] = [start.y, end.y, end.x, end.y].map(decimal);
        format!("C{0} {a} {0} {b} {c} {d}", decimal(middle))
    };
    let (below, end_below) =
        (Point::new(from.x, from.y + from_height), Point::new(to.x, to.y + to_height));
    let [x, y, down] = [from.x, from.y, end_below.y].map(decimal);
    format!("M{x} {y}{}V{down}{}Z", side(from, to), side(end_below, below))
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
#[expect(clippy::cast_possible_truncation, reason = "a drawing has fewer than 2^24 pixels")]
#[must_use]
pub fn decimal(value: f32) -> String {
    let tenths = (value * 10.0).round() as i32;
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{}", tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10)
}

#[cfg(test)]
mod tests {
    use super::super::shape::{About, Anchor, Style};
    use super::*;

    #[test]
    fn a_drawing_is_written_as_svg_and_its_texts_stay_texts() {
        let text = Figure::Text(Point::new(1.0, -2.25), Anchor::End, "a<b&\u{7}".to_owned());
        let arrow = Figure::Arrow(Point::new(0.0, 1.0), Point::new(2.0, 16.0));
        let shape = |figure, style| Shape { figure, style, about: About::default() };
        let shapes = vec![shape(text, Style::Label), shape(arrow, Style::Data)];
        let drawing = Drawing { width: 10.0, height: 20.5, shapes };
        let svg = svg(&drawing, Theme::Dark, "<defs/>", "a > b {}");
        let begin = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10.0\" height=\"20.5\" viewBox=\"0 0 10.0 20.5\" \
            data-theme=\"dark\"><style>a &gt; b {}</style><g class=\"picture\"><defs/>";
        assert!(svg.starts_with(begin), "{svg}");
        let end = "<text class=\"text-label\" x=\"1.0\" y=\"-2.3\" text-anchor=\"end\">a&lt;b&amp;·</text>\
            <line class=\"arrow-data\" x1=\"0.0\" y1=\"1.0\" x2=\"2.0\" y2=\"16.0\" marker-end=\"url(#head-arrow-data)\"/></g></svg>\n";
        assert!(svg.ends_with(end), "{svg}");
    }
}
