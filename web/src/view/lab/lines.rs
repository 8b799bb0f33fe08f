//! The lines of a program. Those at which its threads are, are marked.

use framescope_page::screen::programs::{Mark, MarkKind, ProgramPanel};
use web_sys::{Element, HtmlElement};

use crate::view::dom::{child, set_attribute, set_text};
use crate::view::pool::{Pool, Pooled};

pub(super) struct Lines {
    list: HtmlElement,
    pool: Pool<LineElements>,
    elements: Vec<LineParts>,
    text: Option<String>,
    marks: Vec<Mark>,
}

struct LineElements {
    root: HtmlElement,
    parts: LineParts,
}

#[derive(Clone)]
struct LineParts {
    root: HtmlElement,
    mark: Element,
    number: Element,
    code: Element,
}

impl Pooled for LineElements {
    fn new(root: HtmlElement) -> Self {
        let part = |selector: &str| child(&root, selector).into();
        let parts = LineParts {
            root: root.clone(),
            mark: part(".mark"),
            number: part(".number"),
            code: part("code"),
        };
        Self { root, parts }
    }

    fn root(&self) -> &HtmlElement {
        &self.root
    }
}

impl Lines {
    pub(super) fn new(list: HtmlElement) -> Self {
        Self {
            pool: Pool::new(list.clone().into(), "line-template"),
            list,
            elements: Vec::new(),
            text: None,
            marks: Vec::new(),
        }
    }

    pub(super) fn render(&mut self, panel: &ProgramPanel<'_>, is_hidden: bool) {
        self.list.set_hidden(is_hidden);
        if is_hidden {
            return;
        }
        if self.text.as_ref() != Some(&panel.program.text) {
            self.show_text(&panel.program.text);
        }
        let marks = problem_mark(panel).into_iter().chain(panel.marks.iter().copied());
        let marks: Vec<Mark> = marks.collect();
        if self.marks != marks {
            for old in std::mem::take(&mut self.marks) {
                self.show_mark(old.line, None);
            }
            for mark in &marks {
                self.show_mark(mark.line, Some(mark.kind));
            }
            if let Some(first) = marks.first() {
                self.scroll_to(first.line);
            }
            self.marks = marks;
        }
    }

    fn show_text(&mut self, text: &str) {
        self.elements.clear();
        self.marks.clear();
        self.pool.begin();
        for (line, number) in text.lines().zip(1_u32..) {
            let shown = self.pool.next();
            set_text(&shown.parts.number, &number.to_string());
            set_text(&shown.parts.code, line);
            self.elements.push(shown.parts.clone());
        }
        self.pool.end();
        for line in 1..=self.elements.len() {
            self.show_mark(u32::try_from(line).unwrap_or(u32::MAX), None);
        }
        self.text = Some(text.to_owned());
    }

    fn line(&self, line: u32) -> Option<&LineParts> {
        self.elements.get(usize::try_from(line).ok()?.checked_sub(1)?)
    }

    fn show_mark(&self, line: u32, kind: Option<MarkKind>) {
        let Some(shown) = self.line(line) else { return };
        let (mark, name) = match kind {
            Some(MarkKind::Next) => ("▶", Some("next")),
            Some(MarkKind::Waits) => ("‖", Some("blocked")),
            Some(MarkKind::Runs) => ("▷", Some("runs")),
            Some(MarkKind::Failed) => ("✕", Some("failed")),
            None => ("", None),
        };
        set_text(&shown.mark, mark);
        set_attribute(&shown.root, "data-state", name);
        let is_current = matches!(kind, Some(MarkKind::Next | MarkKind::Waits));
        set_attribute(&shown.root, "aria-current", is_current.then_some("step"));
    }

    /// Scrolls the list, and not the page, so that a line is on screen.
    fn scroll_to(&self, line: u32) {
        let Some(shown) = self.line(line) else { return };
        let (top, height) = (shown.root.offset_top(), shown.root.offset_height());
        let (from, visible) = (self.list.scroll_top(), self.list.client_height());
        if top < from {
            self.list.set_scroll_top(top);
        } else if top + height > from + visible {
            self.list.set_scroll_top(top + height - visible);
        }
    }
}

fn problem_mark(panel: &ProgramPanel<'_>) -> Option<Mark> {
    panel.problem.map(|problem| Mark { line: problem.line, kind: MarkKind::Failed })
}
