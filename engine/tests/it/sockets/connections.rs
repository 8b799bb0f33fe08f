//! `send`, `recv`, `shutdown` and `close`.

use framescope_engine::sockets::Kernel as _;
use framescope_lab::TcpState;
use framescope_syscall::errno::{EAGAIN, ECONNRESET, ENOTCONN, EPIPE};
use framescope_syscall::{BlockedOn, Data, Fd, Returned, Shutdown, SocketOption, Syscall, Wait};

use super::machine::{CLIENT, DONE, Machine, Result, SERVER, option, received, sent};

const DELAYED_ACK_US: u64 = 40_000;
const BYTES: Result = Result::Waits(BlockedOn::Bytes);
const RESET_ON_CLOSE: SocketOption = SocketOption::Linger { on: true, seconds: 0 };

#[test]
fn recv_returns_what_has_arrived_or_waits() {
    let (mut machine, _, server, client) = Machine::connection();
    assert_eq!(machine.recv(SERVER, server, 9), BYTES);
    let never = Syscall::Recv { fd: server, length: 9, peek: false, wait: Wait::Never };
    assert_eq!(machine.call(SERVER, &never), Result::Err(EAGAIN));
    assert_eq!(machine.send(CLIENT, client, b"hello"), sent(5));
    assert_eq!(machine.info(SERVER, server).unread, Some(5));
    let peek = Syscall::Recv { fd: server, length: 9, peek: true, wait: Wait::Never };
    assert_eq!(machine.call(SERVER, &peek), received(b"hello"));
    assert_eq!(machine.recv(SERVER, server, 2), received(b"he"));
    assert_eq!(machine.recv(SERVER, server, 9), received(b"llo"));
    assert_eq!(machine.recv(SERVER, server, 9), BYTES);
}

#[test]
fn a_fresh_socket_is_not_connected() {
    let mut machine = Machine::default();
    let fd = machine.socket(CLIENT);
    assert_eq!(machine.recv(CLIENT, fd, 1), Result::Err(ENOTCONN));
    assert_eq!(machine.send(CLIENT, fd, b"x"), Result::Err(EPIPE));
    assert_eq!(machine.shutdown(CLIENT, fd, Shutdown::Both), Result::Err(ENOTCONN));
    // It is hung up, and has space in its send buffer.
    assert_eq!(machine.ready(CLIENT, fd), (true, true));
    assert_eq!(machine.state(CLIENT, fd), TcpState::Closed);
}

#[test]
fn a_close_goes_through_the_states_of_the_rfc() {
    let (mut machine, _, server, client) = Machine::connection();
    assert_eq!(machine.close(CLIENT, client), DONE);
    // The acknowledgement of the FIN waits for an answer that may carry it.
    assert_eq!(machine.without_descriptor(CLIENT), [TcpState::FinWait1]);
    assert_eq!(machine.state(SERVER, server), TcpState::CloseWait);
    machine.advance(machine.kernel.now() + DELAYED_ACK_US);
    assert_eq!(machine.without_descriptor(CLIENT), [TcpState::FinWait2]);
    assert_eq!(machine.recv(SERVER, server, 9), received(b""));
    assert_eq!(machine.close(SERVER, server), DONE);
    assert_eq!(machine.without_descriptor(CLIENT), [TcpState::TimeWait]);
    assert_eq!(machine.without_descriptor(SERVER), []);
    machine.advance(59_000_000);
    assert_eq!(machine.without_descriptor(CLIENT), [TcpState::TimeWait]);
    machine.advance(61_000_000);
    assert_eq!(machine.without_descriptor(CLIENT), []);
}

#[test]
fn a_closed_socket_waits_a_minute_for_the_fin_of_its_peer() {
    let (mut machine, _, server, client) = Machine::connection();
    assert_eq!(machine.close(CLIENT, client), DONE);
    machine.advance(61_000_000);
    assert_eq!(machine.without_descriptor(CLIENT), []);
    assert_eq!(machine.state(SERVER, server), TcpState::CloseWait);
    assert_eq!(machine.close(SERVER, server), DONE);
    assert_eq!(machine.without_descriptor(SERVER), []);
}

