//! Built without the feature `nats`, no class is shared: there is no [`SharedClass`], and so no [`Log`].

#![allow(
    clippy::needless_pass_by_value,
    clippy::unused_async,
    reason = "with NATS they take and wait"
)]

use framescope_class::{Code, Entry, Opening, Refused};

use super::log_lost::{LogGone, LogLost};

/// A class that several relays share.
#[derive(Clone, Debug)]
pub enum SharedClass {}

/// Why a class cannot be shared.
#[derive(Debug, thiserror::Error)]
#[error(
    "this framescope was built without NATS: cargo build has it, and cargo xtask demo leaves it out"
)]
pub struct SharedError;

impl SharedClass {
    /// # Errors
    ///
    /// Always.
    pub async fn open(_: &str, _: Code, _: Opening) -> Result<(Self, Opening), SharedError> {
        Err(SharedError)
    }
}

#[derive(Debug)]
pub(super) enum Log {}

impl Log {
    pub(super) fn new(shared: SharedClass) -> Self {
        match shared {}
    }

    pub(super) async fn append(&self, _: Entry) -> Result<Result<(), Refused>, LogLost> {
        match *self {}
    }

    pub(super) async fn run(&self, _: impl Fn(bool, Entry) -> Result<(), Refused>) -> LogGone {
        match *self {}
    }
}
