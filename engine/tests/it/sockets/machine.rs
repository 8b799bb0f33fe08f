//! The simulated kernel with short names for its calls.

use framescope_engine::sockets::{Answer, Kernel as _, ProgramId, SimulatedKernel};
use framescope_lab::{Socket, TcpState};
use framescope_syscall::{
    Address, BlockedOn, Data, Fd, Ready, Returned, Shutdown, SocketOption, Syscall, Wait,
};

/// The two programs of most tests.
pub(super) const SERVER: ProgramId = ProgramId(0);
pub(super) const CLIENT: ProgramId = ProgramId(1);

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Result {
    Ok(Returned),
    Err(u32),
    Waits(BlockedOn),
}

pub(super) const DONE: Result = Result::Ok(Returned::Done);

pub(super) fn sent(count: u32) -> Result {
    Result::Ok(Returned::Sent(count))
}

pub(super) fn received(bytes: &[u8]) -> Result {
    Result::Ok(Returned::Received(Data(bytes.to_vec())))
}

pub(super) fn option(option: SocketOption) -> Result {
    Result::Ok(Returned::Option(option))
}

/// A simulated kernel.
#[derive(Default)]
pub(super) struct Machine {
    pub(super) kernel: SimulatedKernel,
}

impl Machine {
    /// Makes a call, and lets all arrive that it sends. A `connect` that waits is made again then.
    pub(super) fn call(&mut self, program: ProgramId, syscall: &Syscall) -> Result {
        let mut answer = self.kernel.call(program, syscall);
        cross(&mut self.kernel);
        if answer == Answer::Blocked(BlockedOn::Handshake) {
            answer = self.kernel.call(program, syscall);
        }
        match answer {
            Answer::Done(Returned::Failed(errno)) => Result::Err(errno),
            Answer::Done(returned) => Result::Ok(returned),
            Answer::Blocked(on) => Result::Waits(on),
        }
    }

    pub(super) fn socket(&mut self, program: ProgramId) -> Fd {
        match self.call(program, &Syscall::Socket) {
            Result::Ok(Returned::Opened(fd)) => fd,
            other => panic!("socket: {other:?}"),
        }
    }

    pub(super) fn bind(&mut self, program: ProgramId, fd: Fd, address: &str) -> Result {
        self.call(program, &Syscall::Bind { fd, address: parse(address) })
    }

    pub(super) fn listen(&mut self, program: ProgramId, fd: Fd, backlog: i32) -> Result {
        self.call(program, &Syscall::Listen { fd, backlog })
    }

    /// Moves the clock. What is sent on the way arrives.
    pub(super) fn advance(&mut self, to: u64) {
        advance(&mut self.kernel, to);
    }

    /// The program ends.
    pub(super) fn end(&mut self, program: ProgramId) {
        self.kernel.end(program);
        cross(&mut self.kernel);
    }

    /// A blocking `connect`.
    pub(super) fn connect(&mut self, program: ProgramId, fd: Fd, address: &str) -> Result {
        self.connect_for(program, fd, address, Wait::Forever)
    }

    pub(super) fn connect_for(
        &mut self,
        program: ProgramId,
        fd: Fd,
        address: &str,
        wait: Wait,
    ) -> Result {
        self.call(program, &Syscall::Connect { fd, address: parse(address), wait })
    }

    /// A blocking `accept`.
    pub(super) fn accept(&mut self, program: ProgramId, fd: Fd) -> Result {
        self.call(program, &Syscall::Accept { fd, wait: Wait::Forever })
    }

    /// A blocking `send`.
    pub(super) fn send(&mut self, program: ProgramId, fd: Fd, bytes: &[u8]) -> Result {
        self.call(program, &Syscall::Send { fd, bytes: Data(bytes.to_vec()), wait: Wait::Forever })
    }

    /// A blocking `recv`.
    pub(super) fn recv(&mut self, program: ProgramId, fd: Fd, length: u32) -> Result {
        self.call(program, &Syscall::Recv { fd, length, peek: false, wait: Wait::Forever })
    }

