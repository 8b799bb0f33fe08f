//! Tells the page which rows of its lists are in view, and how wide the lanes are.

use framescope_page::msg::Msg;
use framescope_page::state::{List, ListView, State};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

use super::listen::Listen;
use crate::browser::{ResizeListener, element};
use crate::handle::Handle;
use crate::view::{row_height, was_scrolled};

pub(super) fn scrolls(listen: &mut Listen, root: &HtmlElement, list: List) {
    listen.on(root, "scroll", move |handle, event| {
        let root: HtmlElement = event.target()?.dyn_into().ok()?;
        if !was_scrolled(&root) {
            return None;
        }
        handle.read(|state| Msg::ListScrolled(list, list_view(&root, state)))
    });
}

/// Sends the width of the lanes and the heights of the lists when they change.
pub(super) fn resized(handle: &Handle) -> ResizeListener {
    let lanes: HtmlElement = element("received-lanes");
    let lists: [(HtmlElement, List); 3] = [
        (element("chunks"), List::Chunks),
        (element("messages"), List::Messages),
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
