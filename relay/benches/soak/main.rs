//! The bridge under faults for ten minutes: `cargo xtask bench soak`. Sessions carry bytes that are checked one by one, while
//! targets reset, clients stop in the middle of a handshake or read slowly, the configuration is read again every five
//! seconds, and a new process takes over every minute.
//!
//! It fails if a byte is lost or changed, a connection is refused, an old process stays, or descriptors or memory are
//! not back where they were when all clients have gone.

#[cfg(target_os = "linux")]
mod faults;
#[cfg(target_os = "linux")]
mod relay;
#[cfg(target_os = "linux")]
mod soak;

fn main() {
    #[cfg(target_os = "linux")]
    soak::run();
    #[cfg(not(target_os = "linux"))]
    println!("the soak reads /proc, and so needs Linux");
}
