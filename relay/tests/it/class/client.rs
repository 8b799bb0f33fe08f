//! Pages of a class.

use std::net::SocketAddr;

use bytes::Bytes;
use framescope::{ChallengeConfig, ClassConfig, Hosts};
use framescope_class::{
    Answer, Ask, Challenge, Code, Command, ConsoleId, ConsoleKey, Counts, Follow, FromStudent,
    FromTeacher, Name, Own, Recordings, Refused, Role, SUBPROTOCOL, ToStudent, ToTeacher, Token,
    Told, ToldConsole, ToldProjector, Vote, decode, encode,
};

use crate::support::TestRelay;
use crate::support::websocket::{Client, Received};

pub(super) const KEY: ConsoleKey = ConsoleKey([7; 16]);

pub(super) fn code() -> Code {
    "QKF TDN".parse().expect("it is a code")
}

/// A relay with a class.
pub(super) async fn relay() -> TestRelay {
    TestRelay::start_with(|config| config.class = Some(class())).await
}

/// A relay with a class, whose lab asks for the teacher's token.
pub(super) async fn relay_with_token() -> TestRelay {
    TestRelay::start_with(|config| {
        config.class = Some(class());
        config.token = Some("a-token-of-the-teacher".parse().expect("it is a token"));
    })
    .await
}

pub(super) fn class() -> ClassConfig {
    ClassConfig {
        code: code(),
        key: KEY,
        hosts: Hosts::Own(vec![([192, 0, 2, 1].into(), "wlan0".to_owned())]),
        shared: None,
        plan: Vec::new(),
        challenge: Some(ChallengeConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            may_listen_above: false,
        }),
    }
}

/// A student's page, and what it has been told.
pub(super) struct Student {
    pub(super) client: Client,
    pub(super) token: Token,
    pub(super) told: Option<Told>,
    pub(super) counts: Counts,
    pub(super) own: Option<Own>,
    /// The parts of the trace that it follows, of the last run.
    pub(super) parts: Vec<Vec<u8>>,
    /// Where the teacher's page is. `None` if it may not be seen.
    pub(super) place: Option<String>,
    /// Where programs take the challenge.
    pub(super) challenge: Option<Challenge>,
    /// The answers to requests for recordings.
    pub(super) recordings: Vec<Option<Box<Recordings>>>,
    /// Every message that came, as it was.
    pub(super) wire: Vec<Bytes>,
    run: Option<u32>,
}

impl Student {
    pub(super) async fn join(relay: SocketAddr, name: Option<&str>) -> Self {
        Self::come(relay, None, name).await.expect("there is space")
    }

    /// Joins, or comes back with a token.
    pub(super) async fn come(
        relay: SocketAddr,
        token: Option<Token>,
        name: Option<&str>,
    ) -> Result<Self, Refused> {
        let came = Self::try_come(relay, token, name).await;
        came.unwrap_or_else(|end| panic!("an answer was expected, and this came: {end:?}"))
    }

    /// Joins, or comes back with a token. If the relay ends the session: how.
    pub(super) async fn try_come(
        relay: SocketAddr,
        token: Option<Token>,
        name: Option<&str>,
    ) -> Result<Result<Self, Refused>, Received> {
        let mut client = Client::open_offering(relay, "/class", Some(SUBPROTOCOL)).await;
        let name = name.map(|name| Name::new(name).expect("it is a name"));
        client.send(encode(&FromStudent::Join { code: code(), token, name })).await;
        let answer = match client.receive().await {
            Received::Bytes(bytes) => decode(&bytes),
            end => return Err(end),
        };
        Ok(match answer {
            Some(ToStudent::Joined { token, challenge }) => {
                let (told, own, place, run) = (None, None, None, None);
                let (parts, wire, counts) = (Vec::new(), Vec::new(), Counts::default());
                let recordings = Vec::new();
                Ok(Self {
                    client,
                    token,
                    told,
                    counts,
                    own,
                    parts,
                    place,
                    challenge,
                    recordings,
                    wire,
                    run,
                })
            }
            Some(ToStudent::Refused(refused)) => Err(refused),
            other => panic!("an answer was expected, and this came: {other:?}"),
        })
    }

    /// Takes the next message. Returns what has become of a bet, if it is that.
    pub(super) async fn hear(&mut self) -> Option<(u64, Option<Refused>)> {
        let bytes = self.client.receive_bytes().await;
        self.take(&bytes)
    }

    /// Takes messages until one says what has become of a bet. If the session ends before: how.
    pub(super) async fn hear_bet(&mut self) -> Result<(u64, Option<Refused>), Received> {
        loop {
            match self.client.receive().await {
                Received::Bytes(bytes) => {
                    if let Some(answer) = self.take(&bytes) {
                        return Ok(answer);
                    }
                }
                end => return Err(end),
            }
        }
    }

