//! A process of a program that is watched.

use framescope_syscall::{Fd, SocketOption, Syscall};

use super::called::Called;
use super::descriptor::{Descriptor, Descriptors};
use super::lines::Lines;
use super::memory::Memory;
use super::terminal::Identity;

/// A process of a program.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) id: i32,
    /// The index of its program.
    pub(super) program: usize,
    terminal: Identity,
    descriptors: Option<Descriptors>,
    /// Where it keeps its lines, if it is a Python.
    pub(super) lines: Option<Lines>,
    /// The calls that it has tried in vain, and will make again when their sockets are ready.
    folded: Vec<Folded>,
}

/// A call that was tried in vain. What it waits for is waited for by other calls.
#[derive(Debug)]
pub(super) struct Folded {
    /// The number of the thread that has tried it.
    pub(super) thread: usize,
    pub(super) called: Called,
}

impl Process {
    pub(super) fn new(id: i32, program: usize, terminal: Identity) -> Self {
        let descriptors = Descriptors::of(id);
        Self { id, program, terminal, descriptors, lines: None, folded: Vec::new() }
    }

    /// A process that this one has started.
    pub(super) fn started(&self, id: i32) -> Self {
        Self { lines: self.lines, ..Self::new(id, self.program, self.terminal) }
    }

    pub(super) const fn memory(&self) -> Memory {
        Memory(self.id)
    }

    /// What a descriptor of it stands for.
    pub(super) fn look(&self, descriptor: i32) -> Descriptor {
        let all = self.descriptors.as_ref();
        all.map_or(Descriptor::Other, |all| all.look(descriptor, self.terminal))
    }

    pub(super) fn fold(&mut self, thread: usize, called: Called) {
        self.folded.push(Folded { thread, called });
    }

    /// The folded call that this one is, made again.
    pub(super) fn unfold(&mut self, again: &Called) -> Option<Folded> {
        let at = self.position_of(again)?;
        Some(self.folded.swap_remove(at))
    }

    /// Whether this call is a folded one, made again.
    pub(super) fn is_folded(&self, again: &Called) -> bool {
        self.position_of(again).is_some()
    }

    /// A `connect` is over when the program asks how it went.
    fn position_of(&self, again: &Called) -> Option<usize> {
        let asks = matches!(again.call, Syscall::GetOption { option: SocketOption::Error(_), .. });
        let is_connect = |one: &Folded| {
            one.called.socket == again.socket && matches!(one.called.call, Syscall::Connect { .. })
        };
        let is_same = |one: &Folded| {
            if asks { is_connect(one) } else { again.is_again(&one.called) }
        };
        self.folded.iter().position(is_same)
    }

    /// Whether any call is folded.
    pub(super) fn has_any_folded(&self) -> bool {
        !self.folded.is_empty()
    }

    /// Whether a call on this descriptor is folded.
    pub(super) fn has_folded(&self, descriptor: i32) -> bool {
        self.folded.iter().any(|one| one.called.socket.is_some_and(|(own, _)| own == descriptor))
    }

    /// The folded calls of a descriptor that is closed.
    pub(super) fn forget(&mut self, fd: Fd) {
        self.folded.retain(|one| {
            let own = one.called.socket.and_then(|(own, _)| u32::try_from(own).ok());
            own != Some(fd.0)
        });
    }
}
