//! The keyboard shortcuts of the page.

use framescope_page::msg::{LabMsg, Move, Msg};
use framescope_page::state::Tab;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, KeyboardEvent};

use super::listen::{Listen, key};
use crate::browser::document;
use crate::handle::Handle;

pub(super) fn keys(listen: &mut Listen) {
    listen.on(&document(), "keydown", |handle, event| {
        let key = key(event)?;
        let (is_dialog_open, blank, shortcuts, tab) = handle.read(|state| {
            (state.help || state.go, state.blank, state.preferences.shortcuts, state.tab)
        })?;
        if blank {
            // On a black screen no key acts, except the keys that show the page again.
            event.prevent_default();
            let back = matches!(key.as_str(), "Escape" | "b" | "B" | ".");
            return back.then_some(Msg::BlankToggled);
        }
        if shortcuts && key == "?" && handle.read(|state| state.help)? {
            event.prevent_default();
            return Some(Msg::HelpToggled);
        }
        if is_dialog_open || event.default_prevented() || is_for_its_target(event, &key) {
            return None;
        }
        // A key that is held down stays in its lesson.
        let is_held = event.dyn_ref().is_some_and(KeyboardEvent::repeat);
        let msg = match key.as_str() {
            "ArrowRight" | "PageDown" if is_held => Msg::Stepped(Move::By(1)),
            "ArrowRight" | "PageDown" => Msg::WentOn,
            "ArrowLeft" | "PageUp" if is_held => Msg::Stepped(Move::By(-1)),
            "ArrowLeft" | "PageUp" => Msg::WentBack,
            "Home" => Msg::Stepped(Move::First),
            "End" => Msg::Stepped(Move::Last),
            "Escape" => Msg::Selected(None),
            _ if !shortcuts => return None,
            " " if is_held => Msg::Stepped(Move::By(1)),
            " " => Msg::WentOn,
            "p" | "P" => Msg::PlayToggled,
            "f" | "F" => Msg::FullscreenToggled,
            "b" | "B" | "." => Msg::BlankToggled,
            "l" | "L" => Msg::LanguageToggled,
            "d" | "D" => Msg::ThemeToggled,
            "?" => Msg::HelpToggled,
            "c" | "C" if tab == Tab::Lab => step_of(handle, false)?,
            "s" | "S" if tab == Tab::Lab => step_of(handle, true)?,
            "n" | "N" if tab == Tab::Lab => Msg::Lab(LabMsg::StepLine),
            "r" | "R" if tab == Tab::Lab => Msg::Lab(LabMsg::Reset),
            "[" => Msg::Lab(LabMsg::AdjacentVariant(-1)),
            "]" => Msg::Lab(LabMsg::AdjacentVariant(1)),
            "g" | "G" => Msg::GoToggled,
            "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" => {
                Msg::LessonDigit(key.parse().ok()?)
            }
            "+" | "=" => Msg::Zoomed(1),
            "-" => Msg::Zoomed(-1),
            _ => return None,
        };
        event.prevent_default();
        Some(msg)
    });
}

/// A step of the first server, or of the first client.
fn step_of(handle: &Handle, is_server: bool) -> Option<Msg> {
    let program = handle.read(|state| {
        let mut programs = 0..state.lab.experiment.programs.len();
        programs.find(|program| state.lab.is_server(*program) == is_server)
    })??;
    Some(Msg::Lab(LabMsg::Step { program, thread: None }))
}

/// Whether the focused element uses this key itself. A text field uses every key except `PageUp` and
/// `PageDown`, which a presentation remote sends.
fn is_for_its_target(event: &Event, key: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(target) = target else { return false };
    let is_key_of_control = matches!(key, " " | "Enter");
    match target.tag_name().as_str() {
        "INPUT" => match target.get_attribute("type").as_deref() {
            Some("checkbox") => is_key_of_control,
            Some("range") => key.starts_with("Arrow") || matches!(key, "Home" | "End"),
            _ => !matches!(key, "PageUp" | "PageDown"),
        },
        "TEXTAREA" => true,
        "SELECT" => !matches!(key, "PageUp" | "PageDown"),
        "BUTTON" | "SUMMARY" | "A" => is_key_of_control,
        _ => false,
    }
}
