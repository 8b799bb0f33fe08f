//! A network in which every TCP segment passes through this process.
//!
//! What comes in: a process with one thread. What goes out: a [`Device`] that takes each packet which the
//! system sends to 127.0.0.0/8, and gives the system those that arrive.
//!
//! The process enters a user and a network namespace. There, a route leads all packets to 127.0.0.0/8 into a TUN device
//! instead of the loopback interface. What is written to the device arrives as if it came from outside. So programs
//! keep their addresses, and the system's TCP does all that TCP does. It takes no privileges.
//!
//! ```text
//! program -> socket -> route of table 7 -> tun0 -> Device::recv -> whatever is done with it
//! program <- socket <- local addresses  <- tun0 <- Device::send <-
//! ```
//!
//! A [`Tap`] only sees the packets of the network that everybody uses.
//!
//! May use: nothing.

mod capabilities;
mod device;
mod error;
mod namespaces;
mod network;
mod packet;
mod remedy;
mod rtnetlink;
mod tap;

pub use device::{Device, MAX_PACKET};
pub use error::{SetupError, SetupStep};
pub use network::Network;
pub use packet::Packet;
pub use remedy::{Host, System, TunFile};
pub use tap::Tap;
