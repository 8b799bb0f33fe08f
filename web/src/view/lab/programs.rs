//! The panel of each program: its text with the current lines marked, its variables, and what it prints.

use framescope_page::screen::programs::{ProgramPanel, panel};
use framescope_page::screen::wording::program_name;
use framescope_page::state::{Printed, PrintedKind, State};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlTextAreaElement};

use super::lines::Lines;
use crate::browser::{document, element};
use crate::view::controls::set_inert;
use crate::view::dom::{child, set_attribute, set_hidden, set_text, set_value};
use crate::view::pool::{Pool, Pooled};

/// The most bytes of a program's output that are shown: the last ones.
const SHOWN: usize = 20_000;
/// The most changes between its kinds that are shown.
const MAX_PIECES: usize = 200;

pub(super) struct Programs {
    servers: Pool<ProgramElements>,
    clients: Pool<ProgramElements>,
    edits_bar: HtmlElement,
}

struct ProgramElements {
    root: HtmlElement,
    title: Element,
    state: Element,
    step: HtmlElement,
    interrupt: HtmlElement,
    threads: Pool<ThreadElements>,
    lines: Lines,
    editor: HtmlElement,
    text: HtmlTextAreaElement,
    /// What the program was when it was last put into `text`, or typed there.
    edited: String,
    open: HtmlElement,
    open_text: Element,
    save: HtmlElement,
    remove: HtmlElement,
    problem: HtmlElement,
    help: HtmlElement,
    variables: HtmlElement,
    variable_rows: Pool<VariableElements>,
    output: HtmlElement,
    pieces: Pool<HtmlElement>,
    input: HtmlElement,
    typed: HtmlInputElement,
    enter: Element,
    end_input: Element,
    /// Whether the output has changed since the last `settle`.
    has_printed: bool,
    /// Whether the program waited for a line in the last frame.
    was_reading: bool,
}

struct ThreadElements {
    root: HtmlElement,
    text: Element,
    step: HtmlElement,
}

struct VariableElements {
    root: HtmlElement,
    name: Element,
    value: Element,
}

impl Pooled for ThreadElements {
    fn new(root: HtmlElement) -> Self {
        Self { text: child(&root, ".thread-text").into(), step: child(&root, "button"), root }
    }

    fn root(&self) -> &HtmlElement {
        &self.root
    }
}

impl Pooled for VariableElements {
    fn new(root: HtmlElement) -> Self {
        Self { name: child(&root, "dt").into(), value: child(&root, "dd").into(), root }
    }

    fn root(&self) -> &HtmlElement {
        &self.root
    }
}

impl Pooled for ProgramElements {
    fn new(root: HtmlElement) -> Self {
        let text = child(&root, ".program-text").dyn_into();
        let typed = child(&root, ".typed").dyn_into();
        let variables = child(&root, ".variables");
        let output = child(&root, ".output");
        Self {
            title: child(&root, ".program-title").into(),
            state: child(&root, ".program-state").into(),
            step: child(&root, ".program-step"),
            interrupt: child(&root, ".program-interrupt"),
            threads: Pool::new(child(&root, ".threads").into(), "thread-template"),
            lines: Lines::new(child(&root, ".lines")),
            editor: child(&root, ".editor"),
            text: text.expect("the template has a text area"),
            edited: String::new(),
            open: child(&root, ".program-open"),
            open_text: child(&root, ".program-open-text").into(),
            save: child(&root, ".program-save"),
            remove: child(&root, ".program-remove"),
            problem: child(&root, ".problem"),
            help: child(&root, ".help-sentence"),
            variable_rows: Pool::new(variables.clone().into(), "variable-template"),
            variables,
            pieces: Pool::new(output.clone().into(), "piece-template"),
            output,
            input: child(&root, ".input"),
            typed: typed.expect("the template has an input"),
            enter: child(&root, ".enter").into(),
            end_input: child(&root, ".end-input").into(),
            has_printed: false,
            was_reading: false,
            root,
        }
    }

    fn root(&self) -> &HtmlElement {
        &self.root
    }
}

impl Programs {
    pub(super) fn new() -> Self {
        Self {
            servers: Pool::new(element("servers"), "program-template"),
            clients: Pool::new(element("clients"), "program-template"),
            edits_bar: element("edits-bar"),
        }
    }

    pub(super) fn render(&mut self, state: &State) {
        set_hidden(&self.edits_bar, state.lab.editor.is_none());
        self.servers.begin();
        self.clients.begin();
        for index in 0.. {
            let Some(panel) = panel(state, index) else { break };
            let is_server = state.lab.is_server(index);
            let pool = if is_server { &mut self.servers } else { &mut self.clients };
            pool.next_mut().render(state, index, &panel);
        }
        self.servers.end();
        self.clients.end();
    }

