//! Drawings as SVG. Their shapes are those of `page/src/screen/drawing/`.

use std::collections::VecDeque;
use std::mem::discriminant;

use framescope_page::screen::drawing::{Drawing, Figure, Point, Shape, band_path, decimal};
use framescope_page::screen::item_attribute::to_attribute;
use web_sys::{Element, HtmlElement};

use super::dom::{set_attribute, set_length, set_text, write_attribute};
use crate::browser::{document, element};

/// The namespace of the elements of an SVG.
const SVG: &str = "http://www.w3.org/2000/svg";

/// How many shapes that have come or gone in one place are looked past.
const AHEAD: usize = 40;

/// The greatest height of a picture that fits its frame.
const HIGH: f32 = 1000.0;

/// The height of the SVG for a drawing. A high one grows with each step, and the browser lays out each of its texts again
/// when its SVG has another size. So it has space to grow, which its frame cuts off.
fn steady(height: f32) -> f32 {
    if height <= HIGH { height } else { (height / HIGH).ceil() * HIGH }
}

/// A shape and its element.
type Shown = (Shape, Element);

/// A drawing in the document. Its elements are used again.
pub(super) struct DrawingView {
    svg: Element,
    group: Element,
    shown: Vec<Shown>,
    size: (f32, f32, f32),
}

impl DrawingView {
    /// A drawing in the SVG and the group with these ids.
    pub(super) fn new(svg: &str, group: &str) -> Self {
        let group: Element = element(group);
        // The picture that the page comes with.
        group.set_text_content(None);
        Self { svg: element(svg), group, shown: Vec::new(), size: (0.0, 0.0, 0.0) }
    }

    /// Shows a drawing whose pixels have the size `unit`. Returns whether it has another size than before.
    pub(super) fn render(&mut self, drawing: &Drawing, unit: f32) -> bool {
        let mut old = VecDeque::from(std::mem::take(&mut self.shown));
        for (index, shape) in drawing.shapes.iter().enumerate() {
            let made = match change(&old, &drawing.shapes[index..]) {
                Change::Leave(count) => {
                    old.drain(..count).for_each(|(_, left)| left.remove());
                    old.pop_front()
                }
                Change::Insert => self.insert(shape, old.front()),
                Change::Become => old.pop_front().and_then(|known| self.become_shape(known, shape)),
            };
            self.shown.extend(made);
        }
        for (_, left) in old {
            left.remove();
        }
        self.resize(drawing, unit)
    }

    /// Whether the drawing on screen has the size of this one.
    pub(super) fn has_size_of(&self, drawing: &Drawing, unit: f32) -> bool {
        self.size == (drawing.width, drawing.height, unit)
    }

    fn resize(&mut self, drawing: &Drawing, unit: f32) -> bool {
        if self.has_size_of(drawing, unit) {
            return false;
        }
        self.size = (drawing.width, drawing.height, unit);
        let height = steady(drawing.height);
        let view_box = format!("0 0 {} {}", decimal(drawing.width), decimal(height));
        set_attribute(&self.svg, "viewBox", Some(&view_box));
        set_attribute(&self.svg, "width", Some(&decimal(drawing.width * unit)));
        set_attribute(&self.svg, "height", Some(&decimal(height * unit)));
        true
    }

    /// Makes an element before the next that is there.
    fn insert(&self, shape: &Shape, next: Option<&Shown>) -> Option<Shown> {
        let made = make(shape)?;
        // This cannot fail: the element is new, and the next is a child of the group.
        let _ = self.group.insert_before(&made, next.map(|(_, next)| next.as_ref()));
        Some((shape.clone(), made))
    }

    /// Shows a shape with the element of another, if it can.
    fn become_shape(&self, (known, made): Shown, shape: &Shape) -> Option<Shown> {
        if discriminant(&known.figure) == discriminant(&shape.figure) {
            show(&made, shape, Some(&known));
            return Some((shape.clone(), made));
        }
        let new = make(shape)?;
        // This cannot fail: the element is new, and the other is a child of the group.
        let _ = self.group.replace_child(&new, &made);
        Some((shape.clone(), new))
    }
}

