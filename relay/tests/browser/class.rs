//! A class: the teacher's console, a projector and students, in windows of one browser. Each student has another address, and
//! so another storage.

use std::net::{Ipv4Addr, SocketAddr};

use fantoccini::actions::{InputSource as _, MOUSE_BUTTON_LEFT, PointerAction, TouchActions};
use fantoccini::wd::WindowHandle;
use framescope::{ChallengeConfig, ClassConfig, Hosts, SharedClass, of_lesson};
use framescope_class::{
    Answer, Code, ConsoleKey, FromStudent, Key, Kind, PlannedStep, Question, SUBPROTOCOL, Step,
    ToStudent, decode, encode,
};
use framescope_lab::find_variant;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::browser::Page;
use crate::driver::Setting;
#[cfg(unix)]
use crate::support::nats::Nats;
use crate::support::websocket::Client;
use crate::support::{TestRelay, until};

const KEY: ConsoleKey = ConsoleKey([0x2b; 16]);

fn code() -> Code {
    "QKF TDN".parse().expect("it is a code")
}

/// Lines to put in order.
fn order() -> PlannedStep {
    let lines = ["body", "head", "length"].map(str::to_owned).to_vec();
    let question = Question::Own { text: "In which order?".to_owned(), kind: Kind::Order(lines) };
    let step = Step {
        title: "A reader".to_owned(),
        lesson: None,
        question: Some(question),
        minutes: None,
        note: String::new(),
    };
    PlannedStep { step, key: Key::Answer(Answer::Order(vec![1, 2, 0])) }
}

/// A relay with a class whose plan has a lesson, and a question of the teacher. Others may have the class too.
async fn relay(shared: Option<SharedClass>) -> TestRelay {
    let (question, key) = find_variant("5a").and_then(of_lesson).expect("the lesson has choices");
    let step = Step {
        title: String::new(),
        lesson: Some("5a".to_owned()),
        question: Some(question),
        minutes: Some(5),
        note: "Go slowly.".to_owned(),
    };
    let class = ClassConfig {
        code: code(),
        key: KEY,
        hosts: Hosts::Own(vec![(Ipv4Addr::LOCALHOST.into(), "this machine".to_owned())]),
        shared,
        plan: vec![PlannedStep { step, key }, order()],
        challenge: Some(ChallengeConfig {
            listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            may_listen_above: false,
        }),
    };
    TestRelay::start_with(|config| {
        config.listen = vec![SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)).into()];
        config.class = Some(class);
        config.token = Some("a-token-of-the-teacher".parse().expect("it is a token"));
    })
    .await
}

/// A relay with a class, and a browser with its console.
async fn class() -> (TestRelay, Windows, WindowHandle) {
    class_in(&[]).await
}

/// The same, in a browser with these settings.
pub(crate) async fn class_in(settings: &[Setting]) -> (TestRelay, Windows, WindowHandle) {
    let relay = relay(None).await;
    let at = SocketAddr::from((Ipv4Addr::LOCALHOST, relay.http.port()));
    let (windows, console) = console_at(at, settings).await;
    (relay, windows, console)
}

/// A browser with the console of the class at this address.
async fn console_at(address: SocketAddr, settings: &[Setting]) -> (Windows, WindowHandle) {
    let key = "2b".repeat(16);
    let page = Page::at(&format!("http://{address}/class.html#key={key}"), settings).await;
    let windows = Windows(page);
    let console = windows.0.client.window().await.expect("a browser has a window");
    windows.screen("console").await;
    (windows, console)
}

/// A network that can be cut.
struct Cable {
    address: SocketAddr,
    cut: CancellationToken,
}

impl Cable {
    /// A cable to the relay, at this address.
    async fn plugged(relay: SocketAddr, address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("loopback has free ports");
        let address = listener.local_addr().expect("it is bound");
        let cut = CancellationToken::new();
        let is_cut = cut.clone();
        tokio::spawn(async move {
            let carry = async {
                while let Ok((mut page, _)) = listener.accept().await {
                    let is_cut = is_cut.clone();
                    tokio::spawn(async move {
                        let mut relay =
                            TcpStream::connect(relay).await.expect("the relay is there");
                        tokio::select! {
                            _ = copy_bidirectional(&mut page, &mut relay) => {}
                            () = is_cut.cancelled() => {}
                        }
                    });
                }
            };
            tokio::select! {
                () = carry => {}
                () = is_cut.cancelled() => {}
            }
        });
        Self { address, cut }
    }
}

