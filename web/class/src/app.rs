//! The running page: holds the state, carries out effects, and shows the state before the next frame.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use framescope_browser::{
    Frame, Socket, SocketEvent, Timeout, download, fetch_file_of_texts, fetch_lesson, fragment,
    frame_name, language, recall_preferences, set_fragment, window,
};
use framescope_class_page::effect::{Effect, Kept, Recorded, ToFrame};
use framescope_class_page::msg::{Msg, TeacherMsg};
use framescope_class_page::screen::{self, Screen};
use framescope_class_page::state::State;
use framescope_class_page::{Entrance, update};
use framescope_page::text::{Language, Locale, Texts};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

use crate::events::Events;
use crate::frame::{LabFrame, Said};
use crate::kept;
use crate::view::View;

/// The subprotocol of the relay's class.
const SUBPROTOCOL: &str = framescope_class_page::SUBPROTOCOL;

/// The running page. When it is dropped (`free()` in JavaScript), every listener and timer is removed
/// and the WebSocket is closed.
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
    let language = language(recall_preferences().as_deref());
    let texts = fetch_texts(language).await.ok_or("its texts could not be fetched")?;
    let kept = [Kept::Participant, Kept::Key].map(kept::recall);
    let host = window().location().hostname().unwrap_or_default();
    let locale = Locale::new(language, texts);
    let random = random().ok_or("this browser has no random numbers")?;
    let state = State::new(locale, Entrance::parse(&fragment()), kept, host, random);
    let app = Rc::new(App {
        state: RefCell::new(state),
        waiting: RefCell::default(),
        busy: Cell::new(false),
        view: RefCell::new(View::new()),
        frame: OnceCell::new(),
        events: OnceCell::new(),
        socket: RefCell::default(),
        retry: RefCell::default(),
        check: RefCell::default(),
        lab: RefCell::default(),
        recorded: [const { RefCell::new(None) }; 2],
    });
    let painter = Rc::downgrade(&app);
    let frame = Frame::new(move || {
        if let Some(app) = painter.upgrade() {
            app.paint();
        }
    });
    // `set` fails only if a cell is full, and these are empty.
    let _ = app.frame.set(frame);
    let _ = app.events.set(Events::listen(&app.sender()));
    app.dispatch(Msg::Started);
    Ok(Page { _app: app })
}

/// Random numbers that nobody can guess. A page on plain HTTP has them too.
fn random() -> Option<[u8; 16]> {
    let mut random = [0; 16];
    window()
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut random))
        .ok()?;
    Some(random)
}

async fn fetch_texts(language: Language) -> Option<Texts> {
    fetch_file_of_texts(&format!("class/{}.json", language.tag())).await
}

struct App {
    state: RefCell<State>,
    /// The messages that arrived during an update. They are next.
    waiting: RefCell<VecDeque<Msg>>,
    busy: Cell<bool>,
    view: RefCell<View>,
    frame: OnceCell<Frame>,
    events: OnceCell<Events>,
    socket: RefCell<Option<Socket>>,
    retry: RefCell<Option<Timeout>>,
    check: RefCell<Option<Timeout>>,
    lab: RefCell<Option<LabFrame>>,
    /// The frame of each recording.
    recorded: [RefCell<Option<LabFrame>>; 2],
}

impl App {
    fn dispatch(self: &Rc<Self>, msg: Msg) {
        self.waiting.borrow_mut().push_back(msg);
        if self.busy.replace(true) {
            return;
        }
        loop {
            let next = self.waiting.borrow_mut().pop_front();
            let Some(msg) = next else { break };
            let effects = update(&mut self.state.borrow_mut(), msg);
            for effect in effects {
                self.perform(effect);
            }
            self.place_frames();
        }
        self.busy.set(false);
        if let Some(frame) = self.frame.get() {
            frame.request();
        }
    }

    /// Sends messages here. Keeps nothing alive.
    fn sender(self: &Rc<Self>) -> Rc<dyn Fn(Msg)> {
        let app = Rc::downgrade(self);
        Rc::new(move |msg| {
            if let Some(app) = app.upgrade() {
                app.dispatch(msg);
            }
        })
    }

    fn paint(self: &Rc<Self>) {
        if let Some(frame) = self.frame.get() {
            frame.begin();
        }
        self.view.borrow_mut().render(&self.state.borrow());
    }

