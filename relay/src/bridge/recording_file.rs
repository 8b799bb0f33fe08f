//! The file of a recording while it is written.
//!
//! Events are written in batches. The JSON after the last event follows each batch, and the next batch is written
//! over it. So the file is a whole recording after each write, also if the process is killed or the disk is full
//! then.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

use framescope_protocol::EndReason;
use framescope_record::{Bridge, Crossing, json_tail};

/// A batch with this many bytes is written although more events wait.
const BATCH: usize = 64 * 1024;

/// What a recording is written to.
pub(super) trait Storage: Write + Seek {
    /// Cuts it, or makes it longer, as [`File::set_len`] does.
    fn set_len(&mut self, length: u64) -> io::Result<()>;
    /// Returns when what was written outlasts a power failure.
    fn sync(&mut self) -> io::Result<()>;
}

impl Storage for File {
    fn set_len(&mut self, length: u64) -> io::Result<()> {
        File::set_len(self, length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// Why a recording breaks off.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    /// What was written before can be opened.
    #[error("{0}")]
    CutShort(#[source] io::Error),
    /// The file cannot be opened: what was written in part could not be taken back.
    #[error("{0}")]
    Spoilt(#[source] io::Error),
}

/// The file of a recording.
#[derive(Debug)]
pub(super) struct RecordingFile<F> {
    file: F,
    /// Where the events end, in bytes from the start.
    events_end: u64,
    /// Where the file ends.
    file_end: u64,
    /// What stands before the next event.
    separator: &'static str,
    /// Events that are not written yet.
    batch: String,
}

impl<F: Storage> RecordingFile<F> {
    /// Writes a recording without events.
    ///
    /// # Errors
    ///
    /// It cannot be written. Then the file is no recording.
    pub(super) fn begin(file: F, bridge: &Bridge) -> io::Result<Self> {
        let batch = bridge.json_head();
        let mut begun = Self { file, events_end: 0, file_end: 0, separator: "\n", batch };
        begun.write_batch(&unfinished())?;
        Ok(begun)
    }

    /// Adds an event to the batch.
    pub(super) fn add(&mut self, event: &Crossing) {
        self.batch.push_str(self.separator);
        self.batch.push_str(&event.to_json());
        self.separator = ",\n";
    }

    /// Whether the batch is to be written now.
    pub(super) const fn is_due(&self) -> bool {
        self.batch.len() >= BATCH
    }

    /// Writes the batch.
    ///
    /// # Errors
    ///
    /// [`WriteError`] says what is left.
    pub(super) fn write(&mut self) -> Result<(), WriteError> {
        if self.batch.is_empty() { Ok(()) } else { self.write_or_restore(&unfinished()) }
    }

    /// Writes the batch and why the recording ends.
    ///
    /// # Errors
    ///
    /// [`WriteError`] says what is left.
    pub(super) fn finish(mut self, end: &str) -> Result<(), WriteError> {
        self.write_or_restore(&tail(end))?;
        self.file.sync().map_err(WriteError::CutShort)
    }

    fn write_or_restore(&mut self, tail: &str) -> Result<(), WriteError> {
        self.write_batch(tail).map_err(|error| match self.restore() {
            Ok(()) => WriteError::CutShort(error),
            Err(_) => WriteError::Spoilt(error),
        })
    }

    /// Writes the batch and `tail` in one call, so that a process that is killed has written both or neither. Only
    /// a kill in the middle of the call, which the kernel then cuts between two pages, leaves a part.
    fn write_batch(&mut self, tail: &str) -> io::Result<()> {
        let events_end = self.events_end + self.batch.len() as u64;
        let file_end = events_end + tail.len() as u64;
        self.batch.push_str(tail);
        // Nothing is left of a longer tail. White space may stand after JSON.
        self.batch.extend((file_end..self.file_end).map(|_| ' '));
        self.file.seek(SeekFrom::Start(self.events_end))?;
        self.file.write_all(self.batch.as_bytes())?;
        if file_end < self.file_end {
            self.file.set_len(file_end)?;
        }
        self.batch.clear();
        (self.events_end, self.file_end) = (events_end, file_end);
        Ok(())
    }

    /// Takes back what was written in part. Its place on the disk was taken before, so a full disk has it.
    fn restore(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.events_end))?;
        self.file.write_all(unfinished().as_bytes())?;
        self.file.set_len(self.file_end)
    }
}

/// The file's last line.
fn tail(end: &str) -> String {
    json_tail(end) + "\n"
}

/// The same, as long as more may follow.
fn unfinished() -> String {
    tail(&EndReason::RecordingUnfinished.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use framescope_framing::HeaderFormat;
    use framescope_record::{Crossed, Recording};
    use proptest::prelude::*;

    use super::*;

    /// A disk with this space.
    #[derive(Debug)]
    struct Disk {
        bytes: Cursor<Vec<u8>>,
        space: usize,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let at = usize::try_from(self.bytes.position()).unwrap();
            let taken = bytes.len().min(self.space.saturating_sub(at));
            if taken == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.bytes.write(&bytes[..taken])
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Disk {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.bytes.seek(to)
        }
    }

    impl Storage for &mut Disk {
        fn set_len(&mut self, length: u64) -> io::Result<()> {
            self.bytes.get_mut().resize(usize::try_from(length).unwrap(), 0);
            Ok(())
        }

        fn sync(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Disk {
        fn with_space(space: usize) -> Self {
            Self { bytes: Cursor::default(), space }
        }

        /// What a reader finds.
        fn recording(&self) -> Recording {
            let json = str::from_utf8(self.bytes.get_ref()).unwrap();
            assert!(json.ends_with("}\n"), "{json}");
            Recording::from_json(json).unwrap()
        }
    }

    fn bridge() -> Bridge {
        let header = HeaderFormat::default();
        Bridge { target: "db".to_owned(), recv: 1024, delay_ms: 0, nodelay: true, header }
    }

    fn events(count: u64) -> Vec<Crossing> {
        let sent = |at| Crossing { at, what: Crossed::Sent(b"hello"[..].into()) };
        (0..count).map(sent).collect()
    }

    /// Writes each event as a batch.
    fn write_each(
        file: &mut RecordingFile<&mut Disk>,
        events: &[Crossing],
    ) -> Result<(), WriteError> {
        events.iter().try_for_each(|event| {
            file.add(event);
            file.write()
        })
    }

    #[test]
    fn a_recording_is_whole_after_each_batch_and_says_that_it_was_not_finished() {
        let all = events(5);
        for count in 0..all.len() {
            let mut disk = Disk::with_space(usize::MAX);
            let mut file = RecordingFile::begin(&mut disk, &bridge()).unwrap();
            write_each(&mut file, &all[..count]).unwrap();
            file.add(&all[count]);
            let read = disk.recording();
            assert_eq!(read.events, all[..count], "the last one is not written yet");
            assert_eq!(read.end, "the recording was not finished");
        }
    }

    #[test]
    fn the_end_takes_the_place_of_the_unfinished_one_whichever_is_longer() {
        for end in ["", "the target closed its side, and this is a longer sentence"] {
            let (mut disk, all) = (Disk::with_space(usize::MAX), events(2));
            let mut file = RecordingFile::begin(&mut disk, &bridge()).unwrap();
            write_each(&mut file, &all).unwrap();
            file.finish(end).unwrap();
            let read = disk.recording();
            assert_eq!((read.end.as_str(), read.events), (end, all));
        }
    }

    proptest! {
        #[test]
        fn a_full_disk_leaves_the_batches_until_then(space in 0_usize..2000) {
            let (mut disk, all) = (Disk::with_space(space), events(30));
            let Ok(mut file) = RecordingFile::begin(&mut disk, &bridge()) else {
                prop_assert!(space < 300);
                return Ok(());
            };
            let mut result = write_each(&mut file, &all);
            let is_cut = result.is_err();
            if !is_cut {
                result = file.finish("the target closed its side, after all of it");
            }
            prop_assert!(!matches!(result, Err(WriteError::Spoilt(_))));
            let read = disk.recording();
            let count = read.events.len();
            prop_assert_eq!(&read.events[..], &all[..count]);
            prop_assert_eq!(count < all.len(), is_cut);
            prop_assert_eq!(read.end == "the recording was not finished", result.is_err());
        }
    }
}
