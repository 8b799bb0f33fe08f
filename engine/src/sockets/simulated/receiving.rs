//! The receiving half of a connection: what has arrived, and when it is acknowledged.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use super::limits::{DELAYED_ACK_US, JIFFY_US, MAX_QUICK_ACKS, MIN_RECV_MSS};

/// The most ranges that a segment with timestamps has space for: RFC 2018, section 3.
const MAX_SACK: usize = 3;

/// What has arrived, and what is to be said about it.
#[derive(Clone, Debug, Default)]
pub(super) struct Receiving {
    /// The next number that is waited for.
    pub(super) next: u64,
    /// The bytes that have arrived and were not read.
    pub(super) queue: VecDeque<u8>,
    /// By their numbers, bytes that have arrived behind a gap.
    ahead: BTreeMap<u64, Vec<u8>>,
    /// Where the last bytes behind a gap begin. SACK names their range first.
    latest: u64,
    /// The number of the FIN, if it has arrived, even behind a gap.
    pub(super) fin: Option<u64>,
    /// Whether the FIN has arrived, and all bytes before it.
    pub(super) fin_received: bool,
    /// The number after the window that was announced last.
    edge: u64,
    /// By how many bits announced windows are shifted.
    pub(super) window_scale: u8,
    /// The largest window that is announced.
    pub(super) largest_window: u64,
    /// The next number that was acknowledged.
    acknowledged: u64,
    /// The largest segment that has arrived.
    mss: u64,
    /// When that was sent which the next segment answers, in microseconds. RFC 7323: `TS.Recent`.
    pub(super) stamp: Option<u64>,
    pub(super) acks: Acks,
}

/// When acknowledgements are sent. Linux: `inet_connection_sock.icsk_ack`.
#[derive(Clone, Debug, Default)]
pub(super) struct Acks {
    /// Whether one is due.
    is_due: bool,
    /// Whether it may not be delayed.
    is_urgent: bool,
    /// When a delayed one is sent alone, in microseconds.
    pub(super) at: Option<u64>,
    /// How many are still sent at once, without delay. `None` before the first bytes.
    quick: Option<u32>,
    /// Whether the program has answered what it got. From then on acknowledgements wait for an answer that may carry
    /// them. Linux: `pingpong`.
    waits_for_answer: bool,
    /// When bytes have arrived last, in microseconds.
    received_at: u64,
    /// How many segments with a push have arrived since the last acknowledgement, at most 2.
    pushed: u8,
    /// Bytes that have arrived a second time, to be told by the next SACK: RFC 2883.
    repeated: Option<Range<u64>>,
    /// When something outside of the window was answered last, in microseconds.
    pub(super) answered_at: Option<u64>,
}

impl Receiving {
    /// The SYN of the peer has arrived: the first byte has this number.
    pub(super) const fn begin(&mut self, first: u64) {
        self.next = first;
        self.edge = first + self.largest_window;
        self.acknowledged = first;
        self.mss = MIN_RECV_MSS;
    }

    /// A segment has arrived that was sent at `stamp`. RFC 7323, section 4.3.
    pub(super) fn note_stamp(&mut self, seq: u64, stamp: u64) {
        if seq <= self.acknowledged {
            self.stamp = self.stamp.max(Some(stamp));
        }
    }

    /// How many bytes it keeps.
    pub(super) fn kept(&self) -> usize {
        self.queue.len() + self.ahead.values().map(Vec::len).sum::<usize>()
    }

    /// The bytes that the sender may still send, of what was announced.
    pub(super) const fn announced(&self) -> u64 {
        self.edge.saturating_sub(self.next)
    }

    /// The number after the window that was announced last.
    pub(super) const fn edge(&self) -> u64 {
        self.edge
    }

    /// The window that would be announced now, if all of it is to be new. Linux: `__tcp_select_window`.
    fn free_window(&self, capacity: u64) -> u64 {
        let mss = self.mss.min(capacity);
        let mut free = capacity.saturating_sub(self.kept() as u64);
        if free < capacity / 2 {
            free = (free >> self.window_scale) << self.window_scale;
            if free < capacity / 16 || free < mss {
                return 0;
            }
        }
        let free = free.min(self.largest_window);
        if self.window_scale > 0 {
            return free.next_multiple_of(1 << self.window_scale);
        }
        let announced = self.announced();
        if announced + mss <= free || announced > free { free / mss * mss } else { announced }
    }

