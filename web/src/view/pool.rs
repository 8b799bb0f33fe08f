//! A pool of elements of one kind under one parent. They are used again in each frame.

use web_sys::{Element, HtmlElement};

use super::dom::{from_template, set_hidden};

/// The elements that were ever needed at once. Those that this frame does not need are hidden.
pub(super) struct Pool<T> {
    parent: Element,
    template: &'static str,
    made: Vec<T>,
    used: usize,
}

/// The type that a pool makes from an element.
pub(super) trait Pooled {
    fn new(root: HtmlElement) -> Self;
    fn root(&self) -> &HtmlElement;
}

impl Pooled for HtmlElement {
    fn new(root: HtmlElement) -> Self {
        root
    }

    fn root(&self) -> &HtmlElement {
        self
    }
}

/// An element, and the look that it has. To ask it for each of its attributes would take longer than to draw.
pub(super) struct Remembered<L> {
    root: HtmlElement,
    look: Option<L>,
}

impl<L> Pooled for Remembered<L> {
    fn new(root: HtmlElement) -> Self {
        Self { root, look: None }
    }

    fn root(&self) -> &HtmlElement {
        &self.root
    }
}

impl<L: PartialEq> Remembered<L> {
    /// Gives the element this look with `show`, unless it has it.
    pub(super) fn show(&mut self, look: L, show: impl FnOnce(&HtmlElement, &L)) {
        if self.look.as_ref() != Some(&look) {
            show(&self.root, &look);
            self.look = Some(look);
        }
    }
}

impl<T: Pooled> Pool<T> {
    pub(super) fn new(parent: Element, template: &'static str) -> Self {
        Self { parent, template, made: Vec::new(), used: 0 }
    }

    /// Begins a new frame.
    pub(super) fn begin(&mut self) {
        self.used = 0;
    }

    /// The next element of the frame.
    pub(super) fn next(&mut self) -> &T {
        self.next_mut()
    }

    /// The next element of the frame, mutable.
    pub(super) fn next_mut(&mut self) -> &mut T {
        if self.used == self.made.len() {
            let root = from_template(self.template);
            // This cannot fail: it appends a new element to an element of the page.
            let _ = self.parent.append_child(&root);
            self.made.push(T::new(root));
        }
        let next = &mut self.made[self.used];
        set_hidden(next.root(), false);
        self.used += 1;
        next
    }

    /// The elements of the frame.
    pub(super) fn used_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.made[..self.used].iter_mut()
    }

    /// Hides the elements that this frame does not need.
    pub(super) fn end(&mut self) {
        for left in &self.made[self.used..] {
            set_hidden(left.root(), true);
        }
    }
}
