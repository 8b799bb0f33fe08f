//! Turns the browser's events into messages.
//!
//! What comes in: events of the document. What goes out: messages.
//!
//! May use: `browser`, `handle`, `view`.

mod cuts;
mod file;
mod keys;
mod lab;
mod listen;
mod lists;

use framescope_lab::find_variant;
use framescope_page::msg::{Move, Msg, Unit};
use framescope_page::state::{List, Tab};
use framescope_record::Direction;
use wasm_bindgen::JsCast as _;
use web_sys::{
    Element, Event, HtmlElement, HtmlInputElement, MouseEvent, PointerEvent, WheelEvent,
};

use self::listen::{Button, Listen, chosen, closest, key, points_and_selects, typed};
use self::lists::scrolls;
use crate::browser::{Listener, ResizeListener, document, element, fragment, window};
use crate::handle::Handle;
pub(crate) use file::file_input;

/// The smallest number of bytes that one step of a mouse wheel moves the lanes.
const WHEEL_STEP: i64 = 4;

/// Every listener of the page. They are removed when it is dropped.
pub(crate) struct Events {
    _listeners: Vec<Listener>,
    _resized: ResizeListener,
}

impl Events {
    pub(crate) fn listen(handle: &Handle) -> Self {
        let mut listen = Listen::new(handle.clone());
        // Before all others: what a key or a click does comes after it.
        for kind in ["keydown", "pointerdown", "wheel"] {
            listen.on(&document(), kind, |handle, _| {
                (!handle.read(|state| state.is_touched)?).then_some(Msg::Touched)
            });
        }
        buttons(&mut listen);
        read_options(&mut listen);
        composer(&mut listen);
        selects(&mut listen, "ribbons", Direction::Received);
        for direction in [Direction::Received, Direction::Sent] {
            axis(&mut listen, direction);
            strip(&mut listen, direction);
        }
        list(&mut listen, "chunks", List::Chunks, Unit::Chunk);
        list(&mut listen, "messages", List::Messages, Unit::Message);
        lab::lab(&mut listen);
        file::files(&mut listen);
        keys::keys(&mut listen);
        Self { _listeners: listen.into_listeners(), _resized: lists::resized(handle) }
    }
}

fn buttons(listen: &mut Listen) {
    const BUTTONS: &[Button] = &[
        ("tab-live", || Msg::TabChosen(Tab::Live)),
        ("tab-lab", || Msg::TabChosen(Tab::Lab)),
        ("notation", || Msg::NotationToggled),
        ("zoom-in", || Msg::Zoomed(1)),
        ("zoom-out", || Msg::Zoomed(-1)),
        ("projector", || Msg::ProjectorToggled),
        ("language", || Msg::LanguageToggled),
        ("theme", || Msg::ThemeToggled),
        ("fullscreen", || Msg::FullscreenToggled),
        ("help-open", || Msg::HelpToggled),
        ("help-close", || Msg::HelpToggled),
        ("shortcuts", || Msg::ShortcutsToggled),
        ("blank", || Msg::BlankToggled),
        ("reconnect", || Msg::Reconnect),
        ("start-again", || Msg::Reconnect),
        ("first", || Msg::Stepped(Move::First)),
        ("back", || Msg::Stepped(Move::By(-1))),
        ("play", || Msg::PlayToggled),
        ("step", || Msg::Stepped(Move::By(1))),
        ("last", || Msg::Stepped(Move::Last)),
        ("follow", || Msg::FollowToggled),
        ("without-header", || Msg::FramingChosen(false)),
        ("with-header", || Msg::FramingChosen(true)),
        ("view-ribbons", || Msg::ListsChosen(false)),
        ("view-list", || Msg::ListsChosen(true)),
    ];
    for &(id, msg) in BUTTONS {
        listen.click(id, msg);
    }
    listen.on(&element::<HtmlElement>("connections"), "click", |_, event| {
        let tab = closest(event, "[data-number]")?;
        Some(Msg::Show(tab.get_attribute("data-number")?.parse().ok()?))
    });
    listen.on(&element::<HtmlElement>("scrubber"), "input", |_, event| {
        Some(Msg::SteppedTo(typed(event)?.parse().ok()?))
    });
    listen.on(&window(), "hashchange", |_, _| Some(Msg::AddressChanged(fragment())));
    // The browser would follow the link to an address that is no place of the page.
    listen.on(&document(), "click", |_, event| {
        let link = closest(event, ".skip")?;
        event.prevent_default();
        let target = link.get_attribute("href")?;
        let target: HtmlElement = element(target.trim_start_matches('#'));
        // It fails only for elements of no document.
        let _ = target.focus();
        None
    });
    // The browser closes a dialog on Esc by itself.
    listen.on(&element::<HtmlElement>("help"), "close", |handle, _| {
        handle.read(|state| state.help)?.then_some(Msg::HelpToggled)
    });
    listen.on(&element::<HtmlElement>("go"), "close", |handle, _| {
        handle.read(|state| state.go)?.then_some(Msg::GoToggled)
    });
    listen.on(&element::<HtmlElement>("go"), "submit", |_, event| {
        event.prevent_default();
        Some(Msg::GoEntered(element::<HtmlInputElement>("go-lesson").value()))
    });
    // A letter ends a name.
    listen.on(&element::<HtmlElement>("go-lesson"), "input", |_, event| {
        let name = typed(event)?;
        let is_whole = name.ends_with(|last: char| last.is_ascii_alphabetic());
        (is_whole && find_variant(&name.to_ascii_lowercase()).is_some())
            .then_some(Msg::GoEntered(name))
    });
}

