//! Descriptors, addresses and options.

use framescope_engine::sockets::{EPOCH_US, Kernel as _, MAX_DESCRIPTORS, MAX_PROGRAMS, ProgramId};
use framescope_syscall::errno::{
    EACCES, EADDRINUSE, EADDRNOTAVAIL, EBADF, EINVAL, EMFILE, ENETUNREACH, ENOPROTOOPT, ENOTCONN,
};
use framescope_syscall::{Clock, Data, Fd, Returned, SocketOption, Syscall, Wait};

use super::machine::{CLIENT, DONE, Machine, Result, SERVER, option, parse};

const REUSE: SocketOption = SocketOption::ReuseAddress(true);
const SHARE: SocketOption = SocketOption::ReusePort(true);

#[test]
fn a_new_socket_gets_the_lowest_free_descriptor_from_3() {
    let mut machine = Machine::default();
    assert_eq!([machine.socket(SERVER), machine.socket(SERVER)], [Fd(3), Fd(4)]);
    assert_eq!(machine.socket(CLIENT), Fd(3));
    assert_eq!(machine.close(SERVER, Fd(3)), DONE);
    assert_eq!([machine.socket(SERVER), machine.socket(SERVER)], [Fd(3), Fd(5)]);
}

#[test]
fn every_call_on_a_closed_descriptor_is_a_bad_descriptor() {
    let mut machine = Machine::default();
    let fd = machine.socket(SERVER);
    assert_eq!(machine.close(SERVER, fd), DONE);
    let (wait, address, option) = (Wait::Forever, parse("127.0.0.1:8080"), REUSE);
    for call in [
        Syscall::Bind { fd, address },
        Syscall::Listen { fd, backlog: 1 },
        Syscall::Accept { fd, wait },
        Syscall::Connect { fd, address, wait },
        Syscall::Send { fd, bytes: Data(vec![1]), wait },
        Syscall::Recv { fd, length: 1, peek: false, wait },
        Syscall::Shutdown { fd, how: framescope_syscall::Shutdown::Both },
        Syscall::Close { fd },
        Syscall::SetOption { fd, option },
        Syscall::GetOption { fd, option },
        Syscall::LocalAddress { fd },
        Syscall::PeerAddress { fd },
        Syscall::Select { read: vec![], write: vec![], except: vec![fd], wait },
    ] {
        assert_eq!(machine.call(SERVER, &call), Result::Err(EBADF), "{call:?}");
    }
}

#[test]
fn a_program_has_a_bound_of_descriptors_and_a_run_of_programs() {
    let (mut machine, listener) = Machine::listening(5);
    let client = machine.connected();
    for _ in 1..MAX_DESCRIPTORS {
        machine.socket(SERVER);
    }
    assert_eq!(machine.call(SERVER, &Syscall::Socket), Result::Err(EMFILE));
    assert_eq!(machine.accept(SERVER, listener), Result::Err(EMFILE));
    assert_eq!(machine.call(ProgramId(MAX_PROGRAMS), &Syscall::Socket), Result::Err(EMFILE));
    machine.socket(ProgramId(MAX_PROGRAMS - 1));
    assert_eq!(machine.close(CLIENT, client), DONE);
}

#[test]
fn a_socket_has_no_address_before_bind() {
    let mut machine = Machine::default();
    let fd = machine.socket(SERVER);
    assert_eq!(machine.local(SERVER, fd), "0.0.0.0:0");
    assert_eq!(machine.peer(SERVER, fd), Result::Err(ENOTCONN));
    assert_eq!(machine.bind(SERVER, fd, "127.0.0.1:0"), DONE);
    assert_eq!(machine.local(SERVER, fd), "127.0.0.1:32768");
    assert_eq!(machine.bind(SERVER, fd, "127.0.0.1:9000"), Result::Err(EINVAL));
}

#[test]
fn bind_refuses_addresses_of_other_machines_and_privileged_ports() {
    let mut machine = Machine::default();
    let fd = machine.socket(SERVER);
    assert_eq!(machine.bind(SERVER, fd, "192.168.1.10:8080"), Result::Err(EADDRNOTAVAIL));
    assert_eq!(machine.bind(SERVER, fd, "127.0.0.1:80"), Result::Err(EACCES));
    assert_eq!(machine.bind(SERVER, fd, "127.0.0.1:1024"), DONE);
}

#[test]
fn connect_reaches_this_machine_only() {
    let (mut machine, _, _, _) = Machine::connection();
    let fd = machine.socket(CLIENT);
    for address in ["93.184.216.34:80", "192.168.1.10:8080", "127.255.255.255:8080"] {
        assert_eq!(machine.connect(CLIENT, fd, address), Result::Err(ENETUNREACH));
    }
    // The unspecified address is this machine.
    assert_eq!(machine.connect(CLIENT, fd, "0.0.0.0:8080"), DONE);
    let peer = Returned::Address(parse("127.0.0.1:8080"));
    assert_eq!(machine.peer(CLIENT, fd), Result::Ok(peer));
}

#[test]
fn a_port_is_in_use_if_the_hosts_overlap() {
    for (first, second, expected) in [
        ("127.0.0.1:8080", "127.0.0.1:8080", Result::Err(EADDRINUSE)),
        ("127.0.0.1:8080", "0.0.0.0:8080", Result::Err(EADDRINUSE)),
        ("0.0.0.0:8080", "127.0.0.2:8080", Result::Err(EADDRINUSE)),
        ("127.0.0.1:8080", "127.0.0.2:8080", DONE),
        ("127.0.0.1:8080", "127.0.0.1:8081", DONE),
    ] {
        let mut machine = Machine::default();
        let fds = [SERVER, CLIENT].map(|program| machine.socket(program));
        assert_eq!(machine.bind(SERVER, fds[0], first), DONE);
        assert_eq!(machine.bind(CLIENT, fds[1], second), expected, "{first} {second}");
    }
}

