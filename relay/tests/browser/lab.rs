//! The lab on the page: lessons stepped, run, predicted, changed and kept.

use std::env;
use std::fs;

use framescope_engine::programs::simulate;
use framescope_lab::RunEnd;
use framescope_lab::find_variant;
use framescope_lab::{Event, Trace};
use framescope_record::Source;

use crate::browser::Page;
use crate::file_server;
use crate::support::TestRelay;

const SENDS: &str = "#received-lanes .send-lane .segment";
const CHUNKS: &str = "#received-lanes .chunk-lane .segment";
const MESSAGES: &str = "#received-lanes .message-lane .segment";
const MEASURED: &str = "measured · real sockets of the relay's machine";
const SIMULATED: &str = "simulated · a model of the kernel, in this page";
const ENTER: &str = "\u{e007}";
const PAGE_DOWN: &str = "\u{e00f}";

/// A server and a client that a student has written.
const SERVER: &str = "\
import socket

server = socket.socket()
server.bind(('127.0.0.1', 8080))
server.listen(5)
print('listening')
conn, addr = server.accept()
name = conn.recv(1024).decode('utf-8')
conn.send(('hello, ' + name).encode('utf-8'))
conn.close()
";
const CLIENT: &str = "\
import socket

client = socket.socket()
client.connect(('127.0.0.1', 8080))
name = input('name: ')
client.send(name.encode('utf-8'))
print(client.recv(1024).decode('utf-8'))
client.close()
";

/// A relay, and its page at a lesson, as soon as the page knows that it can measure.
async fn lesson(name: &str) -> (TestRelay, Page) {
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, &format!("lesson={name}"), &[]).await;
    page.until_texts("#source-text", &[MEASURED]).await;
    (relay, page)
}

/// The page alone, from a server of files.
async fn alone(fragment: &str) -> Page {
    let folder = env::var_os("FRAMESCOPE_PAGE").expect("the page is built");
    let server = file_server::serve(file_server::files_of(folder.into())).await;
    let page = Page::open(server, fragment, &[]).await;
    page.until_texts("#source-text", &[SIMULATED]).await;
    page
}

/// The selector of something in the panel of a program.
fn of(program: usize, selector: &str) -> String {
    format!("[data-program=\"{program}\"] {selector}")
}

/// Presses the step button of a program, once it stands still, and waits until something has happened.
async fn step(page: &Page, program: usize) {
    press_step(page, &of(program, ".program-step")).await;
}

/// Presses a step button, once it can be pressed, and waits until something has happened.
async fn press_step(page: &Page, button: &str) {
    let is_ready = format!("return !document.querySelector('{button}').ariaDisabled");
    page.until("the program stands still", &is_ready).await;
    let before = page.texts("#position").await.concat();
    page.click(button).await;
    let has_moved =
        format!("return document.querySelector('#position').textContent !== '{before}'");
    page.until("something has happened", &has_moved).await;
}

/// The text of the line at which a program stands or waits.
async fn until_line(page: &Page, program: usize, text: &str) {
    page.until_texts(&of(program, "[aria-current] code"), &[text]).await;
}

/// All that a program has printed, and what was typed.
async fn until_printed(page: &Page, program: usize, text: &str) {
    let output = of(program, ".output");
    let wanted = serde_json::to_string(text).expect("a text is JSON");
    let is_there = format!(
        "const output = document.querySelector('{output}');
        return [...output.children].filter(e => !e.hidden).map(e => e.textContent).join('') === {wanted}"
    );
    page.until(&format!("program {program} has printed {text:?}"), &is_there).await;
}

async fn choose(page: &Page, select: &str, value: &str) {
    page.find(select).await.select_by_value(value).await.expect("there is such an option");
}

async fn until_answered(page: &Page) {
    page.until("the lesson is over", "return document.querySelector('#answer').checkVisibility()")
        .await;
}

/// Replaces the programs of the page, as somebody who pastes them does.
async fn paste(page: &Page, texts: &[&str]) {
    page.click("#lab-edit").await;
    for (program, text) in texts.iter().enumerate() {
        let field = of(program, ".program-text");
        // Cleared before the program is in it, the field would hold both.
        let is_there = format!("return document.querySelector('{field}').value !== ''");
        page.until("the program can be changed", &is_there).await;
        page.fill(&field, text).await;
    }
}

