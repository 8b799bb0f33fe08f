//! A wheel: a zip file that pip installs (Python Packaging User Guide, Binary distribution format).

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::cargo::{root, run};

/// The name of the project.
const NAME: &str = "framescope";

/// A file that pip installs.
#[derive(Clone)]
pub(super) struct File {
    /// Its path in the wheel's folder of data: `scripts/` goes where programs are, `data/` to the root of the environment.
    path: String,
    content: Vec<u8>,
    is_program: bool,
}

impl File {
    /// The program.
    pub(super) fn program(executable: &Path) -> anyhow::Result<Self> {
        let name = executable.file_name().context("a program has a name")?.to_string_lossy();
        let content = fs::read(executable)
            .with_context(|| format!("cannot read {}", executable.display()))?;
        Ok(Self { path: format!("scripts/{name}"), content, is_program: true })
    }

    /// A file at this path of the environment.
    pub(super) fn data(path: &str, content: Vec<u8>) -> Self {
        Self { path: format!("data/{path}"), content, is_program: false }
    }
}

/// A wheel of this project.
pub(super) struct Wheel<'a> {
    pub(super) version: &'a str,
    /// The platforms, with points between them.
    pub(super) tag: &'a str,
}

impl Wheel<'_> {
    /// The name of its file.
    pub(super) fn name(&self) -> String {
        format!("{NAME}-{}-py3-none-{}.whl", self.version, self.tag)
    }

    /// Writes it. The same files give the same bytes.
    pub(super) fn write(&self, path: &Path, files: Vec<File>) -> anyhow::Result<()> {
        let info = format!("{NAME}-{}.dist-info", self.version);
        let mut record = Vec::new();
        let mut zip = ZipWriter::new(fs::File::create(path)?);
        let mut add = |path: &str, content: &[u8], is_program: bool| -> anyhow::Result<()> {
            let sum = BASE64URL_NOPAD.encode(&Sha256::digest(content));
            record.push(format!("{path},sha256={sum},{}\n", content.len()));
            zip.start_file(path, options(is_program))?;
            Ok(zip.write_all(content)?)
        };
        for file in files {
            let path = format!("{NAME}-{}.data/{}", self.version, file.path);
            add(&path, &file.content, file.is_program)?;
        }
        for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
            add(&format!("{info}/licenses/{license}"), &fs::read(root().join(license))?, false)?;
        }
        add(&format!("{info}/METADATA"), self.metadata()?.as_bytes(), false)?;
        add(&format!("{info}/WHEEL"), self.wheel().as_bytes(), false)?;
        let path = format!("{info}/RECORD");
        record.push(format!("{path},,\n"));
        zip.start_file(path, options(false))?;
        zip.write_all(record.concat().as_bytes())?;
        zip.finish()?;
        Ok(())
    }

    /// The core metadata, and the README as its description.
    fn metadata(&self) -> anyhow::Result<String> {
        let readme = alone(&fs::read_to_string(root().join("README.md"))?);
        Ok(format!(
            "Metadata-Version: 2.4\n\
             Name: {NAME}\n\
             Version: {}\n\
             Summary: See how TCP's byte stream becomes messages, on real sockets\n\
             License-Expression: MIT OR Apache-2.0\n\
             License-File: LICENSE-APACHE\n\
             License-File: LICENSE-MIT\n\
             Keywords: tcp,websocket,framing,teaching,sockets\n\
             Requires-Python: >=3.7\n\
             Description-Content-Type: text/markdown\n\
             \n{readme}",
            self.version
        ))
    }

    fn wheel(&self) -> String {
        let tags = self.tag.split('.').map(|tag| format!("Tag: py3-none-{tag}\n"));
        let tags: String = tags.collect();
        format!("Wheel-Version: 1.0\nGenerator: {NAME}\nRoot-Is-Purelib: false\n{tags}")
    }
}

/// A text in Markdown without what leads to other files of this project: an index of packages has none of them.
fn alone(markdown: &str) -> String {
    let mut alone = String::new();
    let mut rest = markdown;
    while let Some((before, link)) = rest.split_once('[') {
        let parts = link.split_once("](").and_then(|(text, after)| {
            let (target, after) = after.split_once(')')?;
            let is_link = !text.contains(['[', ']', '\n']) && !target.contains(char::is_whitespace);
            is_link.then_some((text, target, after))
        });
        let Some((text, target, after)) = parts else {
            alone.extend([before, "["]);
            rest = link;
            continue;
        };
        let is_elsewhere = target.starts_with("https://") || target.starts_with('#');
        match before.strip_suffix('!') {
            Some(before) if !is_elsewhere => alone.push_str(before),
            Some(_) | None if is_elsewhere => {
                alone.extend([before, "[", text, "](", target, ")"]);
            }
            Some(_) | None => alone.extend([before, text]),
        }
        rest = after;
    }
    alone + rest
}

