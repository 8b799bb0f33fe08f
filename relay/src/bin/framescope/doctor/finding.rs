//! What was found.

use serde::Serialize;

/// Something that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    pub(super) name: Name,
    pub(super) verdict: Verdict,
    /// What was found, in a sentence.
    pub(super) found: String,
    /// What to do about it: commands to copy.
    pub(super) remedy: Option<String>,
}

/// What was looked at. In JSON it has the name that it has in English.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Name {
    Page,
    #[serde(rename = "TCP server")]
    TcpServer,
    Course,
    Addresses,
    Limits,
    Wire,
    Browser,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    Well,
    /// Something is missing that is of use to few, or that this system does not have.
    Note,
    Problem,
}

impl Finding {
    pub(super) fn new(name: Name, verdict: Verdict, found: impl Into<String>) -> Self {
        Self { name, verdict, found: found.into(), remedy: None }
    }

    pub(super) fn with_remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }
}
