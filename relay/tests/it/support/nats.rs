//! NATS with JetStream, as Debian's package nats-server has it.

use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::{env, fs};

use serde_json::Value;

use super::process::Running;
use super::skipped;
use super::waiting::until;

/// Where the package puts it, which is on no user's PATH.
const PROGRAM: &str = "/usr/sbin/nats-server";

/// A server, ended when dropped. What it keeps is removed.
pub(crate) struct Nats {
    running: Option<Running>,
    folder: PathBuf,
    pub(crate) url: String,
}

impl Nats {
    /// Starts a server. `None` if there is none here.
    pub(crate) async fn start(name: &str) -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            skipped("nats-server is not here; install the package nats-server");
            return None;
        }
        let folder = env::temp_dir().join(format!("framescope-nats-{}-{name}", process::id()));
        fs::create_dir_all(&folder).expect("there is space");
        let mut nats = Self { running: None, folder, url: String::new() };
        nats.start_at("-1").await;
        Some(nats)
    }

    /// Starts it at the same address, with what it kept.
    pub(crate) async fn start_again(&mut self) {
        let url = self.url.clone();
        let (_, port) = url.rsplit_once(':').expect("it has a port");
        self.start_at(port).await;
    }

    /// For -1 it chooses a port.
    async fn start_at(&mut self, port: &str) {
        let mut command = Command::new(PROGRAM);
        command.args(["--addr", "127.0.0.1", "--port", port, "--jetstream", "--store_dir"]);
        command.arg(&self.folder).arg("--ports_file_dir").arg(&self.folder).stderr(Stdio::null());
        let running = Running::start(command);
        let ports = self.folder.join(format!("nats-server_{}.ports", running.id()));
        self.running = Some(running);
        // The file is there when the server listens.
        let mut url = None;
        until("nats-server listens", || {
            let ports = fs::read(&ports).ok();
            let ports = ports.and_then(|text| serde_json::from_slice::<Value>(&text).ok());
            url = ports.and_then(|ports| ports["nats"][0].as_str().map(str::to_owned));
            std::future::ready(url.is_some())
        })
        .await;
        self.url = url.expect("it listens");
    }

    /// Loses what it kept.
    pub(crate) fn forget(&self) {
        fs::remove_dir_all(&self.folder).expect("it is there");
        fs::create_dir_all(&self.folder).expect("there is space");
    }

    /// Ends it at once, as if its machine had failed.
    pub(crate) fn kill(&mut self) {
        self.running = None;
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
        // It is in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