    /// Scrolls the lines and the output of each program. Call it when everything has been rendered.
    pub(super) fn settle(&mut self) {
        self.servers.used_mut().chain(self.clients.used_mut()).for_each(ProgramElements::settle);
    }
}

impl ProgramElements {
    fn render(&mut self, state: &State, index: usize, panel: &ProgramPanel<'_>) {
        let number = index.to_string();
        let name = program_name(state, index);
        let locale = &state.locale;
        let is_editing = state.lab.editor.is_some();
        set_text(&self.title, &panel.program.file);
        set_attribute(&self.root, "aria-label", Some(&panel.program.file));
        set_attribute(&self.root, "data-program", Some(&number));
        set_text(&self.state, &panel.state);
        self.render_buttons(state, index, name);
        self.render_threads(state, index, panel);
        self.lines.render(panel, is_editing);
        self.render_editor(state, panel, is_editing);
        self.render_problem(state, panel);
        set_hidden(&self.variables, panel.variables.is_empty());
        set_attribute(&self.variables, "aria-label", Some(locale.text("variables")));
        set_attribute(&self.output, "aria-label", Some(locale.text("output")));
        self.variable_rows.begin();
        for variable in &panel.variables {
            let shown = self.variable_rows.next();
            set_text(&shown.name, variable.name);
            set_text(&shown.value, variable.value);
            set_attribute(&shown.root, "data-changed", variable.is_new.then_some(""));
            set_attribute(&shown.root, "data-outer", variable.is_outer.then_some(""));
        }
        self.variable_rows.end();
        self.render_output(panel);
        self.render_input(state, index, panel);
    }

    fn settle(&mut self) {
        if std::mem::take(&mut self.has_printed) {
            self.output.set_scroll_top(self.output.scroll_height());
        }
        self.lines.keep_in_view();
    }

    fn render_buttons(&self, state: &State, index: usize, name: &str) {
        let locale = &state.locale;
        let lab = &state.lab;
        set_text(&self.step, locale.text("step-side"));
        let label = locale.fill("step-side-label", &[("side", &name)]);
        set_attribute(&self.step, "aria-label", Some(&label));
        // The button steps the line that is marked as next. While an earlier moment is on screen, that is another
        // line, so the button does nothing.
        let can_step =
            state.cursor.is_none() && !lab.plays && lab.can_step(index, lab.thread_to_step(index));
        set_inert(&self.step, !can_step);
        let is_editing = lab.editor.is_some();
        set_hidden(&self.step, is_editing);
        set_hidden(&self.interrupt, is_editing || !lab.runs(index) || state.cursor.is_some());
        let label = locale.fill("interrupt-label", &[("side", &name)]);
        set_attribute(&self.interrupt, "aria-label", Some(&label));
    }

    fn render_threads(&mut self, state: &State, index: usize, panel: &ProgramPanel<'_>) {
        let locale = &state.locale;
        self.threads.begin();
        for thread in &panel.threads {
            let shown = self.threads.next();
            let values: [(&str, &dyn std::fmt::Display); 3] =
                [("number", &thread.number), ("line", &thread.line), ("state", &thread.state)];
            set_text(&shown.text, &locale.fill("thread", &values));
            set_text(&shown.step, locale.text("step-side"));
            let label = locale.fill("step-thread-label", &[("number", &thread.number)]);
            set_attribute(&shown.step, "aria-label", Some(&label));
            set_attribute(&shown.root, "data-thread", Some(&thread.number.to_string()));
            set_attribute(&shown.root, "data-of", Some(&index.to_string()));
            set_inert(&shown.step, !thread.can_step || state.lab.plays);
        }
        self.threads.end();
    }

