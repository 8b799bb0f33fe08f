//! System calls on the simulated kernel, and what each returned.

use framescope_syscall::{Address, Data, Fd, Returned, Shutdown, SocketOption, Syscall, Wait};

use crate::sockets::{Answer, Kernel as _, ProgramId, SimulatedKernel};

/// What a call has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome<T> {
    Done(T),
    /// It has to wait. It is made again when something has arrived.
    Waits,
    /// It failed with this errno.
    Failed(u32),
}

/// A program, on its kernel.
pub(super) struct Caller<'a> {
    pub(super) kernel: &'a mut SimulatedKernel,
    pub(super) program: ProgramId,
}

impl Caller<'_> {
    pub(super) fn socket(&mut self) -> Outcome<Fd> {
        self.call(&Syscall::Socket, |returned| {
            let Returned::Opened(fd) = returned else { return None };
            Some(fd)
        })
    }

    pub(super) fn bind(&mut self, fd: Fd, address: Address) -> Outcome<()> {
        self.call(&Syscall::Bind { fd, address }, nothing)
    }

    pub(super) fn listen(&mut self, fd: Fd) -> Outcome<()> {
        self.call(&Syscall::Listen { fd, backlog: 1 }, nothing)
    }

    pub(super) fn accept(&mut self, fd: Fd) -> Outcome<Fd> {
        self.call(&Syscall::Accept { fd, wait: Wait::Forever }, |returned| {
            let Returned::Accepted { fd, .. } = returned else { return None };
            Some(fd)
        })
    }

    pub(super) fn connect(&mut self, fd: Fd, address: Address) -> Outcome<()> {
        self.call(&Syscall::Connect { fd, address, wait: Wait::Forever }, nothing)
    }

    pub(super) fn set_nodelay(&mut self, fd: Fd, nodelay: bool) -> Outcome<()> {
        let option = SocketOption::Nodelay(nodelay);
        self.call(&Syscall::SetOption { fd, option }, nothing)
    }

    /// Returns how many of the bytes the kernel took.
    pub(super) fn send(&mut self, fd: Fd, bytes: &[u8]) -> Outcome<usize> {
        let bytes = Data::from(bytes);
        self.call(&Syscall::Send { fd, bytes, wait: Wait::Forever }, |returned| {
            let Returned::Sent(count) = returned else { return None };
            Some(count as usize)
        })
    }

    /// Returns no bytes at the end of the stream.
    pub(super) fn recv(&mut self, fd: Fd, length: u32) -> Outcome<Vec<u8>> {
        self.receive(fd, length, false)
    }

    /// Returns if there is something to read. Nothing is taken.
    pub(super) fn peek(&mut self, fd: Fd) -> Outcome<Vec<u8>> {
        self.receive(fd, 1, true)
    }

    fn receive(&mut self, fd: Fd, length: u32, peek: bool) -> Outcome<Vec<u8>> {
        let call = Syscall::Recv { fd, length, peek, wait: Wait::Forever };
        self.call(&call, |returned| {
            let Returned::Received(Data(bytes)) = returned else { return None };
            Some(bytes)
        })
    }

    pub(super) fn shut_down_writing(&mut self, fd: Fd) -> Outcome<()> {
        self.call(&Syscall::Shutdown { fd, how: Shutdown::Write }, nothing)
    }

    pub(super) fn close(&mut self, fd: Fd) -> Outcome<()> {
        self.call(&Syscall::Close { fd }, nothing)
    }

    fn call<T>(&mut self, call: &Syscall, value: impl FnOnce(Returned) -> Option<T>) -> Outcome<T> {
        match self.kernel.call(self.program, call) {
            Answer::Blocked(_) => Outcome::Waits,
            Answer::Done(Returned::Failed(errno)) => Outcome::Failed(errno),
            Answer::Done(returned) => {
                let value = value(returned);
                Outcome::Done(value.expect("the kernel returns what the call asks for"))
            }
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the others take their value out of it")]
fn nothing(returned: Returned) -> Option<()> {
    let Returned::Done = returned else { return None };
    Some(())
}
