//! What the tests share: a relay on ports of its own, and clients and targets for it.

pub(crate) mod descriptors;
pub(crate) mod framed_client;
pub(crate) mod http;
pub(crate) mod pattern;
pub(crate) mod process;
pub(crate) mod target;
pub(crate) mod told;
pub(crate) mod websocket;

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use framescope::{Config, Relay};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use self::target::TestTarget;
use self::websocket::Client;

/// How long a test waits for what must happen. Long: a busy machine is slow, and not wrong.
const PATIENCE: Duration = Duration::from_mins(1);

/// A relay in this process, stopped when dropped.
pub(crate) struct TestRelay {
    pub(crate) http: SocketAddr,
    pub(crate) tcp: SocketAddr,
    pub(crate) stop: CancellationToken,
    running: JoinHandle<()>,
}

impl TestRelay {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts a relay whose config `adjust` has changed; both its ports are free ones.
    pub(crate) async fn start_with(adjust: impl FnOnce(&mut Config)) -> Self {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut config = Config { listen: any_port, tcp_listen: any_port, ..Config::default() };
        adjust(&mut config);
        let relay = Relay::bind(config).await.expect("loopback has free ports");
        let (http, tcp) = (relay.http_address(), relay.tcp_address());
        let stop = CancellationToken::new();
        let running = tokio::spawn(relay.run(stop.clone()));
        Self { http, tcp, stop, running }
    }

    /// Waits until `Relay::run` has returned; somebody else must have cancelled `stop`.
    pub(crate) async fn ended(mut self) {
        within("the relay's run() returns", &mut self.running).await.expect("run() does not panic");
    }
}

impl Drop for TestRelay {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A session from end to end: what the client holds, what the target holds, and the relay between.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) target: TcpStream,
    pub(crate) relay: TestRelay,
}

impl Session {
    pub(crate) async fn open() -> Self {
        Self::open_with("", |_| {}).await
    }

    /// Opens a session whose read options are those of `query`, on a relay that `adjust` has changed.
    pub(crate) async fn open_with(query: &str, adjust: impl FnOnce(&mut Config)) -> Self {
        let listener = TestTarget::listen().await;
        let relay = TestRelay::start_with(|config| {
            config.targets.push(listener.named("mine"));
            adjust(config);
        })
        .await;
        let client = Client::open(relay.http, &format!("/bridge/mine?{query}")).await;
        let target = listener.accept().await;
        Self { client, target, relay }
    }
}

/// Says why a test is skipped, where it is seen: what a test prints in other ways is kept from the
/// screen as long as the test passes.
pub(crate) fn skipped(why: &str) {
    // Where nobody reads stderr, nobody misses it.
    let _ = io::stderr().write_all(format!("skipped: {why}\n").as_bytes());
}

/// Waits for what must happen, and names it when it does not.
pub(crate) async fn within<F: Future>(what: &str, future: F) -> F::Output {
    let output = timeout(PATIENCE, future).await;
    output.unwrap_or_else(|_| panic!("this did not happen within {PATIENCE:?}: {what}"))
}

/// Looks until `look` says that it is so. For what nothing tells of, such as a peer's state.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut look: impl FnMut() -> F) {
    within(what, async {
        while !look().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

/// Returns when `progress` has stood still: flow control leaves nothing else to be seen of it.
/// A pause that is none makes the caller's test weaker, never red.
pub(crate) async fn stall<T: PartialEq>(what: &str, progress: impl Fn() -> T) {
    const STILL: u32 = 10;
    within(what, async {
        let (mut before, mut still) = (progress(), 0);
        while still < STILL {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = progress();
            still = if now == before { still + 1 } else { 0 };
            before = now;
        }
    })
    .await;
}
