//! The events of the file inputs.

use framescope_page::msg::Msg;
use framescope_page::state::Problem;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, HtmlInputElement};

use super::listen::Listen;
use crate::browser::{element, read_chosen, read_saved_file};

/// Both tabs open both kinds of file. The content of the file decides its kind.
pub(super) fn files(listen: &mut Listen) {
    for id in ["lab-import", "recording-open"] {
        listen.on(&element::<HtmlElement>(id), "change", |handle, event| {
            let input: HtmlInputElement = event.target()?.dyn_into().ok()?;
            let handle = handle.clone();
            spawn_local(async move {
                let Some(json) = read_chosen(input).await else {
                    handle.send(Msg::FileFailed(Problem::Unreadable));
                    return;
                };
                handle.send(match read_saved_file(json).await {
                    Ok(file) => Msg::FileOpened(Box::new(file)),
                    Err(problem) => Msg::FileFailed(problem),
                });
            });
            None
        });
    }
}
