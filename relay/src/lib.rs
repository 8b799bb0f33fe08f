//! The relay: joins a browser to real TCP sockets.
//!
//! Data travels one way through these rooms, in both directions of a connection:
//!
//! ```text
//! browser <-> http (upgrade) <-> bridge <-> TCP target
//!                            |              | "demo" is tcp_server
//!                            <-> lab <-> sockets of its own
//! ```
//!
//! [`Relay::bind`] takes a [`Config`] and the two listening ports; [`Relay::run`] serves until it
//! is told to stop. Nothing here reads the command line or the environment: `main.rs` does.

// A panic ends the session that it happens in, and no other: that takes unwinding.
#[cfg(panic = "abort")]
compile_error!("the relay is built with panic = \"unwind\"");

mod accept;
mod access;
mod bridge;
mod config;
mod end;
mod http;
#[cfg(unix)]
mod lab;
mod linger;
mod lookup;
mod metrics;
mod patience;
mod recorder;
mod relay;
mod scratch;
mod sessions;
#[cfg(target_os = "linux")]
mod sock_diag;
mod target;
mod tcp_server;
mod tls;
mod token;
mod unacknowledged;

pub use access::{Origin, ParseOriginError};
pub use config::{Config, MAX_MAX_MESSAGE};
#[cfg(unix)]
pub use lab::{MeasureError, measure};
pub use metrics::DroppedLines;
pub use relay::{BindError, Relay, reachable};
pub use target::{Address, ParseTargetError, Target};
pub use tls::{Tls, TlsError};
pub use token::{ParseTokenError, Token};
