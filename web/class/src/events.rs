//! What the user does, as messages.

use std::rc::Rc;

use framescope_browser::{Listener, document, element, window};
use framescope_challenge::Case;
use framescope_class::{Answer, Command, ParticipantId};
use framescope_class_page::msg::{Msg, Place, StudentMsg, Tab, TeacherMsg};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlInputElement, KeyboardEvent};

use crate::reorder::Reorder;

type Send = Rc<dyn Fn(Msg)>;

/// The listeners of the page. They are removed when this is dropped.
pub(crate) struct Events {
    _listeners: Vec<Listener>,
    _reorder: Reorder,
}

impl Events {
    pub(crate) fn listen(send: &Send) -> Self {
        let on = |kind, message: fn(&Event) -> Option<Msg>| {
            let send = Rc::clone(send);
            Listener::new(&document(), kind, move |event| {
                if let Some(msg) = message(&event) {
                    send(msg);
                }
            })
        };
        let submit = {
            let send = Rc::clone(send);
            Listener::new(&document(), "submit", move |event| {
                event.prevent_default();
                let id = event.target().and_then(|form| form.dyn_into::<Element>().ok());
                match id.map(|form| form.id()).as_deref() {
                    Some("join") => send(Msg::Student(StudentMsg::Join)),
                    Some("number-form") => send(Msg::Student(StudentMsg::BetDraft)),
                    _ => {}
                }
            })
        };
        let back = {
            let send = Rc::clone(send);
            // A page that slept comes back at once, and does not wait for its timer.
            Listener::new(&window(), "online", move |_| send(Msg::Retried))
        };
        Self {
            _listeners: vec![
                on("click", clicked),
                on("input", typed),
                on("keydown", pressed),
                submit,
                back,
            ],
            _reorder: Reorder::listen(send),
        }
    }
}

/// The nearest element around what was hit that has an id or a number.
fn hit(event: &Event, selector: &str) -> Option<Element> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest(selector).ok()?
}

fn number<T: std::str::FromStr>(element: &Element, name: &str) -> Option<T> {
    element.get_attribute(name)?.parse().ok()
}

fn clicked(event: &Event) -> Option<Msg> {
    let button = hit(event, "button, input[type=checkbox]")?;
    if let Some(choice) = number(&button, "data-choice") {
        return Some(Msg::Student(StudentMsg::Bet(Answer::Choice(choice))));
    }
    if let Some(step) = number(&button, "data-step") {
        return Some(Msg::Teacher(TeacherMsg::StepChosen(step)));
    }
    if let Some(control) = button.get_attribute("data-control") {
        return control_message(&control);
    }
    if let Some(person) = number(&button, "data-hide").map(ParticipantId) {
        return Some(Msg::Teacher(TeacherMsg::Command(Command::Hide(person))));
    }
    if let Some(person) = number(&button, "data-unhide").map(ParticipantId) {
        return Some(Msg::Teacher(TeacherMsg::Command(Command::Unhide(person))));
    }
    if let Some(line) = number(&button, "data-line") {
        let by = if button.class_name() == "up" { -1 } else { 1 };
        return Some(Msg::Student(StudentMsg::LineMoved(line, by)));
    }
    if let Some(case) = number(&button, "data-case").and_then(Case::from_number) {
        return Some(match number(&button, "data-participant").map(ParticipantId) {
            Some(participant) => Msg::Teacher(TeacherMsg::Recordings(participant, case)),
            None => Msg::Student(StudentMsg::CaseChosen(case)),
        });
    }
    let is_checked = |id: &str| element::<HtmlInputElement>(id).checked();
    match &*button.id() {
        "language" => Some(Msg::LanguageToggled),
        "order-go" => Some(Msg::Student(StudentMsg::BetDraft)),
        "follow" => Some(Msg::Student(StudentMsg::PlaceChosen(Place::Class))),
        "alone" => Some(Msg::Student(StudentMsg::PlaceChosen(Place::Alone))),
        "to-challenge" => Some(Msg::Student(StudentMsg::PlaceChosen(Place::Challenge))),
        "try-next" => Some(Msg::Student(StudentMsg::TryNext)),
        "show-recordings" => Some(Msg::Student(StudentMsg::RecordingsShown)),
        "hide-recordings" => Some(Msg::RecordingsClosed),
        "shows-board" => {
            Some(Msg::Teacher(TeacherMsg::Command(Command::ShowBoard(is_checked("shows-board")))))
        }
        "take-over" => Some(Msg::Teacher(TeacherMsg::TakeOver)),
        "invite" => Some(Msg::Teacher(TeacherMsg::InvitationToggled)),
        "tab-lesson" => Some(Msg::Teacher(TeacherMsg::TabChosen(Tab::Lesson))),
        "tab-people" => Some(Msg::Teacher(TeacherMsg::TabChosen(Tab::People))),
        "tab-challenge" => Some(Msg::Teacher(TeacherMsg::TabChosen(Tab::Challenge))),
        "tab-afterwards" => Some(Msg::Teacher(TeacherMsg::TabChosen(Tab::Afterwards))),
        "grants" => {
            Some(Msg::Teacher(TeacherMsg::Command(Command::GrantRuns(is_checked("grants")))))
        }
        "save-csv" => Some(Msg::Teacher(TeacherMsg::Export {
            as_table: true,
            with_names: is_checked("with-names"),
        })),
        "save-json" => Some(Msg::Teacher(TeacherMsg::Export {
            as_table: false,
            with_names: is_checked("with-names"),
        })),
        _ => None,
    }
}

/// What a control of the console does: `view.rs` writes its name.
fn control_message(control: &str) -> Option<Msg> {
    Some(match control {
        "ask" => Msg::Teacher(TeacherMsg::Ask),
        "close" => Msg::Teacher(TeacherMsg::Command(Command::Close)),
        "vote-again" => Msg::Teacher(TeacherMsg::Command(Command::VoteAgain)),
        "reveal" => Msg::Teacher(TeacherMsg::Command(Command::Reveal)),
        "put-away" => Msg::Teacher(TeacherMsg::Command(Command::PutAway)),
        "next" => Msg::Teacher(TeacherMsg::Next),
        _ => return None,
    })
}

fn typed(event: &Event) -> Option<Msg> {
    let field: HtmlInputElement = event.target()?.dyn_into().ok()?;
    match &*field.id() {
        "code" => Some(Msg::Student(StudentMsg::CodeTyped(field.value()))),
        "name" => Some(Msg::Student(StudentMsg::NameTyped(field.value()))),
        "number" => Some(Msg::Student(StudentMsg::NumberTyped(field.value()))),
        _ => None,
    }
}

/// A presenter's clicker sends Page Down.
fn pressed(event: &Event) -> Option<Msg> {
    let event: &KeyboardEvent = event.dyn_ref()?;
    if event.key() == "PageDown" {
        event.prevent_default();
        return Some(Msg::Teacher(TeacherMsg::Next));
    }
    None
}
