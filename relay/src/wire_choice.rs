//! Whether programs run on a network with a wire.

/// Whether programs run on a network with a wire, on which every segment is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WireChoice {
    /// If the system has what it takes. It is tried once.
    #[default]
    Auto,
    /// They run on the loopback interface.
    Off,
}
