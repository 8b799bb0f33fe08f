//! Programs that the page steps, on the simulated kernel.

use std::convert::Infallible;

use framescope_engine::programs::{Driven, Programs, Session, Steppable as _, go_on, settle};
use framescope_engine::sockets::SimulatedKernel;
use framescope_lab::{
    Backlog, Command, Ended, Event, EventKind, Experiment, Network, Program, Report, RunEnd, Start,
    TcpState, Turn, Until, When, WireAction, WireCommand, WireRule,
};
use framescope_syscall::{BlockedOn, Returned, Syscall};

const SERVER: &str = "\
import socket
server = socket.socket()
server.bind(('127.0.0.1', 9527))
server.listen(5)
conn, addr = server.accept()
print(conn.recv(1024))
conn.close()
";

const CLIENT: &str = "\
import socket
client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.send(b'hello')
client.close()
";

struct Lab {
    session: Session<Programs<SimulatedKernel>>,
    reports: Vec<Report>,
    /// Who takes the next turn.
    next: Option<(usize, usize)>,
    /// Whether the last command led to [`Report::Rests`], and nothing happened after that.
    rests: bool,
}

impl Lab {
    fn new(texts: &[&str]) -> Self {
        Self::load(experiment(texts))
    }

    fn load(experiment: Experiment) -> Self {
        let session = Session::new(SimulatedKernel::new);
        let mut lab = Self { session, reports: Vec::new(), next: None, rests: false };
        lab.command(Command::Load(experiment));
        lab
    }

    /// Carries out a command. Returns what happened.
    fn command(&mut self, command: Command) -> Vec<Event> {
        self.session.command(command);
        let settled: Result<(), Infallible> = settle(&mut self.session, |_| Ok(()));
        settled.unwrap();
        self.reports = self.session.take_reports();
        self.rests = false;
        self.reports.retain(|report| {
            match report {
                Report::Next(next) => self.next = *next,
                Report::Rests => self.rests = true,
                Report::Events(_) => self.rests = false,
                Report::Loaded(_) | Report::Network(_) | Report::Over(_) | Report::Failed(_) => {}
            }
            !matches!(report, Report::Next(_) | Report::Rests)
        });
        let events = self.reports.iter().flat_map(|report| match report {
            Report::Events(events) => events.clone(),
            Report::Loaded(_)
            | Report::Network(_)
            | Report::Over(_)
            | Report::Failed(_)
            | Report::Next(_)
            | Report::Rests => Vec::new(),
        });
        events.collect()
    }

    fn step(&mut self, program: usize, thread: usize, until: Until) -> Vec<Event> {
        self.command(Command::Step(Turn { program, thread, until }))
    }

    fn is_over(&self) -> bool {
        self.reports.contains(&Report::Over(RunEnd::Finished))
    }
}

pub(crate) fn experiment(texts: &[&str]) -> Experiment {
    let programs = texts.iter().enumerate().map(|(index, text)| Program {
        name: format!("program{index}"),
        file: format!("program{index}.py"),
        text: (*text).to_owned(),
        ..Program::default()
    });
    let starts = (0..texts.len()).map(|program| Start { program, when: When::Settled });
    Experiment { programs: programs.collect(), starts: starts.collect(), ..Experiment::default() }
}

fn calls(events: &[Event]) -> Vec<(usize, u32, String)> {
    let calls = events.iter().filter_map(|event| match &event.kind {
        EventKind::Called(call, _) => Some((event.program, event.line, call.to_string())),
        _ => None,
    });
    calls.collect()
}

fn lines(events: &[Event]) -> Vec<u32> {
    let stops = events.iter().filter(|event| matches!(event.kind, EventKind::Line(_)));
    stops.map(|event| event.line).collect()
}

fn printed(events: &[Event]) -> String {
    let texts = events.iter().filter_map(|event| match &event.kind {
        EventKind::Printed(output) => Some(output.text.as_str()),
        _ => None,
    });
    texts.collect()
}

fn variable<'a>(events: &'a [Event], name: &str) -> Option<&'a str> {
    let shown = events.iter().rev().find_map(|event| match &event.kind {
        EventKind::Variables(all) => Some(all),
        _ => None,
    });
    shown?.iter().find(|variable| variable.name == name).map(|variable| variable.value.as_str())
}

