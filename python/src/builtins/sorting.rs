//! Sorts as CPython does: it makes the same comparisons in the same order, which shows in errors, and with
//! NaN.

use crate::budget::spend;
use crate::code::Comparison;
use crate::operators::compare::order;
use crate::value::{Fail, Value};

/// Fewer items are sorted by insertion.
const MIN_MERGE: usize = 64;

type Pair = (Value, Value);

/// The items in the order of their keys, which need no machine to be compared.
pub(crate) fn sort(keys: Vec<Value>, items: Vec<Value>, reverse: bool) -> Result<Vec<Value>, Fail> {
    let (items, done) = sort_list(keys, items, reverse);
    done.map(|()| items)
}

/// The same. After an error, the items are in the order that CPython leaves in the list.
pub(crate) fn sort_list(
    keys: Vec<Value>,
    items: Vec<Value>,
    reverse: bool,
) -> (Vec<Value>, Result<(), Fail>) {
    let mut pairs: Vec<Pair> = keys.into_iter().zip(items).collect();
    let count = pairs.len();
    spend(count.saturating_mul(usize::try_from(count.checked_ilog2().unwrap_or(0)).unwrap_or(0)));
    if reverse {
        pairs.reverse();
    }
    let done = sort_pairs(&mut pairs);
    if reverse {
        pairs.reverse();
    }
    (pairs.into_iter().map(|(_, item)| item).collect(), done)
}

fn sort_pairs(pairs: &mut [Pair]) -> Result<(), Fail> {
    let count = pairs.len();
    let length = run_length(count);
    let mut start = 0;
    while start < count {
        let run = count_run(pairs, start)?;
        let end = (start + run.max(length)).min(count);
        insert_rest(pairs, start, start + run, end)?;
        start += run.max(length);
    }
    if count >= MIN_MERGE {
        merge_runs(pairs)?;
    }
    Ok(())
}

fn less(one: &Pair, other: &Pair) -> Result<bool, Fail> {
    order(Comparison::Less, &one.0, &other.0)
}

/// `merge_compute_minrun`.
fn run_length(mut count: usize) -> usize {
    let mut odd = 0;
    while count >= MIN_MERGE {
        odd |= count & 1;
        count >>= 1;
    }
    count + odd
}

/// The length of the run at `start`, which is turned around if it descends.
fn count_run(pairs: &mut [Pair], start: usize) -> Result<usize, Fail> {
    if start + 1 >= pairs.len() {
        return Ok(pairs.len() - start);
    }
    let descends = less(&pairs[start + 1], &pairs[start])?;
    let mut end = start + 2;
    while end < pairs.len() && less(&pairs[end], &pairs[end - 1])? == descends {
        end += 1;
    }
    if descends {
        pairs[start..end].reverse();
    }
    Ok(end - start)
}

/// Inserts those from `sorted` on into the part from `start` that is sorted.
fn insert_rest(pairs: &mut [Pair], start: usize, sorted: usize, end: usize) -> Result<(), Fail> {
    for at in sorted..end {
        let (mut left, mut right) = (start, at);
        while left < right {
            let middle = usize::midpoint(left, right);
            if less(&pairs[at], &pairs[middle])? {
                right = middle;
            } else {
                left = middle + 1;
            }
        }
        pairs[left..=at].rotate_right(1);
    }
    Ok(())
}

fn merge_runs(pairs: &mut [Pair]) -> Result<(), Fail> {
    let mut error: Option<Fail> = None;
    let mut is_less = |one: &Pair, other: &Pair| match less(one, other) {
        Ok(is_less) => is_less && error.is_none(),
        Err(fail) => {
            error.get_or_insert(fail);
            false
        }
    };
    pairs.sort_by(|one, other| {
        if is_less(one, other) {
            std::cmp::Ordering::Less
        } else if is_less(other, one) {
            std::cmp::Ordering::Greater
        } else {
            std::cmp::Ordering::Equal
        }
    });
    error.map_or(Ok(()), Err)
}