/// Installs a wheel in a new environment, as a student does, and asks its program for its version. Returns what it says.
/// `None` if Python cannot make an environment here.
pub(super) fn try_out(path: &Path, folder: &Path) -> anyhow::Result<Option<String>> {
    let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder).output();
    if !made.is_ok_and(|made| made.status.success()) {
        return Ok(None);
    }
    let programs = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let pip = ["-m", "pip", "install", "--quiet", "--no-index"];
    run(Command::new(programs.join("python")).args(pip).arg(path))?;
    let said = Command::new(programs.join(NAME)).arg("--version").output()?;
    let said = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    if said != concat!("framescope ", env!("CARGO_PKG_VERSION")) {
        bail!("the program that was installed says {said:?}");
    }
    fs::remove_dir_all(folder)?;
    Ok(Some(said))
}

fn options(is_program: bool) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .unix_permissions(if is_program { 0o755 } else { 0o644 })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHEEL: Wheel<'_> = Wheel { version: "1.2.3", tag: "a_64.b_64" };

    fn program(folder: &Path) -> File {
        let program = folder.join("framescope");
        fs::write(&program, "#!/bin/sh\necho \"it runs\"\n").unwrap();
        File::program(&program).unwrap()
    }

    #[test]
    fn the_same_files_give_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let written = ["one", "two"].map(|name| {
            let path = folder.path().join(name);
            WHEEL.write(&path, vec![program(folder.path())]).unwrap();
            fs::read(path).unwrap()
        });
        assert_eq!(written[0], written[1]);
    }

    #[test]
    fn what_leads_to_other_files_is_left_out_and_the_rest_stays() {
        let readme = "# A\n\n![a picture](docs/a.png)\n\n[中文](README.zh-CN.md), [Rust](https://rustup.rs), [below](#b), a[0] (x)\n";
        let expected = "# A\n\n\n\n中文, [Rust](https://rustup.rs), [below](#b), a[0] (x)\n";
        assert_eq!(alone(readme), expected);
        let own = alone(&fs::read_to_string(root().join("README.md")).unwrap());
        assert!(own.contains("```console\n$ pip install framescope"), "{own}");
        assert!(!own.contains("](docs/") && !own.contains("](README"), "{own}");
    }

    #[test]
    fn the_name_and_the_tags_are_those_of_the_platforms() {
        assert_eq!(WHEEL.name(), "framescope-1.2.3-py3-none-a_64.b_64.whl");
        assert!(WHEEL.wheel().ends_with("Tag: py3-none-a_64\nTag: py3-none-b_64\n"));
    }

    /// What a student does. It is skipped where Python has no pip.
    #[cfg(unix)]
    #[test]
    fn pip_installs_a_wheel_and_its_program_runs() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = Wheel { version: env!("CARGO_PKG_VERSION"), tag: "any" };
        let path = folder.path().join(wheel.name());
        let page = File::data("share/man/man1/framescope.1", b".TH framescope".to_vec());
        wheel.write(&path, vec![program(folder.path()), page]).unwrap();
        let venv = folder.path().join("venv");
        let made = Command::new("python3").args(["-m", "venv"]).arg(&venv).output();
        if !made.is_ok_and(|made| made.status.success()) {
            eprintln!("skipped: python3 -m venv does not work here");
            return;
        }
        let pip = ["-m", "pip", "install", "--quiet", "--no-index"];
        let installed =
            Command::new(venv.join("bin/python")).args(pip).arg(&path).output().unwrap();
        assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
        let ran = Command::new(venv.join("bin/framescope")).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&ran.stdout), "it runs\n");
        assert!(venv.join("share/man/man1/framescope.1").is_file());
        let removed = Command::new(venv.join("bin/python"))
            .args(["-m", "pip", "uninstall", "--yes", "framescope"])
            .output()
            .unwrap();
        assert!(removed.status.success(), "{}", String::from_utf8_lossy(&removed.stderr));
        assert!(!venv.join("bin/framescope").exists(), "the record names every file");
    }
}
