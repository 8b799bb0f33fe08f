//! What could not be done.

use framescope_lab::{FileProblem, OutOfBounds};

/// Something that the user asked for and that could not be done. The screen says so in the user's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The page's texts in another language could not be fetched.
    NoTexts,
    /// A link names a lesson that does not exist.
    NoLesson(String),
    /// The edited programs are no experiment.
    Programs(OutOfBounds),
    /// The file of a program is not in the encoding with this name.
    Encoding(String),
    /// A file could not be read, or is too long.
    Unreadable,
    /// A file cannot be shown.
    File(FileProblem),
    /// The part of the page that reads and writes files could not be fetched, with this error of the browser.
    NoModule(String),
    /// The browser could not make a file of the picture.
    Picture,
}
