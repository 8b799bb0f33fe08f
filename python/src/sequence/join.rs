//! The size of `separator.join(parts)`, before it is made.

/// The bytes of the parts and of the separators between them.
pub(crate) fn joined_len(separator: usize, parts: impl IntoIterator<Item = usize>) -> usize {
    let mut total = 0_usize;
    for (at, part) in parts.into_iter().enumerate() {
        let between = if at == 0 { 0 } else { separator };
        total = total.saturating_add(part).saturating_add(between);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_that_of_the_joined_text() {
        for parts in [vec![], vec!["a"], vec!["a", "bc", ""]] {
            assert_eq!(joined_len(2, parts.iter().map(|part| part.len())), parts.join(", ").len());
        }
    }
}
