//! `send` and `recv`.

use framescope_lab::TcpState;
use framescope_syscall::BlockedOn;
use framescope_syscall::errno::{ENOTCONN, EPIPE};

use super::endpoint::EndpointId;
use super::network::Network;
use super::output::{acknowledge, flush};

/// What `send` or `recv` can do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Transfer<T> {
    Done(T),
    /// It has to wait.
    Waits(BlockedOn),
}

/// `send(2)`. Returns the number of bytes that the send buffer took. Linux: `tcp_sendmsg`.
pub(super) fn send(
    network: &mut Network,
    id: EndpointId,
    bytes: &[u8],
) -> Result<Transfer<usize>, u32> {
    let space = network.buffer_space();
    let Some(endpoint) = network.get_mut(id) else { return Err(EPIPE) };
    match endpoint.state {
        TcpState::Established | TcpState::CloseWait => {}
        TcpState::SynSent | TcpState::SynReceived => {
            return Ok(Transfer::Waits(BlockedOn::Handshake));
        }
        TcpState::Closed
        | TcpState::Listen
        | TcpState::FinWait1
        | TcpState::FinWait2
        | TcpState::Closing
        | TcpState::LastAck
        | TcpState::TimeWait => return Err(endpoint.error.take().unwrap_or(EPIPE)),
    }
    if endpoint.write_shut {
        return Err(EPIPE);
    }
    let taken = bytes.len().min(endpoint.send_space()).min(space);
    endpoint.wants_space = taken < bytes.len();
    if taken == 0 && !bytes.is_empty() {
        return Ok(Transfer::Waits(BlockedOn::BufferSpace));
    }
    endpoint.sending.write(bytes.get(..taken).unwrap_or_default());
    flush(network, id);
    Ok(Transfer::Done(taken))
}

/// `recv(2)`. Returns at most `length` bytes, none at the end of the stream. Linux: `tcp_recvmsg`.
pub(super) fn recv(
    network: &mut Network,
    id: EndpointId,
    length: usize,
    peek: bool,
) -> Result<Transfer<Vec<u8>>, u32> {
    let Some(endpoint) = network.get_mut(id) else { return Err(ENOTCONN) };
    if endpoint.state == TcpState::Listen {
        return Err(ENOTCONN);
    }
    let capacity = endpoint.options.recv_capacity() as u64;
    let queue = &mut endpoint.receiving.queue;
    if !queue.is_empty() {
        let count = length.min(queue.len());
        if peek {
            return Ok(Transfer::Done(queue.range(..count).copied().collect()));
        }
        let bytes = queue.drain(..count).collect();
        let is_open = endpoint.state != TcpState::Closed;
        if is_open && endpoint.receiving.acknowledges_read(count, capacity) {
            acknowledge(network, id);
        }
        return Ok(Transfer::Done(bytes));
    }
    if endpoint.receiving.fin_received {
        return Ok(Transfer::Done(Vec::new()));
    }
    if let Some(error) = endpoint.error.take() {
        return Err(error);
    }
    if endpoint.read_shut {
        return Ok(Transfer::Done(Vec::new()));
    }
    if endpoint.state == TcpState::Closed {
        return Err(ENOTCONN);
    }
    Ok(Transfer::Waits(BlockedOn::Bytes))
}
