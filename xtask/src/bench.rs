//! `cargo xtask bench`: benchmarks, each against a reference in the same run.

use clap::ValueEnum;

use crate::cargo::{cargo, run as run_command};

#[derive(clap::Args)]
pub(crate) struct Bench {
    what: What,
    /// Measure only the rows with this text in their name
    #[arg(value_name = "ROW")]
    row: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// The bridge, against a plain TCP proxy and the bridges that are on the PATH
    Relay,
    /// The codec, against tokio-util's and a plain copy
    Framing,
    /// The interpreter, against python3
    Python,
    /// The lab: its first event, the wire against the loopback interface, and the bridge beside experiments that play
    Lab,
}

impl Bench {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let (package, bench) = match self.what {
            What::Relay => ("framescope", "bridge"),
            What::Framing => ("framescope-framing", "codec"),
            What::Lab => ("framescope", "lab"),
            What::Python => ("framescope-python", "cpython"),
        };
        let mut command = cargo(&["bench", "--package", package, "--bench", bench]);
        if let Some(row) = self.row {
            command.args(["--", &row]);
        }
        run_command(&mut command)
    }
}
