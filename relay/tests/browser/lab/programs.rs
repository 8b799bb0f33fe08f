//! Programs: pasted, typed, opened, saved, stepped and stopped.

use std::env;
use std::fs;

use super::{
    CLIENT, MEASURED, SERVER, alone, catch_files, lesson, of, paste, press_step, step,
    until_printed,
};

use crate::browser::Page;

const ENTER: &str = "\u{e007}";

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
    let (_relay, page) = lesson("own").await;
    spin_and_stop(page).await;
    spin_and_stop(alone("lesson=own").await).await;
}

async fn spin_and_stop(page: Page) {
    // It takes long to use up its budget.
    paste(&page, &["def f(): pass\nwhile True: f()\n", "print('other')\n"]).await;
    page.click("#lab-run").await;
    page.until_texts(&of(0, ".program-state"), &["runs"]).await;
    page.click("#theme").await;
    let is_dark = "return document.documentElement.dataset.theme === 'dark'";
    page.until("the page answers", is_dark).await;
    page.click(&of(0, ".program-interrupt")).await;
    page.until_texts(&of(0, ".program-state"), &["✕ KeyboardInterrupt"]).await;
    page.close().await;
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
    page.choose_in_menu("#lab-edit").await;
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
    page.until("a file is offered", "return window.file !== undefined").await;
    assert_eq!(page.read("return window.offered").await, "gbk.py");
    assert_eq!(page.read("return window.file").await, "# -*- coding: gbk -*-\nprint('你')\n");
    fs::remove_dir_all(folder).unwrap();
    page.close().await;
}

#[tokio::test]
async fn threads_are_stepped_each_by_itself() {
    let (_relay, page) = lesson("own").await;
    let text = "import threading\ndef work():\n    print('one')\n    print('two')\nthread = threading.Thread(target=work)\nthread.start()\nthread.join()\n";
    paste(&page, &[text, "print('other')\n"]).await;
    page.choose_in_menu("#lab-lines").await;
    page.choose_in_menu("#lab-edit").await;
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
async fn two_programs_that_wait_for_ever_say_so() {
    let (_relay, page) = lesson("2b").await;
    page.click("#lab-run").await;
    let waits = "return document.querySelectorAll('.program [data-state=blocked]').length === 2";
    page.until("both wait", waits).await;
    page.close().await;
}
