//! A class that is going on: its state, and what of it is published.

use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use framescope_challenge::Case;
use framescope_class::{
    Ask, Challenge, Class, ClassAddress, Code, ConsoleId, ConsoleKey, Entry, Export, Measured,
    Name, Own, ParticipantId, Question, Recordings, Refused, Ticket, ToTeacher, Token, ToldConsole,
    ToldProjector,
};
use framescope_lab::{Variant, find_variant};
use subtle::ConstantTimeEq as _;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::config::{ClassConfig, of_lesson};
use super::connections::{Connection, Connections};
use super::log_lost::{LogGone, LogLost};
use super::published::Published;
use super::recordings::KeptRecordings;
use super::shared::Log;

/// How long counts of joins and bets wait for more of them. What the teacher decides waits for nothing.
const GATHER_COUNTS: Duration = Duration::from_millis(200);

/// How long what the teacher's page shows waits for more of it: a step is several messages, and each page of the class is
/// written to once.
const GATHER_SHOWN: Duration = Duration::from_millis(4);

/// The most pages of one participant, and of all at this relay. A page takes 12 KiB.
const MAX_PAGES: u8 = 4;
const MAX_ALL_PAGES: usize = 40_000;

/// The most programs of one participant that are played a case at a time, and of all. One more of a participant waits for a while;
/// one more of all is closed without a message.
const MAX_PROGRAMS: u8 = 2;
const MAX_ALL_PROGRAMS: usize = 1024;

/// A class that is going on.
#[derive(Debug)]
pub(crate) struct Classroom {
    config: ClassConfig,
    /// With this token the teacher's pages run on the relay's own sockets.
    token: Option<String>,
    addresses: Vec<ClassAddress>,
    challenge: Option<Challenge>,
    state: Mutex<State>,
    /// The log, if other relays have the class too.
    log: Option<Log>,
    pages: Connections,
    programs: Connections,
    published: watch::Sender<Published>,
    /// Counts have changed since they were published.
    counts: watch::Sender<bool>,
    /// What the teacher's page shows has changed since it was published.
    shown: watch::Sender<bool>,
}

/// A class of a relay, for whoever started it.
#[derive(Clone, Debug)]
pub struct ClassHandle(pub(crate) Arc<Classroom>);

impl ClassHandle {
    /// The addresses at which students reach the page.
    #[must_use]
    pub fn addresses(&self) -> Vec<ClassAddress> {
        self.0.addresses.clone()
    }

    /// The port at which programs take the challenge, if there is one.
    #[must_use]
    pub fn challenge_port(&self) -> Option<u16> {
        self.0.challenge.map(|challenge| challenge.port)
    }

    /// What is kept of the class, as a table or as JSON. Without names, unless they are asked for.
    #[must_use]
    pub fn exported(&self, as_table: bool, with_names: bool) -> String {
        self.0.exported(as_table, with_names)
    }
}

/// Each time that there is news, waits a while for more of it, and then publishes. It never ends, because the sender does not.
async fn after(news: &watch::Sender<bool>, gather: Duration, publish: impl Fn()) {
    let mut news = news.subscribe();
    while news.wait_for(|are_new| *are_new).await.is_ok() {
        sleep(gather).await;
        publish();
    }
}

fn is_new(news: &watch::Sender<bool>) {
    news.send_if_modified(|are_new| !std::mem::replace(are_new, true));
}

/// When pages are told of something.
enum Publish {
    WithMoreCounts,
    WithMoreThatIsShown,
    AtOnce,
}

#[derive(Debug)]
struct State {
    class: Class,
    /// Whether the console in charge is at this relay: it was when it last did something.
    has_teacher: bool,
    /// The case that was last played with each participant's program, in the round that goes on.
    rounds: HashMap<ParticipantId, Case>,
    recordings: KeptRecordings,
}

impl Classroom {
    /// `base` is the page's address without its host: its scheme and its port.
    pub(crate) fn new(
        config: ClassConfig,
        token: Option<String>,
        base: (&str, u16),
        challenge: Option<Challenge>,
    ) -> Self {
        let addresses = config.hosts.addresses(base);
        let log = config.shared.clone().map(Log::new);
        let class = Class::new();
        let published = watch::Sender::new(Published::new(&class));
        let state = State {
            class,
            has_teacher: log.is_none(),
            rounds: HashMap::new(),
            recordings: KeptRecordings::default(),
        };
        let state = Mutex::new(state);
        let pages = Connections::at_most(MAX_PAGES, MAX_ALL_PAGES);
        let programs = Connections::at_most(MAX_PROGRAMS, MAX_ALL_PROGRAMS);
        let [counts, shown] = [watch::Sender::new(false), watch::Sender::new(false)];
        Self {
            config,
            token,
            addresses,
            challenge,
            state,
            log,
            pages,
            programs,
            published,
            counts,
            shown,
        }
    }

