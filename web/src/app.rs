//! The running app: holds the state, carries out effects, and requests frames.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use framescope_lab::SUBPROTOCOL;
use framescope_page::effect::{Bridge, Effect, FileSource, PictureFormat, Runner, TraceFormat};
use framescope_page::msg::{LabMsg, Msg};
use framescope_page::screen::drawing::Drawing;
use framescope_page::screen::pace::{Pace, Parts};
use framescope_page::state::{Link, NOT_TAKEN, Part, Problem, Refusal, State, Theme};
use framescope_page::text::Locale;
use framescope_page::update;
use framescope_protocol::close_code::NO_CLOSE_FRAME;
use framescope_protocol::{BRIDGE_SUBPROTOCOLS, paths};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

use crate::browser::{
    self, Engine, EngineEvent, FileReader, Frame, Interval, Listener, SimulatedBridge, Socket,
    SocketEvent, Timeout, fetch_lesson, fetch_relay_info, fetch_text, fetch_texts, follow_class,
    fragment, keep_token, part_of_page, push_fragment, recall_token, set_fragment, tell_class,
    translate_program, write_trace,
};
use crate::channels::{LabChannel, LiveChannel};
use crate::events::{Events, file_input};
use crate::handle::Handle;
use crate::view::View;

/// The time between two polls of the relay, in milliseconds.
const POLL_MS: i32 = 1500;
/// The time that each event is on screen while playing, in milliseconds.
const PLAY_MS: i32 = 1000;
/// The time without a key after which what was typed is checked, in milliseconds.
const TYPING_MS: i32 = 500;
/// The number of characters of the relay's reason that are shown.
const MAX_REASON: usize = 300;

/// The running page. When it is dropped (`free()` in JavaScript), every listener and timer is removed
/// and the WebSockets are closed.
#[wasm_bindgen]
pub struct Page {
    _app: Rc<App>,
}

/// Starts the page in the document that loaded it.
///
/// # Errors
///
/// The page's texts cannot be fetched.
#[wasm_bindgen]
pub async fn start() -> Result<Page, JsValue> {
    let (language, preferences) = browser::recall();
    let texts = fetch_texts(language).await.ok_or("its texts could not be fetched")?;
    let locale = Locale::new(language, texts);
    let mut link = Link::opening(&fragment());
    link.token = link.token.or_else(recall_token);
    let mut state = State::new(locale, preferences, link);
    state.is_tab_chosen = Link::leads_to_live(&fragment());
    let (part, runs_alone) = part_of_page();
    let follows = part == Part::Following;
    state.part = part;
    state.reduced_motion = browser::prefers("(prefers-reduced-motion: reduce)");
    let app = Rc::new(App {
        runs_alone,
        state: Rc::new(RefCell::new(state)),
        waiting: RefCell::default(),
        busy: Cell::new(false),
        is_left: Cell::new(false),
        view: RefCell::new(View::new()),
        pace: RefCell::default(),
        frame: OnceCell::new(),
        events: OnceCell::new(),
        leaving: OnceCell::new(),
        printing: OnceCell::new(),
        live: RefCell::default(),
        lab: RefCell::default(),
        reader: RefCell::default(),
        check: RefCell::default(),
        poll: RefCell::default(),
        play: RefCell::default(),
        following: OnceCell::new(),
    });
    let painter = Rc::downgrade(&app);
    let frame = Frame::new(move || {
        if let Some(app) = painter.upgrade() {
            app.paint();
        }
    });
    // `set` fails only if a cell is full, and these are empty.
    let _ = app.frame.set(frame);
    let _ = app.leaving.set(app.listen_for_leaving());
    let _ = app.printing.set(app.listen_for_printing());
    let _ = app.events.set(Events::listen(&app.handle()));
    app.dispatch(Msg::Started);
    if follows {
        let handle = app.handle();
        let follow = move |followed| handle.send(Msg::Lab(LabMsg::Followed(followed)));
        let _ = app.following.set(follow_class(follow));
    }
    Ok(Page { _app: app })
}