#[tokio::test]
async fn lesson_4_is_stepped_by_button_on_real_sockets() {
    let (_relay, page) = lesson("4a").await;
    for next in
        ["server.setsockopt", "server.bind", "server.listen(5)", "conn, addr = server.accept()"]
    {
        step(&page, 0).await;
        let starts = format!(
            "return document.querySelector('{}')?.textContent.startsWith('{next}')",
            of(0, "[aria-current] code")
        );
        page.until(next, &starts).await;
    }
    assert_eq!(
        page.texts("#listeners .listener").await,
        ["server LISTEN 127.0.0.1:9527 · 0 in the accept queue, backlog 5"]
    );
    step(&page, 0).await;
    page.until_texts(&of(0, ".program-state"), &["‖ accept() · waits for a client"]).await;
    step(&page, 1).await;
    step(&page, 1).await;
    // accept returns, and the server sleeps while the client sends.
    for sent in 1..=3 {
        step(&page, 1).await;
        page.until_texts(SENDS, &vec!["send 5"; sent]).await;
    }
    assert_eq!(page.texts(MESSAGES).await, Vec::<String>::new(), "there is no header here");
    page.click("#lab-run").await;
    until_answered(&page).await;
    page.until_texts(CHUNKS, &["recv 1024 → 15"]).await;
    until_printed(&page, 0, "b'hellohellohello'\nb''\nb''\n").await;
    page.close().await;
}

#[tokio::test]
async fn a_students_own_programs_are_pasted_and_run_with_input() {
    let (_relay, page) = lesson("own").await;
    paste(&page, &[SERVER, CLIENT]).await;
    page.click("#lab-run").await;
    page.until_texts(&of(1, ".program-state"), &["‖ waits for your input"]).await;
    until_printed(&page, 0, "listening\n").await;
    until_printed(&page, 1, "name: ").await;
    let typed = of(1, ".typed");
    page.find(&typed).await.send_keys(&format!("世界{ENTER}")).await.unwrap();
    until_printed(&page, 1, "name: 世界\nhello, 世界\n").await;
    page.until_texts(&of(1, ".program-state"), &["ended"]).await;
    let variables = page.texts(&of(1, ".variable")).await;
    assert!(
        variables.iter().any(|one| one.contains("name") && one.contains("'世界'")),
        "{variables:?}"
    );
    // The address carries them, for a reload and for whoever opens it.
    page.client.refresh().await.unwrap();
    page.until_texts("#source-text", &[MEASURED]).await;
    let lines = page.texts(&of(1, ".line code")).await;
    assert_eq!(lines.join("\n").trim_end(), CLIENT.trim_end());
    page.close().await;
}

#[tokio::test]
async fn the_engine_of_the_page_runs_the_same_programs_without_a_relay() {
    let page = alone("lesson=own").await;
    paste(&page, &[SERVER, CLIENT]).await;
    page.click("#lab-run").await;
    page.until_texts(&of(1, ".program-state"), &["‖ waits for your input"]).await;
    page.find(&of(1, ".typed")).await.send_keys(&format!("Ada{ENTER}")).await.unwrap();
    until_printed(&page, 1, "name: Ada\nhello, Ada\n").await;
    page.close().await;
}

#[tokio::test]
async fn a_program_that_spins_leaves_the_page_responsive_and_is_stopped() {
    let (_relay, measured) = lesson("own").await;
    for page in [alone("lesson=own").await, measured] {
        paste(&page, &["n = 0\nwhile True:\n    n += 1\n", "print('other')\n"]).await;
        page.click("#lab-run").await;
        page.until_texts(&of(0, ".program-state"), &["runs"]).await;
        page.click("#theme").await;
        let is_dark = "return document.documentElement.dataset.theme === 'dark'";
        page.until("the page answers", is_dark).await;
        page.click(&of(0, ".program-interrupt")).await;
        page.until_texts(&of(0, ".program-state"), &["✕ KeyboardInterrupt"]).await;
        page.close().await;
    }
}

