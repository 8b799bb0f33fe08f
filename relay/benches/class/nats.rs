//! NATS with JetStream, in a separate process.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

/// Where Debian's package puts it.
const PROGRAM: &str = "/usr/sbin/nats-server";

/// A server, killed when dropped. What it keeps is removed.
pub(crate) struct Nats {
    child: Child,
    folder: PathBuf,
    address: SocketAddr,
}

impl Nats {
    /// `None` if there is none here.
    pub(crate) fn start() -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            eprintln!("nats-server is not here; install the package nats-server");
            return None;
        }
        let folder = env::temp_dir().join(format!("framescope-bench-{}", std::process::id()));
        // NATS has no port 0; this one is free.
        let address = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let address = address.expect("loopback has free ports");
        let mut command = Command::new(PROGRAM);
        command.args(["--jetstream", "--addr", "127.0.0.1", "--store_dir"]).arg(&folder);
        command.args(["--port", &address.port().to_string()]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let nats = Self { child: child.expect("it starts"), folder, address };
        while TcpStream::connect(address).is_err() {
            // NATS says nowhere that it listens now.
            thread::sleep(Duration::from_millis(10));
        }
        Some(nats)
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.address)
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
        // It is in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