#[test]
fn after_a_half_close_the_other_direction_still_carries_bytes() {
    let (mut machine, _, server, client) = Machine::connection();
    assert_eq!(machine.send(CLIENT, client, b"question"), sent(8));
    assert_eq!(machine.shutdown(CLIENT, client, Shutdown::Write), DONE);
    assert_eq!(machine.send(CLIENT, client, b"x"), Result::Err(EPIPE));
    assert_eq!(machine.recv(SERVER, server, 99), received(b"question"));
    assert_eq!(machine.recv(SERVER, server, 99), received(b""));
    assert_eq!(machine.send(SERVER, server, b"answer"), sent(6));
    assert_eq!(machine.recv(CLIENT, client, 99), received(b"answer"));
    assert_eq!(machine.shutdown(SERVER, server, Shutdown::Write), DONE);
    assert_eq!(machine.recv(CLIENT, client, 99), received(b""));
    assert_eq!(machine.state(CLIENT, client), TcpState::TimeWait);
    assert_eq!(machine.shutdown(CLIENT, client, Shutdown::Read), Result::Err(ENOTCONN));
    assert_eq!(machine.peer(CLIENT, client), Result::Err(ENOTCONN));
}

#[test]
fn a_socket_that_shut_down_its_reading_still_gets_bytes() {
    let (mut machine, _, server, client) = Machine::connection();
    assert_eq!(machine.shutdown(CLIENT, client, Shutdown::Read), DONE);
    assert_eq!(machine.recv(CLIENT, client, 9), received(b""));
    assert_eq!(machine.send(SERVER, server, b"xy"), sent(2));
    assert_eq!(machine.recv(CLIENT, client, 9), received(b"xy"));
    assert_eq!(machine.recv(CLIENT, client, 9), received(b""));
}

#[test]
fn bytes_for_a_socket_that_shut_down_both_directions_reset_the_connection() {
    let (mut machine, _, server, client) = Machine::connection();
    assert_eq!(machine.shutdown(CLIENT, client, Shutdown::Both), DONE);
    assert_eq!(machine.send(SERVER, server, b"x"), sent(1));
    assert_eq!(machine.recv(CLIENT, client, 9), Result::Err(ECONNRESET));
    assert_eq!(machine.recv(CLIENT, client, 9), received(b""));
    assert_eq!(machine.send(SERVER, server, b"x"), Result::Err(EPIPE));
}

#[test]
fn the_first_send_after_the_peers_close_succeeds_and_the_second_is_a_broken_pipe() {
    let (mut machine, _, server, client) = Machine::connection();
    assert_eq!(machine.close(CLIENT, client), DONE);
    assert_eq!(machine.send(SERVER, server, b"x"), sent(1));
    assert_eq!(
        machine.get(SERVER, server, SocketOption::Error(0)),
        option(SocketOption::Error(EPIPE))
    );
    assert_eq!(machine.send(SERVER, server, b"x"), Result::Err(EPIPE));
    assert_eq!(machine.recv(SERVER, server, 9), received(b""));
}

#[test]
fn a_close_with_unread_bytes_resets_the_connection() {
    let (mut machine, _, server, client) = Machine::connection();
    assert_eq!(machine.send(SERVER, server, b"read me"), sent(7));
    assert_eq!(machine.send(CLIENT, client, b"unread"), sent(6));
    assert_eq!(machine.close(CLIENT, client), DONE);
    // What arrived before the reset is read first.
    assert_eq!(machine.recv(SERVER, server, 9), received(b"unread"));
    assert_eq!(machine.recv(SERVER, server, 9), Result::Err(ECONNRESET));
    assert_eq!(machine.recv(SERVER, server, 9), received(b""));
    assert_eq!(machine.send(SERVER, server, b"x"), Result::Err(EPIPE));
    assert_eq!(machine.without_descriptor(CLIENT), []);
}

