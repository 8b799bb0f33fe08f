//! The sending half of a connection: what the program has written, what is on the wire, and what is acknowledged.

use std::collections::VecDeque;
use std::ops::Range;

use framescope_lab::{Flags, SendLimits};

use super::limits::{
    FIRST_CWND, FIRST_RTO_US, JIFFY_US, LINEAR_SYN_TIMEOUTS, MAX_RTO_US, MIN_RTO_US, STAMP_US,
    TCP_HEADER_WITH_TIMESTAMPS,
};
use super::round_trip::RoundTrip;

/// What the program has written, and where its segments are.
#[derive(Clone, Debug)]
pub(super) struct Sending {
    /// The first number that is not acknowledged.
    pub(super) una: u64,
    /// The number of the next segment.
    pub(super) next: u64,
    /// The bytes that the program has written and that are not acknowledged.
    buffer: VecDeque<u8>,
    /// The number of the first byte of `buffer`.
    base: u64,
    /// Whether a FIN follows the bytes in `buffer`, and was not sent.
    pub(super) fin_follows: bool,
    /// Segments that are not acknowledged, in the order of their numbers.
    pub(super) in_flight: VecDeque<InFlight>,
    /// The number after the window of the peer.
    pub(super) edge: u64,
    /// The number of the segment that has said so. Older ones are not believed.
    window_seq: u64,
    /// The largest window that the peer has announced.
    largest_window: u64,
    /// The largest payload that the peer takes.
    peer_mss: u64,
    /// The end of the last segment that was smaller than the largest. Linux: `snd_sml`.
    small_end: u64,
    /// How many segments may be on the wire.
    pub(super) cwnd: usize,
    /// From here on `cwnd` grows slowly.
    threshold: usize,
    /// Acknowledgements since `cwnd` has grown.
    counted: usize,
    pub(super) loss: Loss,
    reduction: Reduction,
    /// How many segments have arrived by what the last acknowledgement said.
    delivered: usize,
    round_trip: RoundTrip,
    /// How often the SYN was sent again, and when it was sent first, in microseconds.
    syns: u32,
    began_at: u64,
    /// How often the timer has fired without progress.
    pub(super) expired: u32,
    /// How many probes of the window were sent since the peer was heard.
    pub(super) unanswered: u32,
    pub(super) timer: Option<Timer>,
    /// The end of what was sent when a tail loss was probed for. Until it is acknowledged, there is no second probe.
    pub(super) probed: Option<u64>,
    /// The order of the next one.
    order: u64,
    /// The order of the newest segment that has arrived: RFC 8985, section 6.2.
    newest: u64,
}

/// A segment that is not acknowledged.
#[derive(Clone, Debug)]
pub(super) struct InFlight {
    pub(super) seq: u64,
    pub(super) end: u64,
    pub(super) flags: Flags,
    /// In microseconds, the last time.
    pub(super) sent_at: u64,
    /// Counts all that this socket sent, so that it says what was sent after what.
    order: u64,
    /// Whether SACK says that it has arrived.
    pub(super) arrived: bool,
    pub(super) is_lost: bool,
    /// Whether it was sent again.
    pub(super) repeated: bool,
}

/// Whether segments are known to be lost. Linux: `tcp_ca_state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    None,
    /// SACK has told of losses. It is over when this number is acknowledged.
    Recovers(u64),
    /// The timer has fired. It is over when this number is acknowledged.
    Expired(u64),
}

/// What is done at a time, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timer {
    pub(super) at: u64,
    pub(super) purpose: Purpose,
}

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The oldest segment is sent again: RFC 6298.
    Repeat,
    /// A tail loss is probed for: RFC 8985, section 7.
    ProbeTail,
    /// What was only late has had its time: RFC 8985, section 6.2.
    GiveUpLate,
    /// A closed window is probed: RFC 9293, section 3.8.6.1.
    ProbeWindow,
}

