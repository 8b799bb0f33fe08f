//! What a relay says of itself in `/relay.json`.

use serde::Deserialize;

/// What a relay says of itself. Fields that it does not send are an error, fields that this page
/// does not know are passed over: a newer relay may say more.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Facts {
    /// The relay's version.
    pub version: String,
    /// Where its built-in TCP server listens.
    pub tcp_address: String,
    /// That server's header, in `struct` notation.
    pub header: String,
    /// The longest payload it accepts, in bytes.
    pub max_message: usize,
    /// The names that `/bridge/{name}` knows.
    pub targets: Vec<String>,
    /// Does it run experiments?
    #[serde(default)]
    pub lab: bool,
}