/// Windows of one browser.
pub(crate) struct Windows(pub(crate) Page);

impl Windows {
    /// Opens an address in a new window.
    async fn open(&self, url: &str) -> WindowHandle {
        let client = &self.0.client;
        let window = client.new_window(false).await.expect("a browser has windows").handle;
        self.to(&window).await;
        client.goto(url).await.expect("the page loads");
        self.0.until("it has started", "return window.page !== undefined").await;
        window
    }

    /// The second window.
    pub(crate) async fn other_than(&self, first: &WindowHandle) -> WindowHandle {
        loop {
            let all = self.0.client.windows().await.expect("a browser has windows");
            if let Some(other) = all.into_iter().find(|window| window != first) {
                return other;
            }
        }
    }

    pub(crate) async fn to(&self, window: &WindowHandle) {
        self.0.client.switch_to_window(window.clone()).await.expect("the window is there");
    }

    /// Opens a student's page at an address, and joins with a nickname.
    pub(crate) async fn join(&self, address: SocketAddr, name: &str) -> WindowHandle {
        let window = self.open(&format!("http://{address}/")).await;
        self.screen("join").await;
        self.0.fill("#code", "qkf tdn").await;
        self.0.fill("#name", name).await;
        self.0.click("#join-go").await;
        self.0.until("it has joined", "return document.body.dataset.screen !== 'join'").await;
        window
    }

    pub(crate) async fn screen(&self, name: &str) {
        let is_there = format!("return document.body.dataset.screen === '{name}'");
        self.0.until(&format!("the screen is {name}"), &is_there).await;
    }

    pub(crate) async fn bet(&self, choice: usize) {
        self.screen("asked").await;
        self.0.click(&format!("[data-choice=\"{choice}\"]")).await;
        self.has_bet(choice).await;
    }

    /// Goes to the challenge with a student's page, whose program fails the third case.
    pub(crate) async fn fail_a_case(&self) {
        self.0.click("#to-challenge").await;
        self.screen("challenge").await;
        self.0.click("[data-case=\"3\"]").await;
        self.0.click("#try-next").await;
        self.0
            .until("it is said", "return document.querySelector('#tries-next').textContent !== ''")
            .await;
        let text = |id: &str| format!("return document.querySelector('#{id}').textContent");
        let server = self.0.read(&text("challenge-address")).await;
        let server =
            server.as_str().and_then(|server| server.parse().ok()).expect("it is an address");
        let ticket = self.0.read(&text("ticket")).await;
        naive(server, ticket.as_str().expect("it is a text")).await;
        self.0
            .until(
                "the case is failed",
                "return document.querySelector('#case-mark').dataset.mark === 'failed'",
            )
            .await;
    }

    async fn has_bet(&self, choice: usize) {
        let taken = format!(
            "return document.querySelector('[data-choice=\"{choice}\"]')?.ariaChecked === 'true'
                && document.querySelector('#own').textContent.startsWith('Your bet')"
        );
        self.0.until("the bet is taken", &taken).await;
    }

    /// Goes to a step of the plan.
    pub(crate) async fn choose_step(&self, step: usize) {
        self.press_when_there(&format!("[data-step=\"{step}\"]")).await;
    }

    pub(crate) async fn press(&self, control: &str) {
        self.press_when_there(&format!("[data-control={control}]")).await;
    }

    async fn press_when_there(&self, selector: &str) {
        let is_there = format!("return document.querySelector('{selector}') !== null");
        self.0.until(&format!("{selector} can be pressed"), &is_there).await;
        self.0.click(selector).await;
    }
}

