//! The events of the file inputs, and of the button that gives a file up.

use framescope_page::msg::Msg;
use framescope_page::state::Tab;
use web_sys::{HtmlElement, HtmlInputElement};

use super::listen::Listen;
use crate::browser::element;

/// Both tabs open both kinds of file. The content of the file decides its kind.
pub(super) fn files(listen: &mut Listen) {
    for tab in [Tab::Lab, Tab::Live] {
        let input = file_input(tab);
        let target: HtmlElement = input.clone().into();
        listen.on(&target, "change", move |_, _| {
            let file = input.files()?.item(0)?;
            Some(Msg::FileChosen(tab, file.name()))
        });
    }
    listen.click("opening-cancel", || Msg::OpeningCancelled);
}

/// The input for a file on a tab.
pub(crate) fn file_input(tab: Tab) -> HtmlInputElement {
    element(match tab {
        Tab::Lab => "lab-import",
        Tab::Live => "recording-open",
    })
}