/// What becomes of the elements for the next shape.
enum Change {
    /// So many show what is no longer there. The one after them shows this shape.
    Leave(usize),
    /// The first shows a shape that comes later.
    Insert,
    /// The first becomes this shape.
    Become,
}

/// A moment later or earlier most shapes are the same, and others have come or gone between them.
fn change(old: &VecDeque<Shown>, shapes: &[Shape]) -> Change {
    let Some((first, _)) = old.front() else { return Change::Insert };
    for ahead in 0..=AHEAD {
        if old.get(ahead).is_some_and(|(known, _)| known == &shapes[0]) {
            return Change::Leave(ahead);
        }
        if shapes.get(ahead) == Some(first) {
            return Change::Insert;
        }
    }
    Change::Become
}

fn make(shape: &Shape) -> Option<Element> {
    let made = document().create_element_ns(Some(SVG), tag(&shape.figure)).ok()?;
    show(&made, shape, None);
    Some(made)
}

/// Places an element over a drawing.
pub(super) fn place_over(element: &HtmlElement, at: Point, unit: f32) {
    set_length(element, "left", &format!("{}px", decimal(at.x * unit)));
    set_length(element, "top", &format!("{}px", decimal(at.y * unit)));
}

const fn tag(figure: &Figure) -> &'static str {
    match figure {
        Figure::Line(..) | Figure::Arrow(..) => "line",
        Figure::Rect(..) => "rect",
        Figure::Text(..) => "text",
        Figure::Band(_) => "path",
    }
}

/// Gives an element what its shape has and the shape that it has shown has not. To ask the element takes longer.
fn show(made: &Element, shape: &Shape, known: Option<&Shape>) {
    let known_numbers = known.map(|known| numbers(&known.figure));
    for (index, number) in numbers(&shape.figure).into_iter().enumerate() {
        if known_numbers.is_none_or(|known| known[index] != number)
            && let Some((name, value)) = number
        {
            write_attribute(made, name, Some(&decimal(value)));
        }
    }
    let known_figure = known.map(|known| &known.figure);
    match &shape.figure {
        Figure::Line(..) | Figure::Rect(..) => {}
        Figure::Arrow(..) => write_changed(made, "marker-end", known, shape, |shape| {
            Some(format!("url(#head-{})", shape.style.class()))
        }),
        Figure::Text(_, anchor, text) => {
            if !matches!(known_figure, Some(Figure::Text(_, known, _)) if known == anchor) {
                write_attribute(made, "text-anchor", Some(anchor.name()));
            }
            if !matches!(known_figure, Some(Figure::Text(_, _, known)) if known == text) {
                set_text(made, text);
            }
        }
        Figure::Band(band) => {
            if known_figure != Some(&shape.figure) {
                write_attribute(made, "d", Some(&band_path(band)));
            }
        }
    }
    write_changed(made, "class", known, shape, |shape| Some(shape.style.class().to_owned()));
    write_changed(made, "data-item", known, shape, |shape| shape.about.item.map(to_attribute));
    write_changed(made, "data-lit", known, shape, |shape| shape.about.is_lit.then(String::new));
}

fn write_changed(
    made: &Element,
    name: &str,
    known: Option<&Shape>,
    shape: &Shape,
    value: impl Fn(&Shape) -> Option<String>,
) {
    let new = value(shape);
    if known.and_then(&value) != new {
        write_attribute(made, name, new.as_deref());
    }
}

/// The numbers of a figure, with the names of their attributes.
fn numbers(figure: &Figure) -> [Option<(&'static str, f32)>; 4] {
    let (names, values) = match figure {
        Figure::Line(from, to) | Figure::Arrow(from, to) => {
            (["x1", "y1", "x2", "y2"], [from.x, from.y, to.x, to.y])
        }
        Figure::Rect(at, width, height) => {
            (["x", "y", "width", "height"], [at.x, at.y, *width, *height])
        }
        Figure::Text(at, ..) => return [Some(("x", at.x)), Some(("y", at.y)), None, None],
        Figure::Band(_) => return [None; 4],
    };
    std::array::from_fn(|index| Some((names[index], values[index])))
}
