//! The lines of a program. Those at which its threads are, are marked.

use framescope_lab::Columns;
use framescope_page::screen::programs::{Mark, MarkKind, ProgramPanel};
use web_sys::{Element, HtmlElement};

use crate::view::dom::{child, set_attribute, set_hidden, set_text};
use crate::view::pool::{Pool, Pooled};

pub(super) struct Lines {
    list: HtmlElement,
    pool: Pool<LineElements>,
    elements: Vec<LineParts>,
    text: Option<String>,
    marks: Vec<Mark>,
    /// The height at which the first mark was brought into view. 0 if it was not.
    height: i32,
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
    /// The code: before a call that waits, the call, and what is after it.
    code: [Element; 3],
}

impl LineParts {
    fn show_code(&self, code: &str, Columns { from, to }: Columns) {
        let at = |column: u32| {
            let column = usize::try_from(column).unwrap_or(usize::MAX);
            code.char_indices().nth(column).map_or(code.len(), |(at, _)| at)
        };
        let (before, rest) = code.split_at(at(if from < to { from } else { u32::MAX }));
        let (call, after) = rest.split_at(at(to).saturating_sub(before.len()).min(rest.len()));
        for (element, text) in self.code.iter().zip([before, call, after]) {
            set_text(element, text);
        }
    }
}

impl Pooled for LineElements {
    fn new(root: HtmlElement) -> Self {
        let part = |selector: &str| child(&root, selector).into();
        let parts = LineParts {
            root: root.clone(),
            mark: part(".mark"),
            number: part(".number"),
            code: [part(".before"), part(".call"), part(".after")],
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
            height: 0,
        }
    }

    pub(super) fn render(&mut self, panel: &ProgramPanel<'_>, is_hidden: bool) {
        set_hidden(&self.list, is_hidden);
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
                self.show_call(old.line, Columns::default());
            }
            for mark in &marks {
                self.show_mark(mark.line, Some(mark.kind));
                self.show_call(mark.line, mark.columns);
            }
            self.marks = marks;
            self.height = 0;
        }
    }

    /// Scrolls to the first mark if it is new, or if the list has another height since. Call it when all around the list
    /// has its size.
    pub(super) fn keep_in_view(&mut self) {
        let height = self.list.client_height();
        if height == self.height {
            return;
        }
        self.height = height;
        if let Some(first) = self.marks.first() {
            self.scroll_to(first.line);
        }
    }

    fn show_text(&mut self, text: &str) {
        self.elements.clear();
        self.marks.clear();
        self.pool.begin();
        for (line, number) in text.lines().zip(1_u32..) {
            let shown = self.pool.next();
            set_text(&shown.parts.number, &number.to_string());
            shown.parts.show_code(line, Columns::default());
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
            Some(MarkKind::Other) => ("", Some("other")),
            None => ("", None),
        };
        set_text(&shown.mark, mark);
        set_attribute(&shown.root, "data-state", name);
        let is_current = matches!(kind, Some(MarkKind::Next | MarkKind::Waits));
        set_attribute(&shown.root, "aria-current", is_current.then_some("step"));
    }

    fn show_call(&self, line: u32, columns: Columns) {
        let mut lines = self.text.as_deref().unwrap_or_default().lines();
        let index = usize::try_from(line).ok().and_then(|line| line.checked_sub(1));
        let code = index.and_then(|index| lines.nth(index));
        if let Some((shown, code)) = self.line(line).zip(code) {
            shown.show_code(code, columns);
        }
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
    panel.problem.map(|problem| Mark::of_line(problem.line, MarkKind::Failed))
}
