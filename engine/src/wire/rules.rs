//! Which rule is for a segment.

use fastrand::Rng;
use framescope_lab::{SegmentClass, WireAction, WireDirection, WireRule};

/// The rules that hold, and how many segments each was for.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    all: Vec<(WireRule, u32)>,
    random: Rng,
}

impl Rules {
    pub(super) fn new(rules: Vec<WireRule>, seed: u64) -> Self {
        let mut new = Self { all: Vec::new(), random: Rng::with_seed(seed) };
        new.replace(rules);
        new
    }

    /// From now on these rules hold. The random numbers go on, and so do those of the rules that held before.
    pub(super) fn replace(&mut self, rules: Vec<WireRule>) {
        let mut before = std::mem::take(&mut self.all);
        let mut counted = |rule: &WireRule| {
            let at = before.iter().position(|(one, _)| one == rule)?;
            Some(before.remove(at).1)
        };
        self.all = rules.into_iter().map(|rule| (rule, counted(&rule).unwrap_or(0))).collect();
    }

    /// What happens to the next segment. `None`: it is delivered. The first rule that is for it decides, and all count it.
    pub(super) fn decide(
        &mut self,
        direction: WireDirection,
        class: SegmentClass,
    ) -> Option<WireAction> {
        let mut decided = None;
        for (rule, matched) in &mut self.all {
            let is_for_it = rule.direction.is_none_or(|only| only == direction)
                && (rule.class == SegmentClass::Any || rule.class == class);
            if !is_for_it {
                continue;
            }
            let number = *matched;
            *matched = matched.saturating_add(1);
            let is_counted = number
                .checked_sub(rule.skip)
                .is_some_and(|number| rule.count.is_none_or(|count| number < count));
            if decided.is_none() && is_counted && self.random.u16(0..1000) < rule.permille {
                decided = Some(rule.action);
            }
        }
        decided
    }
}