#[test]
fn reuse_address_shares_a_port_until_one_socket_listens() {
    let mut machine = Machine::default();
    let fds = [SERVER, CLIENT].map(|program| (program, machine.socket(program)));
    for (program, fd) in fds {
        assert_eq!(machine.set(program, fd, REUSE), DONE);
        assert_eq!(machine.bind(program, fd, "127.0.0.1:8080"), DONE);
    }
    assert_eq!(machine.listen(SERVER, fds[0].1, 1), DONE);
    assert_eq!(machine.listen(CLIENT, fds[1].1, 1), Result::Err(EADDRINUSE));
    let third = machine.socket(CLIENT);
    assert_eq!(machine.set(CLIENT, third, REUSE), DONE);
    assert_eq!(machine.bind(CLIENT, third, "127.0.0.1:8080"), Result::Err(EADDRINUSE));
}

#[test]
fn reuse_port_lets_two_sockets_listen_if_both_have_it() {
    let mut machine = Machine::default();
    let fds = [SERVER, CLIENT].map(|program| (program, machine.socket(program)));
    for (program, fd) in fds {
        assert_eq!(machine.set(program, fd, SHARE), DONE);
        assert_eq!(machine.bind(program, fd, "127.0.0.1:8080"), DONE);
        assert_eq!(machine.listen(program, fd, 1), DONE);
    }
    let third = machine.socket(CLIENT);
    assert_eq!(machine.bind(CLIENT, third, "127.0.0.1:8080"), Result::Err(EADDRINUSE));
}

#[test]
fn a_port_in_time_wait_is_in_use_for_a_minute_unless_both_sockets_reuse_it() {
    for reuse in [false, true] {
        let mut machine = Machine::default();
        let listener = machine.socket(SERVER);
        assert_eq!(machine.set(SERVER, listener, SocketOption::ReuseAddress(reuse)), DONE);
        assert_eq!(machine.bind(SERVER, listener, "127.0.0.1:8080"), DONE);
        assert_eq!(machine.listen(SERVER, listener, 5), DONE);
        let client = machine.connected();
        machine.accept(SERVER, listener);
        machine.end(SERVER);
        assert_eq!(machine.close(CLIENT, client), DONE);

        let again = machine.socket(SERVER);
        assert_eq!(machine.bind(SERVER, again, "127.0.0.1:8080"), Result::Err(EADDRINUSE));
        assert_eq!(machine.set(SERVER, again, REUSE), DONE);
        let expected = if reuse { DONE } else { Result::Err(EADDRINUSE) };
        assert_eq!(machine.bind(SERVER, again, "127.0.0.1:8080"), expected);
        if !reuse {
            machine.advance(61_000_000);
            assert_eq!(machine.bind(SERVER, again, "127.0.0.1:8080"), DONE);
        }
    }
}

#[test]
fn options_are_read_as_linux_keeps_them() {
    use SocketOption as O;
    let mut machine = Machine::default();
    let fd = machine.socket(SERVER);
    let off = O::Linger { on: false, seconds: 0 };
    for (set, expected) in [
        (None, O::RecvBuffer(131_072)),
        (None, O::SendBuffer(16_384)),
        (Some(O::RecvBuffer(1)), O::RecvBuffer(2304)),
        (Some(O::SendBuffer(1)), O::SendBuffer(4608)),
        (Some(O::RecvBuffer(10_000)), O::RecvBuffer(20_000)),
        (Some(O::SendBuffer(u32::MAX)), O::SendBuffer(425_984)),
        (None, off),
        (Some(O::Linger { on: true, seconds: 7 }), O::Linger { on: true, seconds: 7 }),
        (Some(off), O::Linger { on: false, seconds: 7 }),
        (Some(REUSE), REUSE),
        (Some(SHARE), SHARE),
        (Some(O::KeepAlive(true)), O::KeepAlive(true)),
        (Some(O::Nodelay(true)), O::Nodelay(true)),
        (None, O::Type(1)),
        (None, O::Error(0)),
        (None, O::Listens(false)),
    ] {
        if let Some(set) = set {
            assert_eq!(machine.set(SERVER, fd, set), DONE);
        }
        assert_eq!(machine.get(SERVER, fd, expected), option(expected));
    }
    for fixed in [O::Type(2), O::Error(1), O::Listens(true)] {
        assert_eq!(machine.set(SERVER, fd, fixed), Result::Err(ENOPROTOOPT));
    }
    assert_eq!(machine.listen(SERVER, fd, 1), DONE);
    assert_eq!(machine.get(SERVER, fd, O::Listens(false)), option(O::Listens(true)));
}

#[test]
fn the_clocks_go_with_the_virtual_clock() {
    let mut machine = Machine::default();
    machine.advance(2_000_000);
    let real = Result::Ok(Returned::Time((EPOCH_US + 2_000_000) * 1000));
    assert_eq!(machine.call(SERVER, &Syscall::Time(Clock::Real)), real);
    let monotonic = Result::Ok(Returned::Time(machine.kernel.now() * 1000));
    assert_eq!(machine.call(SERVER, &Syscall::Time(Clock::Monotonic)), monotonic);
}
