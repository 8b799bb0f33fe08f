//! The relay: joins a browser to real TCP sockets.
//!
//! What comes in: a configuration, and connections of browsers. What goes out: the page, connections to
//! targets, and reports of the lab.
//!
//! Data travels one way through these modules, in both directions of a connection:
//!
//! ```text
//! browser <-> http (upgrade) <-> bridge <-> TCP target
//!                            |              | "demo" and "demo-plain" are tcp_server
//!                            <-> lab <-> its own sockets
//!                            <-> class <-> the other pages of the class
//! ```
//!
//! [`Relay::bind`] takes a [`Config`] and the listening ports; [`Relay::run`] serves until it
//! is told to stop. Nothing here reads the command line or the environment: `bin/framescope` does.
//!
//! May use: `framing`, `record`, `protocol`, `syscall`, `lab`, `engine`, `class`, `challenge`, `sys`.

// A panic ends the session that it happens in, and no other: that takes unwinding.
#[cfg(panic = "abort")]
compile_error!("the relay is built with panic = \"unwind\"");

mod bridge;
pub mod challenge;
mod class;
mod comma_list;
mod config;
mod http;
mod lab;
mod memory;
mod metrics;
mod named_file;
mod net;
mod policy;
pub mod programs;
mod relay;
mod session_end;
mod sessions;
mod target;
mod tcp_server;
mod token;
#[cfg(target_os = "linux")]
pub mod watch;
mod websocket;
#[cfg(target_os = "linux")]
pub mod wire;
mod wire_choice;
pub mod worker;

pub use class::{
    ChallengeConfig, ClassConfig, ClassHandle, Hosts, SharedClass, SharedError, of_lesson,
};
pub use config::{
    Config, DEFAULT_LISTEN, DEFAULT_TCP_LISTEN, MAX_MAX_CLIENT_MESSAGE, MAX_MAX_MESSAGE,
    MAX_TARGETS,
};
pub use http::{
    ClientFrom, Origin, ParseClientFromError, ParseOriginError, ParseTrustedProxyError,
    TrustedProxy,
};
pub use metrics::DroppedLines;
pub use named_file::read_named_file;
pub use net::{
    AuthoritiesError, BindError, Inherited, ListenOn, ParseListenOnError, PlacesError, Tls,
    TlsError, alternatives, parse_places, reachable,
};
pub use policy::PolicyError;
pub use relay::{Prepared, Relay, RelayHandle, StartError};
pub use target::{Address, ParseTargetError, Target, TargetTls, TargetTlsError, parse_targets};
pub use token::{ParseTokenError, Token, TokenFileError, TokenSource};
pub use wire_choice::WireChoice;
pub use worker::{WatchWays, WatchedRun};
