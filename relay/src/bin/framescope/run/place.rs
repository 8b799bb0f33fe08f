//! The options that say where an experiment runs.

use std::path::PathBuf;

use clap::Args;
use framescope_lab::WireSetup;

/// Where an experiment runs: on real sockets, with a wire if the system has what it takes. Or elsewhere.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlaceArgs {
    /// On the simulated kernel instead of real sockets
    #[arg(long)]
    pub(crate) simulated: bool,
    /// On the loopback interface, where no segment is seen
    #[arg(long, conflicts_with = "simulated")]
    pub(super) no_wire: bool,
    /// Print every segment
    #[arg(long)]
    pub(super) wire: bool,
    /// What happens on the wire: such as 'latency 20ms, drop data 2, reorder 10%'
    #[arg(long, value_name = "RULES", conflicts_with = "no_wire")]
    pub(super) on_wire: Option<WireSetup>,
    /// Write every segment into a capture file, for Wireshark
    #[arg(long, value_name = "FILE", conflicts_with = "no_wire")]
    pub(super) pcap: Option<PathBuf>,
}
