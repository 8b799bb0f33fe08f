//! The two stops of a call: before it, and after it.

use std::{io, mem};

use framescope_lab::{Columns, EventKind, MAX_TYPED, Output};
use framescope_sys::trace::{self, SystemCall};
use framescope_syscall::errno::{EAGAIN, EINPROGRESS, EINTR};
use framescope_syscall::{Returned, SocketOption, Syscall, Wait};
use memchr::memchr;

use super::called::Called;
use super::entered::{Entered, entered, int, shown, waits_for};
use super::lines::{Lines, TELLS_PLACES};
use super::memory::MAX_CALL;
use super::pace::Pace;
use super::process::{Folded, Process};
use super::returned::returned;
use super::run::{Run, process_of};
use super::thread::{Current, Held, Unsettled};

/// Why a run with a call over [`MAX_CALL`] ends.
const TOO_LONG: &str = "a call has more than 16 MiB, which is not recorded";

/// The most bytes that a program prints: 1 MiB.
const MAX_PRINTED: usize = 1 << 20;

/// The results of a call that a signal has interrupted, and that is made again or fails with `EINTR`: `ERESTARTSYS`,
/// `ERESTARTNOINTR`, `ERESTARTNOHAND` and `ERESTART_RESTARTBLOCK` in `linux/errno.h`.
const RESTARTS: [i64; 4] = [-512, -513, -514, -516];

/// A thread is about to make a call.
pub(super) fn enters(run: &mut Run, id: i32) -> io::Result<()> {
    let SystemCall::Entry { number: call, arguments } = trace::system_call(id)? else {
        return trace::go_on(id, 0);
    };
    let Ok(call) = i64::try_from(call) else { return trace::go_on(id, 0) };
    if !run.programs[run.program_of(id)].runs {
        return trace::go_on(id, 0);
    }
    if call == libc::SYS_write && int(arguments[0]) == TELLS_PLACES {
        note_lines(run, id, arguments);
        return trace::go_on(id, 0);
    }
    if call == libc::SYS_restart_syscall {
        return restarts(run, id);
    }
    fold_if_waits(run, id, call);
    let Some(process) = run.process_of(id) else { return trace::go_on(id, 0) };
    let entered = entered(process, call, arguments, run.is_raw());
    let entered = unless_starting(run, id, entered);
    if matches!(entered, Entered::Call(_) | Entered::Print { .. } | Entered::Read(_)) {
        run.look_for_line(id);
    }
    if is_stopped_at(run, id, &entered) {
        hold(run, id, Held { call, arguments });
        return Ok(());
    }
    makes(run, id, entered)
}

/// Whether a thread stands still before this call. What only asks neither waits nor changes anything: libraries do it on their
/// own, and nobody steps it.
fn is_stopped_at(run: &Run, id: i32, entered: &Entered) -> bool {
    let Entered::Call(called) = entered else { return false };
    let only_asks = match called.call {
        Syscall::GetOption { .. } | Syscall::LocalAddress { .. } | Syscall::PeerAddress { .. } => {
            true
        }
        Syscall::Socket
        | Syscall::Bind { .. }
        | Syscall::Listen { .. }
        | Syscall::Accept { .. }
        | Syscall::Connect { .. }
        | Syscall::Send { .. }
        | Syscall::Recv { .. }
        | Syscall::Shutdown { .. }
        | Syscall::Close { .. }
        | Syscall::SetOption { .. }
        | Syscall::Select { .. }
        | Syscall::Sleep { .. }
        | Syscall::Time(_) => false,
    };
    let is_held = run.threads.get(&id).is_some_and(|one| one.pace == Pace::Held);
    is_held && !only_asks && !is_continued(run, id, called)
}

fn hold(run: &mut Run, id: i32, held: Held) {
    give_up(run, id);
    let number = run.number_of(id);
    if let Some(one) = run.threads.get_mut(&id) {
        one.held = Some(held);
    }
    run.note(run.program_of(id), number, EventKind::Line(Vec::new()));
    run.note_variables(id, number);
}