#[test]
fn a_close_with_linger_0_resets_the_connection() {
    let (mut machine, _, server, client) = Machine::connection();
    assert_eq!(machine.set(CLIENT, client, RESET_ON_CLOSE), DONE);
    assert_eq!(machine.close(CLIENT, client), DONE);
    assert_eq!(machine.ready(SERVER, server), (true, true));
    assert_eq!(machine.send(SERVER, server, b"x"), Result::Err(ECONNRESET));
    assert_eq!(machine.send(SERVER, server, b"x"), Result::Err(EPIPE));
    assert_eq!(machine.without_descriptor(CLIENT), []);
}

#[test]
fn the_end_of_a_program_closes_all_its_sockets() {
    let (mut machine, _, server, client) = Machine::connection();
    assert_eq!(machine.send(SERVER, server, b"bye"), sent(3));
    machine.end(SERVER);
    assert_eq!(machine.recv(CLIENT, client, 9), received(b"bye"));
    assert_eq!(machine.recv(CLIENT, client, 9), received(b""));
    let second = machine.socket(CLIENT);
    assert!(matches!(machine.connect(CLIENT, second, "127.0.0.1:8080"), Result::Err(_)));
    assert_eq!(machine.socket(SERVER), Fd(3));
}

#[test]
fn a_full_receive_buffer_stops_the_sender_and_a_recv_lets_it_go_on() {
    let mut machine = Machine::default();
    let listener = machine.socket(SERVER);
    assert_eq!(machine.set(SERVER, listener, SocketOption::RecvBuffer(2000)), DONE);
    assert_eq!(machine.bind(SERVER, listener, "127.0.0.1:8080"), DONE);
    assert_eq!(machine.listen(SERVER, listener, 1), DONE);
    let client = machine.socket(CLIENT);
    assert_eq!(machine.set(CLIENT, client, SocketOption::SendBuffer(2500)), DONE);
    assert_eq!(machine.connect(CLIENT, client, "127.0.0.1:8080"), DONE);
    machine.accept(SERVER, listener);
    let server = Fd(4);

    // The options of a listener are those of its connections.
    let size = SocketOption::RecvBuffer(4000);
    assert_eq!(machine.get(SERVER, server, size), option(size));
    assert_eq!(machine.send(CLIENT, client, &[7; 9000]), sent(5000));
    // The window is one segment: of a buffer of 2000 bytes.
    assert_eq!(machine.info(SERVER, server).unread, Some(1448));
    assert_eq!(machine.info(CLIENT, client).unacknowledged, Some(3552));
    assert_eq!(machine.send(CLIENT, client, &[7; 9000]), sent(1448));
    assert_eq!(machine.send(CLIENT, client, b"x"), Result::Waits(BlockedOn::BufferSpace));
    let never = Syscall::Send { fd: client, bytes: Data(vec![7]), wait: Wait::Never };
    assert_eq!(machine.call(CLIENT, &never), Result::Err(EAGAIN));
    assert_eq!(machine.ready(CLIENT, client), (false, false));

    let mut count = 0;
    while let Result::Ok(Returned::Received(Data(bytes))) = machine.recv(SERVER, server, 1500) {
        count += bytes.len();
    }
    while count < 6448 {
        let at = machine.kernel.next_timer().expect("the window is probed");
        machine.advance(at);
        if let Result::Ok(Returned::Received(Data(bytes))) = machine.recv(SERVER, server, 1500) {
            count += bytes.len();
        }
    }
    assert_eq!(count, 6448);
    assert_eq!(machine.ready(CLIENT, client), (false, true));
}

