//! The lab on the page: lessons stepped, run, predicted, changed and kept.

mod animation;
mod by_itself;
mod lessons;
mod programs;
mod shots;
mod watched;

use std::env;

pub(crate) use lessons::trace_of;

use crate::browser::Page;
use crate::file_server;
use crate::support::TestRelay;

const MEASURED: &str = "measured · real sockets of the relay's machine";
const SIMULATED: &str = "simulated · a model of the kernel, in this page";

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
pub(crate) async fn lesson(name: &str) -> (TestRelay, Page) {
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
    let is_ready = format!("return document.querySelector('{button}')?.ariaDisabled === null");
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
    page.choose_in_menu("#lab-edit").await;
    for (program, text) in texts.iter().enumerate() {
        let field = of(program, ".program-text");
        // Cleared before the program is in it, the field would hold both.
        let is_there = format!("return document.querySelector('{field}').value !== ''");
        page.until("the program can be changed", &is_there).await;
        page.fill(&field, text).await;
    }
}

/// Keeps the files that the page offers, before the browser stores them.
async fn catch_files(page: &Page) {
    page.read("HTMLAnchorElement.prototype.click = function () {
        window.offered = this.download;
        fetch(this.href).catch(() => {});
    };
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => { blob.text().then((text) => { window.file = text; }); return make(blob); };").await;
}