struct App {
    /// Whether the page runs nothing on the relay.
    runs_alone: bool,
    state: Rc<RefCell<State>>,
    /// The messages that arrived during an update. They are next.
    waiting: RefCell<VecDeque<Msg>>,
    busy: Cell<bool>,
    /// Whether the user has left the page. The browser still sends events then, and has no more timers and frames for
    /// it. It may bring the page back.
    is_left: Cell<bool>,
    view: RefCell<View>,
    pace: RefCell<Pace>,
    frame: OnceCell<Frame>,
    events: OnceCell<Events>,
    leaving: OnceCell<[Listener; 2]>,
    printing: OnceCell<[Listener; 2]>,
    live: RefCell<Option<LiveChannel>>,
    lab: RefCell<Option<LabChannel>>,
    reader: RefCell<Option<FileReader>>,
    check: RefCell<Option<Timeout>>,
    poll: RefCell<Option<Timeout>>,
    play: RefCell<Option<Interval>>,
    following: OnceCell<Listener>,
}

impl App {
    fn dispatch(self: &Rc<Self>, msg: Msg) {
        self.waiting.borrow_mut().push_back(msg);
        self.work();
    }

    /// Carries out the messages that wait. When the page has been left, they wait until it is back.
    fn work(self: &Rc<Self>) {
        if self.is_left.get() || self.busy.replace(true) {
            return;
        }
        loop {
            let next = self.waiting.borrow_mut().pop_front();
            let Some(msg) = next else { break };
            self.pace.borrow_mut().change(msg.is_motion());
            let effects = update(&mut self.state.borrow_mut(), msg, browser::now());
            for effect in effects {
                self.perform(effect);
            }
        }
        self.busy.set(false);
        self.request_frame();
    }

    fn listen_for_leaving(self: &Rc<Self>) -> [Listener; 2] {
        [("pagehide", true), ("pageshow", false)].map(|(kind, is_left)| {
            let app = Rc::downgrade(self);
            Listener::new(&browser::window(), kind, move |_| {
                if let Some(app) = app.upgrade() {
                    app.is_left.set(is_left);
                    app.work();
                }
            })
        })
    }

    /// The browser lays out the paper as soon as the first of these events is over: there is no frame before.
    fn listen_for_printing(self: &Rc<Self>) -> [Listener; 2] {
        [("beforeprint", true), ("afterprint", false)].map(|(kind, begins)| {
            let app = Rc::downgrade(self);
            Listener::new(&browser::window(), kind, move |_| {
                if let Some(app) = app.upgrade() {
                    app.dispatch(Msg::Printed(begins));
                    let parts = app.pace.borrow_mut().last_frame();
                    app.render(parts);
                }
            })
        })
    }

    fn handle(self: &Rc<Self>) -> Handle {
        let app = Rc::downgrade(self);
        let send = move |msg| {
            if let Some(app) = app.upgrade() {
                app.dispatch(msg);
            }
        };
        Handle::new(&self.state, send)
    }

    fn request_frame(&self) {
        if let Some(frame) = self.frame.get() {
            frame.request();
        }
    }

    fn paint(&self) {
        if let Some(frame) = self.frame.get() {
            frame.begin();
        }
        let parts = self.pace.borrow_mut().frame(browser::now());
        self.render(parts);
        if self.pace.borrow().is_behind() {
            self.request_frame();
        }
    }

    fn render(&self, parts: Parts) {
        self.view.borrow_mut().render(&self.state.borrow(), parts);
    }