/// How `cwnd` comes down to the threshold while lost segments are sent again: RFC 9937, in segments.
#[derive(Clone, Copy, Debug)]
struct Reduction {
    /// `cwnd` before the loss.
    before: usize,
    /// How many have arrived since.
    delivered: usize,
    /// How many were sent since.
    sent: usize,
}

impl Sending {
    pub(super) const fn new() -> Self {
        Self {
            una: 0,
            next: 0,
            buffer: VecDeque::new(),
            base: 0,
            fin_follows: false,
            in_flight: VecDeque::new(),
            edge: 0,
            window_seq: 0,
            largest_window: 0,
            peer_mss: 0,
            small_end: 0,
            cwnd: FIRST_CWND,
            threshold: usize::MAX,
            counted: 0,
            loss: Loss::None,
            reduction: Reduction { before: 0, delivered: 0, sent: 0 },
            delivered: 0,
            round_trip: RoundTrip::new(),
            syns: 0,
            began_at: 0,
            expired: 0,
            unanswered: 0,
            timer: None,
            probed: None,
            order: 1,
            newest: 0,
        }
    }

    /// The SYN has this number.
    pub(super) const fn begin(&mut self, initial: u64) {
        self.una = initial;
        self.next = initial;
        self.base = initial + 1;
        self.small_end = initial;
    }

    /// The peer takes payloads of this size.
    pub(super) const fn set_peer_mss(&mut self, mss: u64) {
        self.peer_mss = mss;
    }

    pub(super) const fn peer_mss(&self) -> u64 {
        self.peer_mss
    }

    /// The largest payload of a segment. Half of the window is the most: Linux, `tcp_bound_to_half_wnd`.
    pub(super) fn mss(&self, mtu: u64) -> u64 {
        let mss = self.peer_mss.min(mtu - 40).saturating_sub(TCP_HEADER_WITH_TIMESTAMPS - 20);
        let half =
            if self.largest_window > 536 { self.largest_window / 2 } else { self.largest_window };
        if half > 0 { mss.min(half.max(48)) } else { mss }
    }

    /// The number after the bytes that the program has written.
    pub(super) fn written(&self) -> u64 {
        self.base + self.buffer.len() as u64
    }

    /// The number of bytes that are not on the wire.
    pub(super) fn unsent(&self) -> u64 {
        self.written().saturating_sub(self.next.max(self.base))
    }

    /// The number of bytes that are not acknowledged.
    pub(super) fn unacknowledged(&self) -> usize {
        self.buffer.len()
    }

    /// Whether a segment smaller than the largest is not acknowledged: Minshall's change of Nagle's algorithm.
    pub(super) fn waits_for_small(&self) -> bool {
        !self.in_flight.is_empty() && self.small_end > self.una
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        self.buffer.extend(bytes);
    }

    /// Drops what was not acknowledged.
    pub(super) fn clear(&mut self) {
        self.base = self.written();
        self.buffer.clear();
        self.in_flight.clear();
        self.fin_follows = false;
        self.timer = None;
    }

    /// The bytes of a segment.
    pub(super) fn bytes(&self, range: Range<u64>) -> Vec<u8> {
        let at = |number: u64| {
            let at = usize::try_from(number.saturating_sub(self.base)).unwrap_or(usize::MAX);
            at.min(self.buffer.len())
        };
        self.buffer.range(at(range.start)..at(range.end)).copied().collect()
    }

    /// How many segments are thought to be on the wire.
    pub(super) fn on_wire(&self) -> usize {
        let is_there = |one: &&InFlight| !one.arrived && (!one.is_lost || one.repeated);
        self.in_flight.iter().filter(is_there).count()
    }

    /// A segment is sent for the first time.
    pub(super) fn sent(&mut self, now: u64, flags: Flags, end: u64, is_small: bool) {
        self.count_sent();
        let seq = self.next;
        self.in_flight.push_back(InFlight {
            seq,
            end,
            flags,
            sent_at: now,
            order: self.order,
            arrived: false,
            is_lost: false,
            repeated: false,
        });
        self.order += 1;
        self.next = end;
        if is_small {
            self.small_end = end;
        }
    }

