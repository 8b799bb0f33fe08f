//! What a socket sends: bytes, acknowledgements, FIN and RST.

use framescope_lab::{Flags, SynOptions, TcpState};

use super::endpoint::{Endpoint, EndpointId};
use super::limits::FIN_TIMEOUT_US;
use super::network::Network;
use super::segment::Packet;
use super::sending::{InFlight, Purpose, Timer};

/// Whether Nagle's algorithm may keep a small segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nagle {
    Applies,
    /// All that is written is sent: TCP ends, or probes for a loss.
    Off,
}

/// Sends what is lost again, and then what the windows and Nagle's algorithm allow. When all bytes are sent, sends the
/// FIN if one is due. Linux: `tcp_write_xmit`.
pub(super) fn flush(network: &mut Network, id: EndpointId) {
    repeat_lost(network, id);
    while send_next(network, id, Nagle::Applies) {}
    probe_window_later(network, id);
}

/// Sends the next segment that was not sent. Returns whether it did.
fn send_next(network: &mut Network, id: EndpointId, nagle: Nagle) -> bool {
    let (now, mtu) = (network.now, network.mtu);
    let Some(endpoint) = network.get_mut(id) else { return false };
    if !can_carry(endpoint.state) {
        return false;
    }
    let (sending, mss) = (&endpoint.sending, endpoint.mss(mtu));
    let unsent = sending.unsent();
    let length = unsent.min(mss);
    let with_fin = sending.fin_follows && length == unsent;
    if length == 0 && !with_fin {
        return false;
    }
    let end = sending.next + length + u64::from(with_fin);
    let is_small = length < mss;
    let keeps = nagle == Nagle::Applies && !endpoint.options.nodelay && sending.waits_for_small();
    if sending.on_wire() >= sending.cwnd && !(with_fin && length == 0)
        || end > sending.edge
        || (is_small && keeps && !with_fin)
    {
        return false;
    }
    let mut flags = Flags::ACK;
    if length > 0 && length == unsent {
        flags = flags.with(Flags::PSH);
    }
    if with_fin {
        flags = flags.with(Flags::FIN);
        endpoint.sending.fin_follows = false;
    }
    let seq = endpoint.sending.next;
    let was_alone = endpoint.sending.in_flight.is_empty();
    endpoint.sending.sent(now, flags, end, is_small && length > 0);
    let probes = endpoint.sending.timer.is_some_and(|timer| timer.purpose == Purpose::ProbeTail);
    if was_alone || probes || endpoint.sending.timer.is_none() {
        endpoint.sending.rearm(now, false);
    }
    if length > 0 {
        endpoint.receiving.acks.answers(now);
    }
    emit(network, id, flags, seq, end);
    true
}

/// Whether bytes or a FIN can be sent in a state.
const fn can_carry(state: TcpState) -> bool {
    match state {
        TcpState::Established
        | TcpState::CloseWait
        | TcpState::FinWait1
        | TcpState::Closing
        | TcpState::LastAck => true,
        TcpState::Closed
        | TcpState::Listen
        | TcpState::SynSent
        | TcpState::SynReceived
        | TcpState::FinWait2
        | TcpState::TimeWait => false,
    }
}

/// Puts a segment with the bytes of `seq..end` on the wire, with the acknowledgement of all that has arrived.
fn emit(network: &mut Network, id: EndpointId, flags: Flags, seq: u64, end: u64) {
    let now = network.now;
    let Some(endpoint) = network.get_mut(id) else { return };
    let taken = u64::from(flags.has(Flags::FIN)) + u64::from(flags.has(Flags::SYN));
    let first = seq + u64::from(flags.has(Flags::SYN));
    let payload = endpoint.sending.bytes(first..first + (end - seq).saturating_sub(taken));
    let packet = acknowledging(endpoint, now, flags, seq, payload);
    if let Some(packet) = packet {
        network.put_on_wire(packet);
    }
}

/// A segment of a connection, with its acknowledgement and its window.
fn acknowledging(
    endpoint: &mut Endpoint,
    now: u64,
    flags: Flags,
    seq: u64,
    payload: Vec<u8>,
) -> Option<Packet> {
    let capacity = endpoint.options.recv_capacity() as u64;
    let receiving = &mut endpoint.receiving;
    let window = receiving.announce(capacity);
    let sack = receiving.take_sack();
    receiving.acknowledged();
    Some(Packet {
        from: endpoint.local,
        to: endpoint.peer_address?,
        flags,
        seq,
        ack: receiving.next,
        window,
        window_scale: receiving.window_scale,
        syn: SynOptions::default(),
        sack,
        stamp: now,
        echo: receiving.stamp,
        payload,
    })
}

