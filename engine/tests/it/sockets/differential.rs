//! The simulated kernel beside Linux: the same random calls on both, and the same answers.
//!
//! Where they may differ, and so what the random calls leave out:
//!
//! | what | why |
//! | --- | --- |
//! | addresses outside of this machine | Linux has a network there, the model has none (`ENETUNREACH`) |
//! | ports that the kernel chose | Linux chooses at random. The tests map them to the model's |
//! | sizes of buffers that were not set | they depend on the machine's settings |
//! | when a send buffer is full | Linux counts the memory of each segment, not only its bytes |
//! | `SO_REUSEADDR` changed after `bind` | Linux keeps a copy in the port's entry (`fastreuse`) |
//! | a socket with `SO_REUSEADDR` and `SO_REUSEPORT` | once it is closed, Linux lets others in by the copy (`fastreuseport`) |
//! | a full accept queue | Linux sends the SYN again after a second of real time. Another test fills it |
//! | the seconds of `SO_LINGER` | a close that lingers waits in Linux, and returns at once in the model |
//! | the end of `TIME_WAIT` | it takes a minute of real time |

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::ops::Range;
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

use fastrand::Rng;
use framescope_engine::sockets::{Answer, Kernel as _, ProgramId, SimulatedKernel};
use framescope_lab::TcpState;
use framescope_syscall::errno::EALREADY;
use framescope_syscall::{Address, Data, Fd, Returned, Shutdown, SocketOption, Syscall, Wait};

use super::linux::{Linux, Row, View};
use super::machine::{advance, cross};

/// How many random sequences are run, and how many calls each has.
const SEQUENCES: u64 = 300;
const CALLS: usize = 40;
/// The ports that programs bind to, in the model.
const PORTS: [u16; 2] = [10_000, 10_001];
/// How long Linux has to reach the model's state. It takes microseconds, or a delayed acknowledgement.
const SETTLE: Duration = Duration::from_secs(5);
/// Longer than a delayed acknowledgement, and shorter than the first wait for a SYN, in microseconds.
const TIMERS_US: u64 = 100_000;

/// Both kernels, and what was called.
struct Pair {
    linux: Linux,
    model: SimulatedKernel,
    log: String,
    /// Whether Linux has chosen a port twice. Then the addresses cannot be compared any more, and Linux makes no
    /// more calls.
    ambiguous: bool,
}

impl Pair {
    fn new(seed: u64) -> Self {
        let mut linux = Linux::default();
        linux.take_ports(&PORTS, seed);
        Self { linux, model: SimulatedKernel::default(), log: String::new(), ambiguous: false }
    }

    /// Makes a call on both kernels. Returns the answer, which is the same.
    fn call(&mut self, program: u8, syscall: &Syscall) -> Returned {
        let program = ProgramId(program);
        if let Syscall::Connect { fd, .. } = syscall
            && self.was_connected(program, *fd)
        {
            // Linux may delay the acknowledgement of the FIN.
            self.compare_tables();
        }
        let real = (!self.ambiguous).then(|| self.linux.call(program, syscall));
        let Answer::Done(simulated) = self.model.call(program, syscall) else {
            panic!("{}a call that never waits was blocked: {syscall:?}", self.log);
        };
        cross(&mut self.model);
        writeln!(self.log, "{} {syscall:?} -> {simulated:?}", program.0).unwrap();
        let Some(real) = real else { return simulated };
        let (Returned::Accepted { .. } | Returned::Address(_)) = simulated else {
            assert_eq!(real, simulated, "Linux on the left, after\n{}", self.log);
            self.settle();
            return simulated;
        };
        self.settle();
        assert!(
            real == simulated || self.ambiguous,
            "Linux {real:?}, model {simulated:?}, after\n{}",
            self.log
        );
        simulated
    }

    /// Whether an earlier connection from the port of this socket has not ended.
    fn was_connected(&self, program: ProgramId, fd: Fd) -> bool {
        let all = || [0, 1].into_iter().flat_map(|one| self.model.sockets(ProgramId(one)));
        let own = self.model.sockets(program).into_iter().find(|one| one.fd == Some(fd));
        own.is_some_and(|own| {
            let port = own.local.port;
            own.peer.is_none()
                && port != 0
                && all().any(|one| one.fd.is_none() && one.local.port == port)
        })
    }

