//! A link as a QR code.

use std::fmt::Write as _;

use qrcode::{Color, QrCode};

/// The light modules on each side of a code: ISO/IEC 18004 wants four.
const MARGIN: usize = 4;

/// A QR code as the path of a picture, and the number of modules of its sides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Qr {
    /// The dark modules, in units of a module.
    pub path: String,
    /// The length of each side, with the margin.
    pub side: usize,
}

impl Qr {
    /// The code of a link. Without a path if the link is too long for one.
    pub(crate) fn of(link: &str) -> Self {
        let Ok(code) = QrCode::new(link) else { return Self::default() };
        let width = code.width();
        let mut path = String::new();
        for (at, color) in code.to_colors().into_iter().enumerate() {
            if color == Color::Dark {
                let (x, y) = (at % width + MARGIN, at / width + MARGIN);
                // Writing to a text does not fail.
                let _ = write!(path, "M{x} {y}h1v1h-1z");
            }
        }
        Self { path, side: width + 2 * MARGIN }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_margin_and_its_corner_marks() {
        let qr = Qr::of("http://192.168.1.20:9528/class.html#QKFTDN");
        assert!(qr.side >= 25 + 8, "{}", qr.side);
        assert!(qr.path.starts_with("M4 4h1v1h-1zM5 4h1"), "{}", &qr.path[..40]);
        assert_eq!(Qr::of(&"x".repeat(5000)), Qr::default());
    }
}