    /// The timeout of the oldest segment, in microseconds.
    pub(super) fn timeout(&self) -> u64 {
        let timeout = self.round_trip.timeout();
        timeout.saturating_mul(1 << self.expired.min(16)).min(MAX_RTO_US)
    }

    /// The timeout of a SYN, in microseconds. Since version 6.5 Linux doubles it only after some times.
    fn syn_timeout(&self) -> u64 {
        FIRST_RTO_US << self.expired.saturating_sub(LINEAR_SYN_TIMEOUTS).min(16)
    }

    /// Sets the timer for what is on the wire. `advances`: something was acknowledged. Linux: `tcp_rearm_rto` and
    /// `tcp_schedule_loss_probe`.
    pub(super) fn rearm(&mut self, now: u64, advances: bool) {
        let Some(oldest) = self.in_flight.iter().find(|one| !one.arrived) else {
            self.timer = None;
            return;
        };
        let from = if advances { now } else { oldest.sent_at };
        let is_syn = oldest.flags.has(Flags::SYN);
        let begins = is_syn && !oldest.flags.has(Flags::ACK);
        let timeout = if begins { self.syn_timeout() } else { self.timeout() };
        let repeat = from.saturating_add(timeout).max(now.saturating_add(1));
        let at = if is_syn || self.loss != Loss::None || self.probed.is_some() {
            None
        } else {
            let trips = 2 * self.round_trip.smoothed.unwrap_or(FIRST_RTO_US / 2);
            let alone =
                if self.in_flight.len() == 1 { MIN_RTO_US + JIFFY_US } else { 2 * JIFFY_US };
            Some(now.saturating_add(trips + alone).min(repeat))
        };
        self.timer = Some(match at {
            Some(at) => Timer { at, purpose: Purpose::ProbeTail },
            None => Timer { at: repeat, purpose: Purpose::Repeat },
        });
    }

    /// The SYN is sent.
    pub(super) fn send_syn(&mut self, now: u64, flags: Flags) {
        self.began_at = now;
        self.sent(now, flags, self.una + 1, false);
        self.rearm(now, false);
    }

    /// The SYN is sent again.
    pub(super) fn send_syn_again(&mut self, now: u64) {
        self.syns += 1;
        self.repeat(now, 0, 0);
    }

    /// The SYN is acknowledged, in answer to what was sent at `echo`. If it was lost more than once, one segment is on the
    /// wire at first: RFC 5681, section 3.1; Linux: `tcp_init_transfer`.
    pub(super) const fn begin_slowly(&mut self, echo: Option<u64>) {
        let is_spurious = matches!(echo, Some(echo) if echo == self.began_at);
        if self.syns > 1 && self.expired > 0 && !is_spurious {
            self.cwnd = 1;
        }
    }

    /// The SYN of the peer has announced a window.
    pub(super) const fn take_first_window(&mut self, seq: u64, window: u64) {
        self.window_seq = seq;
        self.largest_window = window;
        self.edge = self.base + window;
    }

    /// The peer has announced a window. Linux: `tcp_may_update_window`.
    pub(super) fn update_window(&mut self, seq: u64, ack: u64, window: u64) {
        if ack > self.una || seq > self.window_seq || ack + window > self.edge {
            self.window_seq = seq;
            self.largest_window = self.largest_window.max(window);
            self.edge = ack + window;
        }
    }

