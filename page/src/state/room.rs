//! The parts of the page.

/// The two parts of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// A connection through the bridge.
    Live,
    /// The lessons.
    Lab,
}
