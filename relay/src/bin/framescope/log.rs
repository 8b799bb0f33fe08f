//! Writing the log to stderr: a bounded queue, and a thread that writes.
//!
//! If stderr is a pipe whose reader stands still, a write blocks. So logging only puts a line into the queue.
//! If the queue is full, the line is dropped and counted.

use std::io::{self, Write};
use std::mem;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use framescope::DroppedLines;
use tracing::warn;
use tracing_subscriber::fmt::MakeWriter;

/// The most lines that wait to be written. A line is at most a little longer than a request's head, 16 KiB.
const QUEUE: usize = 1024;

/// How long the program waits at its end for the lines in the queue.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// Puts lines into the queue.
#[derive(Clone, Debug)]
pub(crate) struct LogQueue {
    lines: SyncSender<Item>,
    dropped: DroppedLines,
}

#[derive(Debug)]
enum Item {
    Line(Vec<u8>),
    /// Answers when every line before it has been written.
    Flush(SyncSender<()>),
}

impl LogQueue {
    /// Starts the thread that writes to `output`. `dropped` counts the lines that are dropped.
    ///
    /// # Errors
    ///
    /// No thread is available.
    pub(crate) fn start(
        output: impl Write + Send + 'static,
        dropped: DroppedLines,
    ) -> io::Result<Self> {
        let (lines, queue) = sync_channel(QUEUE);
        let counted = dropped.clone();
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write_lines(&queue, output, &counted))?;
        Ok(Self { lines, dropped })
    }

    /// Waits until all lines so far are written, for a second at most.
    pub(crate) fn flush(&self) {
        let (done, written) = sync_channel(1);
        // If the queue is full, the reader stands still. Waiting would not help.
        if self.lines.try_send(Item::Flush(done)).is_ok() {
            let _ = written.recv_timeout(FLUSH_TIMEOUT);
        }
    }
}

fn write_lines(queue: &Receiver<Item>, mut output: impl Write, dropped: &DroppedLines) {
    let mut told = 0;
    for item in queue {
        match item {
            // A line that cannot be written is lost. There is no other place to say so.
            Item::Line(line) => {
                let _ = output.write_all(&line);
            }
            Item::Flush(done) => {
                let _ = done.send(());
            }
        }
        let count = dropped.count();
        if count > told {
            // This line goes through the queue too, so it has the format of the others.
            warn!(lines = count - told, "lines of the log were dropped");
            told = count;
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
        let line = Item::Line(mem::take(&mut self.bytes));
        if self.queue.lines.try_send(line).is_err() {
            self.queue.dropped.add();
        }
    }
}
