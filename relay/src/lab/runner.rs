//! The thread of a session of the lab: it owns the experiment and its sockets, obeys commands, and
//! reports what happens.

use std::convert::Infallible;
use std::io;
use std::time::{Duration, Instant};

use bytes::Bytes;
use framescope_engine::{Next, Run};
use framescope_lab::{Command, Event, Experiment, MAX_RUN_US, Report};
use framescope_record::MAX_RECV;
use tokio::sync::mpsc;

use super::free_run::{self, Ending};
use super::mailbox::Mailbox;
use super::socket_kernel::SocketKernel;
use super::stopped::Stopped;
use super::wait::{readable, wait};

/// The longest report of several events, in bytes. One event alone may be longer.
const MAX_EVENTS_REPORT: usize = 256 * 1024;

/// The longest report, in bytes: one event with all the bytes that a `recv` may ask for, and its TCP info.
pub(super) const MAX_REPORT: usize = MAX_RECV as usize + 1024;

/// Obeys the mailbox until the session is gone. Blocks the thread.
///
/// Reports are encoded, and each has at most [`MAX_REPORT`] bytes. The runner waits while the channel is full.
pub(super) fn run(mailbox: Mailbox, reports: mpsc::Sender<Bytes>) -> Stopped {
    let Err(stopped) = obey_all(mailbox, Reports(reports));
    stopped
}

fn obey_all(mut mailbox: Mailbox, reports: Reports) -> Result<Infallible, Stopped> {
    let experiment = first_experiment(&mut mailbox)?;
    let mut runner = Runner { mailbox, reports, experiment, run: None, is_playing: false };
    runner.load()?;
    loop {
        runner.turn()?;
    }
}

fn first_experiment(mailbox: &mut Mailbox) -> Result<Experiment, Stopped> {
    loop {
        match mailbox.take()? {
            Some(Command::Load(experiment)) => return Ok(experiment),
            Some(_) => return Err(Stopped::NothingLoaded),
            None => wait(&mut [readable(mailbox.waker())], None),
        };
    }
}

struct Runner {
    mailbox: Mailbox,
    reports: Reports,
    experiment: Experiment,
    /// `None` once the run is over.
    run: Option<Run<SocketKernel>>,
    is_playing: bool,
}

impl Runner {
    /// Obeys a command if one has come, lets the run go on, and waits for the next command or socket.
    fn turn(&mut self) -> Result<(), Stopped> {
        let mut command = self.mailbox.take()?;
        while let Some(next) = command.take() {
            command = self.obey(next)?;
        }
        let until = self.go_on()?;
        match (&mut self.run, until) {
            (Some(run), Some(until)) => {
                let blocked: Vec<_> = run.blocked().collect();
                run.kernel().wait(&blocked, Some(self.mailbox.waker()), until);
            }
            _ => {
                wait(&mut [readable(self.mailbox.waker())], None);
            }
        }
        Ok(())
    }

    /// Obeys a command. Returns the command that interrupted it and must be obeyed next.
    fn obey(&mut self, command: Command) -> Result<Option<Command>, Stopped> {
        match (command, &mut self.run) {
            (Command::Load(experiment), _) => {
                self.experiment = experiment;
                self.load()?;
            }
            (Command::Reset, _) => self.load()?,
            (Command::Step(side), Some(run)) if !self.is_playing => {
                run.step(side);
            }
            (Command::StepNext, Some(run)) if !self.is_playing => {
                run.step_next();
            }
            (Command::Play, _) => self.is_playing = true,
            (Command::Series { runs }, _) => return self.series(runs),
            (Command::Step(_) | Command::StepNext, _) => {}
        }
        Ok(None)
    }

    /// Closes all sockets and starts the experiment again.
    fn load(&mut self) -> Result<(), Stopped> {
        self.run = None;
        self.is_playing = false;
        let kernel = SocketKernel::new(self.experiment.clients.len())?;
        self.run = Some(Run::new(&self.experiment, kernel).map_err(io::Error::other)?);
        self.reports.send(&Report::Loaded)
    }

    /// Lets the run go on as far as it can, and reports the events. Returns until when it waits then, in
    /// microseconds since it began. `None`: there is no run, or it is over.
    fn go_on(&mut self) -> Result<Option<u64>, Stopped> {
        let Some(run) = &mut self.run else { return Ok(None) };
        let next = if self.is_playing {
            run.play()
        } else {
            run.progress();
            let until = run.next_wake().unwrap_or(MAX_RUN_US);
            run.end().map_or(Next::WaitUntil(until), Next::Over)
        };
        let events = run.take_events();
        let end = match next {
            Next::WaitUntil(until) => {
                self.reports.events(events)?;
                return Ok(Some(until.min(MAX_RUN_US)));
            }
            Next::Over(end) => end,
        };
        self.run = None;
        self.reports.events(events)?;
        self.reports.send(&Report::Over(end))?;
        Ok(None)
    }

    /// Runs the experiment `runs` times, each program in a thread. Returns the command that interrupted the
    /// series.
    fn series(&mut self, runs: u16) -> Result<Option<Command>, Stopped> {
        self.run = None;
        let deadline = Instant::now() + Duration::from_micros(MAX_RUN_US);
        for _ in 0..runs {
            match free_run::run(&self.experiment, &mut self.mailbox, deadline)? {
                Ending::Over(sizes) => self.reports.send(&Report::ChunkSizes(sizes))?,
                Ending::TimeOver => break,
                Ending::Interrupted(command) => {
                    self.reports.send(&Report::SeriesOver)?;
                    return Ok(Some(command));
                }
            }
        }
        self.reports.send(&Report::SeriesOver)?;
        self.load()?;
        Ok(None)
    }
}

/// The channel to the client.
struct Reports(mpsc::Sender<Bytes>);

impl Reports {
    fn send(&self, report: &Report) -> Result<(), Stopped> {
        let sent = self.0.blocking_send(report.encode().into());
        sent.map_err(|_| Stopped::SessionGone)
    }

    /// Sends events, in as many reports as needed.
    fn events(&self, events: Vec<Event>) -> Result<(), Stopped> {
        let (mut batch, mut length) = (Vec::new(), 0);
        for event in events {
            let more = event.encoded_bound();
            if length + more > MAX_EVENTS_REPORT && !batch.is_empty() {
                self.send(&Report::Events(std::mem::take(&mut batch)))?;
                length = 0;
            }
            length += more;
            batch.push(event);
        }
        if batch.is_empty() { Ok(()) } else { self.send(&Report::Events(batch)) }
    }
}