    /// Applies what other relays append, and publishes what may wait a while after it has changed, until `stop` is cancelled.
    pub(crate) async fn run(&self, stop: &CancellationToken) {
        let counts = after(&self.counts, GATHER_COUNTS, || self.publish(&self.state()));
        let shown = after(&self.shown, GATHER_SHOWN, || self.publish_shown(&self.state()));
        let log = async {
            match &self.log {
                Some(log) => log.run(|is_own, entry| self.commit(is_own, entry)).await,
                None => pending().await,
            }
        };
        tokio::select! {
            ((), ()) = async { tokio::join!(counts, shown) } => {}
            LogGone = log => {
                error!("NATS has this class no longer, so this relay stops; start it again for a new one");
                stop.cancel();
            }
            () = stop.cancelled() => {}
        }
    }

    /// What is published, from now on.
    pub(super) fn published(&self) -> watch::Receiver<Published> {
        self.published.subscribe()
    }

    pub(super) fn has_code(&self, code: Code) -> bool {
        self.config.code == code
    }

    /// Takes the same time for every key.
    pub(super) fn has_key(&self, key: ConsoleKey) -> bool {
        self.config.key.0.ct_eq(&key.0).into()
    }

    /// Who joins with this token. The page is counted until the connection is dropped.
    pub(super) async fn join(
        &self,
        token: Token,
        name: Option<Name>,
    ) -> Result<Result<(ParticipantId, Connection), Refused>, LogLost> {
        let joined = self.apply(Entry::Join { token, name }).await?;
        Ok(joined.and_then(|()| {
            let id = self.state().class.participant(&token).ok_or(Refused::Unknown)?;
            let connection = self.pages.open(id)?;
            Ok((id, connection))
        }))
    }

    /// Lets something happen, and tells it. A class that several relays have is asked through its log.
    pub(super) async fn apply(&self, entry: Entry) -> Result<Result<(), Refused>, LogLost> {
        match &self.log {
            Some(log) => log.append(entry).await,
            None => Ok(self.commit(true, entry)),
        }
    }

    /// Lets something happen that was asked of this relay or of another one, and tells it.
    fn commit(&self, is_own: bool, entry: Entry) -> Result<(), Refused> {
        let publish = match entry {
            Entry::Join { .. } | Entry::Bet { .. } | Entry::Tried(..) | Entry::Measured { .. } => {
                Publish::WithMoreCounts
            }
            Entry::Show(..) => Publish::WithMoreThatIsShown,
            Entry::Enter { .. } | Entry::TakeOver(_) | Entry::Ask(..) | Entry::Command(..) => {
                Publish::AtOnce
            }
        };
        let console = entry.console();
        let mut state = self.state();
        state.class.apply(entry)?;
        if console.is_some() && console == state.class.console() {
            state.has_teacher = is_own;
        }
        match publish {
            Publish::WithMoreCounts => is_new(&self.counts),
            Publish::WithMoreThatIsShown => is_new(&self.shown),
            Publish::AtOnce => self.publish(&state),
        }
        Ok(())
    }

    /// The console in charge asks a question.
    pub(super) async fn ask(
        &self,
        console: ConsoleId,
        ask: &Ask,
    ) -> Result<Result<(), Refused>, LogLost> {
        let asked = match ask {
            Ask::Step(number) => {
                let index = usize::try_from(*number).ok();
                let step = index.and_then(|index| self.config.plan.get(index));
                step.and_then(|step| Some((step.step.question.clone()?, step.key.clone())))
            }
            Ask::Lesson(name) => find_variant(name).and_then(of_lesson),
        };
        match asked {
            Some((question, key)) => self.apply(Entry::Ask(console, question, key)).await,
            None => Ok(Err(Refused::Question)),
        }
    }

    /// The lesson whose question is on screen and not revealed yet, and the question's number, if this relay makes its runs.
    pub(super) fn lesson_on_screen(&self) -> Option<(u32, &'static Variant)> {
        let state = self.state();
        let (number, question) = state.class.question_in_secret().filter(|_| state.has_teacher)?;
        let Question::Lesson { variant, .. } = question else { return None };
        Some((number, find_variant(variant)?))
    }

