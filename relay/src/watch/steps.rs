//! Threads that stand still, and the steps that they take.

use std::io;

use framescope_lab::Turn;

use super::calls::releases;
use super::pace::Pace;
use super::run::Run;
use super::thread::Thread;

/// No thread goes beyond its next call.
pub(super) fn hold(run: &mut Run) {
    run.pace = Pace::Held;
    for thread in run.threads.values_mut().filter(|thread| thread.pace == Pace::Free) {
        thread.pace = Pace::Held;
    }
}

/// All threads run.
pub(super) fn play(run: &mut Run) -> io::Result<()> {
    run.pace = Pace::Free;
    run.threads.values_mut().for_each(|thread| thread.pace = Pace::Free);
    let all: Vec<i32> = run.threads.keys().copied().collect();
    all.into_iter().try_for_each(|id| release(run, id))
}

/// A thread that stands still makes its call.
pub(super) fn step(run: &mut Run, turn: Turn) -> io::Result<()> {
    let Some(id) = id_of(run, turn.program, turn.thread) else { return Ok(()) };
    if let Some(thread) = run.threads.get_mut(&id) {
        thread.pace = Pace::Call;
    }
    release(run, id)
}

/// Whether a thread stands still, or its program can start.
pub(super) fn can_step(run: &Run, program: usize, thread: usize) -> bool {
    let Some(one) = run.programs.get(program) else { return false };
    if !one.has_started() {
        return thread == 0;
    }
    let held = id_of(run, program, thread).and_then(|id| run.threads.get(&id));
    held.is_some_and(Thread::is_held)
}

/// Ctrl+C is pressed for a program. The main threads of its processes do not stand still any more.
pub(super) fn interrupt(run: &mut Run, program: usize) -> io::Result<()> {
    if !run.interrupt(program) {
        return Ok(());
    }
    let own = run.processes.values().filter(|process| process.program == program);
    let all: Vec<i32> = own.map(|process| process.id).collect();
    all.into_iter().try_for_each(|id| release(run, id))
}

fn release(run: &mut Run, id: i32) -> io::Result<()> {
    match releases(run, id) {
        // It was killed meanwhile, and says so next.
        Err(error) if error.raw_os_error() != Some(libc::ESRCH) => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn id_of(run: &Run, program: usize, number: usize) -> Option<i32> {
    let is_own = |(_, thread): &(&i32, &Thread)| {
        let process = run.processes.get(&thread.process);
        thread.number == Some(number) && process.is_some_and(|one| one.program == program)
    };
    run.threads.iter().find(is_own).map(|(id, _)| *id)
}
