//! What the shell has to do outside the state.

use framescope_page::text::Language;

/// Something that `update` asks the shell to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open the WebSocket with this number to this path of the relay. Close the one that is open first.
    Open {
        /// Its number. Messages of earlier ones are ignored.
        number: u32,
        /// Its path.
        path: &'static str,
    },
    /// Send this message.
    Send(Vec<u8>),
    /// Send [`Msg::Retried`](crate::msg::Msg::Retried) after this time, in milliseconds.
    RetryLater(u32),
    /// Send [`Msg::Checked`](crate::msg::Msg::Checked) of this WebSocket after this time, in milliseconds.
    CheckLater(u32, u32),
    /// Keep this under this name for a reload of the page, in the storage of the browser or of the tab.
    Keep(Kept, String),
    /// The fragment of the address is this one. The page stays where it is.
    SetFragment(&'static str),
    /// Fetch the page's texts in a language, and send [`Msg::TextsArrived`](crate::msg::Msg::TextsArrived).
    FetchTexts(Language),
    /// Fetch the texts of a lesson's variant, and send [`Msg::LessonArrived`](crate::msg::Msg::LessonArrived).
    FetchLesson(&'static str, Language),
    /// Tell the frame with the lab what the teacher's page shows.
    Tell(ToFrame),
    /// Let the frame of a recording show it: a whole one, as the encoded head of a
    /// [`FileReport`](framescope_lab::FileReport).
    TellRecorded(Recorded, Vec<u8>),
    /// Offer a text as a file to download.
    Download {
        /// The file's name.
        name: &'static str,
        /// Its media type.
        kind: &'static str,
        /// Its content.
        text: String,
    },
}

/// What is kept for a reload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Whom the student's page is of: the code and the token. In the browser's storage.
    Participant,
    /// The console's key and number. In the storage of the tab.
    Key,
}

/// Which of two recordings beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Of the program that failed.
    Failed,
    /// Of a right one.
    Right,
}

/// What a frame with the lab is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToFrame {
    /// A run begins: its trace without events, as the encoded head of a [`FileReport`](framescope_lab::FileReport).
    Run(Vec<u8>),
    /// The next report of the run, encoded.
    Report(Vec<u8>),
    /// The place.
    Place(String),
}

impl ToFrame {
    /// The first part of a run is its beginning.
    pub(crate) const fn part(number: usize, part: Vec<u8>) -> Self {
        if number == 0 { Self::Run(part) } else { Self::Report(part) }
    }
}
