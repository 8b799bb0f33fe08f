//! The events of the lab.

use framescope_lab::{Reader, Until};
use framescope_page::effect::{PictureFormat, TraceFormat};
use framescope_page::msg::{LabMsg, Msg, SegmentFate};
use framescope_page::state::{List, parse_reader_size};
use framescope_record::Source;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, HtmlTextAreaElement};

use super::cuts;
use super::listen::{Button, Listen, chosen, closest, points_and_selects, typed};
use super::lists::scrolls;
use crate::browser::{child_of, element, read_program};
use crate::handle::Handle;

/// How many bytes each `recv` of another reader asks for at first.
const FIRST_SIZE: u32 = 7;

pub(super) fn lab(listen: &mut Listen) {
    const BUTTONS: &[Button] = &[
        ("lab-step", || Msg::WentOn),
        ("lesson-back", || Msg::Lab(LabMsg::AdjacentVariant(-1))),
        ("lesson-on", || Msg::Lab(LabMsg::AdjacentVariant(1))),
        ("lab-run", || Msg::Lab(LabMsg::RunToggled)),
        ("lab-reset", || Msg::Lab(LabMsg::Reset)),
        ("lab-measured", || Msg::Lab(LabMsg::SourceChosen(Source::Measured))),
        ("lab-simulated", || Msg::Lab(LabMsg::SourceChosen(Source::Simulated))),
        ("wire-hold", || Msg::Lab(LabMsg::HoldToggled)),
        ("recorded", || Msg::Lab(LabMsg::RecordedAsked)),
        ("lab-edit", || Msg::Lab(LabMsg::EditToggled)),
        ("lab-export", || Msg::Lab(LabMsg::ExportAsked(TraceFormat::Json))),
        ("lab-svg", || Msg::Lab(LabMsg::PictureAsked(PictureFormat::Svg))),
        ("lab-link", || Msg::Lab(LabMsg::LinkAsked)),
        ("lab-png", || Msg::Lab(LabMsg::PictureAsked(PictureFormat::Png))),
        ("lab-capture", || Msg::Lab(LabMsg::ExportAsked(TraceFormat::Capture))),
        ("program-add", || Msg::Lab(LabMsg::ProgramAdded)),
        ("programs-restore", || Msg::Lab(LabMsg::ProgramsRestored)),
        ("unfold", || Msg::Lab(LabMsg::FoldToggled)),
        ("series-run", || Msg::Lab(LabMsg::SeriesAsked)),
    ];
    for &(id, msg) in BUTTONS {
        listen.click(id, msg);
    }
    listen.on(&element::<HtmlElement>("lab-lines"), "click", |handle, _| {
        let until = handle.read(|state| match state.lab.until {
            Until::Line => Until::Call,
            Until::Call => Until::Line,
        })?;
        Some(Msg::Lab(LabMsg::UntilChosen(until)))
    });
    chooses(listen);
    for id in ["clients", "servers"] {
        programs(listen, &element(id));
    }
    listen.on(&element::<HtmlElement>("wire-words"), "change", |_, event| {
        Some(Msg::Lab(LabMsg::WireTyped(typed(event)?)))
    });
    listen.on(&element::<HtmlElement>("runs"), "input", |_, event| {
        Some(Msg::Lab(LabMsg::RunsTyped(typed(event)?)))
    });
    scrolls(listen, &element("ladder"), List::Ladder);
    for id in ["ladder", "held"] {
        listen.on(&element::<HtmlElement>(id), "click", |_, event| {
            let fate = match closest(event, "button")?.get_attribute("data-does")?.as_str() {
                "deliver" => SegmentFate::Deliver,
                "drop" => SegmentFate::Drop,
                "delay" => SegmentFate::Delay,
                "duplicate" => SegmentFate::Duplicate,
                _ => return None,
            };
            let number = closest(event, "[data-segment]")?.get_attribute("data-segment")?;
            Some(Msg::Lab(LabMsg::SegmentDecided(number.parse().ok()?, fate)))
        });
    }
    points_and_selects(listen, &element("picture-shapes"));
    listen.on(&element::<HtmlElement>("picture"), "scroll", |handle, event| {
        let frame: HtmlElement = event.target()?.dyn_into().ok()?;
        let (top, most) = (frame.scroll_top(), frame.scroll_height() - frame.client_height());
        #[expect(clippy::cast_precision_loss, reason = "a picture is lower than 2^24 pixels")]
        let top = (top + 1 < most).then_some(top as f32);
        handle.read(|state| {
            let top = top.map(|top| top / state.canvas.unit);
            (top != state.picture_top).then_some(Msg::PictureScrolled(top))
        })?
    });
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
        let reader = match chosen(event)?.as_str() {
            "recv" => Some(Reader::Recv(FIRST_SIZE)),
            "naive" => Some(Reader::Naive),
            "whole" => Some(Reader::Whole),
            _ => None,
        };
        Some(Msg::Lab(LabMsg::ReaderChosen(reader)))
    });
    listen.on(&element::<HtmlElement>("reader-size"), "input", |handle, event| {
        let size = parse_reader_size(&typed(event)?).map(Reader::Recv);
        // With a number that is none, the reader stays, and the page says so.
        let known = || handle.read(|state| state.lab.what_if.as_ref().map(|one| one.reader))?;
        Some(Msg::Lab(LabMsg::ReaderChosen(Some(size.or_else(known)?))))
    });
    cuts::moves(listen);
}

/// The events of the programs' panels.
fn programs(listen: &mut Listen, side: &HtmlElement) {
    listen.on(side, "click", |_, event| {
        let program = program_of(event)?;
        let button = closest(event, "button")?;
        let thread = closest(event, "[data-thread]");
        let thread = thread.and_then(|row| row.get_attribute("data-thread")?.parse().ok());
        Some(Msg::Lab(match button.get_attribute("data-does")?.as_str() {
            "step" => LabMsg::Step { program, thread },
            "interrupt" => LabMsg::Interrupted(program),
            "save" => LabMsg::ProgramSaved(program),
            "remove" => LabMsg::ProgramRemoved(program),
            "end-input" => LabMsg::Typed(program, None),
            _ => return None,
        }))
    });
    listen.on(side, "submit", |_, event| {
        event.prevent_default();
        let line: HtmlInputElement =
            child_of(&closest(event, "form")?, ".typed")?.dyn_into().ok()?;
        let msg = LabMsg::Typed(program_of(event)?, Some(line.value()));
        line.set_value("");
        Some(Msg::Lab(msg))
    });
    listen.on(side, "input", |_, event| {
        let text: HtmlTextAreaElement = event.target()?.dyn_into().ok()?;
        Some(Msg::Lab(LabMsg::ProgramTyped(program_of(event)?, text.value())))
    });
    listen.on(side, "change", |handle, event| {
        let input: HtmlInputElement = event.target()?.dyn_into().ok()?;
        if input.type_() == "file" {
            open_program(handle.clone(), program_of(event)?, input);
        }
        None
    });
}

fn open_program(handle: Handle, program: usize, input: HtmlInputElement) {
    spawn_local(async move {
        let Some(read) = read_program(input, program).await else { return };
        handle.send(match read {
            Ok((file, text)) => Msg::Lab(LabMsg::ProgramOpened { program, file, text }),
            Err(problem) => Msg::FileFailed(problem),
        });
    });
}

/// The index of the program in whose panel something happened.
fn program_of(event: &Event) -> Option<usize> {
    let panel: Element = closest(event, ".program")?;
    panel.get_attribute("data-program")?.parse().ok()
}
