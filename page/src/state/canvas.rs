//! The size of the picture of a run.

/// The size of the picture of a run, in its own pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Canvas {
    /// Its width.
    pub width: f32,
    /// Its height. A picture whose phases are unfolded is higher.
    pub height: f32,
    /// The size of one of its pixels, in CSS pixels.
    pub unit: f32,
}

impl Canvas {
    /// The size of a picture on a sheet of paper. The sheet's width is that of the picture, and below it there is space
    /// for the bytes and the programs.
    pub const PAPER: Self = Self { width: 900.0, height: 620.0, unit: 1.0 };
}

impl Default for Canvas {
    fn default() -> Self {
        Self { width: 800.0, height: 483.0, unit: 1.0 }
    }
}
