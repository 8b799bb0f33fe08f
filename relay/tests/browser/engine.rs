//! Python programs in a Web Worker of the page, on the simulated kernel.

use std::env;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use framescope_lab::{
    Command, Ended, Event, EventKind, Experiment, Program, Report, RunEnd, Start, When,
};
use serde_json::{Value, json};

use crate::browser::Page;
use crate::file_server;
use crate::support::{TestRelay, within};

/// The most that what the worker fetches may weigh as served, in bytes.
const MAX_ENGINE: u64 = 900_000;

const SERVER: &str = "\
import socket
server = socket.create_server(('127.0.0.1', 9527))
conn, addr = server.accept()
print('received', conn.recv(1024))
conn.close()
";
const CLIENT: &str = "\
import socket
client = socket.create_connection(('127.0.0.1', 9527))
client.sendall(b'hello')
client.close()
";
const SPINS: &str = "while True: pass\n";
/// It takes longer to use up its budget.
const SPINS_SLOWLY: &str = "def f(): pass\nprint('begins')\nwhile True: f()\n";

/// A page that is no relay's.
async fn page_without_relay() -> Page {
    let folder = env::var_os("FRAMESCOPE_PAGE").expect("the page is built");
    let server = file_server::serve(file_server::files_of(folder.into())).await;
    Page::open(server, "", &[]).await
}

/// Starts a worker. What it posts is kept.
async fn start_worker(page: &Page) {
    let start = "const began = performance.now();
        const worker = new Worker('/engine_worker.js', { type: 'module' });
        window.engine = { worker, reports: [], errors: [], first: null };
        worker.onmessage = ({ data }) => {
            engine.first ??= performance.now() - began;
            engine.reports.push([...data]);
        };
        worker.onerror = ({ message }) => { engine.errors.push(message ?? ''); };";
    page.read(start).await;
}

async fn post(page: &Page, command: Command) {
    let bytes = json!(command.encode());
    let post = "engine.worker.postMessage(new Uint8Array(arguments[0]))";
    page.client.execute(post, vec![bytes]).await.expect("the script runs");
}

async fn play(page: &Page, texts: &[&str]) {
    post(page, Command::Load(experiment(texts))).await;
    post(page, Command::Play).await;
}

fn experiment(texts: &[&str]) -> Experiment {
    let programs = texts.iter().enumerate().map(|(index, text)| Program {
        name: format!("program{index}"),
        file: format!("program{index}.py"),
        text: (*text).to_owned(),
        ..Program::default()
    });
    let starts = (0..texts.len()).map(|program| Start { program, when: When::Settled });
    Experiment { programs: programs.collect(), starts: starts.collect(), ..Experiment::default() }
}

/// Waits until `is_last` is true for a report, and takes all reports.
async fn reports_until(page: &Page, what: &str, is_last: impl Fn(&Report) -> bool) -> Vec<Report> {
    let mut reports = Vec::new();
    let come = async {
        while !reports.last().is_some_and(&is_last) {
            tokio::time::sleep(Duration::from_millis(20)).await;
            assert_eq!(page.read("return engine.errors").await, json!([]));
            let all = page.read("return engine.reports.splice(0)").await;
            let all: Vec<Vec<u8>> = serde_json::from_value(all).expect("reports are bytes");
            reports.extend(all.iter().map(|one| Report::decode(one).expect("it is a report")));
        }
    };
    within(what, come).await;
    reports
}

async fn reports_until_over(page: &Page) -> Vec<Report> {
    let over = Report::Over(RunEnd::Finished);
    reports_until(page, "the run is over", |report| *report == over).await
}

fn events(reports: &[Report]) -> impl Iterator<Item = &Event> {
    let batches = reports.iter().filter_map(|report| match report {
        Report::Events(events) => Some(events),
        _ => None,
    });
    batches.flatten()
}

fn printed(reports: &[Report]) -> String {
    let texts = events(reports).filter_map(|event| match &event.kind {
        EventKind::Printed(output) => Some(output.text.as_str()),
        _ => None,
    });
    texts.collect()
}

