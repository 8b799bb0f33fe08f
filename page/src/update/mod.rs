//! How the page answers what happens: `update(&mut Model, Msg) -> Vec<Effect>`, and nothing else
//! changes the model.
//!
//! In go the state, a message and the time; out come effects for the shell to carry out.
//!
//! May use: `effect`, `msg`, `screen`, `state`, `text`.

mod file;
mod lab;
mod playback;
mod session;
mod viewing;

#[cfg(test)]
mod tests;

use crate::effect::Effect;
use crate::msg::Msg;
use crate::state::{Model, PROJECTOR_ZOOM, Theme};
use crate::text::{Locale, Notation};

/// Changes the model and says what is to be done outside it. `now` is the page's clock, in
/// milliseconds.
pub fn update(model: &mut Model, msg: Msg, now: f64) -> Vec<Effect> {
    match msg {
        Msg::Started => lab::follow_link(model),
        Msg::RelayInfoArrived(info) => session::relay_info_arrived(model, info),
        Msg::RelayPolled(answers) => session::relay_polled(model, answers),
        Msg::SocketOpened(number) => session::opened(model, number),
        Msg::SocketReceived(number, bytes) => session::received(model, number, &bytes, now),
        Msg::SocketClosed { number, code, reason } => session::closed(model, number, code, reason),
        Msg::Diagnosed { number, answer } => session::diagnosed(model, number, answer),
        // The relay may be another one by now.
        Msg::Reconnect => vec![Effect::FetchRelayInfo],
        Msg::RecvTyped(text) => session::recv_typed(model, &text),
        Msg::DelayTyped(text) => session::delay_typed(model, &text),
        Msg::NodelaySet(nodelay) => session::nodelay_set(model, nodelay),
        Msg::TargetChosen(target) => session::target_chosen(model, target),
        Msg::HeaderChosen(format) => session::header_chosen(model, format),
        Msg::TextTyped(text) => {
            model.composer.text = text;
            Vec::new()
        }
        Msg::TimesTyped(text) => {
            model.composer.times = session::parse_times(&text);
            Vec::new()
        }
        Msg::Send => {
            let text = model.composer.text.clone();
            session::send(model, &text, model.composer.times.unwrap_or(0), now)
        }
        Msg::SendText(text) => session::send(model, &text, 1, now),

        Msg::Show(number) => viewing::show(model, number),
        Msg::Pointed(item) => {
            model.pointed = item;
            Vec::new()
        }
        Msg::Selected(item) => viewing::select(model, item),
        Msg::SelectionMoved(direction, unit, by) => {
            viewing::move_selection(model, direction, unit, by)
        }
        Msg::LanesResized(width) => viewing::resized(model, width),
        Msg::Panned(direction, by) => viewing::pan(model, direction, by),
        Msg::PannedTo(direction, share) => viewing::pan_to(model, direction, share),
        Msg::Zoomed(by) => viewing::zoom(model, by),
        Msg::ListScrolled(list, view) => viewing::list_scrolled(model, list, view),
        Msg::Stepped(by) => playback::step(model, by),
        Msg::SteppedTo(number) => playback::step_to_number(model, number),
        Msg::PlayToggled => playback::toggle_play(model),
        Msg::Ticked => playback::tick(model),
        Msg::FollowToggled => viewing::toggle_follow(model),

        Msg::RoomChosen(room) => viewing::choose_room(model, room),
        Msg::LessonNumber(number) => lab::choose_number(model, number),
        Msg::Lab(msg) => lab::update(model, msg),

        Msg::FileOpened(file) => file::opened(model, *file),
        Msg::FileFailed(problem) => file::failed(model, &problem),

        Msg::LanguageToggled => {
            model.locale = Locale::new(model.locale.language.other());
            vec![Effect::Remember]
        }
        Msg::ThemeToggled => {
            model.look.theme = match model.look.theme {
                Theme::Light => Theme::Dark,
                Theme::Dark => Theme::Light,
            };
            vec![Effect::Remember]
        }
        Msg::ProjectorToggled => {
            model.look.projector = !model.look.projector;
            model.zoom = PROJECTOR_ZOOM - usize::from(!model.look.projector);
            model.read_options_open = !model.look.projector;
            viewing::keep_in_view(model);
            vec![Effect::Remember]
        }
        Msg::ReadOptionsOpened(open) => {
            model.read_options_open = open;
            Vec::new()
        }
        Msg::NotationToggled => {
            model.look.notation = match model.look.notation {
                Notation::Python => Notation::Hex,
                Notation::Hex => Notation::Python,
            };
            vec![Effect::Remember]
        }
        Msg::ShortcutsToggled => {
            model.look.shortcuts = !model.look.shortcuts;
            vec![Effect::Remember]
        }
        Msg::BlankToggled => {
            model.blank = !model.blank;
            Vec::new()
        }
        Msg::FullscreenToggled => vec![Effect::ToggleFullscreen],
        Msg::HelpToggled => {
            model.help = !model.help;
            Vec::new()
        }
    }
}