#[test]
fn nothing_runs_before_a_step() {
    let mut lab = Lab::new(&[SERVER, CLIENT]);
    assert_eq!(lab.reports, [Report::Loaded(Vec::new()), Report::Network(Network::Wire)]);
    assert_eq!(lab.command(Command::Hold), []);
}

#[test]
fn who_takes_the_next_turn_is_said_before_each_step() {
    let mut ordered = experiment(&["a = 1\nb = 2\n", "c = 3\n"]);
    ordered.order = vec![Turn { program: 1, thread: 0, until: Until::Line }];
    let mut lab = Lab::load(ordered);
    let mut said = Vec::new();
    while let Some((program, _)) = lab.next.filter(|_| !lab.is_over()) {
        let events = lab.command(Command::StepNext(Until::Line));
        assert!(!events.is_empty() && events.iter().all(|event| event.program == program));
        said.push(program);
    }
    assert_eq!(said, [1, 0, 1, 0, 0]);
}

#[test]
fn what_is_wrong_with_a_text_is_said_when_it_is_loaded() {
    let lab = Lab::new(&[SERVER, "import socket\nprint（1)\n", "import asyncio\n"]);
    let [Report::Loaded(problems), Report::Network(_)] = &lab.reports[..] else {
        panic!("{:?}", lab.reports)
    };
    let [syntax, refused] = &problems[..] else { panic!("{problems:?}") };
    assert_eq!((syntax.program, syntax.line, syntax.column), (1, 2, 6));
    assert_eq!(syntax.class.as_deref(), Some("SyntaxError"));
    assert_eq!(syntax.message, "invalid character '（' (U+FF08)");
    assert_eq!((refused.program, refused.line, refused.class.as_deref()), (2, 1, None));
}

#[test]
fn a_step_goes_on_until_the_call_has_returned_and_its_statement_is_over() {
    let mut lab = Lab::new(&[SERVER, CLIENT]);
    let events = lab.step(0, 0, Until::Call);
    assert_eq!(calls(&events), [(0, 2, "socket()".to_owned())]);
    assert_eq!(lines(&events), [3]);
    assert_eq!(variable(&events, "server"), Some("<socket.socket fd=3>"));
    let events = lab.step(0, 0, Until::Call);
    assert_eq!(calls(&events), [(0, 3, "bind(3, 127.0.0.1:9527)".to_owned())]);
    assert_eq!(lines(&events), [4]);
}

#[test]
fn a_step_whose_call_waits_is_over_when_another_program_lets_it_return() {
    let mut lab = Lab::new(&[SERVER, CLIENT]);
    for _ in 0..3 {
        lab.step(0, 0, Until::Call);
    }
    let events = lab.step(0, 0, Until::Call);
    assert_eq!(
        events.last().map(|event| &event.kind),
        Some(&EventKind::Blocked(BlockedOn::Client))
    );
    assert_eq!(lab.step(0, 0, Until::Call), [], "it waits");
    lab.step(1, 0, Until::Call);
    let events = lab.step(1, 0, Until::Call);
    // The last segment of the handshake is delivered, and then `accept` returns.
    let returns =
        |event: &Event| event.program == 0 && matches!(event.kind, EventKind::Returned(_));
    let returned = events.iter().position(returns).expect("accept returns");
    let before = events[..returned].iter().rev().find_map(|event| match &event.kind {
        EventKind::Sockets(sockets) if event.program == 0 => Some(sockets),
        _ => None,
    });
    let sockets = before.expect("the kernel reports");
    let backlog = sockets.first().and_then(|listener| listener.backlog);
    assert_eq!(backlog, Some(Backlog { waiting: 1, limit: 5 }), "the connection waits there");
    let waiting = sockets.get(1).map(|one| (one.fd, one.state));
    assert_eq!(waiting, Some((None, Some(TcpState::Established))));
    assert!(matches!(events[returned].kind, EventKind::Returned(Returned::Accepted { .. })));
    assert!(variable(&events, "conn").is_some() || lines(&events).contains(&6));
    let events = lab.step(0, 0, Until::Call);
    assert_eq!(calls(&events), [(0, 6, "recv(4, 1024)".to_owned())]);
    assert_eq!(printed(&events), "");
    let events = lab.step(1, 0, Until::Call);
    assert_eq!(printed(&events), "b'hello'\n");
    assert!(lines(&events).contains(&7));
}

