//! Recordings of bridge sessions: what crossed between the relay and a target, in files that the page
//! opens.
//!
//! A session never waits for the disk. Each recording has a thread, which writes what the session sends it.
//! A recording is bounded as a whole, so what waits for its thread is bounded too.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use framescope_framing::HeaderFormat;
use framescope_protocol::EndReason;
use framescope_protocol::ReadOptions;
use framescope_record::{Bridge, Crossed, Crossing, Data, MAX_RECORDED_BYTES, MAX_RECORDED_EVENTS};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use super::recording_file::{RecordingFile, WriteError};
use crate::net::{Unacknowledged, Vanishing};

/// The most sessions that a relay records. Each has a thread while it lasts.
const MAX_RECORDINGS: usize = 100;

/// Where sessions are recorded.
#[derive(Debug)]
pub(crate) struct Recordings {
    /// The file of the first recording. The others have a number in their names.
    file: PathBuf,
    /// How many are being written or have been. One that could not be begun does not count.
    begun: Arc<AtomicUsize>,
}

impl Recordings {
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { file, begun: Arc::default() }
    }

    /// Begins the recording of a session. `None`: there have been [`MAX_RECORDINGS`].
    pub(crate) fn begin(&self, bridge: Bridge, tasks: &TaskTracker) -> Option<Recorder> {
        let earlier = self.begun.fetch_add(1, Ordering::Relaxed);
        if earlier >= MAX_RECORDINGS {
            if earlier == MAX_RECORDINGS {
                warn!("{MAX_RECORDINGS} sessions were recorded; no more will be");
            }
            return None;
        }
        let (sender, receiver) = unbounded_channel();
        let (file, begun) = (self.file.clone(), Arc::clone(&self.begun));
        tasks.spawn_blocking(move || {
            let (name, file) = match begin(&file, &bridge) {
                Ok(begun) => begun,
                Err(error) => {
                    begun.fetch_sub(1, Ordering::Relaxed);
                    warn!(%error, file = %file.display(), "a session is not recorded");
                    return;
                }
            };
            let name = name.display();
            match write(file, receiver) {
                Ok(()) => info!(file = %name, "a session was recorded"),
                Err(error @ WriteError::CutShort(_)) => {
                    warn!(%error, file = %name, "a recording broke off; the page opens what is in its file");
                }
                Err(error @ WriteError::Spoilt(_)) => {
                    warn!(%error, file = %name, "a recording broke off, and nothing opens its file");
                }
            }
        });
        Some(Recorder { writer: Some(sender), received: 0, sent: 0, events: 0, has_ended: false })
    }
}

/// What a recording says of a session with these options.
pub(crate) fn recorded_bridge(options: ReadOptions, target: &str, header: HeaderFormat) -> Bridge {
    let ReadOptions { recv, delay_ms, nodelay } = options;
    Bridge { target: target.to_owned(), recv, delay_ms, nodelay, header }
}

/// What a session sends to the thread that writes.
#[derive(Debug)]
enum Line {
    Event(Crossing),
    /// Why no more events follow.
    SessionEnd(String),
}

/// The recording of one session, while it goes on.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// `None` when the recording is over.
    writer: Option<UnboundedSender<Line>>,
    received: usize,
    sent: usize,
    events: usize,
    /// The end of the stream has been read.
    has_ended: bool,
}

impl Recorder {
    /// One read returned these bytes at this time, in microseconds. No bytes: the end of the stream.
    fn received(&mut self, at: u64, bytes: &[u8]) {
        // The end may be read several times. It is recorded once.
        if !mem::replace(&mut self.has_ended, bytes.is_empty()) {
            self.received += bytes.len();
            self.add(at, Crossed::Received, bytes);
        }
    }

    /// The kernel took these bytes of a write at this time, in microseconds.
    fn sent(&mut self, at: u64, bytes: &[u8]) {
        self.sent += bytes.len();
        self.add(at, Crossed::Sent, bytes);
    }

    fn add(&mut self, at: u64, what: fn(Data) -> Crossed, bytes: &[u8]) {
        if self.writer.is_none() {
            return;
        }
        self.events += 1;
        let fits = self.received.max(self.sent) <= MAX_RECORDED_BYTES;
        if !fits || self.events > MAX_RECORDED_EVENTS {
            return self.end(EndReason::RecordingFull.to_string());
        }
        self.hand_over(Line::Event(Crossing { at, what: what(Data::from(bytes)) }));
    }

