//! `update(&mut State, Msg) -> Vec<Effect>`: the only function that changes the state.
//!
//! What comes in: the state, a message and the time. What goes out: the effects that the shell carries
//! out.
//!
//! May use: `effect`, `msg`, `screen`, `state`, `text`.

mod address;
mod file;
mod follow;
mod lab;
mod lab_channel;
mod lesson;
mod mirror;
mod opening;
mod playback;
mod preferences;
mod programs;
mod run;
mod session;
mod viewing;
mod wire;

#[cfg(test)]
mod tests;

use crate::effect::{Effect, FileSource};
use crate::msg::Msg;
use crate::state::{Composer, State, parse_times};

/// Changes the state and returns what the shell has to do. `now` is the page's clock, in milliseconds.
pub fn update(state: &mut State, msg: Msg, now: f64) -> Vec<Effect> {
    let place = state.place();
    // These follow the address, or the page's own choice.
    let moves = !matches!(msg, Msg::Started | Msg::AddressChanged(_) | Msg::RelayInfoArrived(_));
    let is_told = !matches!(msg, Msg::Started | Msg::RelayInfoArrived(_));
    let mut effects = carry_out(state, msg, now);
    if moves && state.place() != place {
        make_entry(&mut effects);
    }
    if is_told && state.place() != place {
        // The user has gone elsewhere meanwhile.
        effects.extend(opening::cancel(state));
    }
    effects.extend(session::simulate(state));
    effects.extend(lesson::ask_for_texts(state));
    effects.extend(lab::go_ahead(state));
    effects.extend(mirror::place(state));
    effects
}

/// Another place has its own entry in the history.
fn make_entry(effects: &mut [Effect]) {
    for effect in effects {
        if let Effect::SetFragment(fragment) = effect {
            *effect = Effect::PushFragment(std::mem::take(fragment));
            return;
        }
    }
}

fn carry_out(state: &mut State, msg: Msg, now: f64) -> Vec<Effect> {
    match msg {
        Msg::Started => address::started(state),
        Msg::Touched => {
            state.is_touched = true;
            viewing::stop_playing(state)
        }
        Msg::AddressChanged(fragment) => address::changed(state, &fragment),
        Msg::RelayInfoArrived(info) => session::relay_info_arrived(state, info),
        Msg::RelayPolled(answers) => session::relay_polled(state, answers),
        Msg::SocketOpened(number, selected) => session::opened(state, number, &selected, now),
        Msg::SocketReceived(number, bytes) => session::received(state, number, &bytes, now),
        Msg::SocketClosed { number, code, reason } => session::closed(state, number, code, reason),
        Msg::Diagnosed { socket, answer } => session::diagnosed(state, socket, answer),
        Msg::Reconnect => session::look_for_relay(state),
        Msg::RecvTyped(text) => session::recv_typed(state, &text),
        Msg::DelayTyped(text) => session::delay_typed(state, &text),
        Msg::NodelaySet(nodelay) => session::nodelay_set(state, nodelay),
        Msg::FramingChosen(is_framed) => session::framing_chosen(state, is_framed),
        Msg::ListsChosen(has_lists) => session::lists_chosen(state, has_lists),
        Msg::TargetChosen(target) => session::target_chosen(state, target),
        Msg::WriteHeaderChosen(format) => session::write_header_chosen(state, format),
        Msg::HeaderChosen(format) => session::header_chosen(state, format),
        Msg::TextTyped(text) => {
            state.composer.text = text;
            Vec::new()
        }
        Msg::TimesTyped(text) => {
            state.composer.times = parse_times(&text);
            Vec::new()
        }
        Msg::Send => session::send(state, now),
        Msg::PresetChosen(text, times) => {
            state.composer = Composer { text, times: Some(times) };
            Vec::new()
        }

        Msg::Show(number) => viewing::show(state, number),
        Msg::Pointed(item) => {
            state.pointed = item;
            Vec::new()
        }
        Msg::Selected(item) => viewing::select(state, item),
        Msg::SelectionMoved(direction, unit, by) => {
            viewing::move_selection(state, direction, unit, by)
        }
        Msg::LanesResized(width) => viewing::resized(state, width),
        Msg::PictureResized(canvas) => {
            state.canvas = canvas;
            Vec::new()
        }
        Msg::RibbonsResized(canvas) => {
            state.ribbons = canvas;
            Vec::new()
        }
        Msg::PictureScrolled(top) => viewing::scroll_picture(state, top),
        Msg::Printed(begins) => {
            state.is_printing = begins;
            Vec::new()
        }
        Msg::Panned(direction, by) => viewing::pan(state, direction, by),
        Msg::PannedTo(direction, share) => viewing::pan_to(state, direction, share),
        Msg::Zoomed(by) => viewing::zoom(state, by),
        Msg::ListScrolled(list, view) => viewing::list_scrolled(state, list, view),
        Msg::WentOn => playback::go_on(state),
        Msg::WentBack => playback::go_back(state),
        Msg::Stepped(by) => playback::step(state, by),
        Msg::SteppedTo(number) => playback::step_to_number(state, number),
        Msg::PlayToggled => playback::toggle_play(state),
        Msg::Ticked => playback::tick(state),
        Msg::FollowToggled => viewing::toggle_follow(state),

        Msg::TabChosen(tab) => viewing::tab_chosen(state, tab),
        Msg::LessonDigit(digit) => lesson::choose_digit(state, digit, now),
        Msg::GoToggled => {
            state.go = !state.go;
            Vec::new()
        }
        Msg::GoEntered(name) => lesson::go(state, &name),
        Msg::Lab(msg) => lab::update(state, msg),

        Msg::FileChosen(tab, name) => opening::begin(state, FileSource::Chosen(tab), name),
        Msg::FileReported(number, report) => file::reported(state, number, report),
        Msg::FileUnread(number, problem) => file::unread(state, number, problem),
        Msg::OpeningCancelled => opening::cancel(state).into_iter().collect(),
        Msg::FileFailed(problem) => file::failed(state, problem),

        Msg::LanguageToggled => preferences::toggle_language(state),
        Msg::TextsArrived(language, texts) => preferences::texts_arrived(state, language, texts),
        Msg::ThemeToggled => preferences::toggle_theme(state),
        Msg::ProjectorToggled => preferences::toggle_projector(state),
        Msg::NotationToggled => preferences::toggle_notation(state),
        Msg::ShortcutsToggled => preferences::toggle_shortcuts(state),
        Msg::BlankToggled => {
            state.blank = !state.blank;
            Vec::new()
        }
        Msg::FullscreenToggled => vec![Effect::ToggleFullscreen],
        Msg::HelpToggled => {
            state.help = !state.help;
            Vec::new()
        }
    }
}