    /// Lets the delayed acknowledgements of the model be sent, and waits until Linux is in the same state.
    fn settle(&mut self) {
        let soon = self.model.now() + TIMERS_US;
        while let Some(at) = self.model.next_timer().filter(|at| *at < soon) {
            advance(&mut self.model, at);
        }
        self.learn_ports();
        if self.ambiguous {
            return;
        }
        let deadline = Instant::now() + SETTLE;
        for (program, fd) in self.linux.descriptors() {
            let simulated = self.view(program, fd);
            loop {
                let real = self.linux.view(program, fd);
                if real == simulated {
                    break;
                }
                assert!(
                    Instant::now() < deadline,
                    "program {} {fd:?}: Linux {real:?}, model {simulated:?}, after\n{}",
                    program.0,
                    self.log
                );
                std::thread::yield_now();
            }
        }
    }

    /// Waits until the tables of all sockets are the same, with those that no program has any more.
    fn compare_tables(&self) {
        let infos = [0, 1].map(|program| self.model.sockets(ProgramId(program)));
        let mut simulated: Vec<Row> = infos
            .into_iter()
            .flatten()
            .filter(|info| info.state != Some(TcpState::Closed))
            .map(|info| Row {
                local: (info.local.ip, info.local.port),
                peer: info.peer.map_or((Ipv4Addr::UNSPECIFIED, 0), |peer| (peer.ip, peer.port)),
                state: info.state.unwrap().to_string(),
            })
            .collect();
        simulated.sort_unstable();
        let deadline = Instant::now() + SETTLE;
        while !self.ambiguous && self.linux.table() != simulated {
            if Instant::now() > deadline {
                assert_eq!(self.linux.table(), simulated, "Linux on the left, after\n{}", self.log);
            }
            std::thread::yield_now();
        }
    }

    fn learn_ports(&mut self) {
        for (program, fd) in self.linux.descriptors() {
            let real = self.linux.local_port(program, fd);
            let local = self.model.sockets(program).into_iter().find(|one| one.fd == Some(fd));
            let simulated = local.unwrap().local.port;
            if real != 0 && !self.linux.learn_port(real, simulated) {
                self.ambiguous = true;
            }
        }
    }

    fn view(&mut self, program: ProgramId, fd: Fd) -> View {
        let select = Syscall::Select {
            read: vec![fd],
            write: vec![fd],
            except: vec![fd],
            wait: Wait::Never,
        };
        let Answer::Done(Returned::Ready(ready)) = self.model.call(program, &select) else {
            panic!("{fd:?} is open");
        };
        let info = self.model.sockets(program).into_iter().find(|one| one.fd == Some(fd)).unwrap();
        View {
            readable: !ready.read.is_empty(),
            writable: !ready.write.is_empty(),
            unread: info.unread.unwrap(),
        }
    }
}

fn host(random: &mut Rng) -> Ipv4Addr {
    let hosts = [Ipv4Addr::LOCALHOST, Ipv4Addr::new(127, 0, 0, 2), Ipv4Addr::UNSPECIFIED];
    hosts[random.usize(..hosts.len())]
}

fn any_option(random: &mut Rng) -> SocketOption {
    let on = random.bool();
    match random.u8(..6) {
        0 => SocketOption::KeepAlive(on),
        1 => SocketOption::Linger { on, seconds: 0 },
        2 => SocketOption::Error(0),
        3 => SocketOption::Type(0),
        4 => SocketOption::Listens(on),
        _ => SocketOption::Nodelay(on),
    }
}

/// The kinds of calls in [`any_call`]: all of them, or mostly those on connections.
const ALL_KINDS: Range<u8> = 0..40;
const ON_CONNECTIONS: Range<u8> = 18..40;

