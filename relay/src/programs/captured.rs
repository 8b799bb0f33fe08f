//! The wire between the real sockets of a run: takes packets from the device, and gives them back.

use std::collections::VecDeque;

use framescope_engine::wire::{Crossed, Wire};
use framescope_lab::{Fate, WireCommand, WireSetup};

use crate::wire::{Device, MAX_PACKET, Packet};

/// A wire whose segments are real packets.
#[derive(Debug)]
pub(crate) struct Captured {
    device: Device,
    wire: Wire<Vec<u8>>,
    /// What has happened and was not said yet.
    happened: VecDeque<Crossed>,
    buffer: Vec<u8>,
}

impl Captured {
    pub(crate) fn new(device: Device, setup: &WireSetup) -> Self {
        let (wire, happened) = (Wire::new(setup), VecDeque::new());
        Self { device, wire, happened, buffer: vec![0; MAX_PACKET] }
    }

    /// What has happened next to segments by being sent, or by a command.
    pub(crate) fn next_sent(&mut self, now: u64) -> Option<Crossed> {
        if let Some(happened) = self.happened.pop_front() {
            return Some(happened);
        }
        // If the device fails, nothing crosses any more, and the run ends by its own bounds.
        while let Some(length) = self.device.recv(&mut self.buffer).ok().flatten() {
            let packet = self.buffer.get(..length).unwrap_or_default();
            match Packet::parse(packet) {
                Packet::Segment(header) => {
                    let (sent, fate) = self.wire.send(now, &header, packet.to_vec());
                    self.happened.extend(fate);
                    return Some(sent);
                }
                // The sender does not notice if it is lost, and nobody is shown it.
                Packet::Other => drop(self.device.send(packet)),
                Packet::Foreign => {}
            }
        }
        None
    }

    /// Delivers the next segment that is due.
    pub(crate) fn deliver_next(&mut self, now: u64) -> Option<Crossed> {
        let (packet, mut crossed) = self.wire.deliver(now)?;
        if self.device.send(&packet).is_err()
            && let Crossed::Fate { fate, .. } = &mut crossed
        {
            *fate = Fate::Dropped;
        }
        Some(crossed)
    }

    pub(crate) fn command(&mut self, now: u64, command: WireCommand) {
        self.happened.extend(self.wire.command(now, command));
    }

    /// Whether a segment waits for a command.
    pub(crate) fn holds(&self) -> bool {
        self.wire.holds()
    }

    /// When the next segment is delivered.
    pub(crate) fn next_delivery(&self) -> Option<u64> {
        self.wire.next_delivery()
    }
}