/// A thread that stands still before a call makes it.
pub(super) fn releases(run: &mut Run, id: i32) -> io::Result<()> {
    let held = run.threads.get_mut(&id).and_then(|one| one.held.take());
    let (Some(held), Some(process)) = (held, run.process_of(id)) else { return Ok(()) };
    let entered = entered(process, held.call, held.arguments, run.is_raw());
    makes(run, id, entered)
}

/// A thread makes a call.
fn makes(run: &mut Run, id: i32, entered: Entered) -> io::Result<()> {
    let (thread, waits) = match &entered {
        Entered::Polled(inode) => {
            run.sockets.note_polled(*inode);
            fold_polled(run, id, *inode);
            return trace::go_on(id, 0);
        }
        Entered::WaitFor | Entered::Other => return trace::go_on(id, 0),
        Entered::Timer(after) => {
            return note_time(run, id, |process, now| {
                let until = after.map_or(u64::MAX, |us| now.saturating_add(us));
                process.timer = process.timer.max(until);
            });
        }
        Entered::TimeLimit(us) => {
            return note_time(run, id, |process, _| process.limit = process.limit.max(*us));
        }
        Entered::TooLong => {
            run.end_all(TOO_LONG);
            return trace::go_on(id, 0);
        }
        Entered::Call(called) => {
            continued(run, id, called).unwrap_or_else(|| (begin(run, id, called), false))
        }
        Entered::Duplicate(former) => {
            if let Some(former) = former {
                closes(run, id, *former);
            }
            (0, false)
        }
        Entered::ClosesMany(first, last) => {
            let own = run.threads.get(&id).map(|thread| thread.process);
            let all = own.map(|own| run.sockets.held_by(own)).unwrap_or_default();
            for descriptor in all.into_iter().filter(|one| (*first..=*last).contains(one)) {
                closes(run, id, descriptor);
            }
            return trace::go_on(id, 0);
        }
        Entered::SetsFlags(_) => (0, false),
        Entered::AwaitsInput => (run.number_of(id), false),
        Entered::Print { .. } | Entered::Read(_) => {
            give_up(run, id);
            (run.number_of(id), false)
        }
    };
    if let Some(one) = run.threads.get_mut(&id) {
        one.current = Some(Current { entered, thread, waits });
    }
    trace::go_through_call(id)
}

/// A thread's call is over.
pub(super) fn leaves(run: &mut Run, id: i32) {
    let Ok(SystemCall::Exit(value)) = trace::system_call(id) else { return };
    let Some(current) = run.threads.get_mut(&id).and_then(|one| one.current.take()) else {
        return;
    };
    let program = run.program_of(id);
    match current.entered {
        Entered::Call(called) => {
            run.called = true;
            if let Some((_, inode)) = called.socket {
                run.sockets.called(inode);
            }
            returns(run, id, called, current.thread, current.waits, value);
        }
        Entered::Print { mut bytes, to_stderr } => {
            bytes.truncate(usize::try_from(value).unwrap_or(0));
            prints(run, program, current.thread, &bytes, to_stderr);
        }
        Entered::Read(pieces) => {
            if RESTARTS.contains(&value) {
                return;
            }
            let Ok(length) = u64::try_from(value) else { return };
            let Some(process) = run.process_of(id) else { return };
            let bytes = process.memory().bytes(&pieces, length);
            reads(run, program, current.thread, &bytes);
            ends_step(run, id);
        }
        Entered::Duplicate(_) => {
            let descriptor = int(value.unsigned_abs());
            let process = process_of(&run.processes, &run.threads, id);
            let Some(process) = process.filter(|_| value >= 0) else { return };
            if let Some(socket) = process.tcp(descriptor) {
                run.sockets.note(process, descriptor, &socket, None);
            }
        }
        Entered::SetsFlags(descriptor) => {
            if let Some(process) = run.process_of(id) {
                process.changes(descriptor);
            }
        }
        Entered::WaitFor
        | Entered::AwaitsInput
        | Entered::ClosesMany(..)
        | Entered::Timer(_)
        | Entered::TimeLimit(_)
        | Entered::Polled(_)
        | Entered::TooLong
        | Entered::Other => {}
    }
}

