//! The modules of the library that are written in Python.

const LIBRARY: &[(&str, &str)] = &[("threading", include_str!("library/threading.py"))];

/// The text of a module.
pub(crate) fn source(name: &str) -> Option<(&'static str, &'static str)> {
    LIBRARY.iter().copied().find(|(module, _)| *module == name)
}
