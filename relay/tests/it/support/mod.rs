//! What the tests share: a relay on free ports, and clients and targets for it.

pub(crate) mod descriptors;
pub(crate) mod framed_client;
pub(crate) mod http;
pub(crate) mod pattern;
pub(crate) mod process;
mod relay;
mod session;
pub(crate) mod target;
pub(crate) mod told;
mod waiting;
pub(crate) mod websocket;

use std::io::{self, Write as _};

pub(crate) use relay::TestRelay;
pub(crate) use session::Session;
pub(crate) use waiting::{stall, until, within};

/// Says why a test is skipped, where it is seen: what a test prints in other ways is kept from the
/// screen as long as the test passes.
pub(crate) fn skipped(why: &str) {
    // Where nobody reads stderr, nobody misses it.
    let _ = io::stderr().write_all(format!("skipped: {why}\n").as_bytes());
}
