//! Programs against each other on the simulated kernel.

use std::convert::Infallible;

use framescope_engine::programs::{Programs, simulate};
use framescope_engine::sockets::SimulatedKernel;
use framescope_lab::{Ended, Event, EventKind, Experiment, Program, Start, When};

fn setup(name: &str, text: &str) -> Program {
    Program {
        name: name.to_owned(),
        file: format!("{name}.py"),
        text: text.to_owned(),
        ..Program::default()
    }
}

/// Runs programs, each of which starts when the one before has settled. Returns also what happened.
fn run(setups: Vec<Program>) -> (Programs<SimulatedKernel>, Vec<Event>) {
    let starts = (0..setups.len()).map(|program| Start { program, when: When::Settled }).collect();
    let experiment = Experiment { programs: setups, starts, ..Experiment::default() };
    let mut events = Vec::new();
    let watch = |programs: &mut Programs<SimulatedKernel>| {
        events.extend(programs.take_events());
        Ok::<(), Infallible>(())
    };
    let mut lines = ["first", "second"].into_iter();
    let programs = simulate(experiment, watch, |_| Ok(lines.next().map(str::to_owned)));
    let Ok(programs) = programs;
    (programs, events)
}

/// What the only program printed, and how it ended.
fn alone(text: &str) -> (String, Ended) {
    let (programs, _) = run(vec![setup("main", text)]);
    (programs.printed(0).0.to_owned(), programs.ended(0).clone())
}

const SERVER: &str = "
import socket
listener = socket.socket()
listener.bind(('127.0.0.1', 9527))
listener.listen(1)
conn, peer = listener.accept()
";

const CLIENT: &str = "
import socket
client = socket.socket()
client.connect(('127.0.0.1', 9527))
";

#[test]
fn a_program_that_waits_for_ever_is_blocked_at_its_line() {
    let (printed, ended) = alone(&format!("{SERVER}print('never')"));
    assert_eq!((printed.as_str(), ended), ("", Ended::Blocked { line: 6, printed: 0 }));
}

#[test]
fn an_interrupted_program_goes_on_with_keyboard_interrupt() {
    let text = format!(
        "print('waits')\ntry:\n    {}\nexcept KeyboardInterrupt:\n    print('stopped')",
        SERVER.trim().replace('\n', "\n    ")
    );
    let setup = Program { interrupt: true, ..setup("main", &text) };
    let (programs, _) = run(vec![setup]);
    assert!(matches!(programs.ended(0), Ended::Blocked { line: 7, printed: 6 }));
    let then = programs.interrupted(0).unwrap();
    assert_eq!((&then.ended, then.stdout.as_str()), (&Ended::Exit(0), "stopped\n"));
}

#[test]
fn a_blocking_send_sends_everything_though_the_buffers_are_full() {
    let server = format!(
        "{SERVER}total = 0\nwhile True:\n    data = conn.recv(100000)\n    if not data: break\n    total += len(data)\nprint(total)"
    );
    let client = format!("{CLIENT}print(client.send(b'x' * 6000000))\nclient.close()");
    let (programs, _) = run(vec![setup("server", &server), setup("client", &client)]);
    assert_eq!(programs.printed(0).0, "6000000\n");
    assert_eq!(programs.printed(1).0, "6000000\n");
}

#[test]
fn a_timeout_is_over_at_its_time_on_the_virtual_clock() {
    let (programs, events) = run(vec![setup(
        "main",
        &format!(
            "{}listener.settimeout(1.5)\nlistener.accept()",
            SERVER.trim_start().split("conn,").next().unwrap()
        ),
    )]);
    let Ended::Exception(uncaught) = programs.ended(0) else { panic!("{:?}", programs.ended(0)) };
    assert_eq!((uncaught.class.as_str(), uncaught.message.as_str()), ("TimeoutError", "timed out"));
    let blocked = events.iter().find(|event| matches!(event.kind, EventKind::Blocked(_))).unwrap();
    let returned =
        events.iter().rev().find(|event| matches!(event.kind, EventKind::Returned(_))).unwrap();
    assert_eq!(returned.at - blocked.at, 1_500_000);
}

#[test]
fn threads_take_turns_and_each_blocks_on_its_own() {
    let (printed, ended) = alone(
        "import threading, time\nout = []\ndef work(n):\n    time.sleep(n)\n    out.append(n)\n\
         threads = [threading.Thread(target=work, args=(n,)) for n in (3, 1, 2)]\n\
         for t in threads: t.start()\nfor t in threads: t.join()\nprint(out)",
    );
    assert_eq!((printed.as_str(), ended), ("[1, 2, 3]\n", Ended::Exit(0)));
}

#[test]
fn a_deadlock_of_locks_is_told_like_any_other_wait() {
    let (_, ended) =
        alone("import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()");
    assert_eq!(ended, Ended::Blocked { line: 4, printed: 0 });
}

#[test]
fn a_socket_that_nothing_refers_to_is_closed() {
    let server = format!("{SERVER}conn = None\nlistener.accept()");
    let client = format!("{CLIENT}print(client.recv(10))");
    let (programs, _) = run(vec![setup("server", &server), setup("client", &client)]);
    assert_eq!(programs.printed(1).0, "b''\n");
}

#[test]
fn a_program_that_ends_closes_its_sockets() {
    let client = format!("{CLIENT}print(client.recv(10))");
    let (programs, _) = run(vec![setup("server", SERVER), setup("client", &client)]);
    assert_eq!(programs.printed(1).0, "b''\n");
    assert_eq!(programs.ended(0), &Ended::Exit(0));
}

#[test]
fn the_events_of_a_call_are_in_order_and_at_its_line() {
    let (_, events) = run(vec![setup("server", SERVER), setup("client", CLIENT)]);
    let of_accept: Vec<&EventKind> = events
        .iter()
        .filter(|event| event.program == 0 && event.line == 6)
        .map(|event| &event.kind)
        .filter(|kind| !matches!(kind, EventKind::Sockets(_)))
        .collect();
    assert!(
        matches!(
            of_accept.as_slice(),
            [EventKind::Called(..), EventKind::Blocked(_), EventKind::Returned(_), ..]
        ),
        "{of_accept:?}"
    );
    assert!(events.is_sorted_by_key(|event| event.at));
}

#[test]
fn a_program_outside_of_the_subset_and_one_that_is_not_python_do_not_begin() {
    let (_, ended) = alone("import socket\nimport asyncio");
    assert!(matches!(ended, Ended::Refused { line: 2, .. }), "{ended:?}");
    let (_, ended) = alone("x = (1");
    assert!(matches!(&ended, Ended::Syntax { line: 1, column: 5, .. }), "{ended:?}");
}

#[test]
fn a_program_without_lines_of_its_own_reads_those_that_are_typed() {
    let (printed, ended) = alone("print(input('> '), input())\ninput()");
    let Ended::Exception(uncaught) = ended else { panic!("{ended:?}") };
    assert_eq!((printed.as_str(), uncaught.class.as_str()), ("> first second\n", "EOFError"));
}

#[test]
fn a_thread_that_computes_lets_others_go_on() {
    let (printed, ended) = alone(
        "import threading\n\
         done = []\n\
         def wait():\n    while not done: pass\n    print('seen')\n\
         thread = threading.Thread(target=wait)\n\
         thread.start()\ndone.append(1)\nthread.join()",
    );
    assert_eq!((printed.as_str(), ended), ("seen\n", Ended::Exit(0)));
}
