//! What a socket does with a segment that arrives. RFC 9293, section 3.10.7, as Linux does it: `tcp_rcv_state_process`.

use framescope_lab::{Flags, SynOptions, TcpState};
use framescope_syscall::errno::{ECONNREFUSED, ECONNRESET, EPIPE};

use super::endpoint::{Endpoint, EndpointId};
use super::limits::{ANSWER_AGAIN_US, JIFFY_US};
use super::listening::{join_queue, receive_syn};
use super::network::Network;
use super::output::{
    acknowledge, acknowledge_if_due, end_sending, flush, refuse, send_syn, set_fin_timeout,
};
use super::ports::{connection, listener_at};
use super::segment::Packet;
use super::sending::{Purpose, Timer};

/// A segment arrives at the address that it was sent to.
pub(super) fn arrive(network: &mut Network, packet: &Packet) {
    let begins = packet.has(Flags::SYN) && !packet.has(Flags::ACK) && !packet.has(Flags::RST);
    let (local, peer) = (packet.to, packet.from);
    if let Some(id) = connection(network, local, peer) {
        arrive_at(network, id, packet);
        return;
    }
    let listener = listener_at(network, local, peer.port);
    if begins && let Some(listener) = listener {
        // A new connection takes the place of one that has ended.
        network.forget_time_wait(local, peer);
        receive_syn(network, listener, packet);
    } else if network.time_wait(local, peer).is_some() {
        arrive_late(network, packet);
    } else {
        refuse(network, packet);
    }
}

/// A segment arrives at a connection in `TIME_WAIT`. RFC 9293, section 3.10.7.4.
fn arrive_late(network: &mut Network, packet: &Packet) {
    let (local, peer) = (packet.to, packet.from);
    let Some(ended) = network.time_wait(local, peer).copied() else { return };
    if packet.has(Flags::RST) {
        if packet.seq == ended.received {
            network.forget_time_wait(local, peer);
        }
    } else if packet.end() > packet.seq {
        network.put_on_wire(Packet {
            from: local,
            to: peer,
            flags: Flags::ACK,
            seq: ended.sent,
            ack: ended.received,
            window: ended.window,
            window_scale: ended.window_scale,
            syn: SynOptions::default(),
            sack: Vec::new(),
            stamp: network.now,
            echo: None,
            payload: Vec::new(),
        });
    }
}

fn arrive_at(network: &mut Network, id: EndpointId, packet: &Packet) {
    let Some(endpoint) = network.get(id) else { return };
    if endpoint.state == TcpState::SynSent {
        answer_syn(network, id, packet);
        return;
    }
    if !is_acceptable(network, id, packet) {
        return;
    }
    if packet.has(Flags::RST) {
        reset(network, id);
        return;
    }
    if !packet.has(Flags::ACK) {
        return;
    }
    let Some(endpoint) = network.get(id) else { return };
    if packet.ack > endpoint.sending.next {
        answer_once(network, id);
        return;
    }
    if endpoint.state == TcpState::SynReceived && !establish(network, id, packet) {
        return;
    }
    take_acknowledgement(network, id, packet);
    take_payload(network, id, packet);
    // What is sent now acknowledges what has arrived.
    flush(network, id);
    acknowledge_if_due(network, id);
}

/// Whether a segment is in the window, and no SYN of another connection. One that is not is answered with an
/// acknowledgement. RFC 9293, section 3.10.7.4; for RST and SYN RFC 5961.
fn is_acceptable(network: &mut Network, id: EndpointId, packet: &Packet) -> bool {
    let now = network.now;
    let Some(endpoint) = network.get_mut(id) else { return false };
    let (receiving, state) = (&mut endpoint.receiving, endpoint.state);
    let (seq, end) = (packet.seq, packet.end());
    let in_window = end >= receiving.next && seq <= receiving.edge();
    if packet.has(Flags::RST) {
        if seq != receiving.next && in_window {
            answer_once(network, id);
            return false;
        }
        return seq == receiving.next;
    }
    if packet.has(Flags::SYN) {
        let crossed = state == TcpState::SynReceived && end == receiving.next;
        if crossed && packet.has(Flags::ACK) {
            return true;
        }
        if crossed {
            send_syn(network, id, true);
            if let Some(endpoint) = network.get_mut(id) {
                endpoint.sending.rearm(now, true);
            }
        } else {
            answer_once(network, id);
        }
        return false;
    }
    if seq < end && end <= receiving.next {
        // The acknowledgement was lost, or is on its way. What the segment itself acknowledges still counts.
        receiving.acks.repeats(seq..end);
        receiving.note_stamp(seq, packet.stamp);
        return true;
    }
    if !in_window {
        answer_once(network, id);
        return false;
    }
    receiving.note_stamp(seq, packet.stamp);
    true
}