#[test]
fn a_step_of_a_line_stops_at_the_next_statement() {
    let mut lab = Lab::new(&["a = 1\nfor b in range(2):\n    a += b\nprint(a)\n"]);
    let mut seen = Vec::new();
    let mut output = String::new();
    while !lab.is_over() {
        let events = lab.step(0, 0, Until::Line);
        seen.extend(lines(&events));
        output += &printed(&events);
        assert!(seen.len() < 20);
    }
    assert_eq!(seen, [1, 2, 3, 3, 4]);
    assert_eq!(output, "2\n");
}

#[test]
fn a_second_call_of_a_statement_is_another_step() {
    let text = "import time\nprint([time.time() > 0, time.monotonic() > 0])\nprint('end')\n";
    let mut lab = Lab::new(&[text]);
    let first = lab.step(0, 0, Until::Call);
    assert_eq!(calls(&first), [(0, 2, "time()".to_owned())]);
    assert_eq!(printed(&first), "");
    let second = lab.step(0, 0, Until::Call);
    assert_eq!(calls(&second), [(0, 2, "monotonic()".to_owned())]);
    assert_eq!(printed(&second), "[True, True]\n");
    assert_eq!(lines(&second), [3]);
}

#[test]
fn each_thread_is_stepped_by_itself() {
    let text = "\
import threading

def work(name):
    print(name)
    print(name.upper())

first = threading.Thread(target=work, args=('a',))
second = threading.Thread(target=work, args=('b',))
first.start()
second.start()
";
    let mut lab = Lab::new(&[text]);
    let mut started = Vec::new();
    while started.len() < 2 {
        let events = lab.step(0, 0, Until::Line);
        started.extend(events.iter().filter_map(|event| match event.kind {
            EventKind::Started(thread) => Some(thread),
            _ => None,
        }));
    }
    assert_eq!(started, [1, 2]);
    let mut output = String::new();
    let mut frames = Vec::new();
    for thread in [2, 2, 2, 1, 1, 1] {
        let events = lab.step(0, thread, Until::Line);
        assert!(
            events.iter().all(|event| event.thread == thread || event.thread == 0),
            "{events:?}"
        );
        output += &printed(&events);
        frames.extend(events.into_iter().filter_map(|event| match event.kind {
            EventKind::Line(frames) => {
                frames.last().map(|frame| (frame.function.clone(), frame.line))
            }
            _ => None,
        }));
    }
    assert_eq!(output, "b\nB\na\nA\n");
    assert!(frames.contains(&("work".to_owned(), 5)), "{frames:?}");
}

#[test]
fn the_order_of_the_experiment_is_stepped_and_then_programs_take_turns() {
    let turn = |program| Turn { program, thread: 0, until: Until::Call };
    let order = [0, 0, 0, 1, 1].map(turn).to_vec();
    let mut lab = Lab::load(Experiment { order, ..experiment(&[SERVER, CLIENT]) });
    let mut all = Vec::new();
    while !lab.is_over() {
        all.extend(lab.command(Command::StepNext(Until::Call)));
        assert!(all.len() < 200);
    }
    let programs: Vec<usize> = calls(&all).iter().map(|(program, ..)| *program).collect();
    assert_eq!(programs[..5], [0, 0, 0, 1, 1]);
    assert_eq!(printed(&all), "b'hello'\n");
}

#[test]
fn played_programs_run_to_their_ends() {
    let mut lab = Lab::new(&[SERVER, CLIENT]);
    let events = lab.command(Command::Play);
    assert!(lab.is_over());
    assert_eq!(printed(&events), "b'hello'\n");
    let ends = events.iter().filter(|event| event.kind == EventKind::Ended(Ended::Exit(0)));
    assert_eq!(ends.count(), 2);
    let events = lab.command(Command::Reset);
    assert_eq!((lab.reports.len(), events.len()), (2, 0));
    assert!(!lab.command(Command::Play).is_empty());
}

#[test]
fn a_run_that_is_made_again_is_the_same() {
    let server = "\
import socket
server = socket.create_server(('127.0.0.1', 9527))
conn, addr = server.accept()
print(conn.recv(1024))
";
    let mut lab = Lab::new(&[server, CLIENT]);
    let first = lab.command(Command::Play);
    for _ in 0..3 {
        lab.command(Command::Reset);
        assert_eq!(lab.command(Command::Play), first);
    }
}

