//! What crossed when a program failed a case, kept as long as there is space.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use framescope_challenge::Case;
use framescope_class::{ParticipantId, Recordings};
use framescope_record::{Crossed, Recording};

/// How many bytes of recordings are kept: 64 MiB. The oldest make space for new ones.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Whose recordings of which case.
type Key = (ParticipantId, Case);

/// The recordings of the last failure of each participant in each case.
#[derive(Debug, Default)]
pub(super) struct KeptRecordings {
    by_key: HashMap<Key, (Arc<Recordings>, usize)>,
    /// The keys, those that were kept last at the end. One that was kept twice is here twice.
    order: VecDeque<Key>,
    bytes: usize,
}

impl KeptRecordings {
    pub(super) fn keep(&mut self, participant: ParticipantId, recordings: Recordings) {
        let key = (participant, recordings.case);
        self.remove(key);
        let size = size(&recordings.failed) + size(&recordings.right);
        self.bytes += size;
        self.by_key.insert(key, (Arc::new(recordings), size));
        self.order.push_back(key);
        while self.bytes > MAX_BYTES {
            let Some(oldest) = self.order.front().copied() else { break };
            self.remove(oldest);
        }
    }

    /// The case is passed, or tried again.
    pub(super) fn remove(&mut self, key: Key) {
        if let Some((_, size)) = self.by_key.remove(&key) {
            self.bytes -= size;
            self.order.retain(|known| *known != key);
        }
    }

    pub(super) fn of(&self, participant: ParticipantId, case: Case) -> Option<Arc<Recordings>> {
        self.by_key.get(&(participant, case)).map(|(recordings, _)| Arc::clone(recordings))
    }
}

/// How many bytes a recording takes, with its events.
fn size(recording: &Recording) -> usize {
    let events = recording.events.iter().map(|event| {
        let (Crossed::Received(data) | Crossed::Sent(data)) = &event.what;
        size_of_val(event) + data.0.len()
    });
    size_of_val(recording) + events.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use framescope_framing::HeaderFormat;
    use framescope_record::{Bridge, Crossing, Data, MAX_RECV};

    use super::*;

    fn recording(bytes: usize) -> Recording {
        let bridge = Bridge {
            target: "challenge".to_owned(),
            recv: MAX_RECV,
            delay_ms: 0,
            nodelay: true,
            header: HeaderFormat::default(),
        };
        let event = Crossing { at: 0, what: Crossed::Sent(Data(vec![0; bytes])) };
        Recording::new(bridge, vec![event], String::new()).expect("it is in bounds")
    }

    #[test]
    fn the_oldest_make_space_and_a_case_has_one() {
        let recordings = |case| Recordings {
            case,
            seed: 1,
            failed: recording(4_000_000),
            right: recording(1_000_000),
        };
        let mut kept = KeptRecordings::default();
        for _ in 0..3 {
            kept.keep(ParticipantId(0), recordings(Case::Stuck));
        }
        assert!(kept.bytes < 6_000_000, "one takes the place of the other");
        for who in 1..20 {
            kept.keep(ParticipantId(who), recordings(Case::Stuck));
        }
        assert!(kept.bytes <= MAX_BYTES && kept.by_key.len() == kept.order.len());
        assert!(kept.of(ParticipantId(0), Case::Stuck).is_none());
        assert!(kept.of(ParticipantId(19), Case::Stuck).is_some());
        for who in 0..20 {
            kept.remove((ParticipantId(who), Case::Stuck));
        }
        assert_eq!((kept.bytes, kept.order.len()), (0, 0));
    }
}
