//! How much padding goes to the left and to the right.

/// Where a text stands in a width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Justify {
    Left,
    Right,
    Center,
}

impl Justify {
    /// The padding on the left and on the right of `len` items in `width`.
    pub(crate) fn padding(self, len: usize, width: i64) -> (usize, usize) {
        let width = usize::try_from(width).unwrap_or(0);
        let padding = width.saturating_sub(len);
        match self {
            Self::Left => (0, padding),
            Self::Right => (padding, 0),
            Self::Center => {
                // CPython gives the odd one to the left in an odd width.
                let left = padding / 2 + (padding & width & 1);
                (left, padding - left)
            }
        }
    }
}
