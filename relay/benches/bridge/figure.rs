//! What is measured, and in which unit.

/// A measured quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Figure {
    MegabytesPerSecond,
    ProcessorPerGigabyte,
    EchoesPerSecond,
    Median,
    Percentile99,
    ProcessorPerEcho,
    ConnectsPerSecond,
    MemoryPerConnection,
}

impl Figure {
    pub(crate) const fn unit(self) -> &'static str {
        match self {
            Self::MegabytesPerSecond => "MB/s",
            Self::ProcessorPerGigabyte => "CPU s/GB",
            Self::EchoesPerSecond => "echoes/s",
            Self::Median => "us, p50",
            Self::Percentile99 => "us, p99",
            Self::ProcessorPerEcho => "CPU us/echo",
            Self::ConnectsPerSecond => "connects/s",
            Self::MemoryPerConnection => "KiB each",
        }
    }
}
