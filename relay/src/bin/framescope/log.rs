//! Writing the log to stderr: a bounded queue, and a thread that writes.
//!
//! If stderr is a pipe that nobody reads, a write blocks. So logging only puts a line into the queue. If the
//! queue is full, the line is dropped and counted, and the log says how many were dropped.

use std::io::{self, Write};
use std::mem;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use framescope::DroppedLines;
use tracing::dispatcher::with_default;
use tracing::{Dispatch, Level, error, warn};
use tracing_subscriber::fmt::MakeWriter;

/// The most lines that wait to be written. A line is at most a little longer than a request's head, 16 KiB.
const QUEUE: usize = 1024;

/// How long the program waits at its end for the lines in the queue.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// How long it waits before it tries again, if the queue is full then.
const FLUSH_RETRY: Duration = Duration::from_millis(5);

/// Puts lines into the queue.
#[derive(Clone, Debug)]
pub(crate) struct LogQueue {
    lines: SyncSender<Item>,
    dropped: DroppedLines,
    /// Formats what is said whatever the filter is. `None`: as text.
    json: Option<Dispatch>,
}

#[derive(Debug)]
enum Item {
    Line(Vec<u8>),
    /// Answers when every line before it has been written.
    Flush(SyncSender<()>),
}

impl LogQueue {
    /// Starts the thread that writes to `output`. In that thread, `own_lines` writes to `output` directly.
    /// `dropped` counts the lines that are dropped.
    ///
    /// # Errors
    ///
    /// No thread is available.
    pub(crate) fn start(
        output: impl Write + Send + 'static,
        own_lines: Dispatch,
        dropped: DroppedLines,
    ) -> io::Result<Self> {
        let (lines, queue) = sync_channel(QUEUE);
        let counted = dropped.clone();
        thread::Builder::new().name("log".to_owned()).spawn(move || {
            with_default(&own_lines, || write_lines(&queue, output, &counted));
        })?;
        Ok(Self { lines, dropped, json: None })
    }

    /// The same queue, in which what is said is JSON too.
    pub(crate) fn in_json(self) -> Self {
        let json = json(self.clone());
        Self { json: Some(json), ..self }
    }

    /// Writes a sentence, whatever the filter is.
    pub(crate) fn say(&self, sentence: &str) {
        match &self.json {
            Some(json) => with_default(json, || error!("{sentence}")),
            None => self.put(format!("framescope: {sentence}\n").into_bytes()),
        }
    }

    /// Waits until all lines so far are written, for a second at most.
    pub(crate) fn flush(&self) {
        let deadline = Instant::now() + FLUSH_TIMEOUT;
        let (done, written) = sync_channel(1);
        while let Err(TrySendError::Full(_)) = self.lines.try_send(Item::Flush(done.clone())) {
            if Instant::now() > deadline {
                return;
            }
            thread::sleep(FLUSH_RETRY);
        }
        let _ = written.recv_timeout(deadline.saturating_duration_since(Instant::now()));
    }

    fn put(&self, line: Vec<u8>) {
        if self.lines.try_send(Item::Line(line)).is_err() {
            self.dropped.add();
        }
    }
}

/// What writes each line as JSON.
pub(crate) fn json(output: impl for<'a> MakeWriter<'a> + Send + Sync + 'static) -> Dispatch {
    let lines = tracing_subscriber::fmt().with_max_level(Level::WARN).with_writer(output);
    lines.json().finish().into()
}

fn write_lines(queue: &Receiver<Item>, mut output: impl Write, dropped: &DroppedLines) {
    let mut reported = 0;
    let mut report_dropped = || {
        let count = dropped.count();
        if count > reported {
            warn!(lines = count - reported, "lines of the log were dropped");
            reported = count;
        }
    };
    loop {
        let item = queue.try_recv().or_else(|_| {
            // The queue is empty, so lines are no longer dropped.
            report_dropped();
            queue.recv()
        });
        match item {
            // A line that cannot be written is lost. There is no other place to say so.
            Ok(Item::Line(line)) => {
                let _ = output.write_all(&line);
            }
            Ok(Item::Flush(done)) => {
                report_dropped();
                let _ = done.send(());
            }
            Err(_) => return,
        }
    }
}

impl<'a> MakeWriter<'a> for LogQueue {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { bytes: Vec::new(), queue: self }
    }
}

/// A line that is being formatted. It goes into the queue when it is dropped.
pub(crate) struct Line<'a> {
    bytes: Vec<u8>,
    queue: &'a LogQueue,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        self.queue.put(mem::take(&mut self.bytes));
    }
}