    fn perform(self: &Rc<Self>, effect: Effect) {
        let send = self.sender();
        match effect {
            Effect::Open { number, path } => {
                drop(self.socket.take());
                let on_event: Rc<dyn Fn(SocketEvent)> = {
                    let send = Rc::clone(&send);
                    Rc::new(move |event| {
                        send(match event {
                            SocketEvent::Opened { .. } => Msg::Opened(number),
                            SocketEvent::Received(bytes) => Msg::Received(number, bytes),
                            SocketEvent::Closed { .. } => Msg::Closed(number),
                        });
                    })
                };
                match Socket::open(path, &[SUBPROTOCOL], &on_event) {
                    Ok(socket) => drop(self.socket.replace(Some(socket))),
                    Err(_) => send(Msg::Closed(number)),
                }
            }
            Effect::Send(bytes) => {
                // What cannot be sent is sent again when the connection is back.
                let _ = self.socket.borrow().as_ref().map(|socket| socket.send(&bytes));
            }
            Effect::RetryLater(ms) => {
                let later = i32::try_from(ms).unwrap_or(i32::MAX);
                self.retry.replace(Some(Timeout::new(later, move || send(Msg::Retried))));
            }
            Effect::CheckLater(number, ms) => {
                let later = i32::try_from(ms).unwrap_or(i32::MAX);
                self.check.replace(Some(Timeout::new(later, move || send(Msg::Checked(number)))));
            }
            Effect::Keep(what, text) => kept::keep(what, &text),
            Effect::SetFragment(fragment) => set_fragment(fragment),
            Effect::FetchTexts(language) => spawn_local(async move {
                send(Msg::TextsArrived(language, fetch_texts(language).await));
            }),
            Effect::FetchLesson(variant, language) => spawn_local(async move {
                let texts = fetch_lesson(variant, language).await;
                send(Msg::LessonArrived(variant, language, texts));
            }),
            Effect::Tell(what) => {
                if let Some(lab) = &*self.lab.borrow() {
                    lab.tell(what);
                }
            }
            Effect::TellRecorded(which, head) => {
                if let Some(lab) = &*self.recorded[which as usize].borrow() {
                    lab.tell(ToFrame::Run(head));
                }
            }
            Effect::Download { name, kind, text } => download(name, kind, &text.into()),
        }
    }

    /// The frames that are on screen.
    fn place_frames(self: &Rc<Self>) {
        let state = self.state.borrow();
        let screen = screen::screen(&state);
        let title = state.locale.text("lab");
        let lab = match &screen {
            Screen::Lab(frame) => Some(match frame {
                screen::Frame::Following => (frame_name::FOLLOWING, String::new()),
                screen::Frame::Own => (frame_name::OWN, screen::own_lesson(&state)),
                screen::Frame::OnRelay => (frame_name::ON_RELAY, screen::own_lesson(&state)),
            }),
            // The teacher's lab stays while a question is on screen.
            Screen::Console(console) if !console.lab.is_empty() => {
                Some((frame_name::SHOWN, console.lab.clone()))
            }
            Screen::Console(_)
            | Screen::Join(_)
            | Screen::Waiting { .. }
            | Screen::Asked(_)
            | Screen::Revealed(_)
            | Screen::Challenge(_)
            | Screen::Board(_)
            | Screen::Invitation(_)
            | Screen::Refused { .. } => None,
        };
        let send = self.sender();
        place(&self.lab, "frame", lab, title, move |said| {
            send(match said {
                Said::Ready => Msg::FrameReady,
                Said::Shows(what) => Msg::Teacher(TeacherMsg::FrameShows(what)),
            });
        });
        let shows_recordings = match &screen {
            Screen::Challenge(challenge) => challenge.shows_recordings,
            Screen::Console(console) => console.recorded.is_some(),
            Screen::Lab(_)
            | Screen::Join(_)
            | Screen::Waiting { .. }
            | Screen::Asked(_)
            | Screen::Revealed(_)
            | Screen::Board(_)
            | Screen::Invitation(_)
            | Screen::Refused { .. } => false,
        };
        for (which, within) in
            [(Recorded::Failed, "recorded-failed"), (Recorded::Right, "recorded-right")]
        {
            let wanted = shows_recordings.then(|| (frame_name::RECORDED, String::new()));
            let send = self.sender();
            place(&self.recorded[which as usize], within, wanted, title, move |said| match said {
                Said::Ready => send(Msg::RecordedReady(which)),
                // It shows what it is told.
                Said::Shows(_) => {}
            });
        }
    }
}

/// Lets a frame be what is wanted, or not be there.
fn place(
    frame: &RefCell<Option<LabFrame>>,
    within: &str,
    wanted: Option<(&'static str, String)>,
    title: &str,
    on: impl Fn(Said) + 'static,
) {
    let Some((name, fragment)) = wanted else {
        drop(frame.take());
        return;
    };
    if let Some(lab) = frame.borrow_mut().as_mut().filter(|lab| lab.is(name)) {
        // A student's own goes where the student wants.
        if name == frame_name::SHOWN {
            lab.go(fragment);
        }
        return;
    }
    drop(frame.take());
    frame.replace(LabFrame::open(name, within, &fragment, title, on).ok());
}