    /// The window of the segment that is sent now. The announced edge never goes back. Linux: `tcp_select_window`.
    pub(super) fn announce(&mut self, capacity: u64) -> u64 {
        let announced = self.announced().next_multiple_of(1 << self.window_scale);
        let window = self.free_window(capacity).max(announced);
        self.edge = self.next + window;
        window
    }

    /// Sets the window that a SYN has announced, in bytes.
    pub(super) const fn announce_first(&mut self, window: u64) {
        self.edge = self.next + window;
        self.largest_window = window;
    }

    /// The ranges of SACK that the next acknowledgement tells: bytes that came twice, then the latest, then others.
    pub(super) fn take_sack(&mut self) -> Vec<Range<u64>> {
        let sack = self.sack();
        self.acks.repeated = None;
        sack
    }

    /// The length of the option SACK in the next segment, in bytes. Two bytes before it align it: RFC 7323, appendix A.
    pub(super) fn sack_length(&self) -> u64 {
        let ranges = self.sack().len() as u64;
        if ranges == 0 { 0 } else { 4 + 8 * ranges }
    }

    fn sack(&self) -> Vec<Range<u64>> {
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for (start, bytes) in &self.ahead {
            let end = start + bytes.len() as u64;
            match ranges.last_mut() {
                Some(last) if last.end == *start => last.end = end,
                Some(_) | None => ranges.push(*start..end),
            }
        }
        if let Some(fin) = self.fin.filter(|fin| *fin > self.next) {
            match ranges.last_mut() {
                Some(last) if last.end == fin => last.end += 1,
                Some(_) | None => ranges.push(fin..fin + 1),
            }
        }
        let latest = ranges.iter().position(|range| range.contains(&self.latest));
        if let Some(latest) = latest {
            ranges[..=latest].rotate_right(1);
        }
        let repeated = self.acks.repeated.clone();
        repeated.into_iter().chain(ranges).take(MAX_SACK).collect()
    }

    /// Bytes arrive. Those after the edge that was announced are dropped.
    pub(super) fn take(&mut self, seq: u64, bytes: &[u8], now: u64) {
        let end = seq + bytes.len() as u64;
        if end <= self.next {
            self.acks.repeats(seq..end);
            return;
        }
        if seq < self.next {
            self.acks.repeats(seq..self.next);
        } else if self.keeps(seq..end) {
            self.acks.repeats(seq..end);
        }
        // The sender learns at once that there is a gap, that one is filled, and that the window is full.
        self.acks.is_urgent |= seq > self.next || self.has_gap() || end > self.edge;
        let (length, window) = (bytes.len() as u64, self.announced());
        self.mss = self.mss.max(length);
        self.acks.received(now, length >= self.mss, window, self.mss);
        self.keep(seq.max(self.next), end.min(self.edge), bytes, seq);
        if seq > self.next {
            self.latest = seq;
            return;
        }
        while let Some(bytes) = self.ahead.remove(&self.next) {
            self.next += bytes.len() as u64;
            self.queue.extend(bytes);
        }
    }

    /// Whether all of these bytes have arrived behind a gap.
    fn keeps(&self, range: Range<u64>) -> bool {
        let mut from = range.start;
        while from < range.end {
            let before = self.ahead.range(..=from).next_back();
            let end = before.map_or(0, |(start, bytes)| start + bytes.len() as u64);
            if end <= from {
                return false;
            }
            from = end;
        }
        true
    }

    /// Keeps the bytes of `start..end` that were not kept. `seq` is the number of the first of `bytes`.
    fn keep(&mut self, start: u64, end: u64, bytes: &[u8], seq: u64) {
        let mut from = start;
        while from < end {
            let before = self.ahead.range(..=from).next_back();
            let kept = before.map_or(0, |(start, bytes)| start + bytes.len() as u64);
            if kept > from {
                from = kept;
                continue;
            }
            let until = self.ahead.range(from..).next().map_or(end, |(start, _)| end.min(*start));
            #[expect(clippy::cast_possible_truncation, reason = "they are within `bytes`")]
            let piece = bytes.get((from - seq) as usize..(until - seq) as usize);
            self.ahead.insert(from, piece.unwrap_or_default().to_vec());
            from = until;
        }
    }

