//! Any calls of any programs: the kernel never panics, always answers the same, and loses no byte.

use std::net::Ipv4Addr;

use fastrand::Rng;
use framescope_engine::sockets::{Answer, Kernel as _, MAX_PROGRAMS, ProgramId, SimulatedKernel};
use framescope_syscall::{
    Address, Clock, Data, Fd, Returned, Shutdown, SocketOption, Syscall, Wait,
};

use super::machine::{CLIENT, Machine, Result, SERVER};

const RUNS: u64 = 60;
const CALLS: usize = 1500;

fn any_number(random: &mut Rng) -> u32 {
    [0, 1, 2, 1000, 70_000, u32::MAX, random.u32(..)][random.usize(..7)]
}

fn any_option(random: &mut Rng) -> SocketOption {
    let (on, number) = (random.bool(), any_number(random));
    match random.u8(..10) {
        0 => SocketOption::ReuseAddress(on),
        1 => SocketOption::ReusePort(on),
        2 => SocketOption::KeepAlive(on),
        3 => SocketOption::RecvBuffer(number),
        4 => SocketOption::SendBuffer(number),
        5 => SocketOption::Linger { on, seconds: number },
        6 => SocketOption::Nodelay(on),
        7 => SocketOption::Error(number),
        8 => SocketOption::Type(number),
        _ => SocketOption::Listens(on),
    }
}

fn any_call(random: &mut Rng) -> Syscall {
    let fd = Fd(random.u32(2..9));
    let wait = [Wait::Never, Wait::Forever, Wait::For(5)][random.usize(..3)];
    let ip = [Ipv4Addr::LOCALHOST, Ipv4Addr::UNSPECIFIED, Ipv4Addr::from(random.u32(..))]
        [random.usize(..3)];
    let port = [8080, 8081, 32_768, 32_769, 0, random.u16(..)][random.usize(..6)];
    let address = Address { ip, port };
    match random.u8(..17) {
        0 | 1 => Syscall::Socket,
        2 => Syscall::Bind { fd, address },
        3 => Syscall::Listen { fd, backlog: random.i32(-2..4) },
        4 => Syscall::Accept { fd, wait },
        5 | 6 => Syscall::Connect { fd, address, wait },
        7 => Syscall::Send { fd, bytes: Data(vec![random.u8(..); random.usize(..200_000)]), wait },
        8 => Syscall::Recv { fd, length: any_number(random), peek: random.bool(), wait },
        9 => {
            let how = [Shutdown::Read, Shutdown::Write, Shutdown::Both][random.usize(..3)];
            Syscall::Shutdown { fd, how }
        }
        10 => Syscall::Close { fd },
        11 => Syscall::SetOption { fd, option: any_option(random) },
        12 => Syscall::GetOption { fd, option: any_option(random) },
        13 => Syscall::LocalAddress { fd },
        14 => Syscall::PeerAddress { fd },
        15 => Syscall::Select { read: vec![fd], write: vec![Fd(4)], except: vec![], wait },
        _ if random.bool() => Syscall::Sleep { us: random.u64(..) },
        _ => Syscall::Time(Clock::Real),
    }
}

/// Makes random calls. Returns the answers.
fn run(seed: u64) -> Vec<Answer> {
    let mut random = Rng::with_seed(seed);
    let mut kernel = SimulatedKernel::default();
    let mut answers = Vec::new();
    for _ in 0..CALLS {
        let program = ProgramId(random.u8(..=MAX_PROGRAMS) / (1 + random.u8(..8)));
        match random.u16(..200) {
            0 => kernel.end(program),
            1 => kernel.advance(kernel.now() + random.u64(..100_000_000)),
            2 => kernel.cancel(program, &any_call(&mut random)),
            3 => assert!(kernel.sockets(program).len() < 20_000),
            4 => {
                if let Some(at) = kernel.next_timer() {
                    assert!(at >= kernel.now());
                    kernel.advance(at);
                }
            }
            _ => {
                let call = any_call(&mut random);
                let before = kernel.now();
                let answer = kernel.call(program, &call);
                assert_eq!(kernel.now() > before, matches!(answer, Answer::Done(_)));
                answers.push(answer);
            }
        }
    }
    for program in 0..MAX_PROGRAMS {
        kernel.end(ProgramId(program));
    }
    answers
}

#[test]
fn any_calls_are_answered_and_the_answers_are_the_same_each_time() {
    for seed in 0..RUNS {
        assert_eq!(run(seed), run(seed));
    }
}

#[test]
fn the_clock_can_be_moved_to_its_end() {
    let (mut machine, _, server, _) = Machine::connection();
    machine.advance(u64::MAX);
    machine.send(SERVER, server, b"x");
    machine.socket(CLIENT);
    assert_eq!(machine.kernel.now(), u64::MAX);
}

#[test]
fn every_byte_arrives_once_and_in_order_whatever_the_sizes() {
    for seed in 0..100 {
        let mut random = Rng::with_seed(seed);
        let (mut machine, _, server, client) = Machine::connection();
        for (program, fd) in [(SERVER, server), (CLIENT, client)] {
            if random.bool() {
                let size = random.u32(1..5000);
                machine.set(program, fd, SocketOption::RecvBuffer(size));
                machine.set(program, fd, SocketOption::SendBuffer(size));
            }
            machine.set(program, fd, SocketOption::Nodelay(random.bool()));
        }
        let ends = [(SERVER, server), (CLIENT, client)];
        let (mut sent, mut received) = ([vec![], vec![]], [vec![], vec![]]);
        for step in 0..400 {
            let own = random.usize(..2);
            let (program, fd) = ends[own];
            if random.bool() && step < 300 {
                let bytes: Vec<u8> = (0..random.usize(1..3000)).map(|_| random.u8(..)).collect();
                if let Result::Ok(Returned::Sent(count)) = machine.send(program, fd, &bytes) {
                    sent[own].extend_from_slice(&bytes[..count as usize]);
                }
            } else if let Result::Ok(Returned::Received(Data(bytes))) =
                machine.recv(program, fd, random.u32(1..5000))
            {
                received[1 - own].extend(bytes);
            }
            if random.u8(..10) == 0
                && let Some(at) = machine.kernel.next_timer()
            {
                machine.advance(at);
            }
        }
        // Both read what is left.
        loop {
            let mut moved = false;
            for (own, (program, fd)) in ends.into_iter().enumerate() {
                if let Result::Ok(Returned::Received(Data(bytes))) =
                    machine.recv(program, fd, 100_000)
                {
                    received[1 - own].extend(bytes);
                    moved = true;
                }
            }
            match machine.kernel.next_timer() {
                Some(at) => machine.advance(at),
                None if !moved => break,
                None => {}
            }
        }
        assert_eq!(sent, received, "seed {seed}");
    }
}