/// A thread closes a socket by another call than `close`: that is shown as one.
fn closes(run: &mut Run, id: i32, descriptor: i32) {
    let Some(process) = run.threads.get(&id).map(|thread| thread.process) else { return };
    give_up(run, id);
    let (program, number) = (run.program_of(id), run.number_of(id));
    let close = Syscall::Close { fd: shown(descriptor) };
    run.note(program, number, EventKind::Called(close, Columns::default()));
    run.note(program, number, EventKind::Returned(Returned::Done));
    is_closed(run, process, descriptor);
}

/// A process has a descriptor of a socket no more.
fn is_closed(run: &mut Run, process: i32, descriptor: i32) {
    run.called = true;
    run.sockets.closed(process, descriptor);
    let own = run.processes.get_mut(&process);
    let folded = own.map(|own| own.forget(descriptor)).unwrap_or_default();
    give_up_folded(run, process, &folded);
}

/// The process of a thread says when something will happen to it that no call of it says: until then nothing is at rest.
fn note_time(run: &mut Run, id: i32, note: impl FnOnce(&mut Process, u64)) -> io::Result<()> {
    let now = run.now();
    let own = run.threads.get(&id).map(|thread| thread.process);
    if let Some(process) = own.and_then(|own| run.processes.get_mut(&own)) {
        note(process, now);
    }
    trace::go_on(id, 0)
}

/// The kernel goes on with the call that a signal has interrupted.
fn restarts(run: &mut Run, id: i32) -> io::Result<()> {
    let Some(one) = run.threads.get_mut(&id) else { return Ok(()) };
    let Some(Unsettled { called, waits, .. }) = one.unsettled.take() else {
        return trace::go_on(id, 0);
    };
    let thread = one.number.unwrap_or(0);
    one.current = Some(Current { entered: Entered::Call(called), thread, waits });
    trace::go_through_call(id)
}

/// A thread makes a call that is no one's other than its own. Returns its number.
fn begin(run: &mut Run, id: i32, called: &Called) -> usize {
    fold_if_connects(run, id, called);
    give_up(run, id);
    run.note_socket_of(id, called);
    let number = run.number_of(id);
    read_on(run, run.program_of(id), number);
    run.note_variables(id, number);
    if let Syscall::Send { bytes, .. } = &called.call {
        run.bytes += bytes.0.len();
    }
    let kind = EventKind::Called(called.call.clone(), Columns::default());
    run.note(run.program_of(id), number, kind);
    number
}

/// A Python says where it keeps its lines.
fn note_lines(run: &mut Run, id: i32, arguments: [u64; 6]) {
    let process = run.threads.get(&id).and_then(|one| run.processes.get_mut(&one.process));
    if let Some(process) = process {
        process.lines = Lines::told(process.memory(), arguments[1], arguments[2]);
    }
}

/// What is asked for, if it is the program's own wish.
fn unless_starting(run: &mut Run, id: i32, entered: Entered) -> Entered {
    let program = run.program_of(id);
    let Entered::Call(called) = &entered else { return entered };
    if !run.programs[program].is_starting {
        return entered;
    }
    let (Syscall::Bind { fd, .. } | Syscall::Connect { fd, .. }) = called.call else {
        return Entered::Other;
    };
    run.programs[program].is_starting = false;
    let number = run.number_of(id);
    run.note(program, number, EventKind::Called(Syscall::Socket, Columns::default()));
    run.note(program, number, EventKind::Returned(Returned::Opened(fd)));
    entered
}

/// If the thread's last call has failed because it would have waited, and this call waits: it is folded.
fn fold_if_waits(run: &mut Run, id: i32, call: i64) {
    #[cfg(target_arch = "x86_64")]
    let waits = [libc::SYS_poll, libc::SYS_select, libc::SYS_epoll_wait].contains(&call);
    #[cfg(not(target_arch = "x86_64"))]
    let waits = false;
    let waits =
        waits || [libc::SYS_ppoll, libc::SYS_pselect6, libc::SYS_epoll_pwait].contains(&call);
    let Some(thread) = run.threads.get_mut(&id).filter(|_| waits) else { return };
    if let Some(unsettled) = thread.unsettled.take_if(|one| one.errno != EINTR) {
        fold(run, id, unsettled.called, unsettled.waits);
    }
}