    pub(super) fn shutdown(&mut self, program: ProgramId, fd: Fd, how: Shutdown) -> Result {
        self.call(program, &Syscall::Shutdown { fd, how })
    }

    pub(super) fn close(&mut self, program: ProgramId, fd: Fd) -> Result {
        self.call(program, &Syscall::Close { fd })
    }

    pub(super) fn set(&mut self, program: ProgramId, fd: Fd, option: SocketOption) -> Result {
        self.call(program, &Syscall::SetOption { fd, option })
    }

    pub(super) fn get(&mut self, program: ProgramId, fd: Fd, option: SocketOption) -> Result {
        self.call(program, &Syscall::GetOption { fd, option })
    }

    pub(super) fn local(&mut self, program: ProgramId, fd: Fd) -> String {
        match self.call(program, &Syscall::LocalAddress { fd }) {
            Result::Ok(Returned::Address(address)) => address.to_string(),
            other => panic!("getsockname: {other:?}"),
        }
    }

    pub(super) fn peer(&mut self, program: ProgramId, fd: Fd) -> Result {
        self.call(program, &Syscall::PeerAddress { fd })
    }

    /// Whether `select` says that a socket can be read from and written to.
    pub(super) fn ready(&mut self, program: ProgramId, fd: Fd) -> (bool, bool) {
        let (fds, wait) = (vec![fd], Wait::Never);
        let select = Syscall::Select { read: fds.clone(), write: fds.clone(), except: fds, wait };
        match self.call(program, &select) {
            Result::Ok(Returned::Ready(Ready { read, write, except })) => {
                assert!(except.is_empty());
                (!read.is_empty(), !write.is_empty())
            }
            other => panic!("select: {other:?}"),
        }
    }

    pub(super) fn info(&self, program: ProgramId, fd: Fd) -> Socket {
        let all = self.kernel.sockets(program);
        all.into_iter().find(|one| one.fd == Some(fd)).unwrap()
    }

    pub(super) fn state(&self, program: ProgramId, fd: Fd) -> TcpState {
        self.info(program, fd).state.unwrap()
    }

    /// The states of the connections that a program has no descriptor of.
    pub(super) fn without_descriptor(&self, program: ProgramId) -> Vec<TcpState> {
        let all = self.kernel.sockets(program).into_iter();
        all.filter(|one| one.fd.is_none()).filter_map(|one| one.state).collect()
    }

    /// A server that listens on port 8080.
    pub(super) fn listening(backlog: i32) -> (Self, Fd) {
        let mut machine = Self::default();
        let listener = machine.socket(SERVER);
        assert_eq!(machine.bind(SERVER, listener, "127.0.0.1:8080"), DONE);
        assert_eq!(machine.listen(SERVER, listener, backlog), DONE);
        (machine, listener)
    }

    /// A client's new socket, connected to port 8080.
    pub(super) fn connected(&mut self) -> Fd {
        let client = self.socket(CLIENT);
        assert_eq!(self.connect(CLIENT, client, "127.0.0.1:8080"), DONE);
        client
    }

    /// A connection: the server's listener, the server's end and the client's.
    pub(super) fn connection() -> (Self, Fd, Fd, Fd) {
        let (mut machine, listener) = Self::listening(5);
        let client = machine.connected();
        let Result::Ok(Returned::Accepted { fd: server, .. }) = machine.accept(SERVER, listener)
        else {
            panic!("a client waits");
        };
        (machine, listener, server, client)
    }
}

/// Lets all arrive that is due.
pub(super) fn cross(kernel: &mut SimulatedKernel) {
    loop {
        while kernel.next_sent().is_some() {}
        if kernel.deliver_next().is_none() {
            return;
        }
    }
}

/// Moves the clock. What is sent on the way arrives.
pub(super) fn advance(kernel: &mut SimulatedKernel, to: u64) {
    while let Some(at) = kernel.next_timer().filter(|at| *at <= to) {
        kernel.advance(at);
        cross(kernel);
    }
    kernel.advance(to);
}

pub(super) fn parse(address: &str) -> Address {
    let (ip, port) = address.split_once(':').unwrap();
    Address { ip: ip.parse().unwrap(), port: port.parse().unwrap() }
}