/// One teacher, one projector and five students, through a whole question: one student reloads, one is late, one is
/// offline for a while, one sends garbage, and one bets twice.
#[tokio::test]
async fn a_class_bets_talks_bets_again_and_sees_what_the_sockets_did() {
    let (relay, windows, console) = class().await;
    let at = |host: u8| SocketAddr::from(([127, 0, 0, host], relay.http.port()));
    windows.0.until_texts("#join-line", &[&format!("{}   QKF TDN", at(1))]).await;
    let address = windows.0.read("return location.hash").await;
    assert_eq!(address, "#console", "the key is not in the address");
    windows.0.client.refresh().await.expect("it loads again");
    windows.screen("console").await;
    windows.0.until("it is still in charge", "return document.querySelector('#charge').hidden && document.querySelector('[data-control]') !== null").await;

    windows.0.click("#projector").await;
    let projector = windows.other_than(&console).await;
    windows.to(&projector).await;
    windows.screen("invitation").await;

    let twice = windows.join(at(2), "twice").await;
    windows.screen("waiting").await;
    let reloads = windows.join(at(3), "小明").await;
    let cable = Cable::plugged(at(1), SocketAddr::from(([127, 0, 0, 4], 0))).await;
    let offline = windows.join(cable.address, "").await;
    let mut garbage = Client::open_offering(at(1), "/class", Some(SUBPROTOCOL)).await;
    garbage.send(encode(&FromStudent::Join { code: code(), token: None, name: None })).await;
    let answer = decode(&garbage.receive_bytes().await);
    assert!(matches!(answer, Some(ToStudent::Joined { .. })), "{answer:?}");

    windows.to(&projector).await;
    windows.0.until_texts("#names li", &["guest 4", "guest 3", "小明", "twice"]).await;

    windows.to(&console).await;
    windows.press("ask").await;
    garbage.send(vec![0xff; 500]).await;
    windows.to(&twice).await;
    windows.bet(0).await;
    windows.bet(2).await;
    windows.to(&reloads).await;
    windows.bet(1).await;
    windows.0.client.refresh().await.expect("it loads again");
    windows.has_bet(1).await;
    windows.to(&offline).await;
    windows.screen("asked").await;
    cable.cut.cancel();
    windows.0.until("it says so", "return !document.querySelector('#banner').hidden").await;
    let late = windows.join(at(5), "late").await;
    windows.bet(1).await;

    for window in [&twice, &reloads, &late, &projector] {
        windows.to(window).await;
        windows.0.until_texts("#voted", &["3 of 5 have bet"]).await;
        let lab = "return document.querySelector('iframe') === null";
        assert_eq!(windows.0.read(lab).await, true, "the open lesson cannot be run");
    }
    windows.to(&console).await;
    windows.0.until_texts("#choices .count", &["0 · 0 %", "2 · 67 %", "1 · 33 %"]).await;
    windows.press("close").await;
    windows.press("vote-again").await;

    windows.to(&offline).await;
    let _cable = Cable::plugged(at(1), cable.address).await;
    windows.0.until("it is back", "return document.querySelector('#banner').hidden").await;
    windows.bet(0).await;
    for window in [&twice, &reloads, &late] {
        windows.to(window).await;
        windows.bet(1).await;
    }
    windows.to(&console).await;
    windows.0.until_texts("#choices .count", &["1 · 25 %", "3 · 75 %", "0 · 0 %"]).await;
    windows.press("close").await;
    windows.press("reveal").await;
    for (window, own) in [(&twice, 1), (&offline, 0), (&projector, 9)] {
        windows.to(window).await;
        windows.screen("revealed").await;
        windows.0.until_texts(".votes .share", &["25 %\n0 %", "75 %\n67 %", "0 %\n33 %"]).await;
        windows.0.until_texts(".row[data-right] .answer", &["b'hello', then b'\u{a0}worl'"]).await;
        let own = format!(
            "return [...document.querySelectorAll('.row')].findIndex(row => 'own' in row.dataset) === {}",
            if own == 9 { -1 } else { own }
        );
        windows.0.until("a student sees the own bet", &own).await;
    }
    windows.0.close().await;
}

