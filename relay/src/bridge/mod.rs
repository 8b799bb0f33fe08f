//! A WebSocket joined to a TCP connection, or to a Unix socket: bytes only, nothing interpreted.
//!
//! In come an upgraded connection of a client and a connection to a target; out comes why the session
//! ended, and how many bytes it took each way.
//!
//! ```text
//! target --read--> target_to_client --one binary message--> frame_writer --> client
//!                   group: with `framescope.reads.v1`, the reads that are ready together
//! target <--write-- client_to_target <--messages-- frame_reader <--read----- client
//! ```
//!
//! One task copies both directions. A direction holds at most one message. It reads the next one after
//! the other side's kernel has accepted the first. So a peer that stops reading stops the peer that sends
//! to it, and nothing else. Reads go into a buffer that all sessions of a thread share. A session copies
//! only the bytes that could not be written at once.
//!
//! May use: `metrics`, `net`, `session_end`.

mod client_to_target;
mod frame_reader;
mod frame_writer;
mod group;
mod keepalive;
mod recorder;
mod recording_file;
mod session;
mod target_to_client;
mod write_buffer;

pub(crate) use self::recorder::{RecordingStream, Recordings, recorded_bridge};
pub(crate) use self::session::{Settings, run};
pub(crate) use self::target_to_client::Messages;
