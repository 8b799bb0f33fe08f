//! `listen`, `accept` and `connect`.

use framescope_engine::sockets::Kernel as _;
use framescope_lab::{Backlog, TcpState};
use framescope_syscall::errno::{
    EAGAIN, EALREADY, ECONNABORTED, ECONNREFUSED, ECONNRESET, EINPROGRESS, EINVAL, EISCONN,
    ENOTCONN, EPIPE, ETIMEDOUT,
};
use framescope_syscall::{BlockedOn, Returned, Shutdown, SocketOption, Syscall, Wait};

use super::machine::{CLIENT, DONE, Machine, Result, SERVER, option, parse, received, sent};

const SERVER_ADDRESS: &str = "127.0.0.1:8080";
const HANDSHAKE: Result = Result::Waits(BlockedOn::Handshake);

#[test]
fn connect_is_refused_if_nobody_listens() {
    let mut machine = Machine::default();
    let fd = machine.socket(CLIENT);
    for _ in 0..2 {
        assert_eq!(machine.connect(CLIENT, fd, SERVER_ADDRESS), Result::Err(ECONNREFUSED));
    }
    // A socket that is bound and does not listen refuses too.
    let server = machine.socket(SERVER);
    assert_eq!(machine.bind(SERVER, server, SERVER_ADDRESS), DONE);
    assert_eq!(machine.connect(CLIENT, fd, SERVER_ADDRESS), Result::Err(ECONNREFUSED));
}

#[test]
fn accept_waits_for_a_client_and_returns_its_address() {
    let (mut machine, listener) = Machine::listening(5);
    assert_eq!(machine.accept(SERVER, listener), Result::Waits(BlockedOn::Client));
    let never = Syscall::Accept { fd: listener, wait: Wait::Never };
    assert_eq!(machine.call(SERVER, &never), Result::Err(EAGAIN));
    let client = machine.connected();
    let peer = parse(&machine.local(CLIENT, client));
    let fd = framescope_syscall::Fd(4);
    assert_eq!(machine.accept(SERVER, listener), Result::Ok(Returned::Accepted { fd, peer }));
    assert_eq!(machine.local(SERVER, fd), SERVER_ADDRESS);
}

#[test]
fn accept_on_a_socket_that_does_not_listen_is_invalid() {
    let (mut machine, _, server, _) = Machine::connection();
    let fresh = machine.socket(SERVER);
    assert_eq!(machine.accept(SERVER, fresh), Result::Err(EINVAL));
    assert_eq!(machine.accept(SERVER, server), Result::Err(EINVAL));
}

#[test]
fn listen_gives_a_port_to_an_unbound_socket() {
    let mut machine = Machine::default();
    let fd = machine.socket(SERVER);
    assert_eq!(machine.listen(SERVER, fd, 1), DONE);
    assert_eq!(machine.local(SERVER, fd), "0.0.0.0:32768");
}

#[test]
fn a_second_listen_changes_the_backlog() {
    let (mut machine, listener) = Machine::listening(0);
    machine.connected();
    let second = machine.socket(CLIENT);
    assert_eq!(machine.connect(CLIENT, second, SERVER_ADDRESS), HANDSHAKE);
    assert_eq!(machine.listen(SERVER, listener, 1), DONE);
    let third = machine.socket(CLIENT);
    assert_eq!(machine.connect(CLIENT, third, SERVER_ADDRESS), DONE);
    assert_eq!(machine.info(SERVER, listener).backlog, Some(Backlog { waiting: 2, limit: 1 }));
}

#[test]
fn listen_on_a_connection_is_invalid_and_connect_on_a_listener_is_connected() {
    let (mut machine, listener, server, client) = Machine::connection();
    assert_eq!(machine.listen(SERVER, server, 1), Result::Err(EINVAL));
    assert_eq!(machine.listen(CLIENT, client, 1), Result::Err(EINVAL));
    assert_eq!(machine.connect(SERVER, listener, SERVER_ADDRESS), Result::Err(EISCONN));
    assert_eq!(machine.connect(CLIENT, client, SERVER_ADDRESS), Result::Err(EISCONN));
}

#[test]
fn a_listener_neither_sends_nor_receives() {
    let (mut machine, listener) = Machine::listening(1);
    assert_eq!(machine.recv(SERVER, listener, 1), Result::Err(ENOTCONN));
    assert_eq!(machine.send(SERVER, listener, b"x"), Result::Err(EPIPE));
    assert_eq!(machine.peer(SERVER, listener), Result::Err(ENOTCONN));
}

#[test]
fn the_accept_queue_holds_one_more_than_the_backlog() {
    for (backlog, count) in [(0, 1), (1, 2), (5, 6)] {
        let (mut machine, _) = Machine::listening(backlog);
        for _ in 0..count {
            machine.connected();
        }
        let fd = machine.socket(CLIENT);
        assert_eq!(machine.connect(CLIENT, fd, SERVER_ADDRESS), HANDSHAKE);
        assert_eq!(machine.state(CLIENT, fd), TcpState::SynSent);
    }
}