/// Sends an acknowledgement without bytes.
pub(super) fn acknowledge(network: &mut Network, id: EndpointId) {
    let Some(next) = network.get(id).map(|endpoint| endpoint.sending.next) else { return };
    emit(network, id, Flags::ACK, next, next);
}

/// Sends the acknowledgement that is due, unless it is delayed.
pub(super) fn acknowledge_if_due(network: &mut Network, id: EndpointId) {
    let now = network.now;
    if network.get_mut(id).is_some_and(|endpoint| endpoint.receiving.acknowledges(now)) {
        acknowledge(network, id);
    }
}

/// Sends a SYN, or the SYN that answers one. `again`: it was sent before.
pub(super) fn send_syn(network: &mut Network, id: EndpointId, again: bool) {
    let (now, mtu) = (network.now, network.mtu);
    let Some(endpoint) = network.get_mut(id) else { return };
    let Some(to) = endpoint.peer_address else { return };
    let answers = endpoint.state == TcpState::SynReceived;
    let flags = if answers { Flags::SYN.with(Flags::ACK) } else { Flags::SYN };
    let scale = endpoint.options.window_scale();
    let mss = u16::try_from(mtu - 40).unwrap_or(u16::MAX);
    endpoint.receiving.window_scale = scale;
    let window = endpoint.options.first_window(u64::from(mss) - if answers { 12 } else { 0 });
    endpoint.receiving.announce_first(window);
    let seq = endpoint.sending.una;
    if again {
        endpoint.sending.send_syn_again(now);
    } else {
        endpoint.sending.send_syn(now, flags);
    }
    let packet = Packet {
        from: endpoint.local,
        to,
        flags,
        seq,
        ack: endpoint.receiving.next,
        window: window.min(u64::from(u16::MAX)),
        window_scale: 0,
        syn: SynOptions { mss: Some(mss), window_scale: Some(scale), sack_permitted: true },
        sack: Vec::new(),
        stamp: now,
        echo: endpoint.receiving.stamp,
        payload: Vec::new(),
    };
    network.put_on_wire(packet);
}

/// Sends the segments again that are lost.
fn repeat_lost(network: &mut Network, id: EndpointId) {
    while let Some(endpoint) = network.get(id)
        && let sending = &endpoint.sending
        && let Some(index) = sending.next_lost()
    {
        if sending.on_wire() >= sending.cwnd {
            return;
        }
        repeat(network, id, index);
    }
}

/// Sends a segment again, and what follows with it if it is small.
pub(super) fn repeat(network: &mut Network, id: EndpointId, index: usize) {
    let (now, mtu) = (network.now, network.mtu);
    let Some(endpoint) = network.get_mut(id) else { return };
    let mss = endpoint.mss(mtu);
    let Some(InFlight { seq, end, flags, .. }) = endpoint.sending.repeat(now, index, mss) else {
        return;
    };
    emit(network, id, flags, seq, end);
    if let Some(endpoint) = network.get_mut(id) {
        endpoint.sending.rearm(now, true);
    }
}

/// Probes for the loss of the last segment: sends what was not sent, or the last one again. RFC 8985, section 7.3.
pub(super) fn probe_tail(network: &mut Network, id: EndpointId) {
    let now = network.now;
    if !send_next(network, id, Nagle::Off)
        && let Some(endpoint) = network.get(id)
        && let Some(last) = endpoint.sending.in_flight.len().checked_sub(1)
    {
        repeat(network, id, last);
    }
    if let Some(endpoint) = network.get_mut(id) {
        endpoint.sending.probed = Some(endpoint.sending.next);
        endpoint.sending.rearm(now, false);
    }
}

