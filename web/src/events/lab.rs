//! The events of the lab.

use framescope_lab::{Call, Side};
use framescope_page::msg::{LabMsg, Msg};
use framescope_page::state::{List, READERS};
use framescope_record::Source;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, HtmlTextAreaElement};

use super::listen::{Button, Listen, chosen, closest, typed};
use super::lists::scrolls;
use crate::browser::{element, now};

pub(super) fn lab(listen: &mut Listen) {
    const BUTTONS: &[Button] = &[
        ("lab-step", || Msg::Lab(LabMsg::StepNext)),
        ("lab-run", || Msg::Lab(LabMsg::RunAll)),
        ("lab-reset", || Msg::Lab(LabMsg::Reset)),
        ("lab-measured", || Msg::Lab(LabMsg::SourceChosen(Source::Measured))),
        ("lab-simulated", || Msg::Lab(LabMsg::SourceChosen(Source::Simulated))),
        ("lab-edit", || Msg::Lab(LabMsg::EditToggled)),
        ("lab-export", || Msg::Lab(LabMsg::ExportAsked)),
        ("edits-applied", || Msg::Lab(LabMsg::EditsApplied)),
    ];
    for &(id, msg) in BUTTONS {
        listen.click(id, msg);
    }
    chooses(listen);
    programs(listen);
    series(listen);
    for (id, list) in [("returned", List::Returned), ("ladder", List::Ladder)] {
        scrolls(listen, &element(id), list);
    }
}

fn chooses(listen: &mut Listen) {
    listen.on(&element::<HtmlElement>("lesson"), "change", |_, event| {
        Some(Msg::Lab(LabMsg::LessonChosen(chosen(event)?)))
    });
    listen.on(&element::<HtmlElement>("choices"), "click", |_, event| {
        let choice = closest(event, "[data-choice]")?.get_attribute("data-choice")?;
        Some(Msg::Lab(LabMsg::Predicted(choice.parse().ok()?)))
    });
    listen.on(&element::<HtmlElement>("flows"), "click", |_, event| {
        let flow = closest(event, "[data-flow]")?.get_attribute("data-flow")?;
        Some(Msg::Lab(LabMsg::FlowChosen(flow.parse().ok()?)))
    });
    listen.on(&element::<HtmlElement>("reader"), "change", |_, event| {
        let index: Option<usize> = chosen(event)?.parse().ok();
        let reader: Option<Call> = index.and_then(|index| READERS.get(index)).cloned();
        Some(Msg::Lab(LabMsg::ReaderChosen(reader)))
    });
}

fn programs(listen: &mut Listen) {
    for id in ["clients", "servers"] {
        let programs: HtmlElement = element(id);
        listen.on(&programs, "click", |_, event| {
            let side = closest(event, "[data-step]")?.get_attribute("data-step")?;
            Some(Msg::Lab(LabMsg::Step(Side(side.parse().ok()?))))
        });
        listen.on(&programs, "input", |_, event| {
            let text: HtmlTextAreaElement = event.target()?.dyn_into().ok()?;
            let side = Side(text.get_attribute("data-program")?.parse().ok()?);
            Some(Msg::Lab(LabMsg::ProgramTyped(side, text.value())))
        });
    }
}

fn series(listen: &mut Listen) {
    listen.on(&element::<HtmlElement>("runs"), "input", |_, event| {
        Some(Msg::Lab(LabMsg::RunsTyped(typed(event)?)))
    });
    listen.on(&element::<HtmlElement>("series-run"), "click", |_, _| {
        Some(Msg::Lab(LabMsg::SeriesAsked { seed: now().to_bits() }))
    });
}