    fn take(&mut self, bytes: &Bytes) -> Option<(u64, Option<Refused>)> {
        self.wire.push(bytes.clone());
        match decode(bytes).expect("the relay sends messages") {
            ToStudent::Told(told) => self.told = Some(told),
            ToStudent::Counts(counts) => self.counts = counts,
            ToStudent::Own(own) => self.own = Some(own),
            ToStudent::Bet { number, refused, .. } => return Some((number, refused)),
            ToStudent::Follow(Follow::Nothing) => {
                (self.place, self.run) = (None, None);
                self.parts.clear();
            }
            ToStudent::Follow(Follow::Place(place)) => self.place = Some(place),
            ToStudent::Follow(Follow::Part { run, number, part }) => {
                if self.run != Some(run) {
                    self.run = Some(run);
                    self.parts.clear();
                }
                assert_eq!(usize::try_from(number), Ok(self.parts.len()), "no part is left out");
                self.parts.push(part);
            }
            ToStudent::Recordings(recordings) => self.recordings.push(recordings),
            ToStudent::Here => {}
            other @ (ToStudent::Joined { .. } | ToStudent::Refused(_)) => panic!("{other:?}"),
        }
        None
    }

    /// Takes messages until this is so.
    pub(super) async fn until(&mut self, is_so: impl Fn(&Self) -> bool) {
        while !is_so(self) {
            self.hear().await;
        }
    }

    pub(super) async fn until_told(&mut self, is_so: impl Fn(&Told) -> bool) {
        self.until(|student| student.told.as_ref().is_some_and(&is_so)).await;
    }

    /// Bets, and returns why it is not taken.
    pub(super) async fn bet(&mut self, vote: Vote, number: u64, choice: u8) -> Option<Refused> {
        let question = self.told.as_ref().and_then(|told| told.question.as_ref());
        let question = question.map_or(0, |question| question.number);
        let answer = Answer::Choice(choice);
        self.client.send(encode(&FromStudent::Bet { question, vote, number, answer })).await;
        loop {
            if let Some((answered, refused)) = self.hear().await {
                assert_eq!(answered, number);
                return refused;
            }
        }
    }
}

/// A teacher's page.
pub(super) struct Teacher {
    pub(super) client: Client,
    pub(super) console: Option<ConsoleId>,
    pub(super) told: Option<ToldConsole>,
    pub(super) projected: Option<ToldProjector>,
    /// With this token the teacher's pages run on the relay.
    pub(super) token: Option<String>,
    /// What is kept of the class, when it was asked for.
    pub(super) exported: Option<String>,
    /// The answers to requests for recordings.
    pub(super) recordings: Vec<Option<Box<Recordings>>>,
    pub(super) wire: Vec<Bytes>,
}

impl Teacher {
    pub(super) async fn enter(relay: SocketAddr, role: Role) -> Self {
        Self::enter_with(relay, KEY, role).await
    }

    pub(super) async fn enter_with(relay: SocketAddr, key: ConsoleKey, role: Role) -> Self {
        let mut client = Client::open_offering(relay, "/class/console", Some(SUBPROTOCOL)).await;
        client.send(encode(&FromTeacher::Enter { key, role })).await;
        match decode(&client.receive_bytes().await) {
            Some(ToTeacher::Entered { console, code: its_code, addresses, token, .. }) => {
                assert_eq!((its_code, addresses.len()), (code(), 1));
                let (told, projected, exported, wire) = (None, None, None, Vec::new());
                let recordings = Vec::new();
                Self { client, console, told, projected, token, exported, recordings, wire }
            }
            other => panic!("an answer was expected, and this came: {other:?}"),
        }
    }

    pub(super) async fn console(relay: SocketAddr) -> Self {
        Self::enter(relay, Role::Console { number: None, before: None }).await
    }

    pub(super) async fn say(&mut self, message: &FromTeacher) {
        self.client.send(encode(message)).await;
    }

    pub(super) async fn command(&mut self, command: Command) {
        self.say(&FromTeacher::Command(command)).await;
    }

    /// Asks the question of a lesson with four choices.
    pub(super) async fn ask(&mut self) {
        self.say(&FromTeacher::Ask(Ask::Lesson("4c".to_owned()))).await;
    }

    /// Takes the next message. Returns why a command was refused, if it is that.
    pub(super) async fn hear(&mut self) -> Option<Refused> {
        let bytes = self.client.receive_bytes().await;
        self.wire.push(bytes.clone());
        match decode(&bytes).expect("the relay sends messages") {
            ToTeacher::Console(told) => self.told = Some(told),
            ToTeacher::Projector(told) => self.projected = Some(told),
            ToTeacher::Exported { part, is_last: true, .. } => self.exported = Some(part),
            ToTeacher::Refused(refused) => return Some(refused),
            ToTeacher::Recordings(recordings) => self.recordings.push(recordings),
            ToTeacher::Follow(_) | ToTeacher::Here => {}
            other @ (ToTeacher::Entered { .. } | ToTeacher::Exported { is_last: false, .. }) => {
                panic!("{other:?}")
            }
        }
        None
    }

    /// Takes messages of a console until this is so.
    pub(super) async fn until(&mut self, is_so: impl Fn(&ToldConsole) -> bool) {
        while !self.told.as_ref().is_some_and(&is_so) {
            self.hear().await;
        }
    }

    /// Takes messages until a command is refused.
    pub(super) async fn until_refused(&mut self) -> Refused {
        loop {
            if let Some(refused) = self.hear().await {
                return refused;
            }
        }
    }
}
