//! The ladder diagram: time goes down, the clients are left, the server is right.

use framescope_lab::{Rung, RungCrossing, RungKind, Side, rung};
use framescope_page::screen::wording::rung_text;
use framescope_page::state::State;
use web_sys::{Element, HtmlElement};

use crate::view::dom::{child, set_attribute, set_text};
use crate::view::list::{Scroller, place_row};
use crate::view::pool::{Pool, Pooled};

pub(super) struct Ladder {
    scroller: Scroller,
    rungs: Pool<RungElements>,
}

struct RungElements {
    root: HtmlElement,
    time: Element,
    left: Element,
    crossing: Element,
    right: Element,
}

impl Pooled for RungElements {
    fn new(root: HtmlElement) -> Self {
        let part = |selector: &str| child(&root, selector).into();
        Self {
            time: part(".time"),
            left: part(".left"),
            crossing: part(".crossing"),
            right: part(".right"),
            root,
        }
    }

    fn root(&self) -> &HtmlElement {
        &self.root
    }
}

impl Ladder {
    pub(super) fn new() -> Self {
        let scroller = Scroller::new("ladder");
        Self { rungs: Pool::new(scroller.rows().clone().into(), "rung-template"), scroller }
    }

    pub(super) fn render(&mut self, state: &State) {
        let trace = &state.lab.trace;
        let rungs = state.lab.rungs(state.event());
        let visible = self.scroller.scroll(state, state.ladder_list, rungs.len());
        self.rungs.begin();
        for index in visible {
            let event = rungs.get(index).copied();
            let rung = event.and_then(|event| rung(&trace.experiment, &trace.events, event));
            let Some(rung) = rung else { continue };
            let shown = self.rungs.next();
            place_row(&shown.root, index, state);
            render_rung(state, shown, &rung);
            let is_last = index + 1 == rungs.len();
            set_attribute(&shown.root, "data-last", is_last.then_some(""));
        }
        self.rungs.end();
    }
}

fn render_rung(state: &State, shown: &RungElements, rung: &Rung<'_>) {
    set_text(&shown.time, &format!("{}.{:02}", rung.at / 1000, rung.at % 1000 / 10));
    let text = rung_text(state, rung);
    let is_server = rung.side == Side::SERVER;
    let (left, right) = if is_server { ("", &text[..]) } else { (&text[..], "") };
    set_text(&shown.left, left);
    set_text(&shown.right, right);
    let label = rung.crossing.map(|crossing| label(state, crossing)).unwrap_or_default();
    let label = match (rung.crossing, is_server) {
        (None | Some(RungCrossing::Handshake), _) => label,
        (Some(_), true) => format!("◀─ {label} ─"),
        (Some(_), false) => format!("─ {label} ─▶"),
    };
    set_text(&shown.crossing, &label);
    let is_derived =
        rung.crossing.is_some_and(|crossing| !matches!(crossing, RungCrossing::Bytes(_)));
    set_attribute(&shown.crossing, "data-derived", is_derived.then_some(""));
    let title = is_derived.then(|| state.locale.text("crossing-derived"));
    set_attribute(&shown.crossing, "title", title);
    let kind = match rung.what {
        RungKind::Failed(..) => Some("error"),
        RungKind::EndOfStream => Some("end"),
        RungKind::Received(_, data) if data.0.is_empty() => Some("end"),
        RungKind::Waits(..) => Some("waits"),
        RungKind::Done(_)
        | RungKind::Accepted(_)
        | RungKind::Sent(..)
        | RungKind::Received(..)
        | RungKind::Message(_) => None,
    };
    set_attribute(&shown.root, "data-kind", kind);
}

fn label(state: &State, crossing: RungCrossing) -> String {
    match crossing {
        RungCrossing::Bytes(bytes) => state.locale.fill("crossing-bytes", &[("bytes", &bytes)]),
        RungCrossing::Handshake => "SYN · SYN-ACK · ACK".to_owned(),
        RungCrossing::Fin => "FIN".to_owned(),
        RungCrossing::Reset => "RST".to_owned(),
    }
}