/// A call of one of these kinds on an open descriptor, or seldom on another one.
fn any_call(random: &mut Rng, pair: &Pair, kinds: Range<u8>) -> (u8, Syscall) {
    let all = pair.linux.descriptors();
    let (program, fd) = if all.is_empty() || random.u8(..40) == 0 {
        (ProgramId(random.u8(..2)), Fd(random.u32(3..6)))
    } else {
        all[random.usize(..all.len())]
    };
    let wait = Wait::Never;
    let own = |one: &&(ProgramId, Fd)| one.0 == program;
    let fds: Vec<Fd> = all.iter().filter(own).map(|(_, fd)| *fd).collect();
    let call = match random.u8(kinds) {
        0..4 if fds.len() < 5 => Syscall::Socket,
        4..7 => {
            let port = [0, PORTS[0], PORTS[1]][random.usize(..3)];
            Syscall::Bind { fd, address: Address { ip: host(random), port } }
        }
        7..10 => Syscall::Listen { fd, backlog: random.i32(10..20) * [1, -1][random.usize(..2)] },
        10..14 => Syscall::Accept { fd, wait },
        14..19 => {
            let (to, other) =
                all.get(random.usize(..all.len().max(1))).copied().unwrap_or((program, fd));
            let target = pair.model.sockets(to).into_iter().find(|one| one.fd == Some(other));
            let port = match target {
                Some(info) if random.bool() && info.local.port != 0 => info.local.port,
                _ => PORTS[random.usize(..2)],
            };
            Syscall::Connect { fd, address: Address { ip: host(random), port }, wait }
        }
        19..24 => {
            let bytes = (0..random.usize(..6)).map(|_| random.u8(b'a'..=b'z')).collect();
            let bytes = Data(bytes);
            Syscall::Send { fd, bytes, wait }
        }
        24..29 => Syscall::Recv { fd, length: random.u32(1..6), peek: random.u8(..4) == 0, wait },
        29..32 => {
            let how = [Shutdown::Read, Shutdown::Write, Shutdown::Both][random.usize(..3)];
            Syscall::Shutdown { fd, how }
        }
        32..35 => Syscall::Close { fd },
        35 => Syscall::SetOption { fd, option: any_option(random) },
        36 => Syscall::GetOption { fd, option: any_option(random) },
        37 => Syscall::LocalAddress { fd },
        38 => Syscall::PeerAddress { fd },
        _ => Syscall::Select { read: fds.clone(), write: fds.clone(), except: fds, wait },
    };
    (program.0, call)
}

/// Sets an option of a socket that has just been opened, or none.
fn configure_new(pair: &mut Pair, random: &mut Rng, program: u8, fd: Fd) {
    let option = match random.u8(..8) {
        0..4 => SocketOption::ReuseAddress(true),
        4 => SocketOption::ReusePort(true),
        _ => return,
    };
    pair.call(program, &Syscall::SetOption { fd, option });
}

/// A server that listens, and a client that has connected and was accepted.
fn connect_pair(pair: &mut Pair, random: &mut Rng) {
    let (fd, wait) = (Fd(3), Wait::Never);
    let address = Address { ip: Ipv4Addr::LOCALHOST, port: PORTS[0] };
    pair.call(0, &Syscall::Socket);
    configure_new(pair, random, 0, fd);
    pair.call(0, &Syscall::Bind { fd, address });
    pair.call(0, &Syscall::Listen { fd, backlog: 16 });
    for fd in [Fd(3), Fd(4)] {
        pair.call(1, &Syscall::Socket);
        pair.call(1, &Syscall::Connect { fd, address, wait });
    }
    pair.call(0, &Syscall::Accept { fd, wait });
}

/// Returns false if not all answers could be compared.
fn run_sequence(seed: u64) -> bool {
    let mut random = Rng::with_seed(seed);
    let mut pair = Pair::new(seed);
    let mut kinds = ALL_KINDS;
    if !seed.is_multiple_of(4) {
        connect_pair(&mut pair, &mut random);
        kinds = if seed.is_multiple_of(2) { ON_CONNECTIONS } else { ALL_KINDS };
    }
    for _ in 0..CALLS {
        let (program, call) = any_call(&mut random, &pair, kinds.clone());
        if let Returned::Opened(fd) = pair.call(program, &call) {
            configure_new(&mut pair, &mut random, program, fd);
        }
    }
    pair.compare_tables();
    !pair.ambiguous
}

