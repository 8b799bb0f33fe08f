//! The systems that the program is handed on for.

use std::env;
use std::env::consts::{ARCH, OS};
use std::path::PathBuf;
use std::process::Command;

use anyhow::bail;

use super::frameworks;
use crate::cargo::{cargo, target_dir};
use crate::prerequisites;

/// A system and a processor.
pub(crate) struct Platform {
    /// Rust's name for it.
    pub(crate) triple: &'static str,
    /// The same for cargo-zigbuild, which knows versions of the C library.
    zig: &'static str,
    /// What pip calls it: a platform compatibility tag, or several.
    pub(crate) tag: &'static str,
    /// How the name of an executable ends.
    suffix: &'static str,
}

impl Platform {
    /// `cargo zigbuild` of the program for it, into its own folder, with these flags of rustc. An error says what
    /// is missing here.
    pub(crate) fn build(&self, flags: &[&str]) -> anyhow::Result<Command> {
        prerequisites::cross_compiler(self.triple)?;
        let mut command = cargo(&["zigbuild", "--package", "framescope", "--target", self.zig]);
        command.arg("--target-dir").arg(cross_dir());
        let mut flags: Vec<_> = flags.iter().map(|&flag| flag.to_owned()).collect();
        if self.triple.contains("apple") && OS != "macos" && env::var_os("SDKROOT").is_none() {
            let stubs = frameworks::write_stubs(&cross_dir())?;
            flags.push(format!("-Clink-arg=-F{}", stubs.display()));
        }
        // As cargo takes them: with these bytes between them, a path may have a space.
        command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
        Ok(command)
    }

    /// What is built for it with this profile.
    pub(crate) fn executable(&self, profile: &str) -> PathBuf {
        cross_dir().join(self.triple).join(profile).join(format!("framescope{}", self.suffix))
    }

    /// Whether the wheel for it is one for this machine.
    pub(super) fn is_this_machine(&self) -> bool {
        let os = match OS {
            "linux" if cfg!(target_env = "musl") => "linux-musl",
            "linux" => "linux-gnu",
            "macos" => "apple-darwin",
            other => other,
        };
        self.triple.starts_with(ARCH) && self.triple.contains(os)
    }

    const fn new(triple: &'static str, tag: &'static str) -> Self {
        Self { triple, zig: triple, tag, suffix: "" }
    }
}

/// The oldest systems of each kind: glibc 2.17 and musl 1.2 on Linux, macOS 10.12, and 11 on its own processors.
pub(crate) const PLATFORMS: [Platform; 7] = [
    Platform {
        zig: "x86_64-unknown-linux-gnu.2.17",
        ..Platform::new("x86_64-unknown-linux-gnu", "manylinux_2_17_x86_64.manylinux2014_x86_64")
    },
    Platform {
        zig: "aarch64-unknown-linux-gnu.2.17",
        ..Platform::new("aarch64-unknown-linux-gnu", "manylinux_2_17_aarch64.manylinux2014_aarch64")
    },
    Platform::new("x86_64-unknown-linux-musl", "musllinux_1_2_x86_64"),
    Platform::new("aarch64-unknown-linux-musl", "musllinux_1_2_aarch64"),
    Platform::new("aarch64-apple-darwin", "macosx_11_0_arm64"),
    Platform::new("x86_64-apple-darwin", "macosx_10_12_x86_64"),
    Platform { suffix: ".exe", ..Platform::new("x86_64-pc-windows-gnu", "win_amd64") },
];

/// What pip calls this machine. On Linux the wheel is for this machine and newer ones: it needs their C library.
pub(crate) fn native_tag() -> anyhow::Result<String> {
    Ok(match (OS, ARCH) {
        ("linux", arch) => format!("linux_{arch}"),
        ("macos", "aarch64") => "macosx_11_0_arm64".to_owned(),
        ("macos", "x86_64") => "macosx_10_12_x86_64".to_owned(),
        ("windows", "x86_64") => "win_amd64".to_owned(),
        ("windows", "aarch64") => "win_arm64".to_owned(),
        (os, arch) => bail!("pip has no name for {os} on {arch}"),
    })
}

/// Where the program is built for other systems.
fn cross_dir() -> PathBuf {
    target_dir().join("cross")
}