/// If the thread's last call has failed because this socket would have made it wait: it is folded, as epoll(7) says when to
/// make it again.
fn fold_polled(run: &mut Run, id: i32, inode: u64) {
    let Some(thread) = run.threads.get_mut(&id) else { return };
    let is_of_socket = |one: &mut Unsettled| {
        one.errno != EINTR && one.called.socket.is_some_and(|(_, own)| own == inode)
    };
    if let Some(unsettled) = thread.unsettled.take_if(is_of_socket) {
        fold(run, id, unsettled.called, unsettled.waits);
    }
}

/// If the thread's last call connects in the background, and it turns to another socket: it is folded. Node says to epoll(7) what
/// it waits for when it has nothing else to do.
fn fold_if_connects(run: &mut Run, id: i32, next: &Called) {
    let Some(thread) = run.threads.get_mut(&id) else { return };
    let is_other = |one: &Unsettled| {
        matches!(next.call, Syscall::Socket)
            || next.socket.is_some() && next.socket != one.called.socket
    };
    if let Some(unsettled) =
        thread.unsettled.take_if(|one| one.errno == EINPROGRESS && is_other(one))
    {
        fold(run, id, unsettled.called, unsettled.waits);
    }
}

fn fold(run: &mut Run, id: i32, called: Called, waits: bool) {
    let number = run.number_of(id);
    let Some(process) = run.threads.get(&id).map(|thread| thread.process) else { return };
    if let Some(on) = waits_for(&called.call).filter(|_| !waits) {
        run.note(run.program_of(id), number, EventKind::Blocked(on));
    }
    if let Some(process) = run.processes.get_mut(&process) {
        process.fold(number, called);
    }
    ends_step(run, id);
}

/// A call of a thread has returned, or waits: if it was stepped, it goes to its next one.
fn ends_step(run: &mut Run, id: i32) {
    if let Some(one) = run.threads.get_mut(&id).filter(|one| one.pace == Pace::Call) {
        one.pace = Pace::Held;
    }
}

/// Whether this call was begun before.
fn is_continued(run: &Run, id: i32, called: &Called) -> bool {
    let Some(thread) = run.threads.get(&id) else { return false };
    let process = run.processes.get(&thread.process);
    thread.unsettled.as_ref().is_some_and(|one| one.goes_on_as(called))
        || process.is_some_and(|one| one.is_folded(called))
}

/// The thread that has begun this call, and whether it was said that it waits. `None`: it begins now.
fn continued(run: &mut Run, id: i32, called: &Called) -> Option<(usize, bool)> {
    let thread = run.threads.get_mut(&id)?;
    if let Some(again) = thread.unsettled.take_if(|one| one.goes_on_as(called)) {
        return Some((thread.number.unwrap_or(0), again.waits));
    }
    let process = run.processes.get_mut(&thread.process)?;
    let Folded { thread, .. } = process.unfold(called)?;
    run.takes_number(id, thread);
    Some((thread, true))
}

/// The thread's last call has failed, and the program knows it: it does something else.
pub(super) fn give_up(run: &mut Run, id: i32) {
    let unsettled = run.threads.get_mut(&id).and_then(|thread| thread.unsettled.take());
    if let Some(Unsettled { errno, .. }) = unsettled {
        let number = run.number_of(id);
        run.note(run.program_of(id), number, EventKind::Returned(Returned::Failed(errno)));
    }
}

/// Calls of a process that were tried in vain are made again by nobody.
pub(super) fn give_up_folded(run: &mut Run, process: i32, folded: &[Folded]) {
    let Some(program) = run.processes.get(&process).map(|one| one.program) else { return };
    for one in folded {
        let is_connect = matches!(one.called.call, Syscall::Connect { .. });
        let errno = if is_connect { EINPROGRESS } else { EAGAIN };
        run.note(program, one.thread, EventKind::Returned(Returned::Failed(errno)));
        run.gives_number(process, one.thread);
    }
}

