//! Programs run in a process that is limited, that ends with whoever wants it, and of which nothing is left.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use framescope::WireChoice;
use framescope::programs::RealKernel;
use framescope::worker::{Death, Heard, Limits, MAX_TO_WORKER, Work, Worker, WorkerError, Workers};
use framescope_lab::{
    Command, Ended, EventKind, Experiment, MAX_PROGRAMS, Network, NoWire, NoWireReason, Program,
    Report, Start, When,
};

use crate::support::{until, within};

fn executable() -> PathBuf {
    env!("CARGO_BIN_EXE_framescope").into()
}

fn workers(limits: Limits) -> Workers {
    Workers::new(Some(executable()), Work::Lab(limits), WireChoice::Auto)
        .expect("the system starts a thread")
}

/// What came of a run: how each program ended, and what it printed.
#[derive(Debug, PartialEq)]
struct Finished {
    ended: Vec<Ended>,
    printed: Vec<String>,
}

/// The next report.
async fn report(worker: &mut Worker) -> Result<Report, WorkerError> {
    loop {
        if let Heard::Report(report) = within("the worker says something", worker.recv()).await? {
            return Ok(report);
        }
    }
}

/// Runs an experiment to its end.
async fn finish(worker: &mut Worker, experiment: &Experiment) -> Result<Finished, WorkerError> {
    let count = experiment.programs.len();
    let mut finished =
        Finished { ended: vec![Ended::NotStarted; count], printed: vec![String::new(); count] };
    worker.send(&Command::Load(experiment.clone()))?;
    worker.send(&Command::Play)?;
    loop {
        match report(worker).await? {
            Report::Loaded(problems) => assert_eq!(problems, []),
            Report::Network(_) | Report::Next(_) | Report::Rests => {}
            Report::Events(events) => {
                for event in events {
                    match event.kind {
                        EventKind::Printed(printed) => {
                            finished.printed[event.program] += &printed.text;
                        }
                        EventKind::Reads => {
                            let typed = Some("typed".to_owned());
                            worker.send(&Command::Type(event.program, typed))?;
                        }
                        EventKind::Ended(ended) => finished.ended[event.program] = ended,
                        _ => {}
                    }
                }
            }
            Report::Over(_) => return Ok(finished),
            Report::Failed(why) => panic!("{why}"),
        }
    }
}

fn program(name: &str, text: &str) -> Program {
    let (name, file, text) = (name.to_owned(), format!("{name}.py"), text.to_owned());
    Program { name, file, text, ..Program::default() }
}

/// These programs, all started at once.
fn at_once(programs: Vec<Program>) -> Experiment {
    let starts = (0..programs.len()).map(|program| Start { program, when: When::AtOnce }).collect();
    Experiment { programs, starts, ..Experiment::default() }
}

/// The pair of the course.
fn pair() -> Experiment {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/02-course-one-port");
    let read = |name: &str, line: &str| {
        let text =
            fs::read_to_string(folder.join(format!("{name}.py"))).expect("the pair is there");
        Program { stdin: Some(vec![line.to_owned()]), ..program(name, &text) }
    };
    let starts = vec![
        Start { program: 0, when: When::AtOnce },
        Start { program: 1, when: When::Listening(9527) },
    ];
    let programs = vec![read("server", "  收到，请继续  "), read("client", "你好，服务端！")];
    Experiment { programs, starts, ..Experiment::default() }
}

/// The same in this process.
fn finish_here(experiment: &Experiment) -> Finished {
    let mut printed = vec![String::new(); experiment.programs.len()];
    let programs = framescope::programs::run(
        experiment.programs.clone(),
        experiment.starts.clone(),
        RealKernel::on_loopback(NoWire::off()).expect("the system has descriptors"),
        |programs| {
            for event in programs.take_events() {
                if let EventKind::Printed(text) = event.kind {
                    printed[event.program] += &text.text;
                }
            }
            Ok::<(), ()>(())
        },
        |_, _| Err(()),
    )
    .expect("nobody types");
    let ended = (0..printed.len()).map(|program| programs.ended(program).clone());
    Finished { ended: ended.collect(), printed }
}

/// Waits until a process is gone, without a zombie.
async fn gone(id: u32) {
    let folder = PathBuf::from(format!("/proc/{id}"));
    until("the process is reaped", || std::future::ready(!folder.exists())).await;
}

fn kill(id: u32) {
    let id = rustix::process::Pid::from_raw(i32::try_from(id).expect("a process id is small"))
        .expect("it is not 0");
    rustix::process::kill_process(id, rustix::process::Signal::KILL).expect("it is a child");
}

