//! Indexes and slices, as Python reads negative and missing ones. An int beyond `i64` is clamped to it
//! by the caller.

use std::ops::Range;

use crate::failure::Failure;

fn signed(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}

fn unsigned(index: i64) -> usize {
    usize::try_from(index).unwrap_or(0)
}

/// The place of `index` in a sequence of `len` items. `None`: out of range.
pub(crate) fn index(index: i64, len: usize) -> Option<usize> {
    let index = if index < 0 { index.checked_add(signed(len))? } else { index };
    usize::try_from(index).ok().filter(|&index| index < len)
}

/// The range of the arguments `start` and `end` of `find`, `count` or `startswith`. `None`: `start` is
/// after `end`, and not even an empty text is found.
pub(crate) fn range(start: Option<i64>, end: Option<i64>, len: usize) -> Option<Range<usize>> {
    let length = signed(len);
    let place = |index: i64| if index < 0 { index.saturating_add(length).max(0) } else { index };
    let end = end.map_or(length, |end| place(end).min(length));
    let start = start.map_or(0, place);
    (start <= end).then(|| unsigned(start)..unsigned(end))
}

/// The items of a slice: `count` of them from `start`, each `step` after the one before. `end` is the place at
/// which they end: -1 is before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) step: i64,
    pub(crate) count: usize,
}

impl Slice {
    /// `sequence[start:end:step]` of `len` items.
    pub(crate) fn new(
        start: Option<i64>,
        end: Option<i64>,
        step: Option<i64>,
        len: usize,
    ) -> Result<Self, Failure> {
        let length = signed(len);
        let step = step.unwrap_or(1);
        if step == 0 {
            return Err(Failure::value("slice step cannot be zero"));
        }
        // Backwards, the last item is the first, and "before the first" is the end.
        let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
        let place = |index: i64| {
            let index = if index < 0 { index.saturating_add(length) } else { index };
            index.clamp(low, high)
        };
        let (first, last) = if step > 0 { (low, high) } else { (high, low) };
        let start = start.map_or(first, place);
        let end = end.map_or(last, place);
        let distance = if step > 0 { end - start } else { start - end };
        let count =
            if distance <= 0 { 0 } else { (distance.unsigned_abs() - 1) / step.unsigned_abs() + 1 };
        Ok(Self { start, end, step, count: usize::try_from(count).unwrap_or(usize::MAX) })
    }

    /// The places of a slice whose step is 1.
    pub(crate) fn range(self) -> Range<usize> {
        let start = unsigned(self.start);
        start..start + self.count
    }

    /// The places, in order.
    pub(crate) fn places(self) -> impl Iterator<Item = usize> {
        (0..self.count)
            .map(move |n| unsigned(self.start.saturating_add(signed(n).saturating_mul(self.step))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpython::{cases, compare, rng};

    #[test]
    fn any_slice_is_cpythons() {
        let mut rng = rng();
        let mut list = Vec::new();
        for _ in 0..cases(1000) {
            let len = rng.usize(..7);
            let mut any = || match rng.u8(..5) {
                0 => None,
                1 => Some(*rng.choice(&[i64::MIN, i64::MAX, i64::MIN + 1]).unwrap()),
                _ => Some(rng.i64(-9..9)),
            };
            let (start, end, step) = (any(), any(), any());
            let python =
                |value: Option<i64>| value.map_or("None".to_owned(), |value| value.to_string());
            let ours = Slice::new(start, end, step, len).map(|slice| {
                let places: Vec<String> = slice.places().map(|place| place.to_string()).collect();
                format!("[{}]", places.join(", "))
            });
            let (start_text, end_text, step) = (python(start), python(end), python(step));
            list.push((format!("list(range({len}))[{start_text}:{end_text}:{step}]"), ours));
            let found =
                range(start, end, len).map_or(-1, |range| i64::try_from(range.start).unwrap());
            list.push((
                format!("('x' * {len}).find('', {start_text}, {end_text})"),
                Ok(found.to_string()),
            ));
            if let Some(at) = start {
                let ours =
                    index(at, len).ok_or_else(|| Failure::index("range object index out of range"));
                list.push((format!("range({len})[{at}]"), ours.map(|place| place.to_string())));
            }
        }
        compare(list);
    }
}
