//! What happened, line by line: when, in which program, at which line.

use std::collections::HashMap;
use std::io::{self, Write};

use framescope_lab::{Event, EventKind, Experiment};

use super::segment::{fate_text, name, tcpdump};
use super::words::Words;

/// Writes events as lines of text.
pub(crate) struct Timeline<'a> {
    names: &'a [String],
    width: usize,
    /// The call of each thread that has not returned.
    calls: HashMap<(usize, usize), String>,
    /// What each program has printed of a line, and whether to its standard error.
    unfinished: Vec<(String, bool)>,
    /// Whether segments are written too.
    shows_wire: bool,
    words: Words,
    /// What has been seen on the wire, and of how many events.
    seen: framescope_lab::Timeline,
    events: usize,
    /// The names of the segments, by their numbers.
    segments: Vec<String>,
}

/// What stands in the place of a program's name if the line is about a segment.
const WIRE: &str = "wire";

impl<'a> Timeline<'a> {
    pub(crate) fn new(
        names: &'a [String],
        experiment: &Experiment,
        shows_wire: bool,
        words: Words,
    ) -> Self {
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let width = if shows_wire { width.max(WIRE.len()) } else { width };
        let unfinished = vec![(String::new(), false); names.len()];
        Self {
            names,
            width,
            calls: HashMap::new(),
            unfinished,
            shows_wire,
            words,
            seen: framescope_lab::Timeline::new(experiment),
            events: 0,
            segments: Vec::new(),
        }
    }

    pub(super) fn write(&mut self, out: &mut impl Write, event: &Event) -> io::Result<()> {
        if self.shows_wire {
            self.seen.push(event);
            self.events += 1;
        }
        let key = (event.program, event.thread);
        match &event.kind {
            EventKind::Called(call, _) => {
                self.calls.insert(key, call.to_string());
                Ok(())
            }
            EventKind::Blocked(_) => {
                let call = self.calls.get(&key).cloned().unwrap_or_default();
                self.line(out, event, &self.words.waits(&call))
            }
            EventKind::Returned(returned) => {
                let call = self.calls.remove(&key).unwrap_or_default();
                self.line(out, event, &format!("{call} = {returned}"))
            }
            EventKind::Printed(printed) => {
                let (mut text, to_stderr) = std::mem::take(&mut self.unfinished[event.program]);
                if printed.to_stderr != to_stderr && !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(&printed.text);
                let end = text.rfind('\n').map_or(0, |at| at + 1);
                for line in text[..end].lines() {
                    self.line(out, event, &format!("| {line}"))?;
                }
                self.unfinished[event.program] = (text.split_off(end), printed.to_stderr);
                Ok(())
            }
            EventKind::Read(Some(line)) => {
                let (prompt, _) = std::mem::take(&mut self.unfinished[event.program]);
                self.line(out, event, &format!("| {prompt}{line}"))
            }
            EventKind::Read(None) => self.line(out, event, self.words.input_ended()),
            EventKind::Started(thread) => self.line(out, event, &self.words.starts_thread(*thread)),
            EventKind::Waits => self.line(out, event, self.words.waits_for_thread()),
            EventKind::ThreadEnded if event.thread > 0 => {
                self.line(out, event, &self.words.thread_ended(event.thread))
            }
            EventKind::Ended(_) => {
                let (rest, _) = std::mem::take(&mut self.unfinished[event.program]);
                if !rest.is_empty() {
                    self.line(out, event, &format!("| {rest}"))?;
                }
                Ok(())
            }
            EventKind::Began
            | EventKind::Line(_)
            | EventKind::Variables(_)
            | EventKind::Reads
            | EventKind::ThreadEnded
            | EventKind::Sockets(_) => Ok(()),
            EventKind::Segment(_) | EventKind::Fate(..) if !self.shows_wire => Ok(()),
            EventKind::Segment(segment) => {
                self.segments.push(name(segment));
                self.wire(out, event, &tcpdump(segment))
            }
            EventKind::Fate(number, fate) => {
                let index = usize::try_from(*number).unwrap_or(usize::MAX);
                let known = self.seen.segments().get(index).zip(self.segments.get(index));
                let text = known.and_then(|(history, name)| {
                    let fate = fate_text(history, *fate, self.events - 1)?;
                    Some(format!("{name}: {fate}"))
                });
                text.map_or(Ok(()), |text| self.wire(out, event, &text))
            }
        }
    }

    fn wire(&self, out: &mut impl Write, event: &Event, text: &str) -> io::Result<()> {
        let (ms, us) = (event.at / 1000, event.at % 1000);
        writeln!(out, "{ms:>6}.{us:03}  {WIRE:width$}       {text}", width = self.width)
    }

    fn line(&self, out: &mut impl Write, event: &Event, text: &str) -> io::Result<()> {
        let Event { at, program, line, .. } = event;
        let (ms, us) = (at / 1000, at % 1000);
        let name = &self.names[*program];
        let line = if *line == 0 { String::new() } else { line.to_string() };
        writeln!(out, "{ms:>6}.{us:03}  {name:width$}  {line:>3}  {text}", width = self.width)
    }
}