/// A program that waits for a client that never comes.
const WAITS: &str = "import socket
listener = socket.socket()
listener.bind(('127.0.0.1', 9527))
listener.listen()
print('waits')
listener.settimeout(3600)
listener.accept()
";

/// Runs [`WAITS`] until it waits.
async fn waiting(workers: &Workers) -> Worker {
    let mut worker = workers.start().await.expect("a worker starts");
    worker.send(&Command::Load(at_once(vec![program("waits", WAITS)]))).expect("it is short");
    worker.send(&Command::Play).expect("it is short");
    loop {
        let said = report(&mut worker).await.expect("it does not die");
        let Report::Events(events) = said else { continue };
        if events.iter().any(|event| matches!(event.kind, EventKind::Blocked(_))) {
            return worker;
        }
    }
}

#[tokio::test]
async fn a_pair_in_a_worker_ends_as_in_this_process_again_and_again() {
    let workers = workers(Limits::default());
    let pair = pair();
    let expected = finish_here(&pair);
    assert_eq!(expected.ended[0], Ended::Exit(0));
    for _ in 0..2 {
        let mut worker = workers.start().await.unwrap();
        assert_eq!(finish(&mut worker, &pair).await.as_ref(), Ok(&expected));
        worker.end().await;
    }
    workers.close().await;
}

#[tokio::test]
async fn a_program_reads_the_lines_that_are_typed() {
    let workers = workers(Limits::default());
    let mut worker = workers.start().await.unwrap();
    let reads = program("reads", "print('>', input('? '))");
    let finished = finish(&mut worker, &at_once(vec![reads])).await.unwrap();
    assert_eq!(finished.printed, ["? > typed\n"]);
}

#[tokio::test]
async fn a_worker_that_is_killed_says_so_and_another_goes_on() {
    let workers = workers(Limits::default());
    let (mut killed, mut other) = (waiting(&workers).await, workers.start().await.unwrap());
    kill(killed.id());
    let error = report(&mut killed).await.unwrap_err();
    assert_eq!(error, WorkerError::Died(Death::Signal(9)));
    assert_eq!(error.to_string(), "the worker was ended by signal 9");
    assert_eq!(killed.recv().await, Err(error));
    gone(killed.id()).await;
    let pair = pair();
    assert!(finish(&mut other, &pair).await.is_ok());
}

/// A program that keeps 30 MiB.
const LARGE: &str = "text = 'a' * (30 * 1024 * 1024)
input()
";

#[tokio::test]
async fn a_worker_that_needs_too_much_memory_says_so() {
    let workers = workers(Limits { memory: 96 * 1024 * 1024, ..Limits::default() });
    let mut worker = workers.start().await.unwrap();
    let experiment = at_once(vec![program("large", LARGE); 4]);
    let error = finish(&mut worker, &experiment).await.unwrap_err();
    assert_eq!(error, WorkerError::Died(Death::Memory { limit: 96 * 1024 * 1024 }));
    assert_eq!(error.to_string(), "the worker used more memory than 96 MiB");
}

/// A program that computes for all of its operations. It makes a call from time to time, as it must.
const COMPUTES: &str = "import time
while True:
    for number in range(1_000_000): pass
    time.time()
";

#[tokio::test]
async fn a_worker_that_needs_too_much_processor_time_says_so() {
    let workers = workers(Limits { cpu_seconds: 1, ..Limits::default() });
    let mut worker = workers.start().await.unwrap();
    let experiment = at_once(vec![program("computes", COMPUTES); 8]);
    let error = finish(&mut worker, &experiment).await.unwrap_err();
    assert_eq!(error, WorkerError::Died(Death::Processor { limit: 1 }));
    assert_eq!(error.to_string(), "the worker used more processor time than 1 s");
}

#[tokio::test]
async fn a_program_that_spins_ends_with_its_budget_and_the_worker_lives() {
    let workers = workers(Limits::default());
    let mut worker = workers.start().await.unwrap();
    let spins = program("spins", "while True: pass");
    let finished = finish(&mut worker, &at_once(vec![spins])).await.unwrap();
    let ended = &finished.ended[0];
    assert!(matches!(ended, Ended::Spins { line: 1, .. }), "{ended:?}");
    worker.send(&Command::Hold).unwrap();
    assert_eq!(worker.recv().await, Ok(Heard::Obeyed));
}

#[tokio::test]
async fn as_many_programs_as_there_may_be_fit_into_a_worker_with_all_that_they_may_hold() {
    let workers = workers(Limits::default());
    let mut worker = workers.start().await.unwrap();
    let experiment = at_once(vec![program("large", LARGE); MAX_PROGRAMS]);
    let finished = finish(&mut worker, &experiment).await.unwrap();
    for ended in &finished.ended {
        assert_eq!(*ended, Ended::Exit(0));
    }
}