/// If only the window keeps bytes back, and nothing is on the wire, sets when the window is probed.
fn probe_window_later(network: &mut Network, id: EndpointId) {
    let now = network.now;
    let Some(endpoint) = network.get_mut(id) else { return };
    let sending = &mut endpoint.sending;
    let waits = sending.unsent() > 0 || sending.fin_follows;
    if can_carry(endpoint.state) && waits && sending.in_flight.is_empty() {
        if sending.timer.is_none_or(|timer| timer.purpose != Purpose::ProbeWindow) {
            let at = sending.probe_window_at(now);
            sending.timer = Some(Timer { at, purpose: Purpose::ProbeWindow });
        }
    } else if sending.timer.is_some_and(|timer| timer.purpose == Purpose::ProbeWindow) {
        sending.timer = None;
        sending.expired = 0;
    }
}

/// Probes a window that is too small: with as many bytes as it has, or with a number that was acknowledged. Linux:
/// `tcp_write_wakeup`.
pub(super) fn probe_window(network: &mut Network, id: EndpointId) {
    let (now, mtu) = (network.now, network.mtu);
    let Some(endpoint) = network.get_mut(id) else { return };
    let mss = endpoint.mss(mtu);
    let sending = &mut endpoint.sending;
    sending.expired += 1;
    sending.unanswered += 1;
    let open = sending.edge.saturating_sub(sending.next);
    let length = sending.unsent().min(open).min(mss);
    if length > 0 {
        let (seq, end) = (sending.next, sending.next + length);
        let flags = Flags::ACK.with(Flags::PSH);
        sending.sent(now, flags, end, true);
        sending.rearm(now, false);
        emit(network, id, flags, seq, end);
        return;
    }
    let at = sending.probe_window_at(now);
    sending.timer = Some(Timer { at, purpose: Purpose::ProbeWindow });
    let before = sending.una.saturating_sub(1);
    emit(network, id, Flags::ACK, before, before);
}

/// Ends the sending direction: a FIN follows the bytes that are not sent. They are sent with it, small or not.
pub(super) fn end_sending(network: &mut Network, id: EndpointId) {
    let Some(endpoint) = network.get_mut(id) else { return };
    endpoint.state = match endpoint.state {
        TcpState::Established | TcpState::SynReceived => TcpState::FinWait1,
        TcpState::CloseWait => TcpState::LastAck,
        TcpState::Closed
        | TcpState::Listen
        | TcpState::SynSent
        | TcpState::FinWait1
        | TcpState::FinWait2
        | TcpState::Closing
        | TcpState::LastAck
        | TcpState::TimeWait => return,
    };
    endpoint.sending.fin_follows = true;
    flush(network, id);
}

/// Sets when an orphan in `FIN_WAIT2` is forgotten.
pub(super) fn set_fin_timeout(network: &mut Network, id: EndpointId) {
    let at = network.now.saturating_add(FIN_TIMEOUT_US);
    if let Some(endpoint) = network.get_mut(id)
        && endpoint.orphan
        && endpoint.state == TcpState::FinWait2
    {
        endpoint.forget_at = Some(at);
    }
}

/// Ends a connection without a FIN: the peer gets a reset. Linux: `tcp_send_active_reset`.
pub(super) fn abort(network: &mut Network, id: EndpointId) {
    if let Some(endpoint) = network.get(id) {
        let has_peer = match endpoint.state {
            TcpState::Closed | TcpState::Listen | TcpState::SynSent | TcpState::TimeWait => false,
            TcpState::SynReceived
            | TcpState::Established
            | TcpState::FinWait1
            | TcpState::FinWait2
            | TcpState::CloseWait
            | TcpState::Closing
            | TcpState::LastAck => true,
        };
        let next = endpoint.sending.next;
        if has_peer {
            emit(network, id, Flags::RST.with(Flags::ACK), next, next);
        }
    }
    network.done(id);
}

/// Answers a segment that belongs to no connection with a reset: RFC 9293, section 3.10.7.1.
pub(super) fn refuse(network: &mut Network, packet: &Packet) {
    if packet.has(Flags::RST) {
        return;
    }
    let answers = packet.has(Flags::ACK);
    network.put_on_wire(Packet {
        from: packet.to,
        to: packet.from,
        flags: if answers { Flags::RST } else { Flags::RST.with(Flags::ACK) },
        seq: if answers { packet.ack } else { 0 },
        ack: packet.end(),
        window: 0,
        window_scale: 0,
        syn: SynOptions::default(),
        sack: Vec::new(),
        stamp: network.now,
        echo: None,
        payload: Vec::new(),
    });
}
