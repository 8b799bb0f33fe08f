//! Lessons: stepped, predicted and counted, their traces, and what is measured and simulated.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::time::Duration;

use fantoccini::actions::{InputSource as _, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use framescope_engine::programs::simulate;
use framescope_lab::{Event, RunEnd, Trace, find_variant, variants};
use framescope_record::Source;

use super::{
    SIMULATED, alone, catch_files, choose, lesson, of, step, until_answered, until_line,
    until_printed,
};
use crate::browser::Page;
use crate::support::TestRelay;

const SENDS: &str = "#received-lanes .send-lane .segment";
const CHUNKS: &str = "#received-lanes .chunk-lane .segment";
const MESSAGES: &str = "#received-lanes .message-lane .segment";
const PAGE_DOWN: &str = "\u{e00f}";

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
    let listens = "return [...document.querySelectorAll('#picture-shapes text')].some(e => e.textContent === 'LISTEN')";
    page.until("the picture says that the server listens", listens).await;
    step(&page, 0).await;
    page.until_texts(&of(0, ".program-state"), &["‖ accept() · waits for a client"]).await;
    page.until_texts(&of(0, "[aria-current] .call"), &["server.accept()"]).await;
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
async fn the_recorded_bytes_are_read_again_with_another_reader() {
    let (_relay, page) = lesson("5a").await;
    page.click("#lab-run").await;
    until_answered(&page).await;
    let cuts = ["recv 5 → 5", "recv 5 → 5", "recv 1024 → 7"];
    page.until_texts(CHUNKS, &cuts).await;
    choose(&page, "#reader", "recv").await;
    let code = of(0, ".line code");
    let is_code = format!(
        "return [...document.querySelectorAll('{code}')].some(e => e.textContent.includes('recv(7)'))"
    );
    page.until("the code is the other reader's", &is_code).await;
    page.until_texts(CHUNKS, &["recv 7 → 7", "recv 7 → 7", "3"]).await;
    page.until("it says so", "return document.querySelector('#replayed').checkVisibility()").await;
    page.fill("#reader-size", "4").await;
    page.until_texts(CHUNKS, &["4", "4", "4", "4", "1"]).await;
    for wrong in ["0", "-1", "1.5", "4294967296"] {
        page.fill("#reader-size", wrong).await;
        let is_told = "return document.querySelector('#reader-size').ariaInvalid === 'true'
            && document.querySelector('#reader-problem').checkVisibility()";
        page.until("a size that no recv has is told", is_told).await;
    }
    page.fill("#reader-size", "4").await;
    page.until_texts(CHUNKS, &["4", "4", "4", "4", "1"]).await;
    let is_right = "return !document.querySelector('#reader-problem').checkVisibility()";
    page.until("nothing is wrong", is_right).await;
    choose(&page, "#reader", "recorded").await;
    page.until_texts(CHUNKS, &cuts).await;
    page.close().await;
}

#[tokio::test]
async fn a_cut_is_dragged_to_another_byte() {
    let (_relay, page) = lesson("4a").await;
    page.click("#lab-run").await;
    until_answered(&page).await;
    page.until_texts(CHUNKS, &["recv 1024 → 15"]).await;
    let has_cells = "return document.querySelectorAll('#received-lanes .cell').length > 7
        && document.querySelector('.cut:not([hidden])') !== null";
    page.until("its bytes have cells, and its end a cut", has_cells).await;
    let places = "const cut = document.querySelector('.cut:not([hidden])').getBoundingClientRect();
        const cell = document.querySelectorAll('#received-lanes .cell')[7].getBoundingClientRect();
        return [cut.left + cut.width / 2, cell.left + 3, cut.top + cut.height / 2].map(Math.round)";
    let [from, to, y]: [f64; 3] =
        serde_json::from_value(page.read(places).await).expect("three numbers");
    let go = |x| PointerAction::MoveTo { duration: Some(Duration::from_millis(20)), x, y };
    let drag = MouseActions::new("mouse".to_owned())
        .then(go(from))
        .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
        .then(go(f64::midpoint(from, to)))
        .then(go(to))
        .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
    page.client.perform_actions(drag).await.expect("the mouse moves");
    page.until_texts(CHUNKS, &["recv 7 → 7", "recv 7 → 7", "1"]).await;
    assert_eq!(page.read("return document.querySelector('#reader-size').value").await, "7");
    page.until_texts(&of(0, ".output"), &["b'hellohe'\nb'llohell'\nb'o'\n"]).await;
    page.close().await;
}

#[tokio::test]
async fn messages_are_shown_by_the_header_that_the_programs_pack() {
    let (_relay, page) = lesson("6a").await;
    page.click("#lab-run").await;
    until_answered(&page).await;
    page.until_texts(MESSAGES, &["header 5", "\"hello\"", "header 13", "\"你好, world\""]).await;
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
    assert!(said.starts_with("✕ Not “"), "{said}");
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
pub(crate) fn trace_of(name: &str) -> Trace {
    let experiment = find_variant(name).expect("the lesson is there").experiment();
    let mut trace = Trace::new(Source::Simulated, experiment.clone());
    let mut events: Vec<Event> = Vec::new();
    let programs = simulate::<()>(
        experiment,
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
    page.until("it says what is wrong", "return document.querySelector('#file-problem').textContent.startsWith('This is neither a trace')").await;
    input.send_keys(&import("good.json", trace_of("5a").to_json())).await.unwrap();
    page.until_texts("#source-text", &["simulated · imported"]).await;
    page.until("it is the lesson's", "return document.querySelector('#lesson').value === '5a'")
        .await;
    let has_chunks = format!("return document.querySelectorAll('{CHUNKS}').length > 1");
    page.until("its chunks are there", &has_chunks).await;
    fs::remove_dir_all(folder).unwrap();
    page.close().await;
}

#[tokio::test]
async fn the_picture_is_saved_as_shapes_and_as_pixels() {
    let (_relay, page) = lesson("4a").await;
    page.click("#lab-run").await;
    until_answered(&page).await;
    catch_files(&page).await;
    page.choose_in_menu("#lab-svg").await;
    page.until("a file is offered", "return window.file !== undefined").await;
    assert_eq!(page.read("return window.offered").await, "framescope-4a.svg");
    let texts =
        "const texts = (root) => [...root.querySelectorAll('text')].map(e => e.textContent);
        const saved = new DOMParser().parseFromString(window.file, 'image/svg+xml');
        const shown = texts(document.querySelector('#picture-svg'));
        return shown.filter(text => !text.startsWith('▸') && !texts(saved).includes(text))";
    assert_eq!(page.read(texts).await, serde_json::json!([]), "the file has what the page shows");
    page.read("window.file = undefined").await;
    page.choose_in_menu("#lab-png").await;
    page.until("a file is offered", "return window.file !== undefined").await;
    assert_eq!(page.read("return window.offered").await, "framescope-4a.png");
    let magic = "return window.file.slice(1, 4)";
    assert_eq!(page.read(magic).await, "PNG");
    page.close().await;
}

#[tokio::test]
async fn an_exported_trace_is_one_that_the_lab_reads() {
    let (_relay, page) = lesson("13a").await;
    page.click("#lab-run").await;
    until_answered(&page).await;
    catch_files(&page).await;
    page.choose_in_menu("#lab-export").await;
    page.until("a file is offered", "return window.file !== undefined").await;
    assert_eq!(page.read("return window.offered").await, "framescope-13a.json");
    let json = page.read("return window.file").await;
    let trace = Trace::from_json(json.as_str().unwrap()).expect("the file is a trace");
    assert_eq!(trace.experiment, find_variant("13a").unwrap().experiment());
    page.read("window.file = undefined").await;
    page.choose_in_menu("#lab-capture").await;
    page.until("a file is offered", "return window.file !== undefined").await;
    assert_eq!(page.read("return window.offered").await, "framescope-13a.pcapng");
    let capture = page.read("return window.file").await;
    let begins = "\n\r\r\n";
    assert!(capture.as_str().unwrap().starts_with(begins), "it has the magic of pcapng: {capture}");
    assert!(capture.as_str().unwrap().contains("client.py:"), "{capture}");
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
        .map(e => parseFloat(getComputedStyle(e).fontSize) * (e.ownerSVGElement?.getScreenCTM().a ?? 1)))";
    assert!(page.read(smallest).await.as_f64().unwrap() >= 20.0);
    page.close().await;
}

#[tokio::test]
async fn the_lab_fits_a_phone_and_a_projector() {
    let (_relay, page) = lesson("3a").await;
    page.click("#lab-step").await;
    page.fits_every_screen().await;
    page.choose_in_menu("#lab-edit").await;
    page.fits_every_screen().await;
    page.close().await;
}

/// A laptop's window between the bars of its browser.
#[tokio::test]
async fn in_a_low_window_the_answer_and_the_bytes_are_on_screen_together() {
    let page = alone("").await;
    let bars = page.read("return outerHeight - innerHeight").await.as_u64().expect("a height");
    let height = u32::try_from(650 + bars).expect("a window is not that high");
    page.client.set_window_size(1366, height).await.expect("a window has a size");
    for lesson in ["4a", "7a", "12a"] {
        page.read(&format!("location.hash = 'lesson={lesson}'")).await;
        let is_there = format!(
            "return document.querySelector('#lesson').value === '{lesson}'
            && document.querySelector('#question').textContent !== ''"
        );
        page.until("the lesson is there", &is_there).await;
        page.click(".choice").await;
        page.click("#lab-run").await;
        let is_over = "return document.querySelector('#answer').checkVisibility()";
        page.until("the answer is there", is_over).await;
        let fits = "const top = document.querySelector('#transport').getBoundingClientRect().top;
            return document.querySelector('#main').scrollTop === 0
            && document.querySelector('#lanes').getBoundingClientRect().bottom <= top";
        page.until(&format!("the bytes of lesson {lesson} are on screen"), fits).await;
    }
    // On a projector everything is larger: the bytes and what the receiver did with them are there.
    page.click("#projector").await;
    page.read("location.hash = 'lesson=4a'").await;
    page.until("lesson 4a is there", "return document.querySelector('#lesson').value === '4a'")
        .await;
    page.click("#lab-run").await;
    let is_over = "return document.querySelector('#answer').checkVisibility()";
    page.until("the answer is there", is_over).await;
    let fits = "const top = document.querySelector('#transport').getBoundingClientRect().top;
        const bytes = document.querySelector('#received-lanes .cell')?.getBoundingClientRect();
        return document.querySelector('#main').scrollTop === 0 && bytes && bytes.bottom <= top";
    page.until("the bytes are on screen", fits).await;
    page.close().await;
}

#[tokio::test]
async fn each_lesson_has_its_texts_in_files_and_its_title_on_the_page() {
    let (relay, page) = lesson("0a").await;
    for language in ["en", "zh-CN"] {
        let titles = file_of_texts(&page, &format!("locales/{language}.json")).await;
        for variant in variants() {
            let texts = variant.texts(language);
            assert_eq!(titles[&format!("title-{}", variant.name)], texts.title);
            let path = format!("lessons/{}.{language}.json", variant.name);
            let mut file = file_of_texts(&page, &path).await;
            assert_eq!(file.remove("question").as_deref(), Some(texts.question), "{path}");
            assert_eq!(file.remove("explanation").as_deref(), Some(texts.explanation), "{path}");
            for (number, choice) in (1..).zip(texts.choices) {
                assert_eq!(file.remove(&format!("choice-{number}")).as_deref(), Some(*choice));
            }
            let programs = variant.experiment().programs.into_iter();
            assert_eq!(file, programs.map(|program| (program.file, program.text)).collect());
        }
    }
    page.close().await;
    drop(relay);
}

async fn file_of_texts(page: &Page, path: &str) -> BTreeMap<String, String> {
    let fetch = format!("return fetch('{path}').then(answer => answer.json())");
    serde_json::from_value(page.read(&fetch).await).expect("it has texts by their keys")
}

#[tokio::test]
async fn a_lesson_whose_texts_cannot_be_fetched_says_so_and_is_shown_when_the_relay_is_back() {
    let (relay, page) = lesson("4a").await;
    let http = relay.http;
    relay.stop.cancel();
    relay.ended().await;
    page.press("]").await;
    let missing = "The lesson could not be fetched. It is asked for again when the relay answers.";
    page.until_texts("#question", &[missing]).await;
    assert_eq!(page.texts("#lab-step[aria-disabled]").await.len(), 1);
    let relay = TestRelay::start_with(|config| config.listen = vec![http.into()]).await;
    let question = find_variant("4b").expect("it is there").texts("en").question;
    page.until_texts("#question", &[question]).await;
    page.close().await;
    drop(relay);
}

/// What a student sees who has no relay: the lesson's run on Linux, with each segment.
#[tokio::test]
async fn without_a_relay_the_recorded_run_of_a_lesson_can_be_shown() {
    let page = alone("lesson=16a").await;
    page.click("#recorded").await;
    let is_recorded = "return document.querySelector('#source-text').textContent
        .startsWith('measured · recorded on Linux ')";
    page.until("it is on screen", is_recorded).await;
    page.press("End").await;
    let has_segments = "return [...document.querySelectorAll('.crossing-text')]
        .some(label => label.textContent.includes('FIN'))";
    page.until("it has segments", has_segments).await;
    assert_eq!(page.texts("#recorded:not([hidden])").await, [""; 0]);
    page.click("#lab-reset").await;
    page.until_texts("#source-text", &[SIMULATED]).await;
    page.close().await;
}

/// The SYN is held, and the client's connect waits until the user delivers what follows, segment by segment.
#[tokio::test]
async fn segments_are_held_on_the_wire_and_delivered_by_hand() {
    let (_relay, page) = lesson("1a").await;
    hold_and_deliver(page).await;
}

/// The clock of the simulated kernel stands still while a segment is held.
#[tokio::test]
async fn segments_are_held_on_the_simulated_wire_too() {
    hold_and_deliver(alone("lesson=1a").await).await;
}

#[tokio::test]
async fn what_happens_on_the_wire_is_said_in_words() {
    let (_relay, page) = lesson("4b").await;
    lose_by_words(page).await;
    lose_by_words(alone("lesson=4b").await).await;
}

async fn lose_by_words(page: Page) {
    page.fill("#wire-words", "lose data\u{e007}").await;
    page.until(
        "the words are refused",
        "return !document.querySelector('#wire-words-problem').hidden",
    )
    .await;
    page.fill("#wire-words", "drop data 1\u{e007}").await;
    page.until("the words are taken", "return location.hash.includes('wire=drop+data+1')").await;
    page.click("#lab-run").await;
    // Only the rows in view are there.
    let is_lost = "const ladder = document.querySelector('#ladder');
        ladder.scrollTop = ladder.scrollTop > 0 ? Math.max(ladder.scrollTop - 60, 0) : ladder.scrollHeight;
        window.signs ??= '';
        window.signs += [...document.querySelectorAll('.crossing-text')].map(e => e.textContent);
        return window.signs.includes('✕') && window.signs.includes('↻')";
    page.until("the first bytes are lost, and sent again", is_lost).await;
    page.close().await;
}

async fn hold_and_deliver(page: Page) {
    page.click("#wire-hold").await;
    page.click("#lab-run").await;
    let held = "[...document.querySelectorAll('.rung')].filter(
        (rung) => !rung.querySelector('.segment-tools').hidden)";
    for label in ["─ SYN ‖ ─▶", "◀─ SYN ACK 1 ‖ ─", "─ ACK 1 ‖ ─▶"] {
        let is_held = format!(
            "return {held}.some((rung) => rung.querySelector('.crossing-text').textContent === '{label}')"
        );
        page.until("the segment is held", &is_held).await;
        page.read(&format!(
            "{held}.find((rung) => rung.querySelector('.crossing-text').textContent === '{label}')
                .querySelector('[data-does=deliver]').click()"
        ))
        .await;
    }
    page.click("#wire-hold").await;
    until_answered(&page).await;
    page.close().await;
}
