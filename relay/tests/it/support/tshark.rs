//! tshark, which reads capture files.

use std::path::PathBuf;
use std::process::Command;

use super::process::run;
use super::skipped;

/// tshark, and the capture file that it reads.
pub(crate) struct Tshark(PathBuf);

impl Tshark {
    /// `None` if tshark is not here. Then the test is skipped.
    pub(crate) fn reads(file: PathBuf) -> Option<Self> {
        let mut version = Command::new("tshark");
        if version.arg("--version").output().is_ok_and(|output| output.status.success()) {
            return Some(Self(file));
        }
        skipped("tshark is not here; on Debian and Ubuntu: sudo apt-get install tshark");
        None
    }

    /// What it prints with these arguments.
    pub(crate) async fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("tshark");
        let checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];
        command.arg("-r").arg(&self.0).args(checks).args(arguments);
        let finished = run(command).await;
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        finished.stdout
    }

    /// These fields of the packets that a filter shows, a packet in a line.
    pub(crate) async fn fields(&self, filter: &str, fields: &[&str]) -> String {
        let fields = fields.iter().flat_map(|field| ["-e", *field]);
        let arguments: Vec<&str> =
            ["-Y", filter, "-T", "fields"].into_iter().chain(fields).collect();
        self.run(&arguments).await
    }

    /// The packets that are malformed or have a wrong checksum.
    pub(crate) async fn wrong(&self) -> String {
        let wrong = "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0";
        self.run(&["-Y", wrong]).await
    }
}
