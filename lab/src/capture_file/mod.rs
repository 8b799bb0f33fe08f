//! The segments of a trace as a capture file, for Wireshark and its relatives.
//!
//! What comes in: a trace. What goes out: the bytes of a pcapng file.
//!
//! The packets are built from what the trace says of each segment. So sequence numbers begin at 0, and there are no
//! timestamps of TCP in them. All else is as it was on the wire.
//!
//! May use: `timeline`, `trace`.

mod packets;
mod pcapng;
mod senders;

use crate::trace::{EventKind, Trace};

use self::packets::{Scales, packet};
use self::pcapng::{CaptureWriter, Packet};
use self::senders::Senders;

/// The segments of a trace as a pcapng file, in the order in which they were sent. The comments of a packet say which
/// program, line and call sent its bytes, and whether it was lost. Times count from the beginning of the run.
#[must_use]
pub fn capture_file(trace: &Trace) -> Vec<u8> {
    let names: Vec<&str> = trace.experiment.programs.iter().map(|one| one.name.as_str()).collect();
    let (senders, mut scales) = (Senders::new(trace), Scales::default());
    let mut writer = CaptureWriter::new(&names.join(" and "));
    for event in &trace.events {
        let EventKind::Segment(segment) = &event.kind else { continue };
        let (payload, comments) = senders.of(segment);
        let bytes = packet(segment, scales.next(segment), &payload);
        writer.add(&Packet { at_us: event.at, bytes: &bytes, comments: &comments });
    }
    writer.finish()
}