#[tokio::test]
async fn a_message_that_is_too_long_is_not_sent() {
    let workers = workers(Limits::default());
    let mut worker = workers.start().await.unwrap();
    let long = program("long", &" ".repeat(MAX_TO_WORKER));
    let refused = worker.send(&Command::Load(at_once(vec![long])));
    assert!(matches!(refused, Err(WorkerError::TooLong { .. })), "{refused:?}");
    let pair = pair();
    assert!(finish(&mut worker, &pair).await.is_ok());
}

/// An executable with this shell script. Another process writes it, because a file that this process writes
/// cannot be started while a child that has just begun still has it open.
fn script(name: &str, text: &str) -> PathBuf {
    let file = std::env::temp_dir().join(format!("framescope-{name}-{}", process::id()));
    let mut write = process::Command::new("sh");
    write.args(["-c", "printf '%s' \"$1\" > \"$0\"; chmod +x \"$0\""]).arg(&file).arg(text);
    assert!(write.status().expect("there is a shell").success());
    file
}

#[tokio::test]
async fn what_is_not_a_worker_gives_an_error() {
    let cases = [
        ("garbage", "printf garbage! >&0; exec sleep 1000", WorkerError::NotAMessage),
        ("other", "printf '\\4\\0\\0\\0\\3abc' >&0; exec sleep 1000", WorkerError::NotAMessage),
        ("closes", "exit 7", WorkerError::Died(Death::Status(7))),
    ];
    for (name, text, expected) in cases {
        let file = script(name, &format!("#!/bin/sh\n{text}\n"));
        let workers =
            Workers::new(Some(file.clone()), Work::Lab(Limits::default()), WireChoice::Off)
                .unwrap();
        let error = within("the answer comes", workers.start()).await.unwrap_err();
        assert_eq!(error, expected, "{name}");
        workers.close().await;
        fs::remove_file(file).unwrap();
    }
    let workers =
        Workers::new(Some("/nowhere/at/all".into()), Work::Lab(Limits::default()), WireChoice::Off)
            .unwrap();
    let error = workers.start().await.unwrap_err();
    assert!(matches!(error, WorkerError::NotStarted(_)), "{error}");
}

#[tokio::test]
async fn a_worker_that_cannot_have_its_wire_is_followed_by_one_without() {
    // The first trial finds all that it takes, and the second one does not.
    let tried = std::env::temp_dir().join(format!("framescope-tried-{}", process::id()));
    let why = r#"{"reason":"namespaces","error":"there are too many"}"#;
    let text = format!(
        "#!/bin/sh
case \"$*\" in
try-wire) if [ -e {tried} ]; then echo '{why}'; exit 1; fi; : > {tried};;
*--no-wire=*) exec {framescope} \"$@\";;
*) exit 1;;
esac
",
        tried = tried.display(),
        framescope = executable().display(),
    );
    let file = script("loses-its-wire", &text);
    let workers =
        Workers::new(Some(file.clone()), Work::Lab(Limits::default()), WireChoice::Auto).unwrap();
    let mut worker = within("a worker is ready", workers.start()).await.unwrap();
    worker.send(&Command::Load(pair())).unwrap();
    let network = loop {
        if let Heard::Report(Report::Network(network)) = worker.recv().await.unwrap() {
            break network;
        }
    };
    let Network::Loopback(why) = network else { panic!("{network:?}") };
    assert_eq!((why.reason, &*why.error), (NoWireReason::Namespaces, "there are too many"));
    worker.end().await;
    workers.close().await;
    for file in [file, tried] {
        fs::remove_file(file).unwrap();
    }
}

