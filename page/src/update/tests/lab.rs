//! Tests of the lab, in the steps of a user. Programs run on the simulated kernel.

mod channel;
mod course;
mod lessons;
mod mirror;
mod moments;
mod network;
mod next;
mod programs;
mod runs;
mod watched;
mod what_if;

use framescope_engine::programs::{Programs, Session, settle};
use framescope_engine::sockets::SimulatedKernel;
use framescope_lab::{Command, Event, Experiment, Report, find_variant};
use framescope_record::Direction;

use super::{Page, info};
use crate::effect::Effect;
use crate::msg::{LabMsg, Move, Msg};
use crate::state::Link;

/// The next step.
const NEXT_STEP: Msg = Msg::Stepped(Move::By(1));

const SERVER: &str = "\
import socket
server = socket.socket()
server.bind(('127.0.0.1', 9527))
server.listen(5)
conn, addr = server.accept()
print('got', conn.recv(1024))
";

const CLIENT: &str = "\
import socket
client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.send(b'hello')
client.close()
";

impl Page {
    /// A page with this fragment and no relay.
    pub(super) fn alone(fragment: &str) -> Self {
        let mut page = Self::with(Link::parse(fragment));
        page.tell(Msg::Started);
        page.tell(Msg::RelayInfoArrived(None));
        page
    }

    /// A page with this fragment and a relay.
    pub(super) fn with_lab(fragment: &str) -> Self {
        let mut page = Self::with(Link::parse(fragment));
        page.tell(Msg::Started);
        page.tell(Msg::RelayInfoArrived(Some(info())));
        page
    }

    pub(super) fn lab(&mut self, msg: LabMsg) -> Vec<Effect> {
        self.tell(Msg::Lab(msg))
    }

    /// What runs the programs sends this report.
    fn report(&mut self, report: &Report) {
        let number = self.state.lab.number;
        self.lab(LabMsg::Reported(number, report.encode()));
    }

    /// The numbers of bytes that were received and that wait, at the moment on screen.
    fn bytes(&self) -> (u64, u64) {
        let moment = self.state.moment();
        let received = moment.end(Direction::Received);
        (received, moment.end(Direction::Sent) - received)
    }

    fn printed(&self, program: usize) -> String {
        let printed = self.state.lab.printed(program, self.state.event()).into_iter();
        printed.map(|one| one.text).collect()
    }

    fn edit(&mut self, texts: &[&str]) {
        self.lab(LabMsg::EditToggled);
        for (program, text) in texts.iter().enumerate() {
            self.lab(LabMsg::ProgramTyped(program, (*text).to_owned()));
        }
    }
}

/// A page whose programs run.
struct Bench {
    page: Page,
    session: Session<Programs<SimulatedKernel>>,
}

impl Bench {
    fn new(page: Page) -> Self {
        Self { page, session: Session::new(SimulatedKernel::new) }
    }

    /// A page in which the user has these programs.
    fn with(texts: &[&str]) -> Self {
        let mut bench = Self::new(Page::alone("lesson=own"));
        bench.page.edit(texts);
        bench.lab(LabMsg::EditToggled);
        bench
    }

    fn lab(&mut self, msg: LabMsg) -> Vec<Effect> {
        self.tell(Msg::Lab(msg))
    }

    /// Tells the page something, and carries out what it commands. Returns its other effects.
    fn tell(&mut self, msg: Msg) -> Vec<Effect> {
        let mut effects: std::collections::VecDeque<_> = self.page.tell(msg).into();
        let mut others = Vec::new();
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::LabOpen { number, .. } => {
                    self.session = Session::new(SimulatedKernel::new);
                    effects.extend(self.page.lab(LabMsg::ChannelOpened(number)));
                }
                Effect::LabSend(command) => {
                    self.session.command(Command::decode(&command).expect("it can be read"));
                    let settled: Result<(), std::convert::Infallible> =
                        settle(&mut self.session, |_| Ok(()));
                    settled.expect("nothing stops it");
                    let number = self.page.state.lab.number;
                    for report in self.session.take_reports() {
                        let reported = LabMsg::Reported(number, report.encode());
                        effects.extend(self.page.lab(reported));
                    }
                }
                other => others.push(other),
            }
        }
        others
    }

    fn next(&mut self) -> Vec<Effect> {
        self.tell(Msg::Stepped(Move::By(1)))
    }
}

/// The commands that the effects send, decoded.
fn commands(effects: &[Effect]) -> Vec<Command> {
    let read = |effect: &Effect| match effect {
        Effect::LabSend(command) => Some(Command::decode(command).expect("the relay can read it")),
        _ => None,
    };
    effects.iter().filter_map(read).collect()
}

/// The events of a run of a lesson.
fn events_of(name: &str) -> Vec<Event> {
    let mut bench = Bench::new(Page::alone(&format!("lesson={name}")));
    bench.lab(LabMsg::RunToggled);
    bench.page.state.lab.trace.events.clone()
}

/// The experiment of a lesson, in which the user types.
fn typed_by_hand(name: &str) -> Experiment {
    let mut experiment = find_variant(name).expect("the lesson is there").experiment();
    for program in &mut experiment.programs {
        program.stdin = None;
    }
    experiment
}
