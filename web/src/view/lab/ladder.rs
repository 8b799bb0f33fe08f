//! The ladder diagram: time downwards, clients left, the server right.

use framescope_lab::Side;
use web_sys::{Element, HtmlElement};

use super::programs::waits_for;
use super::{error_text, side_name};
use crate::bytes::{python_repr, text_or_repr};
use crate::ladder::{Crossing, Rung, What, ladder};
use crate::model::Model;
use crate::view::dom::{child, set_attribute, set_text};
use crate::view::list::{Scroller, place_row};
use crate::view::pool::{Pool, Pooled};

/// How many bytes a rung shows.
const PREVIEW: usize = 24;
/// How many characters of a call a rung shows.
const CALL: usize = 30;

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

    pub(super) fn render(&mut self, model: &Model) {
        let rungs = ladder(&model.lab.trace.experiment, model.lab.events(model.event()));
        let visible = self.scroller.scroll(model, model.ladder_list, rungs.len());
        self.rungs.begin();
        for index in visible {
            let Some(rung) = rungs.get(index) else { continue };
            let shown = self.rungs.next();
            place_row(&shown.root, index, model);
            render_rung(model, shown, rung);
            let is_last = index + 1 == rungs.len();
            set_attribute(&shown.root, "data-last", is_last.then_some(""));
        }
        self.rungs.end();
    }
}

fn render_rung(model: &Model, shown: &RungElements, rung: &Rung<'_>) {
    set_text(&shown.time, &format!("{}.{:02}", rung.at / 1000, rung.at % 1000 / 10));
    let text = text(model, rung);
    let is_server = rung.side == Side::SERVER;
    let (left, right) = if is_server { ("", &text[..]) } else { (&text[..], "") };
    set_text(&shown.left, left);
    set_text(&shown.right, right);
    let label = rung.crossing.map(|crossing| label(model, crossing)).unwrap_or_default();
    let label = match (rung.crossing, is_server) {
        (None | Some(Crossing::Handshake), _) => label,
        (Some(_), true) => format!("◀─ {label} ─"),
        (Some(_), false) => format!("─ {label} ─▶"),
    };
    set_text(&shown.crossing, &label);
    let is_model = rung.crossing.is_some_and(|crossing| !matches!(crossing, Crossing::Bytes(_)));
    set_attribute(&shown.crossing, "data-model", is_model.then_some(""));
    let title = is_model.then(|| model.locale.text("crossing-model"));
    set_attribute(&shown.crossing, "title", title);
    let kind = match rung.what {
        What::Failed(_) => Some("error"),
        What::EndOfStream => Some("end"),
        What::Received(_, data) if data.0.is_empty() => Some("end"),
        What::Waits(..) => Some("waits"),
        _ => None,
    };
    set_attribute(&shown.root, "data-kind", kind);
}

fn label(model: &Model, crossing: Crossing) -> String {
    match crossing {
        Crossing::Bytes(bytes) => model.locale.fill("crossing-bytes", &[("bytes", &bytes)]),
        Crossing::Handshake => "SYN ▶ ◀ SYN-ACK ▶ ACK".to_owned(),
        Crossing::Fin => "FIN".to_owned(),
        Crossing::Reset => "RST".to_owned(),
    }
}

fn text(model: &Model, rung: &Rung<'_>) -> String {
    let locale = &model.locale;
    let text = match &rung.what {
        What::Done(call) => line(model, rung.side, *call),
        What::Waits(call, on) => {
            format!("‖ {} · {}", line(model, rung.side, *call), waits_for(locale, *on))
        }
        What::Accepted(client) => {
            let client = client.map_or_else(
                || locale.text("stranger").to_owned(),
                |client| side_name(model, client),
            );
            locale.fill("rung-accepted", &[("client", &client)])
        }
        What::Sent(call, data) => {
            let text = line(model, rung.side, *call);
            if text.contains("send_") {
                format!("{text} {}", python_repr(&data.0, PREVIEW))
            } else {
                text
            }
        }
        What::Received(asked, data) => {
            format!("recv({asked}) → {} {}", data.0.len(), python_repr(&data.0, PREVIEW))
        }
        What::Message(data) => format!("= {}", text_or_repr(&data.0, PREVIEW)),
        What::EndOfStream => format!("= {}", locale.text("value-end")),
        What::Failed(error) => format!("✕ {}", error_text(locale, error)),
    };
    if model.lab.trace.experiment.clients.len() > 1 && rung.side != Side::SERVER {
        format!("{}: {text}", rung.side.0)
    } else {
        text
    }
}

/// A call as Python, cut where it is long.
fn line(model: &Model, side: Side, call: usize) -> String {
    let program = model.lab.trace.experiment.program(side);
    let line = program.map(|program| program.line(side, call)).unwrap_or_default();
    // The column says whose socket it is.
    let own = ["client.", "conn.", "server."];
    let line = own.iter().find_map(|own| line.strip_prefix(own)).unwrap_or(&line);
    if line.chars().count() > CALL {
        line.chars().take(CALL - 1).chain(['…']).collect()
    } else {
        line.to_owned()
    }
}
