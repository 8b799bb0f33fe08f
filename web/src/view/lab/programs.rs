//! The programs as Python text. The current line of each is marked.

use std::cmp::Ordering;

use framescope_lab::{CallState, Event, EventKind, Program, Side, Value, program_position};
use framescope_page::screen::wording::{side_name, value_text, waits_for};
use framescope_page::state::{Editor, State};
use framescope_page::text::Locale;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, HtmlTextAreaElement};

use crate::browser::{document, element};
use crate::view::controls::set_inert;
use crate::view::dom::{child, set_attribute, set_text};
use crate::view::pool::{Pool, Pooled};

/// The number of bytes of a value that are shown beside its line.
const PREVIEW: usize = 24;

pub(super) struct Programs {
    servers: Pool<ProgramElements>,
    clients: Pool<ProgramElements>,
    edits_bar: HtmlElement,
}

struct ProgramElements {
    root: HtmlElement,
    title: Element,
    state: Element,
    step: Element,
    lines: Pool<LineElements>,
    list: HtmlElement,
    text: HtmlTextAreaElement,
    problem: HtmlElement,
}

impl Pooled for ProgramElements {
    fn new(root: HtmlElement) -> Self {
        let list = child(&root, ".lines");
        let text = child(&root, ".program-text").dyn_into();
        Self {
            title: child(&root, ".program-title").into(),
            state: child(&root, ".program-state").into(),
            step: child(&root, ".program-step").into(),
            lines: Pool::new(list.clone().into(), "line-template"),
            list,
            text: text.expect("the template has a text area"),
            problem: child(&root, ".problem"),
            root,
        }
    }

    fn root(&self) -> &HtmlElement {
        &self.root
    }
}

struct LineElements {
    root: HtmlElement,
    mark: Element,
    code: Element,
    value: Element,
}

impl Pooled for LineElements {
    fn new(root: HtmlElement) -> Self {
        let part = |selector: &str| child(&root, selector).into();
        Self { mark: part(".mark"), code: part("code"), value: part(".value"), root }
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
        self.edits_bar.set_hidden(state.lab.editor.is_none());
        self.servers.begin();
        self.clients.begin();
        for side in state.lab.experiment.sides() {
            let Some(program) = state.lab.experiment.program(side) else { continue };
            let pool = if side == Side::SERVER { &mut self.servers } else { &mut self.clients };
            pool.next_mut().render(state, side, program);
        }
        self.servers.end();
        self.clients.end();
    }
}

impl ProgramElements {
    fn render(&mut self, state: &State, side: Side, program: &Program) {
        let locale = &state.locale;
        let events = state.lab.events(state.event());
        let number = side.0.to_string();
        let name = side_name(state, side);
        set_text(&self.title, &name);
        let label = locale.fill("program-label", &[("side", &name)]);
        set_attribute(&self.root, "aria-label", Some(&label));
        set_attribute(&self.text, "aria-label", Some(&label));
        set_attribute(&self.root, "data-side", Some(&number));
        let tcp_info = events.last().and_then(|event| event.tcp_info.get(usize::from(side.0)));
        let tcp_state = tcp_info.and_then(|tcp_info| tcp_info.state);
        set_text(&self.state, &tcp_state.map(|state| state.to_string()).unwrap_or_default());
        // The button steps the call that is marked as next. While an earlier moment is on screen, that
        // is another call, so the button does nothing.
        let is_ready = state.cursor.is_none()
            && program_position(program, side, events).state == CallState::Next;
        set_text(&self.step, locale.text("step-side"));
        set_attribute(&self.step, "data-step", Some(&number));
        let label = locale.fill("step-side-label", &[("side", &name)]);
        set_attribute(&self.step, "aria-label", Some(&label));
        let is_next = state.cursor.is_none() && state.lab.next_side() == Some(side);
        set_attribute(&self.step, "data-next", is_next.then_some(""));
        let is_editing = state.lab.editor.is_some();
        set_inert(&self.step, !is_ready || is_editing || state.lab.is_over());
        self.list.set_hidden(is_editing);
        self.text.set_hidden(!is_editing);
        self.render_editor(state.lab.editor.as_ref(), side);
        if !is_editing {
            self.render_lines(locale, side, program, events);
        }
    }

    fn render_editor(&self, editor: Option<&Editor>, side: Side) {
        let index = usize::from(side.0);
        let problem = editor.and_then(|editor| editor.problems.get(index)?.as_deref());
        self.problem.set_hidden(problem.is_none());
        set_text(&self.problem, problem.unwrap_or_default());
        set_attribute(&self.text, "aria-invalid", problem.map(|_| "true"));
        set_attribute(&self.text, "data-program", Some(&index.to_string()));
        let is_focused = document().active_element().is_some_and(|active| active == **self.text);
        if let Some(text) = editor.and_then(|editor| editor.texts.get(index))
            && !is_focused
            && self.text.value() != *text
        {
            self.text.set_value(text);
        }
    }

    fn render_lines(&mut self, locale: &Locale, side: Side, program: &Program, events: &[Event]) {
        let position = program_position(program, side, events);
        let values = values(program, side, events);
        self.lines.begin();
        for (index, value) in values.iter().enumerate() {
            let shown = self.lines.next();
            set_text(&shown.code, &program.line(side, index));
            let state = match index.cmp(&position.call) {
                Ordering::Less => &CallState::Ended,
                Ordering::Equal => &position.state,
                Ordering::Greater => {
                    set_line(shown, "", "later", "");
                    continue;
                }
            };
            let value = value.and_then(|value| value_text(locale, value, PREVIEW));
            let value = value.map(|value| format!("→ {value}")).unwrap_or_default();
            match state {
                CallState::Next => set_line(shown, "▶", "next", ""),
                CallState::InProgress => set_line(shown, "▶", "next", &value),
                CallState::Blocked(on) => set_line(shown, "‖", "blocked", waits_for(locale, *on)),
                CallState::Ended => set_line(shown, "✓", "done", &value),
                CallState::Failed => set_line(shown, "✕", "failed", &value),
            }
        }
        self.lines.end();
    }
}

fn set_line(line: &LineElements, mark: &str, state: &str, value: &str) {
    set_text(&line.mark, mark);
    set_text(&line.value, value);
    set_attribute(&line.root, "data-state", Some(state));
    let is_current = matches!(state, "next" | "blocked");
    set_attribute(&line.root, "aria-current", is_current.then_some("step"));
}

/// The value that each call of a program has returned, by the call's index.
fn values<'a>(program: &Program, side: Side, events: &'a [Event]) -> Vec<Option<&'a Value>> {
    let mut values = vec![None; program.0.len()];
    for event in events.iter().filter(|event| event.side == side) {
        if let EventKind::Returned(value) = &event.kind
            && let Some(known) = values.get_mut(usize::from(event.call))
        {
            *known = Some(value);
        }
    }
    values
}
