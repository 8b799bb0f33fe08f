//! The picture of the run, and what can be pressed on it.

use framescope_page::screen::drawing::decimal;
use framescope_page::screen::picture::{Picture, draw, in_view};
use framescope_page::state::State;
use web_sys::{Element, HtmlElement};

use crate::browser::element;
use crate::view::dom::{child, set_attribute, set_hidden, set_length, set_text};
use crate::view::drawing::{DrawingView, place_over};
use crate::view::pool::{Pool, Pooled};

pub(super) struct PictureView {
    frame: HtmlElement,
    /// As high as the drawing.
    sheet: HtmlElement,
    drawing: DrawingView,
    unfold: HtmlElement,
    held: Pool<HeldTools>,
    /// Whether the drawing has got another size since the last `settle`.
    is_resized: bool,
}

/// The buttons of a segment that the wire holds.
struct HeldTools {
    root: HtmlElement,
    buttons: [Element; 4],
}

impl Pooled for HeldTools {
    fn new(root: HtmlElement) -> Self {
        let button = |does: &str| child(&root, &format!("[data-does=\"{does}\"]")).into();
        let buttons = ["deliver", "drop", "delay", "duplicate"].map(button);
        Self { root, buttons }
    }

    fn root(&self) -> &HtmlElement {
        &self.root
    }
}

impl PictureView {
    pub(super) fn new() -> Self {
        Self {
            frame: element("picture"),
            sheet: element("picture-sheet"),
            drawing: DrawingView::new("picture-svg", "picture-shapes"),
            unfold: element("unfold"),
            held: Pool::new(element("held"), "held-template"),
            is_resized: false,
        }
    }

    pub(super) fn render(&mut self, state: &State) {
        let canvas = state.picture_canvas();
        let mut picture = draw(state, canvas);
        let height = decimal(picture.drawing.height * canvas.unit);
        set_length(&self.sheet, "height", &format!("{height}px"));
        if !state.is_printing {
            // A picture that gets another size will be scrolled to its end.
            let keeps_size = self.drawing.has_size_of(&picture.drawing, canvas.unit);
            let top = state.picture_top.filter(|_| keeps_size);
            picture.drawing.keep_between(&in_view(picture.drawing.height, canvas.height, top));
        }
        self.is_resized |= self.drawing.render(&picture.drawing, canvas.unit);
        self.render_fold(state, &picture);
        self.render_held(state, &picture);
    }

    /// Keeps the line of the moment on screen in view. Call it when everything has been rendered.
    pub(super) fn settle(&mut self) {
        if std::mem::take(&mut self.is_resized) {
            self.frame.set_scroll_top(self.frame.scroll_height());
        }
    }

    /// Over the words of the picture stands a button that can be pressed.
    fn render_fold(&self, state: &State, picture: &Picture) {
        let locale = &state.locale;
        set_hidden(&self.unfold, picture.fold.is_none());
        let Some((_, at)) = picture.fold else { return };
        place_over(&self.unfold, at, state.picture_canvas().unit);
        let is_unfolded = state.lab.is_unfolded;
        let label =
            if is_unfolded { locale.text("picture-fold") } else { locale.text("picture-unfold") };
        set_attribute(&self.unfold, "aria-label", Some(label));
        set_text(&self.unfold, if is_unfolded { label } else { "" });
    }

    fn render_held(&mut self, state: &State, picture: &Picture) {
        let locale = &state.locale;
        let is_newest = state.cursor.is_none() && !state.lab.is_over();
        self.held.begin();
        for held in picture.held.iter().filter(|_| is_newest) {
            let shown = self.held.next();
            place_over(&shown.root, held.at, state.picture_canvas().unit);
            set_attribute(&shown.root, "data-segment", Some(&held.number.to_string()));
            let words = [
                (locale.text("picture-release"), locale.text("segment-deliver")),
                (locale.text("picture-drop"), locale.text("segment-drop")),
                (locale.text("picture-delay"), locale.text("segment-delay")),
                (locale.text("picture-double"), locale.text("segment-duplicate")),
            ];
            for (button, (word, title)) in shown.buttons.iter().zip(words) {
                set_text(button, word);
                set_attribute(button, "title", Some(title));
            }
        }
        self.held.end();
    }
}
