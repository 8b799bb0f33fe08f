//! What drawings consist of, and drawings as SVG.
//!
//! What comes in: shapes at places. What goes out: the same shapes, which the view makes elements of, or the text of a
//! file.
//!
//! May use: `state`, `text::bidi`.

mod shape;
mod svg;

pub use shape::{
    About, Anchor, Band, Drawing, Figure, Fill, LARGE, Point, Shape, Span, Style, TEXT,
};
pub use svg::{band_path, decimal, svg, write_shapes};
