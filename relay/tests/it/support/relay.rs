//! A relay in the process of the test.

use std::net::{Ipv4Addr, SocketAddr};

use framescope::{Config, Relay};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::waiting::within;

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
        let mut config = Config {
            listen: vec![any_port.into()],
            tcp_listen: Some(any_port),
            lab_worker: Some(env!("CARGO_BIN_EXE_framescope").into()),
            ..Config::default()
        };
        adjust(&mut config);
        let relay = Relay::bind(config).await.expect("loopback has free ports");
        // A test that leaves one of them out does not ask for it.
        let none = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let http = relay.http_address().unwrap_or(none);
        let tcp = relay.tcp_address().unwrap_or(none);
        let stop = CancellationToken::new();
        let running = tokio::spawn(relay.run(stop.clone()));
        Self { http, tcp, stop, running }
    }

    /// Waits until `Relay::run` has returned. Cancel `stop` first.
    pub(crate) async fn ended(mut self) {
        within("the relay's run() returns", &mut self.running).await.expect("run() does not panic");
    }
}

impl Drop for TestRelay {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
