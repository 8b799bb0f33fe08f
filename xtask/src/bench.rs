//! `cargo xtask bench`: benchmarks, each against a reference in the same run.

use clap::ValueEnum;

use crate::cargo::{cargo, run as run_command};
use crate::{page, prerequisites};

#[derive(clap::Args)]
pub(crate) struct Bench {
    what: What,
    /// Measure only the rows with this text in their name. `page` measures all
    #[arg(value_name = "ROW")]
    row: Option<String>,
    /// How many follow in a `class`: 1,000 and then 5,000 unless this says so
    #[arg(long)]
    followers: Option<u32>,
    /// How often `page` measures each row: 5 times unless this says so
    #[arg(long)]
    rounds: Option<u32>,
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
    /// A class: how soon followers see what the teacher shows, against a server that only writes the same bytes
    Class,
    /// The bridge under faults for ten minutes, with reloads and restarts; ROW is another number of minutes
    Soak,
    /// What it costs a program that it is watched, beside the program alone and under strace
    Watch,
    /// The page in Chromium, against one of bare JavaScript that only counts, and against itself without its program
    Page,
}

impl Bench {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let (package, bench) = match self.what {
            What::Relay => ("framescope", "bridge"),
            What::Framing => ("framescope-framing", "codec"),
            What::Lab => ("framescope", "lab"),
            What::Python => ("framescope-python", "cpython"),
            What::Class => ("framescope", "class"),
            What::Soak => ("framescope", "soak"),
            What::Watch => ("framescope", "watch"),
            What::Page => ("framescope", "page"),
        };
        let profile = match self.what {
            // As it is handed on.
            What::Relay | What::Watch => "ship",
            What::Framing | What::Python | What::Lab | What::Class | What::Soak | What::Page => {
                "bench"
            }
        };
        let mut command =
            cargo(&["bench", "--profile", profile, "--package", package, "--bench", bench]);
        let argument = if let What::Page = self.what {
            let browser = prerequisites::browser()?;
            command.env("FRAMESCOPE_PAGE", page::build()?);
            command.env("CHROMIUM", &browser.chromium).env("CHROMEDRIVER", &browser.driver);
            self.rounds.map(|rounds| rounds.to_string())
        } else if let What::Class = self.what {
            self.followers.map(|followers| followers.to_string())
        } else {
            self.row
        };
        if let Some(argument) = argument {
            command.args(["--", &argument]);
        }
        run_command(&mut command)
    }
}
