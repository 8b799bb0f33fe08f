//! `cargo xtask dist`: what is handed on, in `target/dist`. The executable with the page in it, wheels that pip installs,
//! and the page as a folder for any web server.
//!
//! What comes in: the built page. What goes out: files, and a line about each.
//!
//! May use: `cargo`, `page`, `prerequisites`.

mod frameworks;
mod platform;
mod wheel;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use clap::builder::PossibleValuesParser;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

pub(crate) use self::platform::PLATFORMS;
use self::platform::{Platform, native_tag};
use self::wheel::{File, Wheel};
use crate::cargo::{self, cargo, target_dir};
use crate::page;

/// The profile of what is handed on.
const PROFILE: &str = "ship";

/// The name of the folder with the page.
const SITE: &str = "site";

/// What a shell completes, and where an installation keeps it.
const COMPLETIONS: [(&str, &str); 3] = [
    ("bash", "share/bash-completion/completions/framescope"),
    ("zsh", "share/zsh/site-functions/_framescope"),
    ("fish", "share/fish/vendor_completions.d/framescope.fish"),
];

/// Where an installation keeps manual pages.
const MAN: &str = "share/man/man1";

#[derive(clap::Args)]
pub(crate) struct Dist {
    /// Build the wheels of all systems, with zig as compiler and linker of C
    #[arg(long)]
    all: bool,
    /// Build the wheel of this system, as Rust names it, such as aarch64-apple-darwin; may be repeated
    #[arg(long = "for", value_name = "TARGET", conflicts_with = "all",
          value_parser = PossibleValuesParser::new(PLATFORMS.map(|platform| platform.triple)))]
    targets: Vec<String>,
}

impl Dist {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let page = page::build()?;
        let dist = target_dir().join("dist");
        if dist.exists() {
            fs::remove_dir_all(&dist)?;
        }
        fs::create_dir_all(&dist)?;
        page::copy(&page, &dist.join(SITE))?;
        let built = build_relay(&page, PROFILE, &[])?;
        let name = built.file_name().context("an executable has a name")?;
        let executable = dist.join(name);
        fs::copy(&built, &executable)?;
        let documents = documents(&executable)?;
        let mut files = vec![executable.clone()];
        let mut missing = Vec::new();
        if self.all || !self.targets.is_empty() {
            for platform in PLATFORMS.iter().filter(|platform| self.wants(platform)) {
                match wheel_for(platform, &dist, &page, &documents) {
                    Ok(wheel) => files.push(wheel),
                    Err(error) => missing.push(format!("{}: {error:#}", platform.triple)),
                }
            }
        } else {
            let wheel = wheel(&dist, &native_tag()?, &executable, &documents)?;
            try_out(&wheel)?;
            files.push(wheel);
        }
        write_sums(&dist, &files)?;
        for file in &files {
            println!("{} ({} KiB)", file.display(), fs::metadata(file)?.len() / 1024);
        }
        println!("{}", dist.join(SITE).display());
        if !missing.is_empty() {
            bail!("not built here:\n{}", missing.join("\n"));
        }
        Ok(())
    }

    fn wants(&self, platform: &Platform) -> bool {
        self.all || self.targets.iter().any(|target| target == platform.triple)
    }
}

/// Builds the relay with this profile and with the page from the folder `page` in it. Returns the
/// executable.
pub(crate) fn build_relay(
    page: &Path,
    profile: &str,
    features: &[&str],
) -> anyhow::Result<PathBuf> {
    let target = target_dir();
    cargo::run(
        cargo(&["build", "--profile", profile, "--package", "framescope"])
            .args(features)
            .arg("--target-dir")
            .arg(&target)
            .env("FRAMESCOPE_PAGE", page),
    )?;
    let name = format!("framescope{}", std::env::consts::EXE_SUFFIX);
    Ok(target.join(profile).join(name))
}

/// Builds the relay for another system. Returns the executable.
fn build_for(platform: &Platform, page: &Path) -> anyhow::Result<PathBuf> {
    cargo::run(platform.build(&[])?.args(["--profile", PROFILE]).env("FRAMESCOPE_PAGE", page))?;
    Ok(platform.executable(PROFILE))
}

/// Builds the relay for another system and writes its wheel. Returns the wheel's path.
fn wheel_for(
    platform: &Platform,
    dist: &Path,
    page: &Path,
    documents: &[File],
) -> anyhow::Result<PathBuf> {
    let built = build_for(platform, page)?;
    let wheel = wheel(dist, platform.tag, &built, documents)?;
    if platform.is_this_machine() {
        try_out(&wheel)?;
    }
    Ok(wheel)
}

/// What an installation keeps beside the program: the manual page, and what shells complete.
fn documents(executable: &Path) -> anyhow::Result<Vec<File>> {
    let said = |arguments: &[&str]| -> anyhow::Result<Vec<u8>> {
        let output = Command::new(executable).args(arguments).output()?;
        if !output.status.success() {
            bail!("`framescope {}` failed ({})", arguments.join(" "), output.status);
        }
        Ok(output.stdout)
    };
    let mut documents = Vec::new();
    let mut pages = vec!["framescope".to_owned()];
    while let Some(page) = pages.pop() {
        let names: Vec<&str> = page.split('-').skip(1).collect();
        let text = said(&[&["man"], &names[..]].concat())?;
        pages.extend(pages_below(&page, &String::from_utf8_lossy(&text)));
        documents.push(File::data(&format!("{MAN}/{page}.1"), text));
    }
    for (shell, path) in COMPLETIONS {
        documents.push(File::data(path, said(&["completions", shell])?));
    }
    Ok(documents)
}

/// The pages that a manual page names as those of its commands. In roff a hyphen is `\-`.
fn pages_below(page: &str, text: &str) -> Vec<String> {
    let text = text.replace("\\-", "-");
    let lines = text.lines().filter_map(|line| line.strip_suffix("(1)"));
    let below =
        lines.filter(|name| name.strip_prefix(page).is_some_and(|rest| rest.starts_with('-')));
    below.map(str::to_owned).collect()
}

/// Writes the wheel of a platform. Returns its path.
fn wheel(dist: &Path, tag: &str, built: &Path, documents: &[File]) -> anyhow::Result<PathBuf> {
    let mut files = vec![File::program(built)?];
    files.extend(documents.iter().cloned());
    let wheel = Wheel { version: env!("CARGO_PKG_VERSION"), tag };
    let path = dist.join(wheel.name());
    wheel.write(&path, files)?;
    Ok(path)
}

/// Installs the wheel of this machine.
fn try_out(path: &Path) -> anyhow::Result<()> {
    match wheel::try_out(path, &target_dir().join("venv"))? {
        Some(said) => println!("pip installs the wheel, and it says: {said}"),
        None => eprintln!("xtask: the wheel was not tried: python3 -m venv does not work here"),
    }
    Ok(())
}

/// Writes `SHA256SUMS`, which `sha256sum --check` reads.
fn write_sums(dist: &Path, files: &[PathBuf]) -> anyhow::Result<()> {
    let mut sums = String::new();
    for file in files {
        let sum = HEXLOWER.encode(&Sha256::digest(fs::read(file)?));
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        sums.extend([sum.as_str(), "  ", &name, "\n"]);
    }
    Ok(fs::write(dist.join("SHA256SUMS"), sums)?)
}