#[test]
fn bytes_that_wait_for_the_window_are_sent_before_the_fin() {
    let (mut machine, _, server, client) = Machine::connection();
    machine.set(CLIENT, client, SocketOption::SendBuffer(50_000));
    assert_eq!(machine.send(CLIENT, client, &vec![7; 100_000]), sent(100_000));
    assert_eq!(machine.close(CLIENT, client), DONE);
    assert_eq!(machine.without_descriptor(CLIENT), [TcpState::FinWait1]);
    assert_eq!(machine.recv(SERVER, server, 65_536), received(&vec![7; 65_536]));
    assert_eq!(machine.recv(SERVER, server, 65_536), received(&vec![7; 34_464]));
    assert_eq!(machine.recv(SERVER, server, 1), received(b""));
    machine.advance(machine.kernel.now() + DELAYED_ACK_US);
    assert_eq!(machine.without_descriptor(CLIENT), [TcpState::FinWait2]);
}

#[test]
fn two_sides_that_close_while_bytes_wait_are_closing() {
    let (mut machine, _, server, client) = Machine::connection();
    machine.set(CLIENT, client, SocketOption::SendBuffer(50_000));
    assert_eq!(machine.send(CLIENT, client, &vec![7; 100_000]), sent(100_000));
    assert_eq!(machine.shutdown(CLIENT, client, Shutdown::Write), DONE);
    assert_eq!(machine.shutdown(SERVER, server, Shutdown::Write), DONE);
    assert_eq!(machine.state(CLIENT, client), TcpState::Closing);
    assert_eq!(machine.state(SERVER, server), TcpState::FinWait2);
    let mut count = 0;
    while count < 100_000 {
        match machine.recv(SERVER, server, 100_000) {
            Result::Ok(Returned::Received(Data(bytes))) => count += bytes.len(),
            other => panic!("{count} bytes, then {other:?}"),
        }
    }
    assert_eq!(machine.recv(SERVER, server, 1), received(b""));
    assert_eq!(machine.state(CLIENT, client), TcpState::TimeWait);
    assert_eq!(machine.state(SERVER, server), TcpState::TimeWait);
}

/// A connection whose server has answered once, so that it delays its acknowledgements.
fn conversation() -> (Machine, Fd, Fd) {
    let (mut machine, _, server, client) = Machine::connection();
    assert_eq!(machine.send(CLIENT, client, b"a"), sent(1));
    assert_eq!(machine.recv(SERVER, server, 9), received(b"a"));
    assert_eq!(machine.send(SERVER, server, b"b"), sent(1));
    assert_eq!(machine.recv(CLIENT, client, 9), received(b"b"));
    (machine, server, client)
}

#[test]
fn nagle_holds_a_second_small_segment_until_the_delayed_acknowledgement() {
    let (mut machine, server, client) = conversation();
    assert_eq!(machine.send(CLIENT, client, b"one"), sent(3));
    assert_eq!(machine.send(CLIENT, client, b"two"), sent(3));
    assert_eq!(machine.recv(SERVER, server, 9), received(b"one"));
    assert_eq!(machine.recv(SERVER, server, 9), BYTES);
    assert_eq!(machine.info(CLIENT, client).unacknowledged, Some(6));
    let at = machine.kernel.next_timer().unwrap();
    assert!(at <= machine.kernel.now() + 40_000);
    machine.advance(at);
    assert_eq!(machine.recv(SERVER, server, 9), received(b"two"));
}

#[test]
fn nodelay_sends_small_segments_at_once() {
    let (mut machine, server, client) = conversation();
    assert_eq!(machine.send(CLIENT, client, b"one"), sent(3));
    assert_eq!(machine.send(CLIENT, client, b"two"), sent(3));
    assert_eq!(machine.set(CLIENT, client, SocketOption::Nodelay(true)), DONE);
    assert_eq!(machine.recv(SERVER, server, 9), received(b"onetwo"));
    assert_eq!(machine.send(CLIENT, client, b"three"), sent(5));
    assert_eq!(machine.recv(SERVER, server, 9), received(b"three"));
}

#[test]
fn a_blocked_call_takes_no_time() {
    let (mut machine, _, server, _) = Machine::connection();
    let now = machine.kernel.now();
    assert_eq!(machine.recv(SERVER, server, 9), BYTES);
    assert_eq!(machine.kernel.now(), now);
}
