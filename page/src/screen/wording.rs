//! The texts for programs, calls and what they wait for, in the user's language.

use framescope_lab::{Doing, Ended};
use framescope_syscall::{BlockedOn, Syscall};

use crate::state::State;
use crate::text::Locale;
use crate::text::bytes::python_repr;

/// The number of bytes of a call or a result that are shown.
pub(super) const PREVIEW: usize = 24;

/// The name of a program.
#[must_use]
pub fn program_name(state: &State, program: usize) -> &str {
    let programs = &state.lab.shown_trace().experiment.programs;
    match programs.get(program).map(|program| program.name.as_str()) {
        Some("server") => state.locale.text("server"),
        Some("client") => state.locale.text("client"),
        Some(name) => name,
        None => "",
    }
}

/// The name of a program that may not be known.
#[must_use]
pub fn name_or_unknown(state: &State, program: Option<usize>) -> &str {
    program.map_or("?", |program| program_name(state, program))
}

/// The text for what a blocked call waits for.
#[must_use]
pub fn waits_for(locale: &Locale, on: BlockedOn) -> &str {
    match on {
        BlockedOn::Handshake => locale.text("waits-handshake"),
        BlockedOn::Client => locale.text("waits-client"),
        BlockedOn::Bytes => locale.text("waits-bytes"),
        BlockedOn::BufferSpace => locale.text("waits-buffer-space"),
        BlockedOn::Readiness => locale.text("waits-readiness"),
        BlockedOn::Clock => locale.text("waits-clock"),
    }
}

/// A call as a program makes it, without its socket: whose it is, the screen shows.
#[must_use]
pub fn call_text(call: &Syscall) -> String {
    match call {
        Syscall::Send { bytes, .. } => format!("send({})", python_repr(&bytes.0, PREVIEW)),
        Syscall::Recv { length, .. } => format!("recv({length})"),
        Syscall::Listen { backlog, .. } => format!("listen({backlog})"),
        Syscall::Connect { address, .. } => format!("connect({address})"),
        Syscall::Bind { address, .. } => format!("bind({address})"),
        Syscall::Accept { .. }
        | Syscall::Shutdown { .. }
        | Syscall::Close { .. }
        | Syscall::Socket
        | Syscall::SetOption { .. }
        | Syscall::GetOption { .. }
        | Syscall::LocalAddress { .. }
        | Syscall::PeerAddress { .. }
        | Syscall::Select { .. }
        | Syscall::Sleep { .. }
        | Syscall::Time(_) => {
            let text = call.to_string();
            let name = text.split('(').next().unwrap_or_default().to_owned();
            match (call, text.split_once(", ")) {
                (Syscall::Shutdown { .. }, Some((_, how))) => format!("{name}({how}"),
                (Syscall::Select { .. } | Syscall::Sleep { .. } | Syscall::SetOption { .. }, _) => {
                    text
                }
                _ => format!("{name}()"),
            }
        }
    }
}

/// What a thread does, if it waits.
#[must_use]
pub fn doing_text(locale: &Locale, doing: Doing<'_>) -> String {
    match doing {
        Doing::Waits(call, on) => format!("‖ {} · {}", call_text(call), waits_for(locale, on)),
        Doing::Reads => format!("‖ {}", locale.text("waits-input")),
        Doing::Joins => format!("‖ {}", locale.text("waits-thread")),
        Doing::Runs => locale.text("runs").to_owned(),
        Doing::Stands => String::new(),
        Doing::Ended => locale.text("ended").to_owned(),
    }
}

/// How a program has ended.
#[must_use]
pub fn ended_text(locale: &Locale, ended: &Ended) -> String {
    match ended {
        Ended::Exit(0) => locale.text("ended").to_owned(),
        Ended::Exit(status) => locale.fill("ended-status", &[("status", status)]),
        Ended::Exception(exception) => format!("✕ {}", exception.class),
        Ended::Syntax { class, .. } => format!("✕ {class}"),
        Ended::Refused { .. } => locale.text("ended-refused").to_owned(),
        Ended::Blocked { .. } => locale.text("ended-blocked").to_owned(),
        Ended::Spins { .. } => locale.text("ended-spins").to_owned(),
        Ended::NotStarted => locale.text("not-started").to_owned(),
    }
}