/// The same. On a busy machine a sequence may take longer than a limit of Linux, of which the clock of the model knows
/// nothing, and a segment may arrive later than the next call. So one that differs runs again, and a real difference is one
/// that is there each time.
fn run_in_time(seed: u64) -> bool {
    let mut again = (0..3).map(|_| catch_unwind(|| run_sequence(seed)));
    again.find_map(Result::ok).unwrap_or_else(|| run_sequence(seed))
}

#[test]
fn random_calls_have_the_same_answers_as_on_linux() {
    let number = |name, otherwise| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
    };
    // A search for differences begins at another seed and runs longer.
    let (first, count): (u64, u64) = (number("SEED", 0), number("SEQUENCES", SEQUENCES));
    let compared = (first..first + count).filter(|seed| run_in_time(*seed)).count();
    assert!(
        compared as u64 >= count - count / 20 - 1,
        "only {compared} were compared to their end"
    );
}

#[test]
fn an_accept_queue_is_full_at_the_same_connection_as_on_linux() {
    let wait = Wait::Never;
    let address = Address { ip: Ipv4Addr::LOCALHOST, port: PORTS[0] };
    for backlog in [0_i32, 1, 3] {
        let mut pair = Pair::new(u64::from(backlog.unsigned_abs()));
        pair.call(0, &Syscall::Socket);
        pair.call(0, &Syscall::Bind { fd: Fd(3), address });
        pair.call(0, &Syscall::Listen { fd: Fd(3), backlog });
        for fd in (3..9).map(Fd) {
            pair.call(1, &Syscall::Socket);
            pair.call(1, &Syscall::Connect { fd, address, wait });
            pair.call(1, &Syscall::PeerAddress { fd });
        }
        // One that is full drops the SYN, so the next `connect` says that one is on its way.
        let again = pair.call(1, &Syscall::Connect { fd: Fd(8), address, wait });
        assert_eq!(again, Returned::Failed(EALREADY));
        pair.call(1, &Syscall::Shutdown { fd: Fd(8), how: Shutdown::Write });
    }
}

#[test]
fn options_have_the_same_values_as_on_linux() {
    use SocketOption as O;
    let mut pair = Pair::new(0);
    let fd = Fd(3);
    pair.call(0, &Syscall::Socket);
    for option in [
        O::RecvBuffer(0),
        O::RecvBuffer(1152),
        O::RecvBuffer(1153),
        O::RecvBuffer(100_000),
        O::SendBuffer(0),
        O::SendBuffer(2305),
        O::SendBuffer(100_000),
        O::Linger { on: true, seconds: 5 },
        O::Nodelay(true),
        O::Nodelay(false),
        O::KeepAlive(true),
        O::ReuseAddress(true),
        O::ReusePort(true),
        O::Error(0),
        O::Type(1),
        O::Listens(true),
    ] {
        pair.call(0, &Syscall::SetOption { fd, option });
        pair.call(0, &Syscall::GetOption { fd, option });
    }
}

#[test]
fn addresses_are_accepted_and_refused_as_on_linux() {
    let mut pair = Pair::new(0);
    for (ip, port) in [
        ([127, 0, 0, 0], 0),
        ([127, 9, 9, 9], PORTS[0]),
        ([127, 255, 255, 255], 0),
        ([255, 255, 255, 255], 0),
        ([224, 0, 0, 1], 0),
        ([198, 51, 100, 7], 0),
    ] {
        let address = Address { ip: Ipv4Addr::from(ip), port };
        let Returned::Opened(fd) = pair.call(0, &Syscall::Socket) else { panic!("a socket") };
        pair.call(0, &Syscall::Bind { fd, address });
        pair.call(0, &Syscall::LocalAddress { fd });
    }
    for ip in [[127, 255, 255, 255], [255, 255, 255, 255], [224, 0, 0, 1], [127, 0, 0, 0]] {
        let Returned::Opened(fd) = pair.call(1, &Syscall::Socket) else { panic!("a socket") };
        let address = Address { ip: Ipv4Addr::from(ip), port: PORTS[1] };
        pair.call(1, &Syscall::Connect { fd, address, wait: Wait::Never });
        pair.call(1, &Syscall::LocalAddress { fd });
    }
}
