//! The events of the lab.

use framescope_lab::{Call, Side};
use framescope_page::msg::{LabMsg, Msg};
use framescope_page::state::{List, READERS};
use framescope_record::Source;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, HtmlTextAreaElement};

use super::{Listen, chosen, closest, typed};
use crate::browser::{element, now};

impl Listen {
    pub(super) fn lab(&mut self) {
        for (id, msg) in [
            ("lab-step", LabMsg::StepNext),
            ("lab-run", LabMsg::RunAll),
            ("lab-reset", LabMsg::Reset),
            ("lab-measured", LabMsg::SourceChosen(Source::Measured)),
            ("lab-simulated", LabMsg::SourceChosen(Source::Simulated)),
            ("lab-edit", LabMsg::EditToggled),
            ("lab-export", LabMsg::ExportAsked),
            ("programs-taken", LabMsg::EditsApplied),
        ] {
            self.click(id, &Msg::Lab(msg));
        }
        self.chooses();
        self.programs();
        self.series();
        for (id, list) in [("returned", List::Returned), ("ladder", List::Ladder)] {
            self.scrolls(&element(id), list);
        }
    }

    fn chooses(&mut self) {
        self.on(&element::<HtmlElement>("lesson"), "change", |_, event| {
            Some(Msg::Lab(LabMsg::LessonChosen(chosen(event)?)))
        });
        self.on(&element::<HtmlElement>("choices"), "click", |_, event| {
            let choice = closest(event, "[data-choice]")?.get_attribute("data-choice")?;
            Some(Msg::Lab(LabMsg::Predicted(choice.parse().ok()?)))
        });
        self.on(&element::<HtmlElement>("flows"), "click", |_, event| {
            let flow = closest(event, "[data-flow]")?.get_attribute("data-flow")?;
            Some(Msg::Lab(LabMsg::FlowChosen(flow.parse().ok()?)))
        });
        self.on(&element::<HtmlElement>("reader"), "change", |_, event| {
            let index: Option<usize> = chosen(event)?.parse().ok();
            let reader: Option<Call> = index.and_then(|index| READERS.get(index)).cloned();
            Some(Msg::Lab(LabMsg::ReaderChosen(reader)))
        });
    }

    fn programs(&mut self) {
        for id in ["clients", "servers"] {
            let programs: HtmlElement = element(id);
            self.on(&programs, "click", |_, event| {
                let side = closest(event, "[data-step]")?.get_attribute("data-step")?;
                Some(Msg::Lab(LabMsg::Step(Side(side.parse().ok()?))))
            });
            self.on(&programs, "input", |_, event| {
                let text: HtmlTextAreaElement = event.target()?.dyn_into().ok()?;
                let side = Side(text.get_attribute("data-program")?.parse().ok()?);
                Some(Msg::Lab(LabMsg::ProgramTyped(side, text.value())))
            });
        }
    }

    fn series(&mut self) {
        self.on(&element::<HtmlElement>("runs"), "input", |_, event| {
            Some(Msg::Lab(LabMsg::RunsTyped(typed(event)?)))
        });
        self.on(&element::<HtmlElement>("series-run"), "click", |_, _| {
            Some(Msg::Lab(LabMsg::SeriesAsked { seed: now().to_bits() }))
        });
    }
}
