//! What threads wait for, and whether nothing will happen any more.

use framescope_lab::{EventKind, Start, When};
use framescope_syscall::Syscall;

use super::called::Called;
use super::entered::{Entered, waits_for};
use super::process::Process;
use super::run::Run;
use super::thread::{Doing, Thread, doing, waits_for_others};

/// If all programs wait for others and nothing new has happened for this time, nothing will. In microseconds.
pub(super) const REST_US: u64 = 300_000;

/// The same if something was sent that is not acknowledged. As in the lab: see `Programs` in the engine.
const REPEATS_REST_US: u64 = 8_000_000;

/// Notes which calls wait. Returns whether one has begun to.
pub(super) fn look_for_waits(run: &mut Run) -> bool {
    let mut waiting: Vec<(i32, usize, Vec<EventKind>)> = Vec::new();
    for (id, thread) in &mut run.threads {
        let Some(current) = thread.current.as_mut().filter(|current| !current.waits) else {
            continue;
        };
        let kinds = wait_of(&current.entered);
        if !kinds.is_empty() && doing(thread.process, *id) == Doing::Sleeps {
            current.waits = true;
            waiting.push((*id, current.thread, kinds));
        }
    }
    waiting.sort_by_key(|(id, ..)| *id);
    let any = !waiting.is_empty();
    for (id, thread, kinds) in waiting {
        for kind in kinds {
            run.note(run.program_of(id), thread, kind);
        }
    }
    any
}

/// What is said of a call that waits. Nothing, if nobody is told that.
fn wait_of(entered: &Entered) -> Vec<EventKind> {
    let on = if let Entered::Call(called) = entered { waits_for(&called.call) } else { None };
    let reads = awaits_input(entered).then_some(EventKind::Reads);
    on.map(EventKind::Blocked).into_iter().chain(reads).collect()
}

/// Whether a call goes on when somebody types a line.
const fn awaits_input(entered: &Entered) -> bool {
    matches!(
        entered,
        Entered::Read(_) | Entered::AwaitsInput | Entered::Call(Called { awaits_input: true, .. })
    )
}

/// When nothing will happen any more if nothing new happens until then, in microseconds. `None`: something will, or may
/// come from somebody else.
pub(super) fn rest_at(run: &Run) -> Option<u64> {
    if !run.is_alone() {
        return if run.plays() { None } else { stands_at(run) };
    }
    let connects = |thread: &Thread| {
        let entered = thread.current.as_ref().map(|current| &current.entered);
        matches!(entered, Some(Entered::Call(Called { call: Syscall::Connect { .. }, .. })))
    };
    let repeats = run.awaits_ack || run.threads.values().any(connects);
    let rest = if repeats { REPEATS_REST_US } else { REST_US };
    let timer = run.processes.values().map(|process| process.timer).max().unwrap_or(0);
    let limit = run.processes.values().map(|process| process.limit).max().unwrap_or(0);
    // What is seen on the wire is progress too.
    let since = run.recorder.progress().max(run.stopped);
    let at = since.saturating_add(rest.max(limit.saturating_add(REST_US)));
    let at = at.max(timer.saturating_add(REST_US));
    if run.wire.as_ref().is_some_and(|wire| wire.next_delivery().is_some()) {
        return None;
    }
    // Before that time, no one asks the system what each thread does.
    let is_at_rest =
        run.now() < at || run.threads.iter().all(|(id, thread)| rests(thread, *id, run.plays()));
    Some(at).filter(|_| is_at_rest)
}

/// The same if somebody steps programs that others reach: all stand still or sleep.
fn stands_at(run: &Run) -> Option<u64> {
    let at = run.recorder.progress().max(run.stopped).saturating_add(REST_US);
    let stands = |(id, thread): (&i32, &Thread)| {
        thread.is_held() || doing(thread.process, *id) != Doing::Runs
    };
    Some(at).filter(|at| run.now() < *at || run.threads.iter().all(stands))
}

/// Whether a thread goes on only when somebody else does something. While programs are stepped that is so of one which has done
/// nothing that is shown, and sleeps: runtimes have some that look around.
fn rests(thread: &Thread, id: i32, plays: bool) -> bool {
    let looks_around = !plays && thread.number.is_none();
    thread.is_held()
        || match doing(thread.process, id) {
            Doing::Sleeps => looks_around || waits_for_others(thread.process, id),
            Doing::Ended => true,
            Doing::Runs => false,
        }
}

/// The first program that waits for a line, and was not given one.
pub(super) fn reads(run: &Run) -> Option<usize> {
    let reads = |thread: &Thread| {
        let current = thread.current.as_ref()?;
        let reads = current.waits && awaits_input(&current.entered);
        run.processes.get(&thread.process).filter(|_| reads).map(|process| process.program)
    };
    let programs = run.threads.values().filter_map(reads);
    programs.filter(|program| !run.programs[*program].asked).min()
}

/// Whether a program listens, has ended, or waits.
pub(super) fn is_settled(run: &Run, program: usize) -> bool {
    let one = &run.programs[program];
    if one.ended.is_some() || run.sockets.listens(program) {
        return true;
    }
    let is_own = |thread: &&Thread| {
        run.processes.get(&thread.process).is_some_and(|one| one.program == program)
    };
    let waits = |thread: &Thread| {
        let folded = run.processes.get(&thread.process).is_some_and(Process::has_any_folded);
        folded || thread.current.as_ref().is_some_and(|current| current.waits)
    };
    one.runs && run.threads.values().filter(is_own).all(waits)
}

pub(super) fn is_time(run: &Run, start: &Start) -> bool {
    match &start.when {
        When::AtOnce => true,
        When::Listening(port) => run.sockets.listen_at(*port),
        When::Ended(program) => {
            run.programs.get(*program).is_some_and(|one| one.runs && one.process.is_none())
        }
        When::Printed(program, text) => {
            run.programs.get(*program).is_some_and(|one| one.stdout.contains(text))
        }
        When::Settled => (0..start.program).all(|before| is_settled(run, before)),
    }
}