#[tokio::test]
async fn an_error_is_shown_as_cpython_shows_it_with_a_sentence_under_it() {
    let (_relay, page) = lesson("own").await;
    paste(&page, &[SERVER, &CLIENT.replace("8080", "9999")]).await;
    page.click("#lab-run").await;
    page.until_texts(&of(1, ".program-state"), &["✕ ConnectionRefusedError"]).await;
    let traceback = "Traceback (most recent call last):\n  File \"client.py\", line 4, in <module>\n    client.connect(('127.0.0.1', 9999))\nConnectionRefusedError: [Errno 111] Connection refused\n";
    until_printed(&page, 1, traceback).await;
    page.until_texts(
        &of(1, ".help-sentence"),
        &["Nobody listens at port 9999; the server is bound to 8080."],
    )
    .await;
    page.until_texts(&of(1, "[data-state=failed] code"), &["client.connect(('127.0.0.1', 9999))"])
        .await;
    page.press("l").await;
    page.until_texts(&of(1, ".help-sentence"), &["端口 9999 上没有人监听；服务器绑定的是 8080。"])
        .await;
    page.close().await;
}

#[tokio::test]
async fn a_text_is_checked_while_it_is_typed_and_its_errors_say_where() {
    let (_relay, page) = lesson("own").await;
    paste(&page, &["import socket\nprint（'x')\n"]).await;
    page.until_texts(
        &of(0, ".problem"),
        &["line 2, column 6: SyntaxError: invalid character '（' (U+FF08)"],
    )
    .await;
    page.until(
        "a sentence helps",
        &format!(
            "return document.querySelector('{}').textContent.startsWith('（ is not')",
            of(0, ".help-sentence")
        ),
    )
    .await;
    page.fill(&of(0, ".program-text"), "import asyncio\n").await;
    page.until(
        "it is outside of the subset",
        &format!(
            "return document.querySelector('{}').textContent.startsWith('line 1, column 8: ')",
            of(0, ".problem")
        ),
    )
    .await;
    page.fill(&of(0, ".program-text"), "print('fine')\n").await;
    page.until(
        "it is fine",
        &format!("return !document.querySelector('{}').checkVisibility()", of(0, ".problem")),
    )
    .await;
    page.click("#lab-run").await;
    until_printed(&page, 0, "fine\n").await;
    page.close().await;
}

