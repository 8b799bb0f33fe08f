//! What of a class is on its way to all pages, encoded once.

use std::sync::Arc;

use bytes::Bytes;
use framescope_class::{Class, Counts, Follow, Shown, ToStudent, ToTeacher, Told, encode};

/// What all pages may know, as messages. Whoever is behind gets the latest, and not all that was in between.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    /// Ascends with each change of the class.
    pub(super) changes: u64,
    /// What everybody may know, for students.
    pub(super) told: Numbered,
    /// How many there are, for students.
    pub(super) counts: Numbered,
    /// What the teacher's page shows. `None` if nothing of it may be seen.
    pub(super) followed: Option<Followed>,
}

/// A message, and a number that ascends each time that it is another.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbered {
    pub(super) number: u64,
    pub(super) message: Bytes,
}

impl Numbered {
    fn set(&mut self, message: &ToStudent) {
        let message: Bytes = encode(message).into();
        if self.message != message {
            self.number += 1;
            self.message = message;
        }
    }
}

/// What the teacher's page shows, as messages.
#[derive(Clone, Debug)]
pub(super) struct Followed {
    /// The number of the run.
    pub(super) run: u32,
    pub(super) place: ForBoth,
    /// The parts of the run's trace.
    pub(super) parts: Arc<[ForBoth]>,
}

/// A message for students, and the same for a projector.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ForBoth {
    pub(super) student: Bytes,
    pub(super) projector: Bytes,
}

impl ForBoth {
    pub(super) fn new(follow: Follow) -> Self {
        let projector = encode(&ToTeacher::Follow(follow.clone())).into();
        Self { student: encode(&ToStudent::Follow(follow)).into(), projector }
    }
}

impl Published {
    pub(super) fn new(class: &Class) -> Self {
        let (told, counts) = (Numbered::default(), Numbered::default());
        let mut new = Self { changes: 0, told, counts, followed: None };
        new.tell(class);
        new.follow(class.followed());
        new
    }

    /// The class has changed.
    pub(super) fn tell(&mut self, class: &Class) {
        self.changes += 1;
        self.told.set(&ToStudent::Told(Told::of(class)));
        self.counts.set(&ToStudent::Counts(Counts::of(class)));
    }

    /// What the teacher's page shows has changed. What was encoded for it before stays.
    pub(super) fn follow(&mut self, shown: Option<&Shown>) {
        self.followed = shown.map(|shown| {
            let known = self.followed.as_ref().filter(|known| known.run == shown.run);
            let known = known.map_or(&[][..], |known| &known.parts);
            let new = shown.parts.iter().enumerate().skip(known.len()).map(|(number, part)| {
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                ForBoth::new(Follow::Part { run: shown.run, number, part: part.to_vec() })
            });
            Followed {
                run: shown.run,
                place: ForBoth::new(Follow::Place(shown.place.clone())),
                parts: known.iter().cloned().chain(new).collect(),
            }
        });
    }
}
