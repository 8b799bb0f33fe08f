//! Texts that are found by a key.

/// Texts that are found by a key. A file of them is one JSON object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts(Vec<(String, String)>);

impl FromIterator<(String, String)> for Texts {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        let mut texts = Self::default();
        for (key, text) in pairs {
            // A file is sorted, so that each goes to the end.
            let at = texts.0.partition_point(|(known, _)| *known < key);
            texts.0.insert(at, (key, text));
        }
        texts
    }
}

impl Texts {
    /// The text with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let found = self.0.binary_search_by_key(&key, |(known, _)| known);
        found.ok().map(|index| &*self.0[index].1)
    }
}