    fn perform(self: &Rc<Self>, effect: Effect) {
        let handle = self.handle();
        match effect {
            Effect::FetchRelayInfo if self.runs_alone => handle.send(Msg::RelayInfoArrived(None)),
            Effect::FetchRelayInfo => spawn_local(async move {
                handle.send(Msg::RelayInfoArrived(fetch_relay_info().await));
            }),
            Effect::Mirror(mirrored) => tell_class(mirrored),
            Effect::FetchTexts(language) => spawn_local(async move {
                handle.send(Msg::TextsArrived(language, fetch_texts(language).await));
            }),
            Effect::FetchLesson(variant, language) => spawn_local(async move {
                let texts = fetch_lesson(variant, language).await;
                handle.send(Msg::Lab(LabMsg::TextsArrived(variant, language, texts)));
            }),
            Effect::ReadFile { number, source } => self.read_file(number, source),
            Effect::ReadOn => self.reader.borrow().iter().for_each(FileReader::go_on),
            Effect::StopReading => drop(self.reader.take()),
            Effect::Open { number, bridge } => self.open(number, &bridge),
            Effect::Close => drop(self.live.take()),
            Effect::Send { message, times } => {
                let live = self.live.borrow();
                let sent = live.as_ref().map(|channel| channel.send(&message, times));
                drop(live);
                if let Some(Err(_)) = sent {
                    drop(self.live.take());
                    let (number, reason) = (self.number(), String::new());
                    handle.send(Msg::SocketClosed { number, code: NOT_TAKEN, reason });
                }
            }
            Effect::Diagnose { socket, path } => spawn_local(async move {
                let answer = fetch_text(&path).await.ok();
                let answer = answer.map(|(status, text)| {
                    let reason = text.trim().chars().take(MAX_REASON).collect();
                    Refusal { status, reason }
                });
                handle.send(Msg::Diagnosed { socket, answer });
            }),
            Effect::PollLater => {
                let poll = Timeout::new(POLL_MS, move || {
                    let handle = handle.clone();
                    spawn_local(async move {
                        let answers = fetch_text(paths::HEALTH).await.is_ok_and(|(s, _)| s == 200);
                        handle.send(Msg::RelayPolled(answers));
                    });
                });
                self.poll.replace(Some(poll));
            }
            Effect::Play(true) => {
                let play = Interval::new(PLAY_MS, move || handle.send(Msg::Ticked));
                self.play.replace(Some(play));
            }
            Effect::Play(false) => drop(self.play.take()),
            Effect::SetFragment(fragment) => set_fragment(&fragment),
            Effect::PushFragment(fragment) => push_fragment(&fragment),
            Effect::KeepToken(token) => keep_token(&token),
            Effect::Remember => browser::remember(&self.state.borrow()),
            Effect::Announce(text) => self.view.borrow_mut().announce(&text),
            Effect::ToggleFullscreen => toggle_fullscreen(),
            Effect::LabOpen { number, to: Runner::Relay(path) } => self.open_lab(number, &path),
            Effect::LabOpen { number, to: Runner::Engine } => self.start_engine(number),
            Effect::LabSend(command) => {
                let sent = self.lab.borrow().as_ref().map(|channel| channel.send(&command));
                if let Some(Err(_)) = sent {
                    drop(self.lab.take());
                    let number = self.state.borrow().lab.number;
                    let (code, reason) = (NOT_TAKEN, String::new());
                    handle.send(Msg::Lab(LabMsg::ChannelClosed { number, code, reason }));
                }
            }
            Effect::CheckLater => {
                let later = Timeout::new(TYPING_MS, move || {
                    handle.send(Msg::Lab(LabMsg::TypingPaused));
                });
                self.check.replace(Some(later));
            }
            Effect::TranslateLink(variant, texts) => {
                spawn_local(translate_link(handle, variant, texts));
            }
            Effect::Download { name, trace, format } => spawn_local(async move {
                let kind = match format {
                    TraceFormat::Json => "application/json",
                    TraceFormat::Capture => "application/octet-stream",
                };
                match write_trace(&trace, format).await {
                    Ok(content) => browser::download(&name, kind, &content),
                    Err(problem) => handle.send(Msg::FileFailed(problem)),
                }
            }),
            Effect::DownloadPicture { name, drawing, format } => {
                spawn_local(download_picture(handle, name, drawing, format));
            }
            Effect::SaveProgram { name, text } => {
                browser::download(&name, "text/x-python", &text.into());
            }
        }
    }

    fn number(&self) -> u32 {
        self.state.borrow().current().map_or(0, |connection| connection.number)
    }

    fn open(self: &Rc<Self>, number: u32, bridge: &Bridge) {
        drop(self.live.take());
        let handle = self.handle();
        let on_event: Rc<dyn Fn(SocketEvent)> = Rc::new(move |event| {
            handle.send(match event {
                SocketEvent::Opened { subprotocol } => Msg::SocketOpened(number, subprotocol),
                SocketEvent::Received(bytes) => Msg::SocketReceived(number, bytes),
                SocketEvent::Closed { code, reason } => Msg::SocketClosed { number, code, reason },
            });
        });
        let channel = match bridge {
            Bridge::Relay(path) => {
                Socket::open(path, &BRIDGE_SUBPROTOCOLS, &on_event).map(LiveChannel::Relay)
            }
            Bridge::Simulated(path) => {
                SimulatedBridge::open(path, &on_event).map(LiveChannel::Simulated)
            }
        };
        let channel = channel.ok();
        if channel.is_none() {
            let reason = String::new();
            self.handle().send(Msg::SocketClosed { number, code: NO_CLOSE_FRAME, reason });
        }
        self.live.replace(channel);
    }