#[tokio::test]
async fn a_worker_starts_with_any_nice_value() {
    let text = format!("#!/bin/sh\nexec nice -n 5 {} \"$@\"\n", executable().display());
    let file = script("nice", &text);
    let workers =
        Workers::new(Some(file.clone()), Work::Lab(Limits::default()), WireChoice::Auto).unwrap();
    let worker = within("a worker is ready", workers.start()).await.unwrap();
    worker.end().await;
    workers.close().await;
    fs::remove_file(file).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_says_nothing_is_killed() {
    let file = script("silent", "#!/bin/sh\nexec sleep 1000\n");
    let workers =
        Workers::new(Some(file.clone()), Work::Lab(Limits::default()), WireChoice::Off).unwrap();
    let error = workers.start().await.unwrap_err();
    assert_eq!(error, WorkerError::Silent { seconds: 30 });
    workers.close().await;
    fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn a_worker_that_hangs_is_killed() {
    let file = script("hangs", "#!/bin/sh\nprintf '\\1\\0\\0\\0\\0' >&0; exec sleep 1000\n");
    let workers =
        Workers::new(Some(file.clone()), Work::Lab(Limits::default()), WireChoice::Off).unwrap();
    let mut worker = workers.start().await.unwrap();
    worker.send(&Command::Play).unwrap();
    tokio::time::pause();
    let error = worker.recv().await.unwrap_err();
    assert_eq!(error, WorkerError::Silent { seconds: 30 });
    worker.end().await;
    workers.close().await;
    fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn a_worker_ends_when_its_channel_ends() {
    let workers = workers(Limits::default());
    let worker = waiting(&workers).await;
    let id = worker.id();
    drop(worker);
    gone(id).await;
}

#[tokio::test]
async fn a_worker_has_no_capability_when_it_has_a_program() {
    let workers = workers(Limits::default());
    let worker = waiting(&workers).await;
    let status = fs::read_to_string(format!("/proc/{}/status", worker.id())).unwrap();
    for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
        let line = format!("{set}:\t0000000000000000\n");
        assert!(status.contains(&line), "{status}");
    }
    worker.end().await;
    workers.close().await;
}

#[tokio::test]
async fn a_worker_has_its_limits_and_no_descriptor_but_its_own() {
    let workers = workers(Limits::default());
    let worker = workers.start().await.unwrap();
    let read = |name: &str| fs::read_to_string(format!("/proc/{}/{name}", worker.id())).unwrap();

    let limits = read("limits");
    let limit = |name: &str| -> Vec<String> {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().take(2).map(str::to_owned).collect()
    };
    assert_eq!(limit("Max cpu time"), ["300", "305"]);
    assert_eq!(limit("Max address space"), ["1073741824", "1073741824"]);
    assert_eq!(limit("Max core file size"), ["0", "0"]);
    assert_eq!(limit("Max file size"), ["0", "0"]);
    assert_eq!(limit("Max processes"), ["0", "0"]);
    assert!(limit("Max open files").iter().all(|most| most.parse::<u32>().unwrap() <= 2048));

    let status = read("status");
    assert!(status.contains("NoNewPrivs:\t1\n"), "{status}");
    assert!(status.contains("Threads:\t1\n"), "{status}");
    let stat = read("stat");
    let after_name = stat.rsplit_once(") ").unwrap().1;
    // Fields 3 (state), 19 (nice) and 41 (policy) of `proc_pid_stat(5)`.
    let nice: i32 = after_name.split(' ').nth(16).unwrap().parse().unwrap();
    assert!(nice >= 10, "{nice}");
    let sched_idle = "5";
    assert_eq!(after_name.split(' ').nth(38), Some(sched_idle));
    assert_eq!(read("environ"), "");
    assert_eq!(fs::read_link(format!("/proc/{}/cwd", worker.id())).unwrap(), Path::new("/"));

    let folder = format!("/proc/{}/fd", worker.id());
    let mut descriptors: Vec<(u32, String)> = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let number = entry.file_name().to_str().unwrap().parse().unwrap();
        let what = fs::read_link(entry.path()).unwrap().display().to_string();
        descriptors.push((number, what));
    }
    descriptors.sort();
    let inherited = inherited_descriptors();
    descriptors.retain(|(number, what)| *number < 3 || !inherited.contains(what));
    let kinds = descriptors.iter().map(|(number, what)| {
        (*number, what.split_once(':').map_or(what.as_str(), |(kind, _)| kind))
    });
    let standard = [(0, "socket"), (1, "/dev/null"), (2, "pipe")];
    // The device, the netlink socket that sets its MTU, and the channel.
    let own = [(3, "/dev/net/tun"), (4, "socket"), (5, "socket")];
    assert!(kinds.eq(standard.into_iter().chain(own)), "{descriptors:?}");
    assert_eq!(descriptors[0].1, descriptors[5].1, "both are the channel");
}

/// What this process has itself inherited, and cannot keep from its children. All that Rust opens is closed in
/// them.
fn inherited_descriptors() -> Vec<String> {
    const O_CLOEXEC: u32 = 0o2_000_000;
    let mut inherited = Vec::new();
    for entry in fs::read_dir("/proc/self/fd").expect("there is /proc") {
        let entry = entry.expect("it can be read");
        // Another test may close it while we look.
        let info = Path::new("/proc/self/fdinfo").join(entry.file_name());
        let (Ok(info), Ok(what)) = (fs::read_to_string(info), fs::read_link(entry.path())) else {
            continue;
        };
        let flags = info
            .lines()
            .find_map(|line| line.strip_prefix("flags:"))
            .expect("each has flags")
            .trim();
        if u32::from_str_radix(flags, 8).expect("they are octal") & O_CLOEXEC == 0 {
            inherited.push(what.display().to_string());
        }
    }
    inherited
}
