//! How far a page has been told what the teacher's page shows.

use bytes::Bytes;
use framescope_class::Follow;

use super::published::{Followed, ForBoth};

/// What a page knows of the teacher's page. `None` until it has been told anything.
#[derive(Debug, Default)]
pub(super) struct Follower(Option<Known>);

#[derive(Debug)]
enum Known {
    /// There is nothing to see.
    Nothing,
    /// The run, how many of its parts, and where the teacher's page is.
    Run { run: u32, parts: usize, place: ForBoth },
}

impl Follower {
    /// The messages that are news: where the teacher's page is comes last, because it may be a moment in the parts.
    pub(super) fn news(
        &mut self,
        followed: Option<&Followed>,
        of: impl Fn(&ForBoth) -> &Bytes,
    ) -> Vec<Bytes> {
        let Some(followed) = followed else {
            let is_news = !matches!(self.0.replace(Known::Nothing), Some(Known::Nothing));
            let nothing = is_news.then(|| of(&ForBoth::new(Follow::Nothing)).clone());
            return nothing.into_iter().collect();
        };
        let (known_parts, known_place) = match &self.0 {
            Some(Known::Run { run, parts, place }) => {
                (if *run == followed.run { *parts } else { 0 }, Some(place))
            }
            Some(Known::Nothing) | None => (0, None),
        };
        let parts = &followed.parts[known_parts.min(followed.parts.len())..];
        let mut news: Vec<Bytes> = parts.iter().map(|part| of(part).clone()).collect();
        if known_place != Some(&followed.place) {
            news.push(of(&followed.place).clone());
        }
        self.0 = Some(Known::Run {
            run: followed.run,
            parts: followed.parts.len(),
            place: followed.place.clone(),
        });
        news
    }
}
