//! What a relay says of itself in `/relay.json`.

/// What a relay says of itself, as far as the page needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Where its built-in TCP server listens.
    pub tcp_address: String,
    /// That server's header, in `struct` notation.
    pub header: String,
    /// The longest payload it accepts, in bytes.
    pub max_message: usize,
    /// The names that `/bridge/{name}` knows.
    pub targets: Vec<String>,
    /// Does it run experiments?
    pub lab: bool,
}