fn read_options(listen: &mut Listen) {
    listen.on(&element::<HtmlElement>("recv"), "change", |_, event| {
        Some(Msg::RecvTyped(typed(event)?))
    });
    listen.on(&element::<HtmlElement>("delay"), "change", |_, event| {
        Some(Msg::DelayTyped(typed(event)?))
    });
    listen.on(&element::<HtmlElement>("nodelay"), "change", |_, event| {
        let input: HtmlInputElement = event.target()?.dyn_into().ok()?;
        Some(Msg::NodelaySet(input.checked()))
    });
    listen.on(&element::<HtmlElement>("header"), "change", |_, event| {
        Some(Msg::HeaderChosen(chosen(event)?.parse().ok()?))
    });
    listen.on(&element::<HtmlElement>("write-header"), "change", |_, event| {
        Some(Msg::WriteHeaderChosen(chosen(event)?.parse().ok()?))
    });
    listen.on(&element::<HtmlElement>("target"), "change", |_, event| {
        Some(Msg::TargetChosen(chosen(event)?))
    });
}

fn composer(listen: &mut Listen) {
    listen.on(&element::<HtmlElement>("composer"), "submit", |_, event| {
        event.prevent_default();
        Some(Msg::Send)
    });
    // If a field is cleared without typing, the browser sends only a change event.
    for kind in ["input", "change"] {
        listen.on(&element::<HtmlElement>("composer-text"), kind, |_, event| {
            Some(Msg::TextTyped(typed(event)?))
        });
    }
    listen.on(&element::<HtmlElement>("composer-times"), "input", |_, event| {
        Some(Msg::TimesTyped(typed(event)?))
    });
    listen.on(&element::<HtmlElement>("presets"), "click", |_, event| {
        let preset = closest(event, "[data-preset]")?;
        let times = preset.get_attribute("data-times").and_then(|times| times.parse().ok());
        // One more key sends it. This fails only for elements of no document.
        let _ = element::<HtmlElement>("send").focus();
        Some(Msg::PresetChosen(preset.get_attribute("data-preset")?, times.unwrap_or(1)))
    });
}