    /// The runs of the last question that have been made.
    pub(super) fn measured(&self) -> Option<Measured> {
        self.state().class.measured().cloned()
    }

    /// What a participant is told besides.
    pub(super) fn own(&self, id: ParticipantId) -> Option<Own> {
        Own::of(&self.state().class, id)
    }

    /// What a console is told.
    pub(super) fn told_console(&self, console: ConsoleId) -> ToldConsole {
        ToldConsole::of(&self.state().class, console)
    }

    /// What a projector is told.
    pub(super) fn told_projector(&self) -> ToldProjector {
        ToldProjector::of(&self.state().class)
    }

    /// Whether students may run on the relay's own sockets.
    pub(crate) fn grants_runs(&self) -> bool {
        self.state().class.grants_runs()
    }

    /// Waits until students may not run on the relay's own sockets.
    pub(crate) async fn until_no_runs(&self) {
        let mut published = self.published();
        while self.grants_runs() {
            // The sender is the class's own.
            let _ = published.changed().await;
        }
    }

    /// What a teacher's page is told when it has entered.
    pub(super) fn entered(&self, console: Option<ConsoleId>) -> ToTeacher {
        ToTeacher::Entered {
            console,
            code: self.config.code,
            addresses: self.addresses.clone(),
            plan: self.config.plan.iter().map(|step| step.step.clone()).collect(),
            token: self.token.clone(),
            challenge: self.challenge,
        }
    }

    /// Where programs take the challenge.
    pub(super) const fn challenge(&self) -> Option<Challenge> {
        self.challenge
    }

    /// Whether this ticket is that of its participant.
    pub(super) fn has_ticket(&self, ticket: Ticket) -> bool {
        self.state().class.has_ticket(ticket)
    }

    /// Counts a program of a participant until it is dropped. If the participant has too many, it waits for the end of one.
    pub(super) async fn program_of(&self, id: ParticipantId) -> Result<Connection, Refused> {
        self.programs.open_next(id).await
    }

    /// The case that a participant's program is played next. `None`: the round is over, and the next one begins.
    pub(super) fn next_case(&self, id: ParticipantId) -> Option<Case> {
        let mut state = self.state();
        let last = state.rounds.remove(&id);
        let next = state.class.next_case(id, last)?;
        state.rounds.insert(id, next);
        Some(next)
    }

    /// A participant's program shall be played this case next, unless it is passed.
    pub(super) fn try_next(&self, id: ParticipantId, case: Case) {
        let before = Case::ALL.into_iter().rfind(|before| *before < case);
        let mut state = self.state();
        match before {
            Some(before) => drop(state.rounds.insert(id, before)),
            None => drop(state.rounds.remove(&id)),
        }
    }

    /// Keeps the recordings of a failed case.
    pub(super) fn keep_recordings(&self, id: ParticipantId, recordings: Recordings) {
        self.state().recordings.keep(id, recordings);
    }

    /// A case is passed.
    pub(super) fn forget_recordings(&self, id: ParticipantId, case: Case) {
        self.state().recordings.remove((id, case));
    }

    /// The recordings of a failed case.
    pub(super) fn recordings(&self, id: ParticipantId, case: Case) -> Option<Box<Recordings>> {
        let kept = self.state().recordings.of(id, case)?;
        Some(Box::new(Recordings::clone(&kept)))
    }

    /// What is kept of the class, as a table or as JSON.
    pub(super) fn exported(&self, as_table: bool, with_names: bool) -> String {
        let export = Export::of(&self.state().class, with_names);
        if as_table {
            export.csv()
        } else {
            serde_json::to_string_pretty(&export).expect("its keys are texts")
        }
    }

    /// Publishes the present state. The lock is held, so that what is published is in order.
    fn publish(&self, state: &State) {
        self.counts.send_replace(false);
        self.shown.send_replace(false);
        self.published.send_modify(|published| {
            published.tell(&state.class);
            published.follow(state.class.followed());
        });
    }

    /// Publishes what the teacher's page shows. The lock is held, so that what is published is in order.
    fn publish_shown(&self, state: &State) {
        self.shown.send_replace(false);
        self.published.send_modify(|published| published.follow(state.class.followed()));
    }

    /// Nothing panics while it holds the lock, and a class is never half-changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