    /// All before `ack` has arrived, in answer to what was sent at `echo`. Returns whether anything is new.
    pub(super) fn acknowledge(&mut self, now: u64, ack: u64, echo: Option<u64>) -> bool {
        if ack <= self.una {
            return false;
        }
        let was_limited = self.on_wire() >= self.cwnd.div_ceil(2);
        let mut count = 0;
        let mut measured = None;
        while let Some(first) = self.in_flight.front_mut() {
            if first.end > ack {
                first.seq = first.seq.max(ack);
                break;
            }
            let is_syn = first.flags.has(Flags::SYN);
            count += usize::from(!is_syn);
            self.delivered += usize::from(!is_syn && !first.arrived);
            if !first.repeated {
                if !first.arrived {
                    measured = Some(now.saturating_sub(first.sent_at));
                }
                self.newest = self.newest.max(first.order);
            }
            self.in_flight.pop_front();
        }
        let by_echo = || Some(now.saturating_sub(echo?).max(STAMP_US));
        let measured = measured.or_else(by_echo);
        self.una = ack;
        if let Some(time) = measured {
            self.round_trip.measure(time, ack, self.next);
        }
        let acknowledged = usize::try_from(ack.saturating_sub(self.base)).unwrap_or(usize::MAX);
        let acknowledged = acknowledged.min(self.buffer.len());
        self.buffer.drain(..acknowledged);
        self.base += acknowledged as u64;
        self.expired = 0;
        if self.probed.is_some_and(|probed| ack >= probed) {
            self.probed = None;
        }
        match self.loss {
            Loss::Recovers(end) if ack >= end => {
                self.cwnd = self.threshold;
                self.loss = Loss::None;
            }
            Loss::Expired(end) if ack >= end => {
                self.cwnd = self.cwnd.max(self.threshold);
                self.loss = Loss::None;
            }
            Loss::None | Loss::Recovers(_) | Loss::Expired(_) => {}
        }
        if was_limited && !matches!(self.loss, Loss::Recovers(_)) {
            self.grow(count);
        }
        true
    }

    /// Segments were acknowledged, so more may be on the wire: RFC 5681, section 3.1.
    const fn grow(&mut self, count: usize) {
        if self.cwnd < self.threshold {
            self.cwnd += count;
            return;
        }
        self.counted += count;
        if self.counted >= self.cwnd {
            self.counted = 0;
            self.cwnd += 1;
        }
    }

    /// SACK says that these have arrived. Returns whether it is new of any.
    pub(super) fn arrived(&mut self, now: u64, ranges: &[Range<u64>]) -> bool {
        let mut is_new = false;
        for one in &mut self.in_flight {
            let is_in = |range: &Range<u64>| range.start <= one.seq && one.end <= range.end;
            if !one.arrived && ranges.iter().any(is_in) {
                one.arrived = true;
                is_new = true;
                self.delivered += 1;
                if !one.repeated {
                    self.newest = self.newest.max(one.order);
                    self.round_trip.last = now.saturating_sub(one.sent_at);
                }
            }
        }
        is_new
    }

    /// Finds the segments that are lost, because later ones have arrived: RFC 8985, section 6.2. Returns when the next
    /// one is, if it does not arrive, and whether any is now.
    pub(super) fn find_lost(&mut self, now: u64) -> (Option<u64>, bool) {
        let arrived = self.in_flight.iter().filter(|one| one.arrived).count();
        let late =
            if self.loss != Loss::None || arrived >= 3 { 0 } else { self.round_trip.least / 4 };
        let (mut found, mut next) = (false, None::<u64>);
        for one in &mut self.in_flight {
            let is_older = self.newest > one.order;
            if one.arrived || (one.is_lost && !one.repeated) || !is_older {
                continue;
            }
            let lost_at = one.sent_at.saturating_add(self.round_trip.last + late);
            if lost_at <= now {
                one.is_lost = true;
                one.repeated = false;
                found = true;
            } else {
                next = Some(next.map_or(lost_at, |next| next.min(lost_at)));
            }
        }
        if found && self.loss == Loss::None {
            self.loss = Loss::Recovers(self.next);
            self.reduction = Reduction { before: self.cwnd, delivered: 0, sent: 0 };
            self.threshold = self.reduced();
        }
        (next, found)
    }

