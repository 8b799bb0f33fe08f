//! A client as a child of the test, and the target that it reaches.

use std::process::Stdio;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::support::pattern::{Pattern, expect_eof};
use crate::support::target::TestTarget;
use crate::support::{TestRelay, within};

/// A session whose client is a program. It sends its stdin to the target, and prints what the target sends.
pub(crate) struct ClientSession {
    pub(crate) stdin: ChildStdin,
    pub(crate) stdout: ChildStdout,
    pub(crate) target: TcpStream,
    pub(crate) child: Child,
    _relay: TestRelay,
}

impl ClientSession {
    /// Starts the program; `client` says how, for a URL. Its stderr is kept for [`ended`].
    pub(crate) async fn open(client: impl FnOnce(&str) -> Command) -> Self {
        let listener = TestTarget::listen().await;
        let relay =
            TestRelay::start_with(|config| config.targets.push(listener.named("mine"))).await;
        let mut command = client(&format!("ws://{}/bridge/mine", relay.http));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().expect("the client can be started");
        let stdin = child.stdin.take().expect("it is piped");
        let stdout = child.stdout.take().expect("it is piped");
        let target = listener.accept().await;
        Self { stdin, stdout, target, child, _relay: relay }
    }

    /// Sends several megabytes both ways at the same time. Then the target ends its side, and the
    /// client must have received all of them and must end too. Returns its exit code and its stderr.
    ///
    /// The last bytes are only awaited after the target has ended its side: websocat 1.14 sometimes
    /// keeps them until something else happens, with any server.
    pub(crate) async fn carry_until_the_target_ends(mut self) -> (Option<i32>, String) {
        const TOTAL: usize = 6 * 1024 * 1024;
        let (mut from_client, mut to_client) = self.target.split();
        let (mut up, mut down) = (Pattern::new(1), Pattern::new(2));
        let target = async {
            let writing = Pattern::new(2).write(&mut to_client, TOTAL, |_| {});
            let (written, ()) = tokio::join!(writing, up.read(&mut from_client, TOTAL));
            written.expect("the relay reads");
            to_client.shutdown().await.expect("the connection stands");
            expect_eof(&mut from_client).await;
        };
        let input = Pattern::new(1).write(&mut self.stdin, TOTAL, |_| {});
        let output = async {
            down.read(&mut self.stdout, TOTAL).await;
            expect_eof(&mut self.stdout).await;
        };
        let carrying = async { tokio::join!(target, input, output) };
        let ((), written, ()) = within("everything arrives", carrying).await;
        written.expect("the client reads");
        // Its input is still open: it is the target that ends it.
        ended(self.child).await
    }

    /// Sends megabytes through the client and ends its input: all must arrive, and then the end of the
    /// stream. Returns its exit code, and what it said on stderr.
    pub(crate) async fn carry_until_the_input_ends(self) -> (Option<i32>, String) {
        const TOTAL: usize = 4 * 1024 * 1024;
        let Self { mut stdin, mut target, child, .. } = self;
        let sending = async {
            Pattern::new(1).write(&mut stdin, TOTAL, |_| {}).await.expect("the client reads");
            drop(stdin);
        };
        let mut arrived = Pattern::new(1);
        tokio::join!(sending, arrived.read(&mut target, TOTAL));
        expect_eof(&mut target).await;
        ended(child).await
    }
}

/// Waits until the program has ended; its exit code, and what it said on stderr.
pub(crate) async fn ended(mut child: Child) -> (Option<i32>, String) {
    let mut stderr = child.stderr.take().expect("it is piped");
    let mut said = String::new();
    let ending = async { tokio::join!(child.wait(), stderr.read_to_string(&mut said)) };
    let (status, read) = within("the client ends", ending).await;
    read.expect("the client says UTF-8");
    (status.expect("a child can be waited for").code(), said)
}