/// Selects bytes, chunks and messages of a direction in this element, by pointer and by key.
fn selects(listen: &mut Listen, id: &str, direction: Direction) {
    let root: HtmlElement = element(id);
    points_and_selects(listen, &root);
    listen.on(&root, "keydown", move |_, event| {
        let (unit, by) = match key(event)?.as_str() {
            "ArrowLeft" => (Unit::Byte, Move::By(-1)),
            "ArrowRight" => (Unit::Byte, Move::By(1)),
            "ArrowUp" => (Unit::Chunk, Move::By(-1)),
            "ArrowDown" => (Unit::Chunk, Move::By(1)),
            "Home" => (Unit::Byte, Move::First),
            "End" => (Unit::Byte, Move::Last),
            "Escape" => return Some(Msg::Selected(None)),
            _ => return None,
        };
        event.prevent_default();
        Some(Msg::SelectionMoved(direction, unit, by))
    });
}

fn axis(listen: &mut Listen, direction: Direction) {
    let id = match direction {
        Direction::Received => "received-lanes",
        Direction::Sent => "sent-lanes",
    };
    selects(listen, id, direction);
    let root: HtmlElement = element(id);
    listen.on(&root, "wheel", move |handle, event| {
        let wheel: &WheelEvent = event.dyn_ref()?;
        let by = if wheel.delta_x() == 0.0 && wheel.shift_key() {
            wheel.delta_y()
        } else {
            wheel.delta_x()
        };
        if by == 0.0 {
            return None;
        }
        event.prevent_default();
        let columns = handle.read(|state| state.viewport(direction).columns)?;
        let step = WHEEL_STEP.max(i64::try_from(columns / 20).unwrap_or(WHEEL_STEP));
        Some(Msg::Panned(direction, if by > 0.0 { step } else { -step }))
    });
}

fn strip(listen: &mut Listen, direction: Direction) {
    let root: HtmlElement = element(match direction {
        Direction::Received => "received-strip",
        Direction::Sent => "sent-strip",
    });
    let strip = root.clone();
    let share = move |event: &Event| {
        let pointer: &PointerEvent = event.dyn_ref()?;
        let bounds = strip.get_bounding_client_rect();
        let share = (f64::from(pointer.client_x()) - bounds.left()) / bounds.width();
        Some(Msg::PannedTo(direction, share))
    };
    let dragged = share.clone();
    listen.on(&root, "pointerdown", move |_, event| {
        let pointer: &PointerEvent = event.dyn_ref()?;
        let strip: Element = event.current_target()?.dyn_into().ok()?;
        // If the capture fails, a drag ends at the strip's edge.
        let _ = strip.set_pointer_capture(pointer.pointer_id());
        share(event)
    });
    listen.on(&root, "pointermove", move |_, event| {
        let pointer: &MouseEvent = event.dyn_ref()?;
        if pointer.buttons() == 0 { None } else { dragged(event) }
    });
    listen.on(&root, "keydown", move |handle, event| {
        let columns = handle.read(|state| state.viewport(direction).columns)?;
        let page = i64::try_from(columns).unwrap_or(i64::MAX);
        let by = match key(event)?.as_str() {
            "ArrowLeft" | "ArrowUp" => -1,
            "ArrowRight" | "ArrowDown" => 1,
            "PageUp" => -page,
            "PageDown" => page,
            "Home" => i64::MIN,
            "End" => i64::MAX,
            _ => return None,
        };
        event.prevent_default();
        Some(Msg::Panned(direction, by))
    });
}

fn list(listen: &mut Listen, id: &str, list: List, unit: Unit) {
    let root: HtmlElement = element(id);
    points_and_selects(listen, &root);
    scrolls(listen, &root, list);
    // `PageUp` and `PageDown` are the keys of a presentation remote. They step, here as everywhere.
    listen.on(&root, "keydown", move |_, event| {
        let by = match key(event)?.as_str() {
            "ArrowUp" => Move::By(-1),
            "ArrowDown" => Move::By(1),
            "Home" => Move::First,
            "End" => Move::Last,
            "Escape" => return Some(Msg::Selected(None)),
            _ => return None,
        };
        event.prevent_default();
        Some(Msg::SelectionMoved(Direction::Received, unit, by))
    });
}
