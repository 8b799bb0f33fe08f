//! Finds out whether this system has what a wire takes, by doing all of it.

use std::net::Ipv4Addr;

use framescope_engine::sockets::{Answer, Kernel as _, ProgramId};
use framescope_engine::wire::Crossed;
use framescope_lab::{NoWire, NoWireReason, WireSetup};
use framescope_syscall::{Address, Fd, Returned, Syscall, Wait};

use super::kernel::RealKernel;
use super::place::Place;

/// How long a segment may take, in microseconds: two seconds.
const TIMEOUT_US: u64 = 2_000_000;

/// Moves this process, which must have one thread, to a network with a wire, and connects two sockets there.
///
/// # Errors
///
/// [`NoWire`] says what is missing.
pub fn try_wire() -> Result<(), NoWire> {
    let mut kernel = Place::on_wire()?.into_kernel(&WireSetup::default())?;
    connect(&mut kernel).ok_or_else(|| {
        NoWire::new(NoWireReason::Silent, "two sockets in a namespace cannot connect")
    })
}

/// Connects two sockets, and sees their segments.
fn connect(kernel: &mut RealKernel) -> Option<()> {
    let program = ProgramId(0);
    let address = Address { ip: Ipv4Addr::LOCALHOST, port: 9527 };
    let (listener, client) = (Fd(3), Fd(4));
    let calls = [
        Syscall::Socket,
        Syscall::Bind { fd: listener, address },
        Syscall::Listen { fd: listener, backlog: 1 },
        Syscall::Socket,
    ];
    for call in &calls {
        match kernel.call(program, call) {
            Answer::Done(Returned::Failed(_)) | Answer::Blocked(_) => return None,
            Answer::Done(_) => {}
        }
    }
    let connect = Syscall::Connect { fd: client, address, wait: Wait::Forever };
    let mut segments = 0;
    while kernel.now() < TIMEOUT_US {
        let answer = kernel.call(program, &connect);
        if answer == Answer::Done(Returned::Done) {
            return (segments > 0).then_some(());
        }
        let Answer::Blocked(on) = answer else { return None };
        while let Some(crossed) = kernel.next_sent().or_else(|| kernel.deliver_next()) {
            segments += usize::from(matches!(crossed, Crossed::Sent(_)));
        }
        kernel.wait(&[(program, connect.clone(), on)], TIMEOUT_US);
    }
    None
}
