//! How far a page has been told what the teacher's page shows.

use bytes::Bytes;
use framescope_class::Follow;

use super::published::{ForBoth, Published};

/// What a page knows of the teacher's page.
#[derive(Debug, Default)]
pub(super) struct Follower {
    /// The run, and how many of its parts. `None` if it was told that there is nothing to see.
    known: Option<(u32, usize)>,
    place: Option<ForBoth>,
    has_begun: bool,
}

impl Follower {
    /// The messages that are news: where the teacher's page is comes last, because it may be a moment in the parts.
    pub(super) fn news(
        &mut self,
        published: &Published,
        of: impl Fn(&ForBoth) -> &Bytes,
    ) -> Vec<Bytes> {
        let Some(followed) = &published.followed else {
            let is_news = self.known.take().is_some() || !self.has_begun;
            (self.place, self.has_begun) = (None, true);
            let nothing = is_news.then(|| of(&ForBoth::new(Follow::Nothing)).clone());
            return nothing.into_iter().collect();
        };
        self.has_begun = true;
        let same = self.known.filter(|(run, _)| *run == followed.run);
        let known = same.map_or(0, |(_, parts)| parts.min(followed.parts.len()));
        let mut news: Vec<Bytes> =
            followed.parts[known..].iter().map(|part| of(part).clone()).collect();
        self.known = Some((followed.run, followed.parts.len()));
        if self.place.as_ref() != Some(&followed.place) {
            news.push(of(&followed.place).clone());
            self.place = Some(followed.place.clone());
        }
        news
    }
}
