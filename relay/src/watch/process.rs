//! A process of a program that is watched.

use std::cell::RefCell;
use std::collections::HashMap;
use std::mem;

use framescope_syscall::{SocketOption, Syscall};

use super::called::Called;
use super::descriptor::{Descriptors, Kind, TcpSocket};
use super::epoll::{Interest, Interests};
use super::lines::Lines;
use super::memory::{MAX_CALL, Memory};
use super::stack::Stack;
use super::terminal::Identity;

/// The most descriptors of which it is known what they stand for.
const MAX_KINDS: usize = 4096;

/// A process of a program.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) id: i32,
    /// The index of its program.
    pub(super) program: usize,
    terminal: Identity,
    descriptors: Option<Descriptors>,
    /// What its descriptors stand for, until a call changes that.
    kinds: RefCell<HashMap<i32, Kind>>,
    interests: RefCell<Interests>,
    /// Until when a timer of it may go off, in microseconds.
    pub(super) timer: u64,
    /// How long its calls on sockets take at most, if they have a limit, in microseconds.
    pub(super) limit: u64,
    /// Where it keeps its lines, if it is a Python.
    pub(super) lines: Option<Lines>,
    /// Its stacks, if it is a compiled program that says where its source is. `None` before its first call.
    pub(super) stack: Option<Stack>,
    /// The calls that it has tried in vain, and will make again when their sockets are ready.
    folded: Vec<Folded>,
    /// Numbers that its threads have had, and that none has now.
    numbers: Vec<usize>,
}

/// A call that was tried in vain. What it waits for is waited for by other calls.
#[derive(Debug)]
pub(super) struct Folded {
    /// The number of a thread under which it waits.
    pub(super) thread: usize,
    pub(super) called: Called,
}

impl Process {
    pub(super) fn new(id: i32, program: usize, terminal: Identity) -> Self {
        let descriptors = Descriptors::of(id);
        let kinds = RefCell::default();
        Self {
            id,
            program,
            terminal,
            descriptors,
            kinds,
            interests: RefCell::default(),
            timer: 0,
            limit: 0,
            lines: None,
            stack: None,
            folded: Vec::new(),
            numbers: Vec::new(),
        }
    }

    /// A process that this one has started.
    pub(super) fn started(&self, id: i32) -> Self {
        let (lines, limit) = (self.lines, self.limit);
        let interests = self.interests.clone();
        Self { interests, limit, lines, ..Self::new(id, self.program, self.terminal) }
    }

    pub(super) const fn memory(&self) -> Memory {
        Memory(self.id)
    }

    /// What a descriptor of it stands for.
    pub(super) fn kind(&self, descriptor: i32) -> Kind {
        if let Some(known) = self.kinds.borrow().get(&descriptor) {
            return *known;
        }
        // One that stands for nothing may stand for something soon, without any other call about it.
        let all = self.descriptors.as_ref();
        let Some(kind) = all.and_then(|all| all.kind(descriptor, self.terminal)) else {
            return Kind::Other;
        };
        let mut kinds = self.kinds.borrow_mut();
        if kinds.len() == MAX_KINDS {
            kinds.clear();
        }
        kinds.insert(descriptor, kind);
        kind
    }

    /// Whether a descriptor of it stands for anything.
    pub(super) fn has(&self, descriptor: i32) -> bool {
        let all = self.descriptors.as_ref();
        all.is_some_and(|all| all.kind(descriptor, self.terminal).is_some())
    }

    /// A copy of a descriptor of it, if that is a TCP socket's.
    pub(super) fn tcp(&self, descriptor: i32) -> Option<TcpSocket> {
        self.descriptors.as_ref()?.tcp(descriptor)
    }

    /// What a regular file of it has from this offset on, or from where it is read next: see [`Descriptors::file`].
    pub(super) fn file(&self, descriptor: i32, offset: Option<u64>, count: u64) -> Option<Vec<u8>> {
        self.descriptors.as_ref()?.file(descriptor, offset, count, MAX_CALL)
    }

    /// A call changes what a descriptor stands for, or how its calls wait.
    pub(super) fn changes(&self, descriptor: i32) {
        self.kinds.borrow_mut().remove(&descriptor);
    }

    /// A call may change what all descriptors stand for.
    pub(super) fn changes_all(&self) {
        self.kinds.borrow_mut().clear();
    }

    /// A call closes a descriptor.
    pub(super) fn closes(&self, descriptor: i32) {
        self.changes(descriptor);
        self.interests.borrow_mut().forget(descriptor);
    }

    /// Another program takes its place. Returns the calls that nobody makes again.
    pub(super) fn is_replaced(&mut self) -> Vec<Folded> {
        self.lines = None;
        self.stack = None;
        self.changes_all();
        self.interests.take();
        mem::take(&mut self.folded)
    }

    /// What this descriptor of epoll(7) waits for at another one from now on.
    pub(super) fn polls(&self, epoll: i32, descriptor: i32, interest: Option<Interest>) {
        self.interests.borrow_mut().note(epoll, descriptor, interest);
    }

    /// What this descriptor of epoll(7) waits for.
    pub(super) fn polled(&self, epoll: i32) -> Vec<(i32, Interest)> {
        self.interests.borrow().of(epoll)
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

    /// Whether a folded call waits under this number of a thread.
    pub(super) fn waits_as(&self, number: usize) -> bool {
        self.folded.iter().any(|one| one.thread == number)
    }

    /// No thread has this number any more.
    pub(super) fn give_number(&mut self, number: usize) {
        self.numbers.push(number);
    }

    /// A number that no thread has.
    pub(super) fn take_number(&mut self) -> Option<usize> {
        self.numbers.pop()
    }

    /// Whether any call is folded.
    pub(super) fn has_any_folded(&self) -> bool {
        !self.folded.is_empty()
    }

    /// Whether a call on this descriptor is folded.
    pub(super) fn has_folded(&self, descriptor: i32) -> bool {
        self.folded.iter().any(|one| one.called.socket.is_some_and(|(own, _)| own == descriptor))
    }

    /// Takes the folded calls of a descriptor that is closed: nobody makes them again.
    pub(super) fn forget(&mut self, closed: i32) -> Vec<Folded> {
        let is_own = |one: &mut Folded| one.called.socket.is_some_and(|(own, _)| own == closed);
        self.folded.extract_if(.., is_own).collect()
    }
}