    /// The FIN arrives at this number. Returns whether all bytes before it have arrived.
    pub(super) fn take_fin(&mut self, number: u64) -> bool {
        self.fin = Some(number);
        self.acks.is_due = true;
        if self.next != number {
            self.acks.is_urgent = true;
            self.latest = number;
            return false;
        }
        self.next += 1;
        self.fin_received = true;
        true
    }

    fn has_gap(&self) -> bool {
        !self.ahead.is_empty() || (self.fin.is_some() && !self.fin_received)
    }

    /// Whether the acknowledgement that is due is sent now. If it is delayed, sets when. Linux: `__tcp_ack_snd_check`.
    pub(super) fn acknowledges(&mut self, now: u64) -> bool {
        let acks = &mut self.acks;
        if !acks.is_due {
            return false;
        }
        let is_quick = acks.quick.is_some_and(|left| left > 0) && !acks.waits_for_answer;
        if acks.is_urgent || is_quick || self.next - self.acknowledged > self.mss {
            return true;
        }
        // Before the first bytes, Linux does not know how long to wait, and waits for its next tick.
        let delay = if acks.quick.is_some() { DELAYED_ACK_US } else { JIFFY_US };
        acks.at.get_or_insert(now.saturating_add(delay));
        false
    }

    /// Whether a program that has read `count` bytes causes an acknowledgement. Linux: `tcp_cleanup_rbuf`.
    pub(super) fn acknowledges_read(&self, count: usize, capacity: u64) -> bool {
        let acks = &self.acks;
        let is_read = count > 0 && self.queue.is_empty();
        let pushed = acks.pushed > 1 || (acks.pushed > 0 && !acks.waits_for_answer);
        if acks.is_due && (self.next - self.acknowledged > self.mss || (is_read && pushed)) {
            return true;
        }
        let announced = self.announced();
        if count == 0 || self.fin_received || 2 * announced > capacity {
            return false;
        }
        let window = self.free_window(capacity);
        window > 0 && window >= 2 * announced
    }

    /// A segment is sent that acknowledges.
    pub(super) fn acknowledged(&mut self) {
        self.acknowledged = self.next;
        let acks = &mut self.acks;
        if acks.is_due {
            acks.quick = acks.quick.map(|left| left.saturating_sub(1));
        }
        (acks.is_due, acks.is_urgent, acks.pushed, acks.at) = (false, false, 0, None);
    }
}

impl Acks {
    /// Bytes have arrived. `is_full`: in a segment of the largest size so far.
    fn received(&mut self, now: u64, is_full: bool, window: u64, mss: u64) {
        self.is_due = true;
        let most = || {
            let most = window / (2 * mss.max(1));
            u32::try_from(most.clamp(2, MAX_QUICK_ACKS)).unwrap_or(u32::MAX)
        };
        self.quick.get_or_insert_with(most);
        self.received_at = now;
        if !is_full {
            self.pushed = (self.pushed + 1).min(2);
        }
    }

    /// Something has arrived that had arrived before: the sender has not got the acknowledgement.
    pub(super) fn repeats(&mut self, range: Range<u64>) {
        self.is_due = true;
        self.is_urgent = true;
        self.repeated = Some(range);
    }

    /// The program sends bytes.
    pub(super) const fn answers(&mut self, now: u64) {
        let soon = now < self.received_at.saturating_add(DELAYED_ACK_US);
        if self.quick.is_some() && soon {
            self.waits_for_answer = true;
        }
    }

    /// The next acknowledgement waits for an answer that may carry it.
    pub(super) const fn wait_for_answer(&mut self) {
        self.waits_for_answer = true;
    }

    /// The next acknowledgement is sent at once.
    pub(super) const fn hurry(&mut self) {
        self.is_due = true;
        self.is_urgent = true;
    }

    /// The delay is over, and no answer has come. So none is waited for any more.
    pub(super) const fn expire(&mut self) {
        self.at = None;
        self.waits_for_answer = false;
    }
}
