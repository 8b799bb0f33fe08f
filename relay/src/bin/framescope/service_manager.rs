//! What systemd is told, `sd_notify`(3). Without systemd nothing is.

#[cfg(unix)]
use std::future::pending;

#[cfg(unix)]
use sd_notify::NotifyState;
#[cfg(unix)]
use tracing::warn;

/// The relay serves, or has read its configuration again.
pub(crate) fn ready() {
    #[cfg(unix)]
    notify(&[NotifyState::Ready]);
}

/// It reads its configuration again.
#[cfg(unix)]
pub(crate) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(error) => warn!(%error, "there is no clock"),
    }
}

/// It takes no more connections.
pub(crate) fn stopping() {
    #[cfg(unix)]
    notify(&[NotifyState::Stopping]);
}

/// The process with this number has taken its place.
#[cfg(unix)]
pub(crate) fn replaced_by(process: u32) {
    notify(&[NotifyState::MainPid(process)]);
}

/// Says again and again that the program runs, as often as systemd wants to hear it. Never returns.
pub(crate) async fn watchdog() {
    #[cfg(unix)]
    {
        let Some(period) = sd_notify::watchdog_enabled() else { return pending().await };
        let mut ticks = tokio::time::interval(period / 2);
        loop {
            ticks.tick().await;
            notify(&[NotifyState::Watchdog]);
        }
    }
    #[cfg(not(unix))]
    std::future::pending().await
}

#[cfg(unix)]
fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        warn!(%error, "systemd could not be told");
    }
}