    fn render_editor(&mut self, state: &State, panel: &ProgramPanel<'_>, is_editing: bool) {
        let appears = self.editor.hidden() && is_editing;
        set_hidden(&self.editor, !is_editing);
        if !is_editing {
            return;
        }
        let locale = &state.locale;
        let label = locale.fill("program-label", &[("file", &panel.program.file)]);
        set_attribute(&self.text, "aria-label", Some(&label));
        set_attribute(&self.text, "aria-invalid", panel.problem.map(|_| "true"));
        set_text(&self.open_text, locale.text("program-open"));
        set_attribute(&self.open, "aria-label", Some(locale.text("program-open")));
        set_text(&self.save, locale.text("program-save"));
        set_text(&self.remove, locale.text("program-remove"));
        let count = state.lab.editor.as_ref().map_or(0, |editor| editor.programs.len());
        set_hidden(&self.remove, count < 2);
        // What the user types is in the field before it is in the program. So only a program that has changed is put there.
        if self.edited != panel.program.text || appears {
            self.edited.clone_from(&panel.program.text);
            if self.text.value() != self.edited {
                self.text.set_value(&self.edited);
            }
        }
        // The menu would give the focus back to its own button.
        let active = document().active_element().filter(|_| appears);
        if active.is_some_and(|active| matches!(active.closest("#menu, #menu-open"), Ok(Some(_)))) {
            let _ = self.text.focus();
        }
    }

    fn render_problem(&self, state: &State, panel: &ProgramPanel<'_>) {
        set_hidden(&self.problem, panel.problem.is_none());
        let text = panel.problem.map(|problem| {
            let class = problem.class.as_deref().map(|class| format!("{class}: "));
            let message = class.unwrap_or_default() + &problem.message;
            let values: [(&str, &dyn std::fmt::Display); 3] =
                [("line", &problem.line), ("column", &problem.column), ("message", &message)];
            state.locale.fill("program-problem", &values)
        });
        set_text(&self.problem, &text.unwrap_or_default());
        set_hidden(&self.help, panel.help.is_none());
        set_text(&self.help, panel.help.as_deref().unwrap_or_default());
    }

    fn render_output(&mut self, panel: &ProgramPanel<'_>) {
        let pieces = pieces(&panel.printed);
        set_hidden(&self.output, pieces.is_empty());
        self.pieces.begin();
        for (kind, text) in &pieces {
            let shown = self.pieces.next();
            self.has_printed |= shown.text_content().as_deref() != Some(text);
            set_text(shown, text);
            let kind = match kind {
                PrintedKind::Stdout => None,
                PrintedKind::Stderr => Some("stderr"),
                PrintedKind::Typed => Some("typed"),
            };
            set_attribute(shown, "data-kind", kind);
        }
        self.pieces.end();
    }

    fn render_input(&mut self, state: &State, index: usize, panel: &ProgramPanel<'_>) {
        let locale = &state.locale;
        set_hidden(&self.input, !panel.reads);
        if panel.reads && !self.was_reading {
            let own = panel.program.stdin.as_ref().and_then(|lines| {
                let typed = |one: &&Printed<'_>| one.kind == PrintedKind::Typed;
                lines.get(panel.printed.iter().filter(typed).count())
            });
            set_value(&self.typed, own.map_or("", String::as_str));
            // If the user does something else, the focus stays there.
            let is_free = document().active_element().is_none_or(|active| {
                !matches!(active.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            });
            if is_free {
                let _ = self.typed.focus();
                self.typed.select();
            }
        }
        self.was_reading = panel.reads;
        let name = program_name(state, index);
        let label = locale.fill("input-label", &[("side", &name)]);
        set_attribute(&self.typed, "aria-label", Some(&label));
        set_text(&self.enter, locale.text("input-enter"));
        set_text(&self.end_input, locale.text("input-end"));
    }
}

/// The end of the output, in as few pieces as its kinds allow.
fn pieces(printed: &[Printed<'_>]) -> Vec<(PrintedKind, String)> {
    let mut first = printed.len();
    let mut length = 0;
    let mut turns = 0;
    while first > 0 && length < SHOWN && turns < MAX_PIECES {
        first -= 1;
        length += printed[first].text.len();
        let next = printed.get(first + 1);
        turns += usize::from(next.is_some_and(|next| next.kind != printed[first].kind));
    }
    let mut pieces: Vec<(PrintedKind, String)> = Vec::new();
    for one in &printed[first..] {
        let end = if one.kind == PrintedKind::Typed { "\n" } else { "" };
        // One byte more than is shown: then it is known that some are not.
        let cut = one.text.ceil_char_boundary(one.text.len().saturating_sub(SHOWN + 1));
        let text = &one.text[cut..];
        match pieces.last_mut().filter(|(kind, _)| *kind == one.kind) {
            Some((_, piece)) => *piece += text,
            None => pieces.push((one.kind, text.to_owned())),
        }
        if let Some((_, text)) = pieces.last_mut() {
            *text += end;
        }
    }
    if let Some((_, text)) = pieces.first_mut()
        && text.len() > SHOWN
    {
        let cut = text.ceil_char_boundary(text.len() - SHOWN);
        *text = format!("…{}", &text[cut..]);
    }
    pieces
}
