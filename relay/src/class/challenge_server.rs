//! The challenge of a class: programs connect, say whose they are, and are played a case.
//!
//! A program's first message is the ticket on its participant's page. It is played the next case that it has not passed. When
//! there is none behind the last one, the connection is closed without a message, and the next one begins from the front.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use framescope_challenge::{Case, Verdict};
use framescope_class::{Entry, ParticipantId, Recordings, Ticket, Tried};
use framescope_framing::HeaderFormat;
use framescope_record::{Bridge, MAX_RECV, Recording};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, debug, info_span};

use super::classroom::Classroom;
use crate::challenge::{PATIENCE, Played, Tape, greet, play, play_right};
use crate::net::accept;
use crate::sessions::{Session, Sessions};

/// How long a wrong ticket takes. Whoever guesses a PIN tries half a million.
const WRONG_TICKET: Duration = Duration::from_secs(5);

/// The most wrong tickets at a time, altogether and of one address. With one more, no ticket of the address is looked at.
const MAX_WRONG: usize = 1024;
const MAX_WRONG_PER_ADDRESS: usize = 32;

/// How many seeds there are. A seed is short, because somebody types it.
const SEEDS: u32 = 1_000_000;

/// Serves until `stop` is cancelled. `arrivals` counts the programs that have not said whose they are.
pub(crate) async fn serve_challenge(
    class: Arc<Classroom>,
    listener: TcpListener,
    header: HeaderFormat,
    arrivals: Sessions,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let tickets = Sessions::new(MAX_WRONG, MAX_WRONG_PER_ADDRESS);
    loop {
        let (client, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = stop.cancelled() => break,
        };
        // One too many is closed.
        let Ok(permit) = arrivals.open(peer.ip()) else { continue };
        let (class, stop) = (Arc::clone(&class), stop.clone());
        let tickets = tickets.clone();
        let served = async move {
            tokio::select! {
                () = serve(&class, client, peer.ip(), header, permit, &tickets) => {}
                () = stop.cancelled() => {}
            }
        };
        tasks.spawn(served.instrument(info_span!("challenge", %peer)));
    }
}

async fn serve(
    class: &Classroom,
    mut client: TcpStream,
    peer: IpAddr,
    header: HeaderFormat,
    permit: Session,
    tickets: &Sessions,
) {
    let greeting = match greet(&mut client, header, PATIENCE).await {
        Ok(greeting) => greeting,
        Err(error) => {
            debug!("{error}");
            return;
        }
    };
    let Ok(ticket_at) = tickets.open(peer) else { return };
    let ticket = str::from_utf8(&greeting).ok().and_then(|text| text.parse::<Ticket>().ok());
    let Some(ticket) = ticket.filter(|ticket| class.has_ticket(*ticket)) else {
        sleep(WRONG_TICKET).await;
        return;
    };
    drop(ticket_at);
    let participant = ticket.participant();
    // A program that was started again at once comes before the last one is done with.
    let Ok(Ok(_program)) = timeout(PATIENCE, class.program_of(participant)).await else { return };
    drop(permit);
    let (Some(case), Some(seed)) = (class.next_case(participant), random_seed()) else { return };
    let tried = try_case(class, &mut client, participant, case, seed, header).await;
    // A participant stays one.
    let _ = class.apply(Entry::Tried(participant, tried)).await;
}

/// Plays a case with a program. If it fails, a right one plays the same, and both recordings are kept.
async fn try_case(
    class: &Classroom,
    client: &mut TcpStream,
    participant: ParticipantId,
    case: Case,
    seed: u64,
    header: HeaderFormat,
) -> Tried {
    let Played { verdict, tape } = play(client, case, seed, header, PATIENCE).await;
    let failure = match verdict {
        Verdict::Passed => None,
        Verdict::Failed(failure) => Some(failure),
    };
    match &failure {
        None => class.forget_recordings(participant, case),
        Some(failure) => {
            let right = play_right(case, seed, header).await.ok();
            let right = right.and_then(|right| {
                recording(right.tape, header, "all answers are right".to_owned())
            });
            let failed = recording(tape, header, failure.reason.to_string());
            if let (Some(failed), Some(right)) = (failed, right) {
                class.keep_recordings(participant, Recordings { case, seed, failed, right });
            }
        }
    }
    Tried { case, seed, failure }
}

fn random_seed() -> Option<u64> {
    getrandom::u32().ok().map(|number| u64::from(number % SEEDS))
}

/// What was played, as a recording. Its target's name is empty: the page knows what it is.
fn recording(tape: Tape, header: HeaderFormat, mut end: String) -> Option<Recording> {
    if tape.is_cut() {
        end.push_str(" (the recording is cut)");
    }
    let bridge =
        Bridge { target: String::new(), recv: MAX_RECV, delay_ms: 0, nodelay: true, header };
    Recording::new(bridge, tape.into_events(), end).ok()
}
