//! The few system calls that need `unsafe` code. The rest of the workspace denies it.
//!
//! What comes in and goes out: plain values and owned descriptors. Each `unsafe` block says why it is sound.
//!
//! May use: nothing.

#[cfg(target_os = "macos")]
mod connection_info;
#[cfg(target_os = "linux")]
mod fork;
#[cfg(windows)]
mod job;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod memory;
#[cfg(target_os = "linux")]
mod namespaces;
#[cfg(target_os = "linux")]
pub mod trace;
#[cfg(target_os = "linux")]
mod tun;

#[cfg(target_os = "macos")]
pub use connection_info::{ConnectionInfo, connection_info};
#[cfg(target_os = "linux")]
pub use fork::fork;
#[cfg(windows)]
pub use job::{OVER_PROCESSOR_TIME, limit_process};
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub use memory::give_back_memory;
#[cfg(target_os = "linux")]
pub use namespaces::unshare_user_and_network;
#[cfg(target_os = "linux")]
pub use tun::{MAX_TUN_NAME, make_tun};