    fn read_file(self: &Rc<Self>, number: u32, source: FileSource) {
        drop(self.reader.take());
        let handle = self.handle();
        let on_report = move |report| {
            handle.send(match report {
                Ok(report) => Msg::FileReported(number, report),
                Err(problem) => Msg::FileUnread(number, problem),
            });
        };
        let reader = match source {
            FileSource::Chosen(tab) => FileReader::of_chosen(&file_input(tab), on_report),
            FileSource::Fetched(path) => FileReader::start(&path.into(), on_report),
        };
        match reader {
            Ok(reader) => drop(self.reader.replace(Some(reader))),
            Err(problem) => self.handle().send(Msg::FileUnread(number, problem)),
        }
    }

    fn open_lab(self: &Rc<Self>, number: u32, path: &str) {
        drop(self.lab.take());
        let handle = self.handle();
        let on_event: Rc<dyn Fn(SocketEvent)> = Rc::new(move |event| {
            handle.send(Msg::Lab(match event {
                SocketEvent::Opened { .. } => LabMsg::ChannelOpened(number),
                SocketEvent::Received(bytes) => LabMsg::Reported(number, bytes),
                SocketEvent::Closed { code, reason } => {
                    LabMsg::ChannelClosed { number, code, reason }
                }
            }));
        });
        let socket = Socket::open(path, &[SUBPROTOCOL], &on_event).ok();
        self.opened_lab(number, socket.map(LabChannel::Relay));
    }

    fn start_engine(self: &Rc<Self>, number: u32) {
        drop(self.lab.take());
        let handle = self.handle();
        let on_event = move |event| {
            handle.send(Msg::Lab(match event {
                EngineEvent::Reported(bytes) => LabMsg::Reported(number, bytes),
                EngineEvent::Failed(reason) => {
                    LabMsg::ChannelClosed { number, code: NO_CLOSE_FRAME, reason }
                }
            }));
        };
        let engine = Engine::start(on_event).ok();
        let is_started = engine.is_some();
        self.opened_lab(number, engine.map(LabChannel::Engine));
        if is_started {
            // Commands that come before the interpreter wait in the worker.
            self.handle().send(Msg::Lab(LabMsg::ChannelOpened(number)));
        }
    }

    fn opened_lab(self: &Rc<Self>, number: u32, channel: Option<LabChannel>) {
        if channel.is_none() {
            let (code, reason) = (NO_CLOSE_FRAME, String::new());
            self.handle().send(Msg::Lab(LabMsg::ChannelClosed { number, code, reason }));
        }
        self.lab.replace(channel);
    }
}

fn toggle_fullscreen() {
    let document = browser::document();
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
    } else if let Some(root) = document.document_element() {
        // If the browser refuses, it shows a message itself.
        let _ = root.request_fullscreen();
    }
}

/// Translates the programs of a link of the first version. The server's is the first.
async fn translate_link(handle: Handle, variant: &'static str, texts: Vec<Option<String>>) {
    let mut translated = Vec::new();
    for (index, text) in texts.into_iter().enumerate() {
        translated.push(match text {
            Some(text) => Some(translate_program(variant, text, index == 0).await),
            None => None,
        });
    }
    handle.send(Msg::Lab(LabMsg::LinkTranslated(translated)));
}

/// Offers a drawing as a file, or says that the browser could not make one.
async fn download_picture(
    handle: Handle,
    name: String,
    drawing: Box<Drawing>,
    format: PictureFormat,
) {
    let theme = handle.read(|state| state.preferences.theme).unwrap_or(Theme::Light);
    if browser::download_picture(&name, &drawing, format, theme).await.is_err() {
        handle.send(Msg::FileFailed(Problem::Picture));
    }
}
