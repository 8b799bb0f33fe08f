//! Tells the page which rows of its lists are in view, how wide the lanes are, and how large the pictures are.

use framescope_page::msg::Msg;
use framescope_page::state::{Canvas, List, ListView, State};
use js_sys::Number;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

use super::listen::Listen;
use crate::browser::{ResizeListener, document, element, window};
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
    let [picture, ribbons]: [HtmlElement; 2] = ["picture", "ribbons"].map(element);
    let mut watched: Vec<Element> =
        vec![lanes.clone().into(), picture.clone().into(), ribbons.clone().into()];
    watched.extend(lists.iter().map(|(list, _)| Element::from(list.clone())));
    let handle = handle.clone();
    ResizeListener::new(&watched, move || {
        let width = u32::try_from(lanes.client_width()).unwrap_or(0);
        handle.send(Msg::LanesResized(width));
        let resized = canvas(&picture);
        if resized.is_some() && handle.read(|state| state.canvas) != resized {
            resized.map(Msg::PictureResized).into_iter().for_each(|msg| handle.send(msg));
        }
        let resized = canvas(&ribbons);
        if resized.is_some() && handle.read(|state| state.ribbons) != resized {
            resized.map(Msg::RibbonsResized).into_iter().for_each(|msg| handle.send(msg));
        }
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

/// The size of an element for the picture. `None` if it is not on screen.
fn canvas(frame: &HtmlElement) -> Option<Canvas> {
    let root = document().document_element()?;
    let style = window().get_computed_style(&root).ok()??;
    let size = style.get_property_value("font-size").ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "the size of a font is a small number")]
    let size = Number::parse_float(&size) as f32;
    let unit = size / BASE;
    let pixels = |number: i32| u16::try_from(number).map(f32::from).unwrap_or_default();
    let (width, height) = (pixels(frame.client_width()), pixels(frame.client_height()));
    (width > 0.0 && unit > 0.0).then_some(Canvas {
        width: width / unit,
        height: height / unit,
        unit,
    })
}

/// The size of the root's font with which a pixel of the picture is one of CSS.
const BASE: f32 = 15.0;
