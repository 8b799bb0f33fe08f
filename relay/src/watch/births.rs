//! How threads and processes begin and end.

use std::{fs, io};

use framescope_lab::{Ended, EventKind, Interrupted};
use framescope_sys::trace;
use rustix::process::Signal;

use super::calls::{give_up, give_up_folded};
use super::run::{Run, signal};
use super::thread::Thread;
use super::watch_error::WatchError;

/// The most threads of all programs together.
const MAX_THREADS: usize = 256;

/// A thread has started another thread, or a process.
pub(super) fn starts(run: &mut Run, id: i32, started: i32) {
    if started == 0 {
        return;
    }
    let Some(own) = run.threads.get(&id).map(|thread| thread.process) else { return };
    let is_thread = fs::exists(format!("/proc/{own}/task/{started}")).unwrap_or(false);
    if !is_thread {
        let Some(new) = run.processes.get(&own).map(|process| process.started(started)) else {
            return;
        };
        run.sockets.forked(own, started);
        run.processes.insert(started, new);
    }
    let process = if is_thread { own } else { started };
    run.threads.insert(started, Thread::new(process, None, run.pace));
    if run.is_over {
        signal(process, Signal::KILL);
    }
    if run.early.remove(&started) {
        // If it was killed meanwhile, it says so.
        let _ = trace::go_on(started, 0);
    }
    if run.threads.len() > MAX_THREADS {
        run.end_all(&format!("there are more than {MAX_THREADS} threads and processes"));
    }
}

/// Another program has taken the place of the one in a process. Its other threads have gone.
pub(super) fn execs(run: &mut Run, id: i32, former: i32) {
    if let Some(thread) = run.threads.remove(&former) {
        run.threads.retain(|_, one| one.process != id);
        run.threads.insert(id, Thread::new(id, thread.number, thread.pace));
    }
    let program = run.program_of(id);
    if run.programs[program].process == Some(id) && !run.programs[program].runs {
        run.programs[program].runs = true;
        run.note(program, 0, EventKind::Began);
    }
    if let Some(process) = run.processes.get_mut(&id) {
        let folded = process.is_replaced();
        run.sockets.replaced(process);
        give_up_folded(run, id, &folded);
    }
    run.called = true;
}

/// A thread has ended, and with the last one its process.
pub(super) fn exits(run: &mut Run, id: i32, status: i32) -> Result<(), WatchError> {
    give_up(run, id);
    let program = run.program_of(id);
    let Some(thread) = run.threads.remove(&id) else { return Ok(()) };
    let waits = |number| run.processes.get(&thread.process).is_some_and(|one| one.waits_as(number));
    let ends = thread.number.filter(|number| *number > 0 && !waits(*number));
    if let Some(number) = ends {
        run.note(program, number, EventKind::ThreadEnded);
    }
    if thread.process != id {
        return Ok(());
    }
    run.sockets.ended(id);
    run.processes.remove(&id);
    run.called = true;
    let one = &mut run.programs[program];
    if one.process != Some(id) {
        return Ok(());
    }
    one.process = None;
    if !one.runs {
        one.ended = Some(Ended::NotStarted);
        let error = io::Error::other(format!("its process has ended with {status}"));
        return Err(WatchError::Start { program: one.program.name.clone(), error });
    }
    let ended = Ended::Exit(status);
    match one.ended {
        None => one.ended = Some(ended.clone()),
        Some(Ended::Blocked { printed, .. }) if one.program.interrupt => {
            let stdout = one.stdout.get(printed..).unwrap_or_default().to_owned();
            one.interrupted = Some(Interrupted { ended: ended.clone(), stdout });
        }
        Some(_) => return Ok(()),
    }
    run.note(program, 0, EventKind::Ended(ended));
    Ok(())
}
