//! The page as a frame in the page of a class: `web/class/src/frame.rs` is the other side.

use framescope_browser::{FrameMessage, frame_name};
use framescope_page::effect::Mirrored;
use framescope_page::msg::Followed;
use framescope_page::state::Part;

use super::{Listener, window};

/// What the page is to a class: the name of its frame says it. The second is whether the page runs nothing on the relay.
pub(crate) fn part_of_page() -> (Part, bool) {
    match &*window().name().unwrap_or_default() {
        frame_name::SHOWN => (Part::Shown(String::new()), false),
        frame_name::FOLLOWING | frame_name::RECORDED => (Part::Following, true),
        frame_name::OWN => (Part::None, true),
        _ => (Part::None, false),
    }
}

/// Tells the class's page what this page shows.
pub(crate) fn tell_class(mirrored: Mirrored) {
    tell(&match mirrored {
        Mirrored::Run(source, load) => FrameMessage::Began(source, load),
        Mirrored::Report(report) => FrameMessage::Report(report),
        Mirrored::Place(place) => FrameMessage::Place(place),
    });
}

fn tell(message: &FrameMessage) {
    if let Ok(Some(parent)) = window().parent() {
        message.post(&parent);
    }
}

/// Listens to what the teacher's page shows, and says that it is ready to be told.
pub(crate) fn follow_class(on: impl Fn(Followed) + 'static) -> Listener {
    let listener = Listener::new(&window(), "message", move |event| {
        let parent = window().parent().ok().flatten();
        let said = parent.and_then(|parent| FrameMessage::read(event, &parent));
        match said {
            Some(FrameMessage::Run(head)) => on(Followed::Run(head)),
            Some(FrameMessage::Report(report)) => on(Followed::Report(report)),
            Some(FrameMessage::Place(place)) => on(Followed::Place(place)),
            // Only a lab says that it has begun a run.
            Some(FrameMessage::Began(..)) | None => {}
        }
    });
    tell(&FrameMessage::Place(String::new()));
    listener
}
