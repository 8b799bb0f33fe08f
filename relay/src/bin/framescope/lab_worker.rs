//! `framescope lab-worker`: a process in which programs run. The relay starts it, and nobody else.

use clap::Args;
use framescope::worker::{Limits, run_child};

#[derive(Debug, Args)]
pub(crate) struct LabWorkerArgs {
    /// The most memory that it may use, in bytes of address space
    #[arg(long, value_name = "BYTES")]
    memory: u64,
    /// The most processor time that it may use
    #[arg(long, value_name = "SECONDS")]
    cpu_seconds: u64,
}

impl LabWorkerArgs {
    /// Runs programs until the relay closes the channel or has gone.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self { memory, cpu_seconds } = self;
        run_child(&Limits { memory, cpu_seconds })?;
        Ok(())
    }
}