    /// A segment is sent.
    const fn count_sent(&mut self) {
        if matches!(self.loss, Loss::Recovers(_)) {
            self.reduction.sent += 1;
        }
    }

    /// What has arrived by the last acknowledgement makes room for others, as long as lost segments are sent again. Linux:
    /// `tcp_cwnd_reduction`.
    pub(super) fn reduce(&mut self, advances: bool, found_lost: bool) {
        let delivered = std::mem::take(&mut self.delivered);
        self.reduce_by(delivered, advances && !found_lost);
    }

    /// The same, after this number of segments has arrived.
    pub(super) fn reduce_by(&mut self, delivered: usize, advances: bool) {
        if !matches!(self.loss, Loss::Recovers(_)) || delivered == 0 {
            return;
        }
        let on_wire = self.on_wire();
        let Reduction { before, delivered: all, sent } = &mut self.reduction;
        *all += delivered;
        let more = if let Some(space) = self.threshold.checked_sub(on_wire) {
            let more = all.saturating_sub(*sent).max(delivered) + usize::from(advances);
            more.min(space)
        } else {
            (self.threshold * *all).div_ceil((*before).max(1)).saturating_sub(*sent)
        };
        self.cwnd = on_wire + more.max(usize::from(*sent == 0));
    }

    /// The timer has fired: all that did not arrive is lost. Linux: `tcp_enter_loss`.
    pub(super) fn lose_all(&mut self) {
        if !matches!(self.loss, Loss::Expired(_)) {
            self.threshold = self.reduced();
        }
        self.loss = Loss::Expired(self.next);
        self.cwnd = 1;
        self.probed = None;
        for one in self.in_flight.iter_mut().filter(|one| !one.arrived) {
            one.is_lost = true;
            one.repeated = false;
        }
    }

    /// Half of the window: RFC 5681, section 3.1.
    fn reduced(&self) -> usize {
        (self.cwnd / 2).max(2)
    }

    /// The next segment that is lost and was not sent again.
    pub(super) fn next_lost(&self) -> Option<usize> {
        self.in_flight.iter().position(|one| one.is_lost && !one.repeated && !one.arrived)
    }

    /// A segment is sent again. If it is smaller than the largest, it takes those that follow with it. If it is larger,
    /// its end is sent later. Linux: `tcp_retrans_try_collapse` and `tcp_fragment`.
    pub(super) fn repeat(&mut self, now: u64, index: usize, mss: u64) -> Option<InFlight> {
        let mut one = self.in_flight.get(index)?.clone();
        self.count_sent();
        while !one.flags.has(Flags::SYN)
            && one.end - one.seq < mss
            && let Some(after) = self.in_flight.get(index + 1)
            && !after.arrived
            && after.end - one.seq <= mss
        {
            one.end = after.end;
            one.flags = one.flags.with(after.flags);
            self.in_flight.remove(index + 1);
        }
        let length = one.end - one.seq - u64::from(one.flags.has(Flags::FIN));
        if length > mss && !one.flags.has(Flags::SYN) {
            let rest = InFlight { seq: one.seq + mss, repeated: false, ..one.clone() };
            one.end = rest.seq;
            one.flags = Flags::ACK;
            self.in_flight.insert(index + 1, rest);
        }
        one.sent_at = now;
        one.order = self.order;
        self.order += 1;
        one.repeated = true;
        *self.in_flight.get_mut(index)? = one.clone();
        Some(one)
    }

    pub(super) fn limits(&self) -> SendLimits {
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        SendLimits {
            window: number(self.edge.saturating_sub(self.una)),
            cwnd: u32::try_from(self.cwnd).unwrap_or(u32::MAX),
            rto_ms: number(self.timeout() / 1000),
        }
    }

    /// When a closed window is probed next, in microseconds.
    pub(super) fn probe_window_at(&self, now: u64) -> u64 {
        now.saturating_add(self.timeout())
    }
}
