//! The tabs of the page.

/// The two tabs of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// A connection through the bridge, or a recording of one.
    Live,
    /// The lab and its lessons.
    Lab,
}