/// Two relays have the class, and the one at which the teacher and a student are dies while the vote is open.
#[cfg(unix)]
#[tokio::test]
async fn a_class_goes_on_at_another_relay_when_its_own_dies() {
    let Some(nats) = Nats::start("browser").await else { return };
    let mut relays = Vec::new();
    for _ in 0..2 {
        let opening = framescope_class::Opening { key: KEY, token: [1; 16], plan: Vec::new() };
        let shared = SharedClass::open(&nats.url, code(), opening).await;
        relays.push(relay(Some(shared.expect("NATS is there").0)).await);
    }
    let [two, one] = [(); 2].map(|()| relays.pop().expect("there are two"));
    let at = |relay: &TestRelay, host| SocketAddr::from(([127, 0, 0, host], relay.http.port()));
    // A proxy in front of both.
    let any = |host| SocketAddr::from(([127, 0, 0, host], 0));
    let for_teacher = Cable::plugged(at(&one, 1), any(2)).await;
    let for_student = Cable::plugged(at(&one, 1), any(3)).await;
    let (windows, console) = console_at(for_teacher.address, &[]).await;
    let moves = windows.join(for_student.address, "moves").await;
    let stays = windows.join(at(&two, 4), "stays").await;
    windows.to(&console).await;
    windows.press("ask").await;
    for (student, choice) in [(&moves, 0), (&stays, 1)] {
        windows.to(student).await;
        windows.bet(choice).await;
    }
    windows.0.until_texts("#voted", &["2 of 2 have bet"]).await;

    one.stop.cancel();
    for cable in [&for_teacher, &for_student] {
        cable.cut.cancel();
    }
    one.ended().await;
    let _again = (
        Cable::plugged(at(&two, 1), for_teacher.address).await,
        Cable::plugged(at(&two, 1), for_student.address).await,
    );
    windows.to(&moves).await;
    windows.0.until("it is back", "return document.querySelector('#banner').hidden").await;
    windows.has_bet(0).await;
    windows.bet(1).await;
    windows.to(&console).await;
    windows.0.until_texts("#choices .count", &["0 · 0 %", "2 · 100 %", "0 · 0 %"]).await;
    windows.press("close").await;
    windows.press("reveal").await;
    for student in [&moves, &stays] {
        windows.to(student).await;
        windows.screen("revealed").await;
        windows.0.until_texts(".votes .share", &["0 %", "100 %", "0 %"]).await;
    }
    windows.0.close().await;
}

/// What the teacher steps in the lab is on the students' pages, and who goes on alone comes back by one tap.
#[tokio::test]
async fn students_follow_the_teacher_s_lab_leave_it_and_come_back() {
    let (relay, windows, console) = class().await;
    let at = |host: u8| SocketAddr::from(([127, 0, 0, host], relay.http.port()));
    let student = windows.join(at(2), "follower").await;
    windows.to(&console).await;
    let events = |count: &str| {
        format!(
            "const lab = document.querySelector('iframe')?.contentDocument;
             const text = lab?.querySelector('#position')?.textContent ?? '';
             return {count}"
        )
    };
    // Under load a press may come before the lab takes it.
    let press = "const next = lab?.querySelector('#lab-step');
         const can_step = next != null && !next.disabled;
         const has_run = /^event [3-9] of [3-9]/.test(text);
         if (can_step && !has_run) next.click();";
    let has_run = events("has_run && can_step").replace("return", &format!("{press} return"));
    windows.0.until("it has run", &has_run).await;
    windows.to(&student).await;
    windows.screen("lab").await;
    // A second press may still be on its way.
    let place = events("text.split(' · ')[0]");
    let follows = || async {
        windows.to(&console).await;
        let teacher = windows.0.read(&place).await;
        windows.to(&student).await;
        windows.0.read(&place).await == teacher
    };
    until("the student is where the teacher is", follows).await;

    windows.0.click("#alone").await;
    let can_step = "const next = document.querySelector('iframe')?.contentDocument?.querySelector('#lab-step');
        return next != null && !next.disabled";
    windows.0.until("it has its own lab", can_step).await;
    let simulated = "return document.querySelector('iframe').contentDocument.querySelector('#lab-measured').disabled
        || document.querySelector('iframe').contentDocument.querySelector('#lab-simulated').ariaPressed === 'true'";
    windows.0.until("it runs in the page itself", simulated).await;
    windows.0.click("#follow").await;
    until("it is back where the teacher is", follows).await;
    windows.0.close().await;
}

