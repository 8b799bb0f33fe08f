//! `cargo xtask bench`: what is promised to be fast, beside a reference in the same run.

use clap::ValueEnum;

use crate::cargo::{cargo, run as run_command};

#[derive(clap::Args)]
pub(crate) struct Bench {
    what: What,
    /// Only rows whose names contain this
    #[arg(value_name = "ROW")]
    row: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// The bridge, beside a plain TCP proxy and the bridges that are on the PATH
    Relay,
    /// The codec, beside tokio-util's and a plain copy
    Framing,
}

impl Bench {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let (package, bench) = match self.what {
            What::Relay => ("framescope", "bridge"),
            What::Framing => ("framescope-framing", "codec"),
        };
        let mut command = cargo(&["bench", "--package", package, "--bench", bench]);
        if let Some(row) = self.row {
            command.args(["--", &row]);
        }
        run_command(&mut command)
    }
}
