//! `framescope lab-worker`: a process in which programs run, and `framescope try-wire`. The relay starts them, and nobody
//! else.

use anyhow::anyhow;
use clap::Args;
use framescope::programs::Place;
use framescope::worker::{Limits, run_child};

#[derive(Debug, Args)]
pub(crate) struct LabWorkerArgs {
    /// The most memory that it may use, in bytes of address space
    #[arg(long, value_name = "BYTES")]
    memory: u64,
    /// The most processor time that it may use
    #[arg(long, value_name = "SECONDS")]
    cpu_seconds: u64,
    /// Why there is no wire, as JSON; without it there is one
    #[arg(long, value_name = "JSON")]
    no_wire: Option<String>,
}

impl LabWorkerArgs {
    /// Runs programs until the relay closes the channel or has gone.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self { memory, cpu_seconds, no_wire } = self;
        let place = match no_wire {
            Some(why) => Place::on_loopback(serde_json::from_str(&why)?),
            None => Place::on_wire().map_err(|why| anyhow!(why.error))?,
        };
        run_child(&Limits { memory, cpu_seconds }, place)?;
        Ok(())
    }
}

/// Tries to have a wire. If there is none, prints why as JSON.
pub(crate) fn try_wire() -> anyhow::Result<i32> {
    let Err(why) = framescope::programs::try_wire() else { return Ok(0) };
    println!("{}", serde_json::to_string(&why)?);
    Ok(1)
}