/// Sends an acknowledgement, but not again soon: two ends that both do so would never rest.
fn answer_once(network: &mut Network, id: EndpointId) {
    let now = network.now;
    let Some(endpoint) = network.get_mut(id) else { return };
    let acks = &mut endpoint.receiving.acks;
    if acks.answered_at.is_some_and(|at| now < at.saturating_add(ANSWER_AGAIN_US)) {
        return;
    }
    acks.answered_at = Some(now);
    acknowledge(network, id);
}

/// What arrives in answer to a SYN. RFC 9293, section 3.10.7.3.
fn answer_syn(network: &mut Network, id: EndpointId, packet: &Packet) {
    let now = network.now;
    let Some(endpoint) = network.get_mut(id) else { return };
    let acknowledges = packet.has(Flags::ACK);
    if acknowledges && packet.ack != endpoint.sending.next {
        refuse(network, packet);
        return;
    }
    if packet.has(Flags::RST) {
        if acknowledges {
            reset(network, id);
        }
        return;
    }
    if !packet.has(Flags::SYN) {
        return;
    }
    endpoint.take_syn(packet);
    if acknowledges {
        endpoint.sending.begin_slowly(packet.echo);
        endpoint.sending.acknowledge(now, packet.ack, packet.echo);
        endpoint.sending.rearm(now, true);
        endpoint.establish();
        acknowledge(network, id);
    } else {
        // Both ends have sent a SYN: RFC 9293, section 3.5, figure 8.
        endpoint.state = TcpState::SynReceived;
        send_syn(network, id, true);
    }
}

/// The answer to the SYN of this end arrives. Returns whether the connection is established.
fn establish(network: &mut Network, id: EndpointId, packet: &Packet) -> bool {
    let Some(endpoint) = network.get(id) else { return false };
    if packet.ack != endpoint.sending.next {
        return false;
    }
    if let Some(listener) = endpoint.listener
        && !join_queue(network, listener, id)
    {
        return false;
    }
    if let Some(endpoint) = network.get_mut(id) {
        endpoint.sending.begin_slowly(packet.echo);
        endpoint.establish();
    }
    end_if_shut(network, id);
    true
}

/// A socket that had shut down its writing before it was connected sends its FIN.
fn end_if_shut(network: &mut Network, id: EndpointId) {
    if network.get(id).is_some_and(|endpoint| endpoint.write_shut) {
        end_sending(network, id);
    }
}

/// What a segment says about what this end has sent. Linux: `tcp_ack`.
fn take_acknowledgement(network: &mut Network, id: EndpointId, packet: &Packet) {
    let now = network.now;
    let Some(endpoint) = network.get_mut(id) else { return };
    let sending = &mut endpoint.sending;
    sending.unanswered = 0;
    sending.update_window(packet.seq, packet.ack, packet.window);
    let advances = sending.acknowledge(now, packet.ack, packet.echo);
    let arrived = sending.arrived(now, &packet.sack);
    if advances || arrived {
        sending.rearm(now, true);
    }
    let mut found_lost = false;
    if (advances || arrived) && !sending.in_flight.is_empty() {
        let (late, found) = sending.find_lost(now);
        found_lost = found;
        if let Some(at) = late.filter(|_| sending.next_lost().is_none()) {
            let at = at.saturating_add(2 * JIFFY_US);
            if sending.timer.is_none_or(|timer| at < timer.at) {
                sending.timer = Some(Timer { at, purpose: Purpose::GiveUpLate });
            }
        }
    }
    sending.reduce(advances, found_lost);
    if advances && endpoint.wants_space && sending.on_wire() < sending.cwnd {
        endpoint.options.expand_send_buffer(sending.peer_mss(), sending.cwnd);
    }
    let is_acknowledged =
        sending.una == sending.next && !sending.fin_follows && sending.unsent() == 0;
    if is_acknowledged {
        fin_is_acknowledged(network, id);
    }
}