/// Lines are put in order by dragging, and by buttons for who cannot drag.
#[tokio::test]
async fn lines_are_put_in_order_by_finger_or_by_buttons() {
    let (relay, windows, console) = class().await;
    windows.choose_step(1).await;
    let student = SocketAddr::from(([127, 0, 0, 2], relay.http.port()));
    let student = windows.join(student, "").await;
    windows.to(&console).await;
    windows.press("ask").await;
    windows.to(&student).await;
    windows.0.until_texts("#order code", &["body", "head", "length"]).await;
    let row = |at: usize| format!("#order li:nth-child({at}) code");
    let (from, to) = (windows.0.find(&row(1)).await, windows.0.find(&row(3)).await);
    let moved = |element| PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 };
    let drag = TouchActions::new("finger".to_owned())
        .then(moved(from))
        .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
        .then(moved(to))
        .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
    windows.0.client.perform_actions(drag).await.expect("a finger can drag");
    windows.0.until_texts("#order code", &["head", "length", "body"]).await;
    windows.0.click("#order li:nth-child(3) .up").await;
    windows.0.until_texts("#order code", &["head", "body", "length"]).await;
    windows.0.click("#order li:nth-child(2) .down").await;
    windows.0.until_texts("#order code", &["head", "length", "body"]).await;
    windows.0.click("#order-go").await;
    let taken = "return document.querySelector('#own').textContent.startsWith('Your bet: head → length → body')";
    windows.0.until("the bet is taken", taken).await;
    windows.to(&console).await;
    windows.press("close").await;
    windows.press("reveal").await;
    windows.to(&student).await;
    windows.0.until_texts(".row[data-right][data-own] .answer", &["head → length → body"]).await;
    windows.0.close().await;
}

/// A student's program that takes each chunk for a message: it is connected once.
async fn naive(server: SocketAddr, ticket: &str) {
    let mut sock = TcpStream::connect(server).await.expect("the challenge is there");
    let framed = |payload: &[u8]| {
        let length = i32::try_from(payload.len()).expect("it is short");
        [&length.to_le_bytes()[..], payload].concat()
    };
    sock.write_all(&framed(ticket.as_bytes())).await.expect("it is taken");
    let mut buffer = [0; 64];
    let read = sock.read(&mut buffer).await.expect("the server sends");
    // The server may have found out, and closed.
    let _ = sock.write_all(&framed(&buffer[..read])).await;
    let _ = sock.read(&mut buffer).await;
}

/// A student's own program fails a case. The student's page shows where, the teacher opens what crossed beside a right one, and
/// the projector has the board.
#[tokio::test]
async fn a_program_fails_a_case_and_the_pages_show_it() {
    let (relay, windows, console) = class().await;
    let student = SocketAddr::from(([127, 0, 0, 2], relay.http.port()));
    let student = windows.join(student, "Mia").await;
    windows.fail_a_case().await;
    windows.0.until_texts("#cases-passed", &["0 of 10 passed"]).await;
    windows
        .0
        .until(
            "the first wrong byte is marked in each row",
            "return document.querySelectorAll('#byte-rows [data-here]').length === 3",
        )
        .await;
    windows.0.click("#show-recordings").await;
    let shown = "const labs = [...document.querySelectorAll('#recorded-part iframe')].map(frame => frame.contentDocument);
        return labs.length === 2 && labs.every(lab => lab?.querySelector('#source-text')?.textContent.includes('header in pieces'))";
    windows.0.until("both recordings are shown", shown).await;
    windows.0.click("#hide-recordings").await;
    windows.0.until("they are gone", "return document.querySelector('iframe') === null").await;

    windows.to(&console).await;
    windows.0.click("#tab-challenge").await;
    windows.0.click("#shows-board").await;
    windows.0.click("#board-rows .mark[data-mark=failed]").await;
    windows.0.until("both recordings are shown", shown).await;
    windows.0.click("#projector").await;
    let mut others = windows.0.client.windows().await.expect("a browser has windows");
    others.retain(|window| *window != console && *window != student);
    windows.to(&others[0]).await;
    windows.screen("board").await;
    windows.0.until_texts("#board-rows .name", &["Mia"]).await;
    windows.0.until_texts("#board-heading", &["0 of 10 cases passed"]).await;
    windows.0.close().await;
}
