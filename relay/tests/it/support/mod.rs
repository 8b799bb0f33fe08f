//! What the tests share: they start a relay on free ports, connect clients and targets to it, and check the
//! bytes that arrive.

pub(crate) mod authority;
pub(crate) mod certificate;
pub(crate) mod descriptors;
pub(crate) mod framed_client;
#[cfg(target_os = "linux")]
pub(crate) mod holdings;
pub(crate) mod http;
#[cfg(unix)]
pub(crate) mod nats;
pub(crate) mod page;
pub(crate) mod pattern;
pub(crate) mod process;
mod relay;
mod session;
pub(crate) mod target;
pub(crate) mod test_file;
pub(crate) mod timed_reads;
#[cfg(target_os = "linux")]
pub(crate) mod tshark;
mod waiting;
pub(crate) mod websocket;

use std::io::{self, Write as _};

pub(crate) use relay::TestRelay;
pub(crate) use session::Session;
pub(crate) use waiting::{stall, until, within};

/// Prints why a test is skipped. It writes to stderr directly, because the test harness hides what a passing
/// test prints with `eprintln!`.
pub(crate) fn skipped(why: &str) {
    // If stderr is closed, nobody reads the message.
    let _ = io::stderr().write_all(format!("skipped: {why}\n").as_bytes());
}
