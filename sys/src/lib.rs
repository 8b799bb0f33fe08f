//! The few system calls that need `unsafe` code. The rest of the workspace denies it.
//!
//! What comes in and goes out: plain values and owned descriptors. Each `unsafe` block says why it is sound.
//!
//! May use: nothing.
#![cfg(target_os = "linux")]

mod namespaces;
mod tun;

pub use namespaces::unshare_user_and_network;
pub use tun::{MAX_TUN_NAME, make_tun};
