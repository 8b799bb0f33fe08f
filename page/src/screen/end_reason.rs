//! The text for why a session ended, in the user's language.

use framescope_protocol::EndReason;

use crate::text::Locale;

/// Why a session or its recording ended, from the relay's text. A reason that is not known is shown as it is.
#[must_use]
pub fn end_reason(locale: &Locale, text: &str) -> String {
    match EndReason::parse(text) {
        EndReason::TargetClosed => locale.text("end-target-closed").to_owned(),
        EndReason::TargetFailed(error) => locale.fill("end-target-failed", &[("error", &error)]),
        EndReason::ClientClosed => locale.text("end-client-closed").to_owned(),
        EndReason::ClientFailed(error) => locale.fill("end-client-failed", &[("error", &error)]),
        EndReason::ClientSilent => locale.text("end-client-silent").to_owned(),
        EndReason::Idle(limit) => locale.fill("end-idle", &[("limit", &limit)]),
        EndReason::ClientSentText => locale.text("end-client-sent-text").to_owned(),
        EndReason::RelayStopping => locale.text("end-relay-stopping").to_owned(),
        EndReason::RecordingFull => locale.text("end-recording-full").to_owned(),
        EndReason::RecordingUnfinished => locale.text("end-recording-unfinished").to_owned(),
        EndReason::BrokeOff => locale.text("end-broke-off").to_owned(),
        EndReason::WorkerNotStarted(error) => {
            locale.fill("end-worker-not-started", &[("error", &error)])
        }
        EndReason::WorkerMemory(limit) => locale.fill("end-worker-memory", &[("limit", &limit)]),
        EndReason::WorkerProcessor(limit) => {
            locale.fill("end-worker-processor", &[("limit", &limit)])
        }
        EndReason::WorkerEnded(by) => locale.fill("end-worker-ended", &[("by", &by)]),
        EndReason::WorkerSilent(time) => locale.fill("end-worker-silent", &[("time", &time)]),
        EndReason::Other(text) => text.to_owned(),
    }
}
