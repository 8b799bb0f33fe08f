//! A map of few entries.

/// The most entries. No run has as many: a hostile trace may.
const MAX: usize = 4096;

/// A map of few entries: a sorted list. Once it is full, new keys are ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SmallMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SmallMap<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Copy + Ord, V> SmallMap<K, V> {
    fn find(&self, key: K) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(&key))
    }

    pub(super) fn get(&self, key: K) -> Option<&V> {
        let at = self.find(key).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        match self.find(key) {
            Ok(at) => self.0[at].1 = value,
            Err(at) if self.0.len() < MAX => self.0.insert(at, (key, value)),
            Err(_) => {}
        }
    }

    pub(super) fn remove(&mut self, key: K) -> Option<V> {
        let at = self.find(key).ok()?;
        Some(self.0.remove(at).1)
    }

    pub(super) fn retain(&mut self, keeps: impl Fn(&K) -> bool) {
        self.0.retain(|(key, _)| keeps(key));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(K, V)> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_replaced_and_removed_and_a_full_map_ignores_new_ones() {
        let mut map = SmallMap::default();
        for key in [3, 1, 2, 1] {
            map.insert(key, key * 10);
        }
        assert_eq!(map.iter().copied().collect::<Vec<_>>(), [(1, 10), (2, 20), (3, 30)]);
        assert_eq!((map.remove(2), map.remove(2), map.get(3)), (Some(20), None, Some(&30)));
        for key in 0..=MAX {
            map.insert(key, 0);
        }
        assert_eq!((map.iter().count(), map.get(MAX), map.get(3)), (MAX, None, Some(&0)));
    }
}