#[test]
fn a_negative_backlog_is_a_large_one() {
    let (machine, listener) = Machine::listening(-1);
    let limit = machine.info(SERVER, listener).backlog.unwrap().limit;
    assert_eq!(limit, 4096);
}

#[test]
fn a_dropped_syn_is_sent_again_each_second_at_first_and_then_after_2_and_4() {
    let (mut machine, listener) = Machine::listening(0);
    machine.connected();
    let fd = machine.socket(CLIENT);
    let began = machine.kernel.now();
    assert_eq!(machine.connect(CLIENT, fd, SERVER_ADDRESS), HANDSHAKE);
    for seconds in [1, 2, 3, 4, 5, 7, 11] {
        let at = began + seconds * 1_000_000;
        assert_eq!(machine.kernel.next_timer(), Some(at));
        machine.advance(at);
        assert_eq!(machine.connect(CLIENT, fd, SERVER_ADDRESS), HANDSHAKE);
    }
    // The place that an accept makes is taken at the next SYN, not before.
    machine.accept(SERVER, listener);
    assert_eq!(machine.connect(CLIENT, fd, SERVER_ADDRESS), HANDSHAKE);
    machine.advance(began + 19_000_000);
    assert_eq!(machine.connect(CLIENT, fd, SERVER_ADDRESS), DONE);
}

#[test]
fn a_connect_that_gets_no_answer_times_out_after_131_seconds() {
    let (mut machine, _) = Machine::listening(0);
    machine.connected();
    let fd = machine.socket(CLIENT);
    assert_eq!(machine.connect(CLIENT, fd, SERVER_ADDRESS), HANDSHAKE);
    machine.advance(130_000_000);
    assert_eq!(machine.connect(CLIENT, fd, SERVER_ADDRESS), HANDSHAKE);
    machine.advance(132_000_000);
    assert_eq!(machine.connect(CLIENT, fd, SERVER_ADDRESS), Result::Err(ETIMEDOUT));
    assert_eq!(machine.kernel.next_timer(), None);
}

#[test]
fn a_connect_that_does_not_wait_is_in_progress_then_done_then_connected() {
    let (mut machine, _) = Machine::listening(5);
    let fd = machine.socket(CLIENT);
    let mut connect = || machine.connect_for(CLIENT, fd, SERVER_ADDRESS, Wait::Never);
    assert_eq!(connect(), Result::Err(EINPROGRESS));
    assert_eq!(connect(), DONE);
    assert_eq!(connect(), Result::Err(EISCONN));
}

#[test]
fn a_connect_that_does_not_wait_says_already_while_its_syn_is_not_answered() {
    let (mut machine, _) = Machine::listening(0);
    machine.connected();
    let fd = machine.socket(CLIENT);
    let mut connect = |wait| machine.connect_for(CLIENT, fd, SERVER_ADDRESS, wait);
    assert_eq!(connect(Wait::Never), Result::Err(EINPROGRESS));
    assert_eq!(connect(Wait::Never), Result::Err(EALREADY));
    assert_eq!(connect(Wait::For(1000)), Result::Err(EALREADY));
    // A blocking connect joins the wait.
    assert_eq!(connect(Wait::Forever), HANDSHAKE);
    assert_eq!(machine.ready(CLIENT, fd), (false, false));
    let never = Syscall::Recv { fd, length: 1, peek: false, wait: Wait::Never };
    assert_eq!(machine.call(CLIENT, &never), Result::Err(EAGAIN));
    assert_eq!(machine.send(CLIENT, fd, b"x"), HANDSHAKE);
}

#[test]
fn a_refused_connect_that_does_not_wait_leaves_its_error_on_the_socket() {
    let mut machine = Machine::default();
    let fd = machine.socket(CLIENT);
    let never = Wait::Never;
    assert_eq!(machine.connect_for(CLIENT, fd, SERVER_ADDRESS, never), Result::Err(EINPROGRESS));
    assert_eq!(machine.ready(CLIENT, fd), (true, true));
    let error = SocketOption::Error;
    assert_eq!(machine.get(CLIENT, fd, error(0)), option(error(ECONNREFUSED)));
    assert_eq!(machine.get(CLIENT, fd, error(0)), option(error(0)));
    assert_eq!(machine.connect_for(CLIENT, fd, SERVER_ADDRESS, never), Result::Err(ECONNABORTED));
    // The next one is a new connect.
    assert_eq!(machine.connect_for(CLIENT, fd, SERVER_ADDRESS, never), Result::Err(EINPROGRESS));
    assert_eq!(machine.connect_for(CLIENT, fd, SERVER_ADDRESS, never), Result::Err(ECONNREFUSED));
}