    /// A thread that could not write has logged it and ended. Then nothing more is recorded.
    fn hand_over(&mut self, line: Line) {
        self.writer.take_if(|writer| writer.send(line).is_err());
    }

    /// Ends the recording: the session is over, or the recording is full.
    pub(crate) fn end(&mut self, why: String) {
        self.hand_over(Line::SessionEnd(why));
        self.writer = None;
    }
}

/// Begins a recording in a new file. If nothing can be written, no file is left.
fn begin(file: &Path, bridge: &Bridge) -> io::Result<(PathBuf, RecordingFile<File>)> {
    let (name, file) = create(file)?;
    match RecordingFile::begin(file, bridge) {
        Ok(begun) => Ok((name, begun)),
        Err(error) => {
            // It is no recording. If it cannot be removed, it stays.
            let _ = fs::remove_file(&name);
            Err(error)
        }
    }
}

/// Writes what the session sends, until it has ended.
fn write(
    mut file: RecordingFile<File>,
    mut lines: UnboundedReceiver<Line>,
) -> Result<(), WriteError> {
    // A session that panicked sends no end.
    let mut end = EndReason::BrokeOff.to_string();
    while let Some(line) = lines.blocking_recv() {
        let mut next = Some(line);
        while let Some(line) = next {
            match line {
                Line::Event(event) => file.add(&event),
                Line::SessionEnd(why) => end = why,
            }
            next = if file.is_due() { None } else { lines.try_recv().ok() };
        }
        file.write()?;
    }
    file.finish(&end)
}

/// Creates `session.json`, or `session-2.json` if that exists, and so on. Nothing is overwritten. The bytes
/// may be secret, so only the owner may read the file.
fn create(file: &Path) -> io::Result<(PathBuf, File)> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut number = 1_usize;
    loop {
        let name = numbered(file, number);
        match options.open(&name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            opened => return opened.map(|file| (name, file)),
        }
    }
}

fn numbered(file: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return file.to_owned();
    }
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = file.extension() {
        name.push(".");
        name.push(extension);
    }
    file.with_file_name(name)
}

/// A stream that can say when a read returned. Its reads and writes are recorded if it has a recorder.
#[derive(Debug)]
pub(crate) struct RecordingStream<S> {
    stream: S,
    /// The zero of all times.
    began: Instant,
    pub(crate) recorder: Option<Recorder>,
}

impl<S> RecordingStream<S> {
    /// A stream whose session begins now.
    pub(crate) fn new(stream: S, recorder: Option<Recorder>) -> Self {
        Self { stream, began: Instant::now(), recorder }
    }

    /// The stream, for bytes that do not cross.
    pub(super) const fn unrecorded(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Microseconds since the session began.
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

impl<S: AsyncRead + Unpin> RecordingStream<S> {
    /// One read. Returns when it returned, in microseconds since the session began. A recording has the same
    /// time.
    pub(super) fn poll_timed_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<u64>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let at = self.now();
        if let Some(recorder) = &mut self.recorder {
            recorder.received(at, &buffer.filled()[before..]);
        }
        Poll::Ready(Ok(at))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for RecordingStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.recorder.is_none() {
            // Nobody asks for the time, so the clock is not read.
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        self.poll_timed_read(context, buffer).map_ok(|_| ())
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for RecordingStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let taken = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        if self.recorder.is_some() {
            let at = self.now();
            self.recorder.iter_mut().for_each(|recorder| recorder.sent(at, &bytes[..taken]));
        }
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: Unacknowledged> Unacknowledged for RecordingStream<S> {
    fn unacknowledged(&self) -> Option<u32> {
        self.stream.unacknowledged()
    }

    fn notice_vanishing(&self, vanishing: Vanishing) -> io::Result<()> {
        self.stream.notice_vanishing(vanishing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_before_the_extension() {
        for (file, second) in [
            ("session.json", "session-2.json"),
            ("a/b.c/session", "a/b.c/session-2"),
            (".hidden", ".hidden-2"),
            ("two.part.json", "two.part-2.json"),
        ] {
            assert_eq!(numbered(Path::new(file), 1), Path::new(file));
            assert_eq!(numbered(Path::new(file), 2), Path::new(second));
        }
    }
}