/// If this end has sent its FIN, the peer has it.
fn fin_is_acknowledged(network: &mut Network, id: EndpointId) {
    let Some(endpoint) = network.get_mut(id) else { return };
    match endpoint.state {
        TcpState::FinWait1 => {
            endpoint.state = TcpState::FinWait2;
            endpoint.write_shut = true;
            set_fin_timeout(network, id);
        }
        TcpState::Closing => network.enter_time_wait(id),
        TcpState::LastAck => network.done(id),
        TcpState::Closed
        | TcpState::Listen
        | TcpState::SynSent
        | TcpState::SynReceived
        | TcpState::Established
        | TcpState::FinWait2
        | TcpState::CloseWait
        | TcpState::TimeWait => {}
    }
}

/// Bytes and a FIN arrive. Linux: `tcp_data_queue`.
fn take_payload(network: &mut Network, id: EndpointId, packet: &Packet) {
    let now = network.now;
    let Some(endpoint) = network.get_mut(id) else { return };
    if endpoint.receiving.fin_received || !can_receive(endpoint.state) {
        return;
    }
    let (seq, end) = (packet.seq + u64::from(packet.has(Flags::SYN)), packet.payload_end());
    if !packet.payload.is_empty() {
        if end > endpoint.receiving.next && refuses_bytes(endpoint) {
            refuse(network, packet);
            reset(network, id);
            return;
        }
        endpoint.receiving.take(seq, &packet.payload, now);
    }
    let fin = if packet.has(Flags::FIN) { Some(end) } else { endpoint.receiving.fin };
    if let Some(fin) = fin
        && endpoint.receiving.take_fin(fin)
    {
        receive_fin(network, id);
    }
}

/// Whether bytes can arrive in a state.
const fn can_receive(state: TcpState) -> bool {
    match state {
        TcpState::Established | TcpState::FinWait1 | TcpState::FinWait2 => true,
        TcpState::Closed
        | TcpState::Listen
        | TcpState::SynSent
        | TcpState::SynReceived
        | TcpState::CloseWait
        | TcpState::Closing
        | TcpState::LastAck
        | TcpState::TimeWait => false,
    }
}

/// Whether bytes that arrive are refused with a reset: nobody will read them. RFC 1122, section 4.2.2.13.
/// A socket that has only shut down its reading takes them.
const fn refuses_bytes(receiver: &Endpoint) -> bool {
    match receiver.state {
        TcpState::FinWait1 | TcpState::FinWait2 => receiver.read_shut,
        TcpState::Closed
        | TcpState::Listen
        | TcpState::SynSent
        | TcpState::SynReceived
        | TcpState::Established
        | TcpState::CloseWait
        | TcpState::Closing
        | TcpState::LastAck
        | TcpState::TimeWait => false,
    }
}

/// The FIN has arrived, and all bytes before it. Linux: `tcp_fin`.
fn receive_fin(network: &mut Network, id: EndpointId) {
    let Some(endpoint) = network.get_mut(id) else { return };
    endpoint.read_shut = true;
    let acks = &mut endpoint.receiving.acks;
    match endpoint.state {
        TcpState::Established => {
            endpoint.state = TcpState::CloseWait;
            // The FIN of this end may carry the acknowledgement.
            acks.wait_for_answer();
        }
        TcpState::FinWait1 => {
            endpoint.state = TcpState::Closing;
            acks.hurry();
        }
        TcpState::FinWait2 => {
            acknowledge(network, id);
            network.enter_time_wait(id);
        }
        TcpState::Closed
        | TcpState::Listen
        | TcpState::SynSent
        | TcpState::SynReceived
        | TcpState::CloseWait
        | TcpState::Closing
        | TcpState::LastAck
        | TcpState::TimeWait => {}
    }
}

/// A reset arrives. Bytes that were not sent are dropped. Bytes that have arrived can still be read.
fn reset(network: &mut Network, id: EndpointId) {
    let Some(endpoint) = network.get_mut(id) else { return };
    endpoint.error = Some(match endpoint.state {
        TcpState::Closed | TcpState::Listen | TcpState::TimeWait => return,
        TcpState::SynSent => ECONNREFUSED,
        TcpState::CloseWait => EPIPE,
        TcpState::SynReceived
        | TcpState::Established
        | TcpState::FinWait1
        | TcpState::FinWait2
        | TcpState::Closing
        | TcpState::LastAck => ECONNRESET,
    });
    network.done(id);
}
