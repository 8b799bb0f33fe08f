//! Elements of one kind under one parent, used again from picture to picture.

use web_sys::{Element, HtmlElement};

use super::dom::from_template;

/// As many elements as were ever needed; those that are not needed now are hidden.
pub(super) struct Pool<T> {
    parent: Element,
    template: &'static str,
    made: Vec<T>,
    used: usize,
}

/// What a pool makes of an element.
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

impl<T: Pooled> Pool<T> {
    pub(super) fn new(parent: Element, template: &'static str) -> Self {
        Self { parent, template, made: Vec::new(), used: 0 }
    }

    /// Begins a new picture.
    pub(super) fn begin(&mut self) {
        self.used = 0;
    }

    /// The next element of the picture.
    pub(super) fn next(&mut self) -> &T {
        self.next_mut()
    }

    /// The same, of a kind that remembers something.
    pub(super) fn next_mut(&mut self) -> &mut T {
        if self.used == self.made.len() {
            let root = from_template(self.template);
            // Appending a new element to an element of the page cannot fail.
            let _ = self.parent.append_child(&root);
            self.made.push(T::new(root));
        }
        let next = &mut self.made[self.used];
        next.root().set_hidden(false);
        self.used += 1;
        next
    }

    /// Hides what this picture does not need.
    pub(super) fn end(&mut self) {
        for left in &self.made[self.used..] {
            left.root().set_hidden(true);
        }
    }
}
