//! The strip: the whole stream, and a frame around the part that the lanes show.

use framescope_page::screen::lanes::lanes;
use framescope_page::state::{State, Tab};
use framescope_record::Direction;
use web_sys::{Element, HtmlElement};

use super::axis::{name, odd};
use super::dom::{set_attribute, set_hidden, set_length};
use super::pool::{Pool, Remembered};
use crate::browser::{document, element};

/// The number of buckets of the strip. Each has the colour of its first byte.
const BUCKETS: u64 = 120;

/// What a bucket shows: the name of its kind, and whether it is odd.
type BucketLook = Option<(&'static str, Option<&'static str>)>;

pub(super) struct Strip {
    direction: Direction,
    root: HtmlElement,
    buckets: Pool<Remembered<BucketLook>>,
    window: HtmlElement,
}

impl Strip {
    pub(super) fn new(direction: Direction) -> Self {
        let id = match direction {
            Direction::Received => "received-strip",
            Direction::Sent => "sent-strip",
        };
        let root: HtmlElement = element(id);
        let template: web_sys::HtmlTemplateElement = element("strip-template");
        if let Ok(parts) = document().import_node_with_deep(&template.content(), true) {
            // This cannot fail: it appends a copy of a template to an element of the page.
            let _ = root.append_child(&parts);
        }
        let buckets: Element = super::dom::child(&root, ".buckets").into();
        let window = super::dom::child(&root, ".strip-window");
        Self { buckets: Pool::new(buckets, "bucket-template"), direction, root, window }
    }

    pub(super) fn render(&mut self, state: &State) {
        let Some(record) = state.record() else { return };
        let stream = record.stream(self.direction);
        let (start, end) = (stream.start(), state.axis_end(self.direction));
        let viewport = state.viewport(self.direction);
        let length = end.saturating_sub(start);
        set_hidden(&self.root, length <= viewport.columns);
        if length <= viewport.columns {
            return;
        }
        self.buckets.begin();
        for bucket in 0..BUCKETS {
            let at = start + length * bucket / BUCKETS;
            let lanes = lanes(stream, self.direction, &(at..at + 1), end);
            let is_framed = state.tab == Tab::Live || state.lab.header().is_some();
            let segment = lanes.messages.first().filter(|_| is_framed);
            let look = segment.map(|segment| (name(segment.kind), odd(segment.number)));
            self.buckets.next_mut().show(look, |shown, look| {
                set_attribute(shown, "data-segment", look.map(|(name, _)| name));
                set_attribute(shown, "data-odd", look.and_then(|(_, odd)| odd));
            });
        }
        self.buckets.end();
        let percent = |bytes: u64| bytes * 10_000 / length;
        let left = percent(viewport.first - start);
        set_length(&self.window, "left", &format!("{}%", hundredths(left)));
        let width = hundredths(percent(viewport.columns).min(10_000 - left));
        set_length(&self.window, "width", &format!("{width}%"));
        set_attribute(&self.root, "aria-valuemin", Some(&start.to_string()));
        set_attribute(&self.root, "aria-valuemax", Some(&(end - viewport.columns).to_string()));
        set_attribute(&self.root, "aria-valuenow", Some(&viewport.first.to_string()));
    }
}

fn hundredths(number: u64) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}
