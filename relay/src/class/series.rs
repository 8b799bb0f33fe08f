//! The runs beside which a class sees its votes: the experiment of the question, many times, on real sockets. They are made
//! from when the question is asked until it is revealed, and nobody sees them before.

use std::time::Duration;

use framescope_class::{Entry, Measured};
use framescope_lab::{Command, Report, Trace, Variant};
use framescope_record::Source;
use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::classroom::Classroom;
use crate::worker::{Heard, WorkerError, Workers};

/// How many runs are made of a question.
const RUNS: u32 = 200;

/// How many runs are made at once. Most lessons wait more than they compute.
const AT_ONCE: usize = 4;

/// The longest time for all runs of a question. Some lessons wait for a timer.
const TIME: Duration = Duration::from_mins(1);

/// The longest time for one run.
const ONE: Duration = Duration::from_secs(10);

/// Measures each question of a lesson that is asked, until `stop` is cancelled.
pub(crate) async fn measure(class: &Classroom, workers: &Workers, stop: &CancellationToken) {
    let measured = async {
        let mut published = class.published();
        let mut last = None;
        loop {
            match class.lesson_on_screen().filter(|(number, _)| last != Some(*number)) {
                Some((number, variant)) => {
                    if let Err(error) = series(class, workers, number, variant).await {
                        warn!(%error, lesson = variant.name, "the runs of a question have ended");
                    }
                    // If the teacher has gone to another relay, it may come back.
                    last = class.lesson_on_screen().map(|(number, _)| number);
                }
                // The sender is the class's own.
                None => drop(published.changed().await),
            }
        }
    };
    tokio::select! {
        () = measured => {}
        () = stop.cancelled() => {}
    }
}

async fn series(
    class: &Classroom,
    workers: &Workers,
    question: u32,
    variant: &'static Variant,
) -> Result<(), WorkerError> {
    let choices = variant.texts("en").choices.len();
    // Another relay may have made some of them, until the teacher's page came here.
    let mut measured = class.measured().unwrap_or(Measured { runs: vec![0; choices], other: 0 });
    let made = measured.runs.iter().sum::<u32>() + measured.other;
    let began = Instant::now();
    let runs = stream::iter(made..RUNS).map(|_| one(workers, variant)).buffer_unordered(AT_ONCE);
    tokio::pin!(runs);
    while let Some(trace) = runs.next().await {
        let trace = trace?;
        let choice = variant.outcome(&trace).and_then(|choice| measured.runs.get_mut(choice));
        *choice.unwrap_or(&mut measured.other) += 1;
        // It is refused only if there is no such question.
        let _ = class.apply(Entry::Measured { question, measured: measured.clone() }).await;
        let is_on_screen = class.lesson_on_screen().is_some_and(|(number, _)| number == question);
        if began.elapsed() > TIME || !is_on_screen {
            break;
        }
    }
    Ok(())
}

/// One run, by the rule by which programs start.
async fn one(workers: &Workers, variant: &Variant) -> Result<Trace, WorkerError> {
    let experiment = variant.experiment();
    let mut worker = workers.start().await?;
    worker.send(&Command::Load(experiment.clone()))?;
    worker.send(&Command::Play)?;
    let mut trace = Trace::new(Source::Measured, experiment);
    let run = async {
        loop {
            match worker.recv().await? {
                Heard::Report(Report::Network(network)) => trace.network = network,
                Heard::Report(Report::Events(events)) => trace.events.extend(events),
                Heard::Report(Report::Over(end)) => {
                    trace.end = Some(end);
                    return Ok(());
                }
                Heard::Report(Report::Failed(_)) => return Ok(()),
                Heard::Report(Report::Loaded(_) | Report::Next(_) | Report::Rests)
                | Heard::Obeyed => {}
            }
        }
    };
    // What has not ended by then tells as much as it does.
    timeout(ONE, run).await.unwrap_or(Ok(()))?;
    worker.end().await;
    Ok(trace)
}
