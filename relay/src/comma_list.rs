//! Lists with commas in the texts of options. A comma that belongs to an element, as in a path, is written `\,`. Before
//! anything else a backslash is itself, as in a path of Windows.

/// The elements between the commas. They are not unescaped yet.
pub(crate) fn elements(list: &str) -> Vec<&str> {
    let (mut elements, mut start) = (Vec::new(), 0);
    for (at, _) in list.match_indices(',') {
        if !list[..at].ends_with('\\') {
            elements.push(&list[start..at]);
            start = at + 1;
        }
    }
    elements.push(&list[start..]);
    elements
}

/// An element as it is meant.
pub(crate) fn unescape(element: &str) -> String {
    element.replace("\\,", ",")
}

/// The other way.
#[cfg(any(unix, test))]
pub(crate) fn escape(element: &str) -> String {
    element.replace(',', "\\,")
}

/// Of the known names, the one that is written almost so.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name = name.to_lowercase().replace('_', "-");
    let distances = known.iter().map(|known| (strsim::osa_distance(&name, known), *known));
    let (distance, nearest) = distances.min()?;
    // One wrong letter in three.
    (distance <= (name.chars().count() / 3).max(1)).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_comma_after_a_backslash_ends_no_element() {
        assert_eq!(elements(r"a\,b, c\d,,"), [r"a\,b", r" c\d", "", ""]);
        assert_eq!(unescape(r"a\,b\\c\d"), r"a,b\\c\d");
        let known = ["tls", "max-sessions"];
        assert_eq!(nearest("tsl", &known), Some("tls"));
        assert_eq!(nearest("max_sessions", &known), Some("max-sessions"));
        assert_eq!(nearest("colour", &known), None);
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_an_element_of_its_list(texts in prop::collection::vec("[a,=/:]{0,6}", 1..4)) {
            let list: Vec<String> = texts.iter().map(|text| escape(text)).collect();
            let list = list.join(",");
            let read: Vec<String> = elements(&list).into_iter().map(unescape).collect();
            prop_assert_eq!(read, texts);
        }
    }
}