#[tokio::test]
async fn programs_run_in_a_worker_that_is_small_and_fetched_when_it_is_wanted() {
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, "", &[]).await;
    let fetched = "return performance.getEntriesByType('resource').map(e => e.name)";
    let fetched: Vec<String> = serde_json::from_value(page.read(fetched).await).unwrap();
    assert!(!fetched.iter().any(|name| name.contains("engine")), "{fetched:?}");

    start_worker(&page).await;
    play(&page, &[SERVER, CLIENT]).await;
    let reports = reports_until_over(&page).await;
    assert_eq!(reports[0], Report::Loaded(Vec::new()));
    assert_eq!(printed(&reports), "received b'hello'\n");
    let ends = events(&reports).filter(|event| event.kind == EventKind::Ended(Ended::Exit(0)));
    assert_eq!(ends.count(), 2);
    let first = page.read("return engine.first").await;
    println!("the first report came after {first} ms");

    page.read(
        "window.weights = Promise.all(['_worker.js', '.js', '_bg.wasm'].map(async (end) => {
            const answer = await fetch(`/engine${end}`);
            await answer.arrayBuffer();
            return performance.getEntriesByName(answer.url).at(-1).encodedBodySize;
        })).then((weights) => { window.weights = weights; });",
    )
    .await;
    page.until("all is fetched", "return Array.isArray(weights)").await;
    let weights: Vec<u64> = serde_json::from_value(page.read("return weights").await).unwrap();
    println!("the worker weighs {weights:?} bytes as served");
    assert!(weights.iter().all(|weight| *weight > 0), "{weights:?}");
    assert!(weights.iter().sum::<u64>() < MAX_ENGINE, "{weights:?}");
    page.close().await;
}

#[tokio::test]
async fn a_program_that_spins_in_the_worker_is_ended_interrupted_or_replaced() {
    let page = page_without_relay().await;
    start_worker(&page).await;
    play(&page, &[SPINS]).await;
    let reports = reports_until_over(&page).await;
    let last = events(&reports).last().map(|event| &event.kind);
    let Some(EventKind::Ended(Ended::Spins { message, .. })) = last else { panic!("{last:?}") };
    assert!(message.ends_with("without a system call: does a loop end?"), "{message}");

    // The page is quicker than its driver: each command is posted when the program has begun.
    for (answer, expected) in [
        (vec![Command::Interrupt(0)], "KeyboardInterrupt\n"),
        (vec![Command::Load(experiment(&["print('other')"])), Command::Play], "other\n"),
    ] {
        let answer: Vec<_> = answer.iter().map(Command::encode).collect();
        let when_begun = "const { worker } = engine;
            let seen = 0;
            worker.addEventListener('message', function begun() {
                seen += 1;
                if (seen < 5) return;
                worker.removeEventListener('message', begun);
                for (const command of arguments[0]) worker.postMessage(new Uint8Array(command));
            });"
        .replace("arguments[0]", &json!(answer).to_string());
        page.read(&when_begun).await;
        play(&page, &[SPINS_SLOWLY]).await;
        let reports = reports_until_over(&page).await;
        assert!(printed(&reports).starts_with("begins\n"), "{reports:?}");
        assert!(printed(&reports).ends_with(expected), "{reports:?}");
        let spun = |event: &Event| matches!(event.kind, EventKind::Ended(Ended::Spins { .. }));
        assert!(!events(&reports).any(spun), "{reports:?}");
    }
    page.close().await;
}

#[tokio::test]
async fn a_worker_that_cannot_go_on_says_so() {
    let page = page_without_relay().await;
    start_worker(&page).await;
    page.read("engine.worker.postMessage(new Uint8Array([255]).buffer)").await;
    let failed = |report: &Report| matches!(report, Report::Failed(_));
    let reports = reports_until(&page, "it refuses the command", failed).await;
    assert_eq!(reports, [Report::Failed("this is not a command of framescope.lab.v2".to_owned())]);
    // What fails in the worker is an error of the worker.
    page.read("engine.worker.postMessage(-1)").await;
    page.until("it fails", "return engine.errors.length > 0").await;
    page.close().await;

    let folder = env::var_os("FRAMESCOPE_PAGE").expect("the page is built");
    let files = file_server::files_of(folder.into());
    let no_module = get(|| async { StatusCode::NOT_FOUND });
    let files = Router::new().route("/engine_bg.wasm", no_module).fallback_service(files);
    let page = Page::open(file_server::serve(files).await, "", &[]).await;
    start_worker(&page).await;
    post(&page, Command::Play).await;
    page.until("it fails", "return engine.errors.length > 0").await;
    assert_ne!(page.read("return engine.errors[0]").await, Value::Null);
    page.close().await;
}