#[tokio::test]
async fn a_program_is_opened_from_a_file_and_saved_as_one() {
    let (_relay, page) = lesson("own").await;
    page.click("#lab-edit").await;
    let folder = env::temp_dir().join(format!("framescope-programs-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in [
        ("bom.py", b"\xef\xbb\xbfprint('\xe4\xbd\xa0')\r\n".to_vec()),
        ("gbk.py", b"# -*- coding: gbk -*-\nprint('\xc4\xe3')\n".to_vec()),
    ] {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        page.find(&of(0, ".program-open")).await.send_keys(path.to_str().unwrap()).await.unwrap();
        page.until_texts(&of(0, ".program-title"), &[name]).await;
        let text = page
            .read(&format!("return document.querySelector('{}').value", of(0, ".program-text")))
            .await;
        assert!(text.as_str().unwrap().ends_with("print('你')\n"), "{text}");
    }
    let path = folder.join("broken.py");
    fs::write(&path, b"print('\xc4\xe3')\n").unwrap();
    page.find(&of(0, ".program-open")).await.send_keys(path.to_str().unwrap()).await.unwrap();
    page.until_texts("#file-problem", &["This file cannot be read as utf-8."]).await;
    catch_files(&page).await;
    page.click(&of(0, ".program-save")).await;
    page.until("a file is offered", "return globalThis.file !== undefined").await;
    assert_eq!(page.read("return globalThis.offered").await, "gbk.py");
    assert_eq!(page.read("return globalThis.file").await, "# -*- coding: gbk -*-\nprint('你')\n");
    fs::remove_dir_all(folder).unwrap();
    page.close().await;
}

/// Keeps the files that the page offers, before the browser stores them.
async fn catch_files(page: &Page) {
    page.read("HTMLAnchorElement.prototype.click = function () {
        globalThis.offered = this.download;
        fetch(this.href).catch(() => {});
    };
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => { blob.text().then((text) => { globalThis.file = text; }); return make(blob); };").await;
}

#[tokio::test]
async fn threads_are_stepped_each_by_itself() {
    let (_relay, page) = lesson("own").await;
    let text = "import threading\ndef work():\n    print('one')\n    print('two')\nthread = threading.Thread(target=work)\nthread.start()\nthread.join()\n";
    paste(&page, &[text, "print('other')\n"]).await;
    page.click("#lab-lines").await;
    page.click("#lab-edit").await;
    let threads = format!(
        "return document.querySelectorAll('{}').length === 2",
        of(0, ".thread:not([hidden])")
    );
    while page.read(&threads).await != true {
        step(&page, 0).await;
    }
    // The main thread waits at join. Only the other one can take steps now.
    let button = of(0, "[data-thread=\"1\"] button");
    let has_printed = format!(
        "return document.querySelector('{}').textContent === 'one\\ntwo\\n'",
        of(0, ".output")
    );
    let may_go_on = format!(
        "return !document.querySelector('{button}').ariaDisabled || (() => {{ {has_printed} }})()"
    );
    loop {
        page.until("the thread stands still, or has printed all", &may_go_on).await;
        if page.read(&has_printed).await == true {
            break;
        }
        press_step(&page, &button).await;
    }
    page.close().await;
}

#[tokio::test]
async fn the_recorded_bytes_are_read_again_with_another_reader() {
    let (_relay, page) = lesson("5a").await;
    page.click("#lab-run").await;
    until_answered(&page).await;
    let cuts = page.texts(CHUNKS).await;
    assert!(cuts.len() > 1, "{cuts:?}");
    choose(&page, "#reader", "3").await;
    page.until(
        "it is another cut",
        &format!("return document.querySelectorAll('{CHUNKS}').length < {}", cuts.len() + 1),
    )
    .await;
    page.until("it says so", "return document.querySelector('#replayed').checkVisibility()").await;
    choose(&page, "#reader", "recorded").await;
    page.until_texts(CHUNKS, &cuts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    page.close().await;
}

#[tokio::test]
async fn messages_are_shown_by_the_header_that_the_programs_pack() {
    let (_relay, page) = lesson("6a").await;
    page.click("#lab-run").await;
    until_answered(&page).await;
    let shown = page.texts(MESSAGES).await;
    assert!(shown.iter().any(|one| one.starts_with("header ")), "{shown:?}");
    assert!(
        page.read("return document.querySelector('#messages-panel').checkVisibility()").await
            == true
    );
    page.close().await;
}

#[tokio::test]
async fn a_prediction_is_compared_with_what_happened() {
    let (_relay, page) = lesson("4a").await;
    let wrong = 1 - find_variant("4a").unwrap().expected.min(1);
    page.click(&format!("#choices [data-choice=\"{wrong}\"]")).await;
    page.click("#lab-run").await;
    until_answered(&page).await;
    let said = page.texts("#answer").await.concat();
    assert!(said.starts_with("✕ You said: "), "{said}");
    assert_eq!(page.texts("#choices [data-verdict=\"right\"]").await.len(), 1);
    page.close().await;
}

#[tokio::test]
async fn a_remote_steps_and_never_changes_the_lesson() {
    let (_relay, page) = lesson("4a").await;
    page.find("#lesson").await.send_keys(PAGE_DOWN).await.unwrap();
    page.until("a program has begun", "return document.querySelector('[aria-current]') !== null")
        .await;
    assert_eq!(page.read("return document.querySelector('#lesson').value").await, "4a");
    page.close().await;
}

#[tokio::test]
async fn two_programs_that_wait_for_ever_say_so() {
    let (_relay, page) = lesson("2b").await;
    page.click("#lab-run").await;
    let waits = "return document.querySelectorAll('.program [data-state=blocked]').length === 2";
    page.until("both wait", waits).await;
    page.close().await;
}

#[tokio::test]
async fn many_runs_are_counted_by_how_they_cut_the_stream() {
    let (_relay, page) = lesson("4c").await;
    // Nothing lies on top of it on a small projector.
    page.client.set_window_size(1366, 768).await.unwrap();
    page.click("#series summary").await;
    page.fill("#runs", "1001").await;
    page.until(
        "that is too many",
        "return document.querySelector('#runs-problem').checkVisibility()",
    )
    .await;
    page.fill("#runs", "20").await;
    page.click("#series-run").await;
    page.until_texts(
        "#series-state",
        &["20 of 20 runs, measured: how many bytes each recv returned"],
    )
    .await;
    let sizes = page.texts("#outcomes .chunk-sizes").await;
    for size in &sizes {
        assert!(["15", "10+5", "5+10", "5+5+5"].contains(&&size[..]), "{sizes:?}");
    }
    let counts = page.texts("#outcomes .count").await;
    let total: u32 =
        counts.iter().map(|count| count.split(' ').next().unwrap().parse::<u32>().unwrap()).sum();
    assert_eq!(total, 20);
    page.close().await;
}

/// The trace of a lesson, as the simulated kernel runs it.
fn trace_of(name: &str) -> Trace {
    let experiment = find_variant(name).expect("the lesson is there").experiment();
    let mut trace = Trace::new(Source::Simulated, experiment.clone());
    let mut events: Vec<Event> = Vec::new();
    let programs = simulate::<()>(
        experiment.programs,
        experiment.starts,
        |programs| {
            events.extend(programs.take_events());
            Ok(())
        },
        |_| Ok(None),
    );
    events.extend(programs.expect("nobody stops it").take_events());
    trace.events = events;
    trace.end = Some(RunEnd::Finished);
    trace
}

#[tokio::test]
async fn a_trace_is_imported_and_says_where_it_comes_from() {
    let (_relay, page) = lesson("1a").await;
    let folder = env::temp_dir().join(format!("framescope-import-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let import = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let input = page.find("#lab-import").await;
    input.send_keys(&import("bad.json", "{\"version\":1}".into())).await.unwrap();
    page.until("it says what is wrong", "return document.querySelector('#file-problem').textContent.startsWith('this is neither a trace')").await;
    input.send_keys(&import("good.json", trace_of("5a").to_json())).await.unwrap();
    page.until_texts("#source-text", &["simulated · imported"]).await;
    page.until("it is the lesson's", "return document.querySelector('#lesson').value === '5a'")
        .await;
    assert!(page.texts(CHUNKS).await.len() > 1);
    fs::remove_dir_all(folder).unwrap();
    page.close().await;
}

#[tokio::test]
async fn an_exported_trace_is_one_that_the_lab_reads() {
    let (_relay, page) = lesson("13a").await;
    page.click("#lab-run").await;
    until_answered(&page).await;
    catch_files(&page).await;
    page.click("#lab-export").await;
    page.until("a file is offered", "return globalThis.file !== undefined").await;
    assert_eq!(page.read("return globalThis.offered").await, "framescope-13a.json");
    let json = page.read("return globalThis.file").await;
    let trace = Trace::from_json(json.as_str().unwrap()).expect("the file is a trace");
    assert_eq!(trace.experiment, find_variant("13a").unwrap().experiment());
    page.close().await;
}

#[tokio::test]
async fn a_relay_that_stops_ends_the_experiment_and_keeps_what_was_recorded() {
    let (relay, page) = lesson("4a").await;
    for _ in 0..4 {
        step(&page, 0).await;
    }
    until_line(&page, 0, "conn, addr = server.accept()").await;
    relay.stop.cancel();
    relay.ended().await;
    page.until(
        "it says so",
        "return document.querySelector('#banner-text').textContent.startsWith('The relay went away. What was recorded is kept.')",
    )
    .await;
    until_line(&page, 0, "conn, addr = server.accept()").await;
    page.close().await;
}

#[tokio::test]
async fn without_a_relay_lesson_4_runs_on_the_model_and_says_simulated() {
    let page = alone("").await;
    page.until("it says how to have more", "return document.querySelector('#banner-text').textContent.startsWith('No relay answers here')").await;
    page.press("4").await;
    page.until("it is lesson 4", "return document.querySelector('#lesson').value === '4a'").await;
    page.press(" ").await;
    page.until("a program has begun", "return document.querySelector('[aria-current]') !== null")
        .await;
    page.click("#lab-run").await;
    page.until_texts(CHUNKS, &["recv 1024 → 15"]).await;
    until_answered(&page).await;
    assert_eq!(page.texts("#source-text").await, [SIMULATED]);
    page.close().await;
}

#[tokio::test]
async fn the_lab_is_large_on_a_projector() {
    let (_relay, page) = lesson("7a").await;
    page.client.set_window_size(1920, 1080).await.unwrap();
    page.click("#projector").await;
    page.click("#lab-run").await;
    until_answered(&page).await;
    let smallest = "return Math.min(...[...document.querySelectorAll('#main *')]
        .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
        .filter(e => !e.closest('.ruler, .hidden'))
        .map(e => parseFloat(getComputedStyle(e).fontSize)))";
    assert!(page.read(smallest).await.as_f64().unwrap() >= 20.0);
    page.close().await;
}

#[tokio::test]
async fn the_lab_fits_a_phone_and_a_projector() {
    let (_relay, page) = lesson("3a").await;
    page.click("#lab-step").await;
    page.fits_every_screen().await;
    page.click("#lab-edit").await;
    page.fits_every_screen().await;
    page.close().await;
}