#[test]
fn programs_that_wait_for_ever_have_ended_when_they_were_played() {
    let waits = "import socket\ns = socket.socket()\ns.bind(('', 9527))\ns.listen()\ns.accept()\n";
    let mut lab = Lab::new(&[waits]);
    let events = lab.command(Command::Play);
    assert!(lab.is_over());
    let last = events.last().map(|event| &event.kind);
    assert!(matches!(last, Some(EventKind::Ended(Ended::Blocked { line: 5, .. }))), "{last:?}");
    let mut reports = events.iter().rev().filter_map(|event| match &event.kind {
        EventKind::Sockets(sockets) => Some(sockets),
        _ => None,
    });
    let states: Vec<_> = reports.next().into_iter().flatten().map(|socket| socket.state).collect();
    assert_eq!(states, [Some(TcpState::Listen)], "it waits, so it has its socket");
}

#[test]
fn no_segment_is_sent_for_programs_that_wait_for_ever() {
    let waits = CLIENT.replace("client.send(b'hello')", "client.recv(1)");
    let mut lab = Lab::new(&[SERVER, &waits]);
    let events = lab.command(Command::Play);
    assert!(lab.is_over());
    let segments = events.iter().filter(|event| matches!(event.kind, EventKind::Segment(_)));
    assert_eq!(segments.count(), 3, "the handshake");
}

#[test]
fn a_program_waits_for_what_is_typed() {
    let mut lab = Lab::new(&["name = input('who? ')\nprint(name)\n"]);
    let events = lab.command(Command::Play);
    assert_eq!(printed(&events), "who? ");
    assert_eq!(events.last().map(|event| &event.kind), Some(&EventKind::Reads));
    assert!(!lab.is_over());
    let events = lab.command(Command::Type(0, Some("me".to_owned())));
    assert_eq!(printed(&events), "me\n");
    assert!(lab.is_over());
}

#[test]
fn ctrl_c_ends_a_program_that_waits() {
    let mut lab = Lab::new(&[SERVER]);
    for _ in 0..4 {
        lab.step(0, 0, Until::Call);
    }
    let events = lab.command(Command::Interrupt(0));
    assert!(printed(&events).ends_with("KeyboardInterrupt\n"), "{events:?}");
    assert!(lab.is_over());
}

#[test]
fn commands_that_name_no_program_do_nothing() {
    let mut lab = Lab::new(&[SERVER]);
    for command in [
        Command::Step(Turn { program: 9, thread: 0, until: Until::Call }),
        Command::Step(Turn { program: 0, thread: 7, until: Until::Line }),
        Command::Type(3, None),
        Command::Interrupt(0),
        Command::Interrupt(4),
    ] {
        assert_eq!(lab.command(command), []);
    }
    let mut empty = Session::new(SimulatedKernel::new);
    empty.command(Command::Play);
    empty.command(Command::Reset);
    let settled: Result<(), Infallible> = settle(&mut empty, |_| Ok(()));
    settled.unwrap();
    assert_eq!(empty.take_reports(), []);
}

#[test]
fn a_turn_of_the_order_is_not_lost_while_all_wait() {
    let turn = Turn { program: 0, thread: 0, until: Until::Line };
    let texts = ["import time\ntime.sleep(2)\na = 1\nprint('slept')\n"];
    let mut lab = Lab::load(Experiment { order: vec![turn; 4], ..experiment(&texts) });
    // To its first line, to the second, and into the sleep. Then the clock stands still.
    for _ in 0..5 {
        lab.session.command(Command::StepNext(Until::Call));
        while lab.session.advance() == Driven::Again {}
    }
    assert!(!lab.session.take_reports().contains(&Report::Rests), "it is not for ever");
    lab.command(Command::Hold);
    assert!(lab.rests);
    lab.command(Command::StepNext(Until::Call));
    let lines = lab.command(Command::StepNext(Until::Call));
    assert_eq!(printed(&lines), "slept\n", "the fourth turn was one line, and this step the next");
}

#[test]
fn a_thread_that_waits_for_others_loses_its_turn() {
    let turn = |program| Turn { program, thread: 0, until: Until::Call };
    let order = [vec![turn(0); 9], vec![turn(1); 2]].concat();
    let mut lab = Lab::load(Experiment { order, ..experiment(&[SERVER, CLIENT]) });
    let waits = |event: &Event| matches!(event.kind, EventKind::Blocked(_));
    while !lab.command(Command::StepNext(Until::Call)).iter().any(waits) {}
    let events = lab.command(Command::StepNext(Until::Call));
    assert!(!events.is_empty() && events.iter().all(|event| event.program == 1), "{events:?}");
}

