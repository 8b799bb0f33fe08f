//! Turns the browser's events into messages.
//!
//! What comes in: events of the document. What goes out: messages.
//!
//! May use: `browser`, `handle`, `view`.

mod file;
mod keys;
mod lab;

use framescope_page::msg::{Move, Msg, Unit};
use framescope_page::screen::item_attribute::from_attribute;
use framescope_page::state::{List, ListView, State, Tab};
use framescope_record::{Direction, Item};
use wasm_bindgen::JsCast as _;
use web_sys::{
    Element, Event, EventTarget, HtmlElement, HtmlInputElement, HtmlSelectElement, KeyboardEvent,
    MouseEvent, PointerEvent, WheelEvent,
};

use crate::browser::{Listener, ResizeListener, element};
use crate::handle::Handle;
use crate::view::{row_height, was_scrolled};

/// The smallest number of bytes that one step of a mouse wheel moves the lanes.
const WHEEL_STEP: i64 = 4;

/// The id of a button, and the message that a click on it sends.
type Button = (&'static str, fn() -> Msg);

/// Every listener of the page. They are removed when it is dropped.
pub(crate) struct Events {
    _listeners: Vec<Listener>,
    _resized: ResizeListener,
}

impl Events {
    pub(crate) fn listen(handle: &Handle) -> Self {
        let mut listen = Listen { handle: handle.clone(), listeners: Vec::new() };
        listen.buttons();
        listen.read_options();
        listen.composer();
        for direction in [Direction::Received, Direction::Sent] {
            listen.axis(direction);
            listen.strip(direction);
        }
        listen.list("chunks", List::Chunks, Unit::Chunk);
        listen.list("messages", List::Messages, Unit::Message);
        listen.lab();
        listen.files();
        listen.keys();
        Self { _listeners: listen.listeners, _resized: resized(handle) }
    }
}

struct Listen {
    handle: Handle,
    listeners: Vec<Listener>,
}

impl Listen {
    fn on(
        &mut self,
        target: &EventTarget,
        kind: &'static str,
        mut read: impl FnMut(&Handle, &Event) -> Option<Msg> + 'static,
    ) {
        let handle = self.handle.clone();
        self.listeners.push(Listener::new(target, kind, move |event| {
            if let Some(msg) = read(&handle, &event) {
                handle.send(msg);
            }
        }));
    }

    fn click(&mut self, id: &str, msg: fn() -> Msg) {
        self.on(&element::<HtmlElement>(id), "click", move |_, _| Some(msg()));
    }

    fn buttons(&mut self) {
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
            ("first", || Msg::Stepped(Move::First)),
            ("back", || Msg::Stepped(Move::By(-1))),
            ("play", || Msg::PlayToggled),
            ("step", || Msg::Stepped(Move::By(1))),
            ("last", || Msg::Stepped(Move::Last)),
            ("follow", || Msg::FollowToggled),
        ];
        for &(id, msg) in BUTTONS {
            self.click(id, msg);
        }
        self.on(&element::<HtmlElement>("connections"), "click", |_, event| {
            let tab = closest(event, "[data-number]")?;
            Some(Msg::Show(tab.get_attribute("data-number")?.parse().ok()?))
        });
        self.on(&element::<HtmlElement>("scrubber"), "input", |_, event| {
            Some(Msg::SteppedTo(typed(event)?.parse().ok()?))
        });
        // The browser closes a dialog on Esc by itself.
        self.on(&element::<HtmlElement>("help"), "close", |handle, _| {
            handle.read(|state| state.help)?.then_some(Msg::HelpToggled)
        });
    }

    fn read_options(&mut self) {
        self.on(&element::<HtmlElement>("read-options"), "toggle", |handle, event| {
            let open = event.target()?.dyn_into::<Element>().ok()?.has_attribute("open");
            (handle.read(|state| state.read_options_open)? != open)
                .then_some(Msg::ReadOptionsOpened(open))
        });
        self.on(&element::<HtmlElement>("recv"), "change", |_, event| {
            Some(Msg::RecvTyped(typed(event)?))
        });
        self.on(&element::<HtmlElement>("delay"), "change", |_, event| {
            Some(Msg::DelayTyped(typed(event)?))
        });
        self.on(&element::<HtmlElement>("nodelay"), "change", |_, event| {
            let input: HtmlInputElement = event.target()?.dyn_into().ok()?;
            Some(Msg::NodelaySet(input.checked()))
        });
        self.on(&element::<HtmlElement>("header"), "change", |_, event| {
            Some(Msg::HeaderChosen(chosen(event)?.parse().ok()?))
        });
        self.on(&element::<HtmlElement>("target"), "change", |_, event| {
            Some(Msg::TargetChosen(chosen(event)?))
        });
    }

    fn composer(&mut self) {
        self.on(&element::<HtmlElement>("composer"), "submit", |_, event| {
            event.prevent_default();
            Some(Msg::Send)
        });
        // If a field is cleared without typing, the browser sends only a change event.
        for kind in ["input", "change"] {
            self.on(&element::<HtmlElement>("composer-text"), kind, |_, event| {
                Some(Msg::TextTyped(typed(event)?))
            });
        }
        self.on(&element::<HtmlElement>("composer-times"), "input", |_, event| {
            Some(Msg::TimesTyped(typed(event)?))
        });
        self.on(&element::<HtmlElement>("presets"), "click", |_, event| {
            Some(Msg::SendText(closest(event, "[data-send]")?.get_attribute("data-send")?))
        });
    }

    fn points_and_selects(&mut self, target: &HtmlElement) {
        self.on(target, "pointerover", |handle, event| {
            let item = item(event);
            (handle.read(|state| state.pointed)? != item).then_some(Msg::Pointed(item))
        });
        self.on(target, "pointerleave", |_, _| Some(Msg::Pointed(None)));
        self.on(target, "click", |_, event| Some(Msg::Selected(item(event))));
    }

    fn axis(&mut self, direction: Direction) {
        let root: HtmlElement = element(match direction {
            Direction::Received => "received-lanes",
            Direction::Sent => "sent-lanes",
        });
        self.points_and_selects(&root);
        self.on(&root, "keydown", move |_, event| {
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
        self.on(&root, "wheel", move |handle, event| {
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

    fn strip(&mut self, direction: Direction) {
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
        self.on(&root, "pointerdown", move |_, event| {
            let pointer: &PointerEvent = event.dyn_ref()?;
            let strip: Element = event.current_target()?.dyn_into().ok()?;
            // If the capture fails, a drag ends at the strip's edge.
            let _ = strip.set_pointer_capture(pointer.pointer_id());
            share(event)
        });
        self.on(&root, "pointermove", move |_, event| {
            let pointer: &MouseEvent = event.dyn_ref()?;
            if pointer.buttons() == 0 { None } else { dragged(event) }
        });
        self.on(&root, "keydown", move |handle, event| {
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

    fn list(&mut self, id: &str, list: List, unit: Unit) {
        let root: HtmlElement = element(id);
        self.points_and_selects(&root);
        self.scrolls(&root, list);
        // `PageUp` and `PageDown` are the keys of a presentation remote. They step, here as everywhere.
        self.on(&root, "keydown", move |_, event| {
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

    fn scrolls(&mut self, root: &HtmlElement, list: List) {
        self.on(root, "scroll", move |handle, event| {
            let root: HtmlElement = event.target()?.dyn_into().ok()?;
            if !was_scrolled(&root) {
                return None;
            }
            handle.read(|state| Msg::ListScrolled(list, list_view(&root, state)))
        });
    }
}

/// Sends the width of the lanes and the heights of the lists when they change.
fn resized(handle: &Handle) -> ResizeListener {
    let lanes: HtmlElement = element("received-lanes");
    let lists: [(HtmlElement, List); 4] = [
        (element("chunks"), List::Chunks),
        (element("messages"), List::Messages),
        (element("returned"), List::Returned),
        (element("ladder"), List::Ladder),
    ];
    let mut watched: Vec<Element> = vec![lanes.clone().into()];
    watched.extend(lists.iter().map(|(list, _)| Element::from(list.clone())));
    let handle = handle.clone();
    ResizeListener::new(&watched, move || {
        let width = u32::try_from(lanes.client_width()).unwrap_or(0);
        handle.send(Msg::LanesResized(width));
        for (list, which) in &lists {
            let resized = handle.read(|state| {
                let view = list_view(list, state);
                (view.rows != state.list_view(*which).rows).then_some(view)
            });
            if let Some(view) = resized.flatten() {
                handle.send(Msg::ListScrolled(*which, view));
            }
        }
    })
}

fn list_view(list: &HtmlElement, state: &State) -> ListView {
    let height = row_height(state.preferences.projector);
    let pixels = |number: i32| usize::try_from(number).unwrap_or(0);
    ListView {
        first: pixels(list.scroll_top()).div_ceil(height),
        rows: pixels(list.client_height()) / height,
    }
}

/// The key of a keyboard event. `None` with a modifier, because then the key belongs to the browser.
fn key(event: &Event) -> Option<String> {
    let event: &KeyboardEvent = event.dyn_ref()?;
    (!event.ctrl_key() && !event.alt_key() && !event.meta_key()).then(|| event.key())
}

fn closest(event: &Event, selector: &str) -> Option<Element> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest(selector).ok()?
}

fn item(event: &Event) -> Option<Item> {
    from_attribute(&closest(event, "[data-item]")?.get_attribute("data-item")?)
}

fn typed(event: &Event) -> Option<String> {
    let input: HtmlInputElement = event.target()?.dyn_into().ok()?;
    Some(input.value())
}

fn chosen(event: &Event) -> Option<String> {
    let select: HtmlSelectElement = event.target()?.dyn_into().ok()?;
    Some(select.value())
}