/// A call about a socket or the clock has returned.
fn returns(run: &mut Run, id: i32, called: Called, thread: usize, waits: bool, value: i64) {
    if RESTARTS.contains(&value) {
        if let Some(one) = run.threads.get_mut(&id) {
            one.unsettled = Some(Unsettled { called, errno: EINTR, waits });
        }
        return;
    }
    let Some(process) = process_of(&run.processes, &run.threads, id) else { return };
    let is_too_long = usize::try_from(value).is_ok_and(|length| length > MAX_CALL);
    if matches!(called.call, Syscall::Recv { .. }) && is_too_long {
        return run.end_all(TOO_LONG);
    }
    let mut returned = returned(process, &called, value);
    if let Returned::Failed(errno @ (EAGAIN | EINPROGRESS)) = returned
        && called.call.wait() == Some(Wait::Never)
        && !run.is_raw()
    {
        let is_polled = called.socket.is_some_and(|(_, inode)| run.sockets.is_polled(inode));
        run.note_socket_of(id, &called);
        if is_polled || waits {
            fold(run, id, called, waits);
        } else if let Some(one) = run.threads.get_mut(&id) {
            one.unsettled = Some(Unsettled { called, errno, waits });
        }
        return;
    }
    // The answer to a `connect` that was folded.
    if waits && let Returned::Option(SocketOption::Error(errno)) = returned {
        returned = if errno == 0 { Returned::Done } else { Returned::Failed(errno) };
    }
    let opened = match &returned {
        Returned::Opened(fd) | Returned::Accepted { fd, .. } => i32::try_from(fd.0).ok(),
        Returned::Done
        | Returned::Sent(_)
        | Returned::Received(_)
        | Returned::Option(_)
        | Returned::Address(_)
        | Returned::Ready(_)
        | Returned::Time(_)
        | Returned::TimedOut
        | Returned::Failed(_) => None,
    };
    if let Some((descriptor, socket)) = opened.and_then(|fd| Some((fd, process.tcp(fd)?))) {
        run.sockets.note(process, descriptor, &socket, None);
    }
    if let Returned::Received(bytes) = &returned {
        run.bytes += bytes.0.len();
    }
    let program = run.program_of(id);
    run.note(program, thread, EventKind::Returned(returned));
    ends_step(run, id);
    match (&called.call, called.socket) {
        (Syscall::Close { .. }, Some((descriptor, _))) => {
            is_closed(run, run.threads[&id].process, descriptor);
        }
        _ => run.note_socket_of(id, &called),
    }
}

/// A program has read these bytes from its terminal, none at the end of the input. Some read a line byte by byte.
fn reads(run: &mut Run, program: usize, thread: usize, bytes: &[u8]) {
    run.programs[program].read.extend_from_slice(bytes);
    while let Some(end) = memchr(b'\n', &run.programs[program].read) {
        let line: Vec<u8> = run.programs[program].read.drain(..=end).collect();
        note_read(run, program, thread, &line[..end]);
    }
    if bytes.is_empty() || run.programs[program].read.len() > MAX_TYPED {
        read_on(run, program, thread);
    }
    if bytes.is_empty() {
        run.programs[program].asked = false;
        run.note(program, thread, EventKind::Read(None));
    }
}

/// A program has read a part of a line, and does something else.
fn read_on(run: &mut Run, program: usize, thread: usize) {
    let part = mem::take(&mut run.programs[program].read);
    if !part.is_empty() {
        note_read(run, program, thread, &part);
    }
}

fn note_read(run: &mut Run, program: usize, thread: usize, line: &[u8]) {
    run.programs[program].asked = false;
    let line = String::from_utf8_lossy(line).into_owned();
    run.note(program, thread, EventKind::Read(Some(line)));
}

fn prints(run: &mut Run, program: usize, thread: usize, bytes: &[u8], to_stderr: bool) {
    read_on(run, program, thread);
    let one = &mut run.programs[program];
    let cut = &mut one.cut[usize::from(to_stderr)];
    cut.extend_from_slice(bytes);
    let whole = match std::str::from_utf8(cut) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Ok(_) | Err(_) => cut.len(),
    };
    let rest = cut.split_off(whole);
    let text = String::from_utf8_lossy(&mem::replace(cut, rest)).into_owned();
    let printed = if to_stderr { &mut one.stderr } else { &mut one.stdout };
    printed.push_str(&text);
    let is_over = one.stdout.len() + one.stderr.len() > MAX_PRINTED;
    run.note(program, thread, EventKind::Printed(Output { text, to_stderr }));
    if is_over {
        run.end_all("it has printed more than 1 MiB");
    }
}