#[test]
fn a_connect_with_a_timeout_is_refused_as_python_sees_it() {
    let mut machine = Machine::default();
    let fd = machine.socket(CLIENT);
    let mut connect = || machine.connect_for(CLIENT, fd, SERVER_ADDRESS, Wait::For(1_000_000));
    assert_eq!(connect(), Result::Err(ECONNREFUSED));
    // Python has read the error with SO_ERROR, so Linux thinks that the connect goes on.
    assert_eq!(connect(), Result::Err(ECONNABORTED));
    assert_eq!(connect(), Result::Err(ECONNREFUSED));
}

#[test]
fn a_connect_with_a_timeout_that_succeeded_succeeds_once_more() {
    let (mut machine, _) = Machine::listening(5);
    let fd = machine.socket(CLIENT);
    let mut connect = || machine.connect_for(CLIENT, fd, SERVER_ADDRESS, Wait::For(1_000_000));
    assert_eq!([connect(), connect(), connect()], [DONE, DONE, Result::Err(EISCONN)]);
}

#[test]
fn a_connect_whose_time_is_over_goes_on_without_its_caller() {
    let (mut machine, listener) = Machine::listening(0);
    machine.connected();
    let fd = machine.socket(CLIENT);
    let wait = Wait::For(100);
    let connect = Syscall::Connect { fd, address: parse(SERVER_ADDRESS), wait };
    assert_eq!(machine.call(CLIENT, &connect), HANDSHAKE);
    assert_eq!(machine.call(CLIENT, &connect), HANDSHAKE);
    machine.kernel.cancel(CLIENT, &connect);
    assert_eq!(machine.call(CLIENT, &connect), Result::Err(EALREADY));
    machine.accept(SERVER, listener);
    machine.advance(2_000_000);
    assert_eq!(machine.call(CLIENT, &connect), DONE);
}

#[test]
fn a_listener_that_is_closed_resets_the_clients_in_its_queue() {
    let (mut machine, listener) = Machine::listening(5);
    let client = machine.connected();
    assert_eq!(machine.send(CLIENT, client, b"hello"), sent(5));
    assert_eq!(machine.without_descriptor(SERVER), [TcpState::Established]);
    assert_eq!(machine.close(SERVER, listener), DONE);
    assert_eq!(machine.ready(CLIENT, client), (true, true));
    assert_eq!(machine.recv(CLIENT, client, 5), Result::Err(ECONNRESET));
    assert_eq!(machine.recv(CLIENT, client, 5), received(b""));
    assert_eq!(machine.without_descriptor(SERVER), []);
    let second = machine.socket(CLIENT);
    assert_eq!(machine.connect(CLIENT, second, SERVER_ADDRESS), Result::Err(ECONNREFUSED));
}

#[test]
fn connections_outlive_the_listener_that_accepted_them() {
    let (mut machine, listener, server, client) = Machine::connection();
    assert_eq!(machine.close(SERVER, listener), DONE);
    assert_eq!(machine.send(CLIENT, client, b"x"), sent(1));
    assert_eq!(machine.recv(SERVER, server, 9), received(b"x"));
}

#[test]
fn a_listener_that_shuts_down_its_reading_listens_no_more() {
    let (mut machine, listener) = Machine::listening(5);
    assert_eq!(machine.shutdown(SERVER, listener, Shutdown::Write), DONE);
    assert_eq!(machine.accept(SERVER, listener), Result::Waits(BlockedOn::Client));
    assert_eq!(machine.shutdown(SERVER, listener, Shutdown::Read), DONE);
    assert_eq!(machine.accept(SERVER, listener), Result::Err(EINVAL));
    assert_eq!(machine.listen(SERVER, listener, 5), DONE);
    machine.connected();
}

#[test]
fn a_socket_that_connects_to_its_own_port_talks_to_itself() {
    let mut machine = Machine::default();
    let fd = machine.socket(CLIENT);
    assert_eq!(machine.bind(CLIENT, fd, "127.0.0.1:9000"), DONE);
    assert_eq!(machine.connect(CLIENT, fd, "127.0.0.1:9000"), DONE);
    assert_eq!(machine.send(CLIENT, fd, b"me"), sent(2));
    assert_eq!(machine.recv(CLIENT, fd, 9), received(b"me"));
    assert_eq!(machine.shutdown(CLIENT, fd, Shutdown::Write), DONE);
    assert_eq!(machine.recv(CLIENT, fd, 9), received(b""));
    assert_eq!(machine.state(CLIENT, fd), TcpState::TimeWait);
}

#[test]
fn select_says_that_a_listener_has_a_client() {
    let (mut machine, listener) = Machine::listening(5);
    assert_eq!(machine.ready(SERVER, listener), (false, false));
    let (read, wait) = (vec![listener], Wait::Forever);
    let select = Syscall::Select { read, write: vec![], except: vec![], wait };
    assert_eq!(machine.call(SERVER, &select), Result::Waits(BlockedOn::Readiness));
    machine.connected();
    assert_eq!(machine.ready(SERVER, listener), (true, false));
    assert!(matches!(machine.call(SERVER, &select), Result::Ok(Returned::Ready(_))));
}
