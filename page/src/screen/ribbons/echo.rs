//! Which received bytes are those of a send that came back.
//!
//! A relay sees bytes go out and bytes come in, and no more. So bytes have come back if the bytes that came next after a
//! send are the same. If others came, nobody knows where the answer ends, until the user sends again.

use std::ops::Range;

use framescope_record::{Direction, Moment, Record, Stream};

/// The most sends that are looked at.
const LOOKED_AT: usize = 1024;

/// For each of the last sends up to `moment`, oldest first: its number, and the received bytes that are its own. They
/// are an empty range if none have come yet. `None` if others came.
pub(super) fn echoes(record: &Record, moment: &Moment) -> Vec<(usize, Option<Range<u64>>)> {
    let (sent, received) = (record.stream(Direction::Sent), record.stream(Direction::Received));
    let end = moment.end(Direction::Received);
    let numbers = sent.chunk_numbers().start..moment.chunks(Direction::Sent);
    let first = numbers.start.max(numbers.end.saturating_sub(LOOKED_AT));
    // Where the next answer begins, if that is known.
    let mut next = None;
    let mut before = None;
    let mut echoes = Vec::new();
    for number in first..numbers.end {
        let Some(given) = sent.chunk(number) else { continue };
        let arrived = arrived_until(received, given.at).min(end);
        if before.replace(arrived) != Some(arrived) {
            next = Some(next.unwrap_or(arrived).max(arrived));
        }
        let length = given.range.end - given.range.start;
        let echo = next.and_then(|from: u64| {
            let came = from.min(end)..from.saturating_add(length).min(end).max(from.min(end));
            let bytes = received.bytes(came.clone());
            let is_kept = bytes.len() as u64 == came.end - came.start;
            (is_kept && sent.bytes(given.range.clone()).starts_with(bytes)).then_some(came)
        });
        next = next.filter(|_| echo.is_some()).map(|from| from.saturating_add(length));
        echoes.push((number, echo));
    }
    echoes
}

/// The number of bytes that had arrived at this time, in microseconds.
fn arrived_until(stream: &Stream, at: u64) -> u64 {
    let numbers = stream.chunk_numbers();
    let (mut low, mut high) = (numbers.start, numbers.end);
    while low < high {
        let middle = low.midpoint(high);
        if stream.chunk(middle).is_some_and(|chunk| chunk.at <= at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let last = low.checked_sub(1).and_then(|last| stream.chunk(last));
    last.map_or(stream.start(), |last| last.range.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is sent and received, with the time of each.
    fn record(events: &[(Direction, &str, u64)]) -> Record {
        let mut record = Record::unframed();
        for ((direction, text, at), number) in events.iter().zip(1..) {
            record.push(number, *direction, text.as_bytes(), 1024, *at);
        }
        record
    }

    fn found(events: &[(Direction, &str, u64)]) -> Vec<Option<Range<u64>>> {
        let record = record(events);
        echoes(&record, &record.moment(None)).into_iter().map(|(_, echo)| echo).collect()
    }

    use Direction::{Received, Sent};

    #[test]
    fn sends_that_come_back_stuck_together_are_told_apart() {
        let three = [(Sent, "hello", 0), (Sent, "hello", 0), (Sent, "hello", 0)];
        let all = [&three[..], &[(Received, "hellohe", 900), (Received, "llohello", 950)]].concat();
        assert_eq!(found(&all), [Some(0..5), Some(5..10), Some(10..15)]);
        let some = [&three[..], &[(Received, "hellohe", 900)]].concat();
        assert_eq!(found(&some), [Some(0..5), Some(5..7), Some(7..7)]);
    }

    #[test]
    fn after_another_answer_nothing_is_known_until_the_user_sends_again() {
        let events = [
            (Sent, "/burst 2 hi", 0),
            (Sent, "hi", 0),
            (Received, "hihihi", 500),
            (Sent, "you", 900),
            (Received, "you", 1500),
        ];
        assert_eq!(found(&events), [None, None, Some(6..9)]);
    }

    #[test]
    fn what_comes_unasked_belongs_to_no_send() {
        let events = [(Received, "welcome", 5), (Sent, "hi", 9), (Received, "hi", 12)];
        assert_eq!(found(&events), [Some(7..9)]);
    }
}