/// Programs, each with what it waits for after this number of steps. It does not come by itself.
fn waits_for_ever() -> Vec<(&'static str, Experiment, usize)> {
    let one = |text: &str| experiment(&[text]);
    let mut held = experiment(&["import socket
server = socket.create_server(('127.0.0.1', 9527))
client = socket.create_connection(('127.0.0.1', 9527))
"]);
    held.wire.rules = vec![WireRule::for_all(WireAction::Hold)];
    let lock = "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()\n";
    let accepts =
        "import socket\nserver = socket.create_server(('127.0.0.1', 9527))\nserver.accept()\n";
    vec![
        ("a client", one(accepts), 5),
        ("a line", one("input()\n"), 3),
        ("a lock", one(lock), 5),
        ("a segment that is held", held, 5),
    ]
}

#[test]
fn that_nothing_happens_by_itself_is_said_after_each_step() {
    for (what, experiment, steps) in waits_for_ever() {
        let mut lab = Lab::load(experiment);
        assert!(lab.rests, "before the first step");
        for step in 0..steps {
            let events = lab.step(0, 0, Until::Line);
            assert!(lab.rests || events.is_empty(), "{what}: step {step} leads to {events:?}");
        }
        assert!(!lab.session.programs().unwrap().can_step(0, 0), "it waits for {what}");
    }
}

#[test]
fn steps_in_any_order_lead_to_what_the_programs_print_when_they_run() {
    for seed in 0..200 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut lab = Lab::new(&[SERVER, CLIENT]);
        // The server listens before the client comes.
        let mut all: Vec<Event> = (0..3).flat_map(|_| lab.step(0, 0, Until::Call)).collect();
        for _ in 0..random.usize(..30) {
            let until = if random.bool() { Until::Line } else { Until::Call };
            let events = lab.step(random.usize(..2), 0, until);
            assert!(lab.rests || lab.is_over() || events.is_empty(), "seed {seed}: {events:?}");
            all.extend(events);
        }
        if !lab.is_over() {
            all.extend(lab.command(Command::Play));
        }
        assert!(lab.is_over() || all.iter().any(|event| event.program == 1), "seed {seed}");
        assert_eq!(printed(&all), "b'hello'\n", "seed {seed}");
        let sends = calls(&all).into_iter().filter(|(.., call)| call.starts_with("send"));
        assert_eq!(sends.count(), 1);
        assert!(all.is_sorted_by_key(|event| event.at), "seed {seed}");
    }
}

#[test]
fn a_step_may_wait_for_the_clock() {
    let mut lab = Lab::new(&["import time\ntime.sleep(2)\nprint('slept')\n"]);
    let events = lab.step(0, 0, Until::Call);
    assert!(matches!(
        events.iter().find_map(|event| match &event.kind {
            EventKind::Called(call, _) => Some(call),
            _ => None,
        }),
        Some(Syscall::Sleep { us: 2_000_000 })
    ));
    assert_eq!(lines(&events), [3]);
    assert!(events.last().is_some_and(|event| event.at >= 2_000_000));
}

const SPINS: &str = "count = 0\nwhile True:\n    count += 1\n";

/// A program that spins, when it has done so for a while.
fn spinning(text: &str) -> Lab {
    let mut lab = Lab::new(&[text]);
    lab.session.command(Command::Play);
    for _ in 0..20 {
        assert!(go_on(&mut lab.session));
    }
    lab
}

#[test]
fn a_program_that_spins_can_be_held() {
    let mut lab = spinning(SPINS);
    let events = lab.command(Command::Hold);
    let stop = events.last().map(|event| (event.line, &event.kind));
    assert!(
        matches!(stop, Some((2 | 3, EventKind::Variables(_) | EventKind::Line(_)))),
        "{stop:?}"
    );
    assert!(variable(&events, "count").is_some_and(|count| count.parse::<u64>().unwrap() > 1000));
    assert!(!lab.is_over());
}

#[test]
fn a_program_that_spins_can_be_interrupted() {
    for text in [
        SPINS,
        "def f():\n    return 1\nwhile True: f()\n",
        "any(i < 0 for i in range(10**12))\n",
        "[i for i in range(10**12) if i < 0]\n",
        "def f(n):\n    return f(n - 1) if n else 0\nwhile True: f(100)\n",
    ] {
        let mut lab = spinning(text);
        let events = lab.command(Command::Interrupt(0));
        assert!(printed(&events).ends_with("KeyboardInterrupt\n"), "{text}: {events:?}");
        assert!(lab.is_over(), "{text}");
    }
}

#[test]
fn a_program_that_spins_ends_with_its_budget_or_when_another_is_loaded() {
    let mut lab = spinning(SPINS);
    lab.command(Command::Load(experiment(&["print('other')\n"])));
    let loaded = [Report::Loaded(Vec::new()), Report::Network(Network::Wire)];
    assert!(lab.reports.ends_with(&loaded), "{:?}", lab.reports);
    assert_eq!(printed(&lab.command(Command::Play)), "other\n");
    let mut lab = spinning(SPINS);
    let events = lab.command(Command::Play);
    let ended = events.last().map(|event| &event.kind);
    let Some(EventKind::Ended(Ended::Spins { message, .. })) = ended else { panic!("{ended:?}") };
    assert!(message.ends_with("without a system call: does a loop end?"), "{message}");
    assert!(lab.is_over());
}

#[test]
fn a_call_has_its_place_in_the_line() {
    let text = "import socket
server = socket.socket()
server.bind(('127.0.0.1', 9527)); server.listen()
names = ['你', server.accept(
)[1]]
";
    let events = Lab::new(&[text]).command(Command::Play);
    let calls = events.iter().filter_map(|event| match &event.kind {
        EventKind::Called(_, columns) => Some((event.line, (columns.from, columns.to))),
        _ => None,
    });
    assert_eq!(
        calls.collect::<Vec<_>>(),
        [(2, (9, 24)), (3, (0, 32)), (3, (34, 49)), (4, (14, 28))]
    );
}

#[test]
fn a_program_that_is_interrupted_has_the_status_of_sigint() {
    let mut lab = Lab::new(&["raise KeyboardInterrupt\n", "raise ValueError\n"]);
    let events = lab.command(Command::Play);
    let statuses = events.iter().filter_map(|event| match &event.kind {
        EventKind::Ended(ended) => Some((event.program, ended.status())),
        _ => None,
    });
    assert_eq!(statuses.collect::<Vec<_>>(), [(0, Some(130)), (1, Some(1))]);
}

#[test]
fn what_is_held_by_hand_stays_held_while_the_programs_run() {
    let mut lab = Lab::new(&[SERVER, CLIENT]);
    let hold = WireRule::for_all(WireAction::Hold);
    lab.command(Command::Wire(WireCommand::Rules(vec![hold])));
    lab.command(Command::Play);
    let waiting = lab.session.programs().expect("it runs").waiting();
    assert!(!waiting.calls.is_empty());
    assert_eq!(lab.session.rest_at(&waiting), None, "real programs wait for the user too");
    let mut times = 0;
    while !lab.is_over() {
        assert!(times < 20);
        times += 1;
        lab.command(Command::Wire(WireCommand::DeliverAll));
    }
    // SYN; SYN-ACK; ACK, data and FIN; and what the programs leave is delivered when they have ended.
    assert_eq!(times, 3);
}

#[test]
fn a_program_that_never_waits_keeps_no_other_one_waiting() {
    let polls = "\
import socket
server = socket.socket()
server.bind(('127.0.0.1', 9527))
server.listen(5)
conn, addr = server.accept()
conn.setblocking(False)
while True:
    try:
        print(conn.recv(1024))
        break
    except BlockingIOError:
        pass
";
    let sleeps = "\
import socket, time
client = socket.socket()
client.connect(('127.0.0.1', 9527))
time.sleep(0.1)
client.send(b'hello')
";
    let mut lab = Lab::new(&[polls, sleeps]);
    let events = lab.command(Command::Play);
    assert!(lab.is_over());
    assert_eq!(printed(&events), "b'hello'\n");
    assert!(events.iter().all(|event| event.at < 400_000), "the sleep is over in time");

    let spins = "while True: pass\n";
    let mut lab = Lab::new(&[spins, "import time\ntime.sleep(0.1)\nprint('slept')\n"]);
    lab.session.command(Command::Play);
    let mut slept = false;
    while !slept && go_on(&mut lab.session) {
        let events = lab.session.take_reports();
        slept = events.iter().any(|report| format!("{report:?}").contains("slept"));
    }
    assert!(slept, "before the other one has used up what it may compute");
}
