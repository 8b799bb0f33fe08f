//! A bridge session and both its ends.

use framescope::Config;
use framescope_protocol::READS_SUBPROTOCOL;
use tokio::net::TcpStream;

use super::relay::TestRelay;
use super::target::TestTarget;
use super::websocket::Client;

/// A session: the client, the target's end, and the relay between them.
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
        Self::open_offering(query, None, adjust).await
    }

    /// Opens a session of `framescope.reads.v1` with these read options.
    pub(crate) async fn open_timed(query: &str) -> Self {
        Self::open_offering(query, Some(READS_SUBPROTOCOL), |_| {}).await
    }

    /// Opens a session with a client that offers this subprotocol, or none.
    pub(crate) async fn open_offering(
        query: &str,
        subprotocol: Option<&str>,
        adjust: impl FnOnce(&mut Config),
    ) -> Self {
        let listener = TestTarget::listen().await;
        let relay = TestRelay::start_with(|config| {
            config.targets.push(listener.named("mine"));
            adjust(config);
        })
        .await;
        let path = format!("/bridge/mine?{query}");
        let client = Client::open_offering(relay.http, &path, subprotocol).await;
        let target = listener.accept().await;
        Self { client, target, relay }
    }
}
