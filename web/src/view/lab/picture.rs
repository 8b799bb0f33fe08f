//! The picture of the run, as SVG. Its shapes are those of `page/src/screen/picture/`.

use framescope_lab::Flow;
use framescope_page::screen::item_attribute::to_attribute;
use framescope_page::screen::picture::{About, Figure, Picture, Point, Shape, decimal, draw};
use framescope_page::state::State;
use framescope_record::{Direction, Item, ItemKind, Provenance};
use web_sys::{Element, HtmlElement};

use crate::browser::{document, element};
use crate::view::dom::{child, set_attribute, set_text};
use crate::view::pool::{Pool, Pooled};

/// The namespace of the elements of an SVG.
const SVG: &str = "http://www.w3.org/2000/svg";

pub(super) struct PictureView {
    frame: HtmlElement,
    svg: Element,
    group: Element,
    unfold: HtmlElement,
    held: Pool<HeldTools>,
    shown: Vec<(Shape, bool, Element)>,
    size: (f32, f32, f32),
}

/// The buttons of a segment that the wire holds.
struct HeldTools {
    root: HtmlElement,
    buttons: [Element; 3],
}

impl Pooled for HeldTools {
    fn new(root: HtmlElement) -> Self {
        let button = |does: &str| child(&root, &format!("[data-does=\"{does}\"]")).into();
        Self { buttons: [button("deliver"), button("drop"), button("duplicate")], root }
    }

    fn root(&self) -> &HtmlElement {
        &self.root
    }
}

impl PictureView {
    pub(super) fn new() -> Self {
        let group: Element = element("picture-shapes");
        // The picture that the page comes with.
        group.set_text_content(None);
        Self {
            frame: element("picture"),
            svg: element("picture-svg"),
            group,
            unfold: element("unfold"),
            held: Pool::new(element("held"), "held-template"),
            shown: Vec::new(),
            size: (0.0, 0.0, 0.0),
        }
    }

    pub(super) fn render(&mut self, state: &State, highlight: Option<&Provenance>) {
        let picture = draw(state, state.canvas);
        self.resize(state, &picture);
        let flow = state.lab.flow().map(|(_, flow)| flow);
        for (index, shape) in picture.shapes.iter().enumerate() {
            let is_lit = is_lit(&shape.about, highlight);
            self.render_shape(index, shape, is_lit, flow);
        }
        for (_, _, left) in self.shown.drain(picture.shapes.len().min(self.shown.len())..) {
            left.remove();
        }
        self.render_fold(state, &picture);
        self.render_held(state, &picture);
    }

    /// Gives the picture its size. The line of the moment on screen stays in view.
    fn resize(&mut self, state: &State, picture: &Picture) {
        let size = (picture.width, picture.height, state.canvas.unit);
        if self.size == size {
            return;
        }
        self.size = size;
        let view_box = format!("0 0 {} {}", decimal(picture.width), decimal(picture.height));
        set_attribute(&self.svg, "viewBox", Some(&view_box));
        let (width, height) =
            (picture.width * state.canvas.unit, picture.height * state.canvas.unit);
        set_attribute(&self.svg, "width", Some(&decimal(width)));
        set_attribute(&self.svg, "height", Some(&decimal(height)));
        self.frame.set_scroll_top(self.frame.scroll_height());
    }

    fn render_shape(&mut self, index: usize, shape: &Shape, is_lit: bool, flow: Option<&Flow>) {
        if let Some((known, was_lit, made)) = self.shown.get_mut(index) {
            if known == shape && *was_lit == is_lit {
                return;
            }
            if tag(&known.figure) == tag(&shape.figure) {
                show(made, shape, is_lit, flow);
                (*known, *was_lit) = (shape.clone(), is_lit);
                return;
            }
        }
        let Ok(made) = document().create_element_ns(Some(SVG), tag(&shape.figure)) else { return };
        show(&made, shape, is_lit, flow);
        // These cannot fail: the elements are new, or are children of the group.
        if let Some(known) = self.shown.get_mut(index) {
            let _ = self.group.replace_child(&made, &known.2);
            *known = (shape.clone(), is_lit, made);
        } else {
            let _ = self.group.append_child(&made);
            self.shown.push((shape.clone(), is_lit, made));
        }
    }

    /// Over the words of the picture stands a button that can be pressed.
    fn render_fold(&self, state: &State, picture: &Picture) {
        let locale = &state.locale;
        self.unfold.set_hidden(picture.fold.is_none());
        let Some((_, at)) = picture.fold else { return };
        place(&self.unfold, at, state.canvas.unit);
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
            place(&shown.root, held.at, state.canvas.unit);
            set_attribute(&shown.root, "data-segment", Some(&held.number.to_string()));
            let words = [
                (locale.text("picture-release"), locale.text("segment-deliver")),
                (locale.text("picture-drop"), locale.text("segment-drop")),
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

/// Places an element over the picture.
fn place(element: &HtmlElement, at: Point, unit: f32) {
    let style = element.style();
    // A number and a unit are always a valid length.
    let _ = style.set_property("left", &format!("{}px", decimal(at.x * unit)));
    let _ = style.set_property("top", &format!("{}px", decimal(at.y * unit)));
}

const fn tag(figure: &Figure) -> &'static str {
    match figure {
        Figure::Line(..) | Figure::Arrow(..) => "line",
        Figure::Rect(..) => "rect",
        Figure::Text(..) => "text",
    }
}

fn show(made: &Element, shape: &Shape, is_lit: bool, flow: Option<&Flow>) {
    let set = |name: &str, value: f32| set_attribute(made, name, Some(&decimal(value)));
    match &shape.figure {
        Figure::Line(from, to) | Figure::Arrow(from, to) => {
            for (name, value) in [("x1", from.x), ("y1", from.y), ("x2", to.x), ("y2", to.y)] {
                set(name, value);
            }
            let is_arrow = matches!(shape.figure, Figure::Arrow(..));
            let head = format!("url(#head-{})", shape.style.class());
            set_attribute(made, "marker-end", is_arrow.then_some(head.as_str()));
        }
        Figure::Rect(at, width, height) => {
            for (name, value) in [("x", at.x), ("y", at.y), ("width", *width), ("height", *height)]
            {
                set(name, value);
            }
        }
        Figure::Text(at, anchor, text) => {
            set("x", at.x);
            set("y", at.y);
            set_attribute(made, "text-anchor", Some(anchor.name()));
            set_text(made, text);
        }
    }
    set_attribute(made, "class", Some(shape.style.class()));
    let item = item(&shape.about, flow).map(to_attribute);
    set_attribute(made, "data-item", item.as_deref());
    set_attribute(made, "data-lit", is_lit.then_some(""));
}

/// The item that is selected with a shape: the byte, or the send that its bytes are of.
fn item(about: &About, flow: Option<&Flow>) -> Option<Item> {
    let bytes = about.bytes.as_ref()?;
    let direction = Direction::Sent;
    if bytes.end == bytes.start.saturating_add(1) {
        return Some(Item { direction, kind: ItemKind::Byte(bytes.start) });
    }
    let chunk = flow?.record.stream(direction).chunks_in(bytes).start;
    Some(Item { direction, kind: ItemKind::Chunk(chunk) })
}

/// Whether a shape shows some of the bytes that are highlighted.
fn is_lit(about: &About, highlight: Option<&Provenance>) -> bool {
    let Some((bytes, highlight)) = about.bytes.as_ref().zip(highlight) else { return false };
    bytes.start < highlight.bytes.end && highlight.bytes.start < bytes.end
}
