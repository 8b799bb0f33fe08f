//! What another reader would have done with the bytes that a program received.
//!
//! What comes in: a trace, one of its flows, and a [`Reader`]. What goes out: a [`WhatIf`], a trace in which the reader has
//! taken over from the program that received.
//!
//! May use: `experiment`, `timeline`, `trace`.

mod reader;
mod source;
mod taken_over;

use std::ops::Range;

pub use reader::Reader;

use self::taken_over::TakenOver;
use crate::timeline::Timeline;
use crate::trace::Trace;

/// A run in which another reader reads one flow.
///
/// It takes over when the program calls `recv` for the first time, or else at the end. From then on it reads what has
/// arrived as soon as it has, and the program does nothing else. All that the kernels and the other programs do is as it
/// was recorded.
#[derive(Clone, Debug)]
pub struct WhatIf {
    /// The reader.
    pub reader: Reader,
    /// The program in which it has taken over.
    pub program: usize,
    /// The numbers of its lines there, from 1.
    pub lines: Range<u32>,
    /// The run with the reader.
    pub trace: Trace,
    /// What that trace shows.
    pub timeline: Timeline,
    /// By the number of recorded events, the number of this trace's events until then.
    numbers: Vec<usize>,
}

impl WhatIf {
    /// The run of `trace`, if `reader` had read the flow with this index. `timeline` is the trace's. `None` if the program
    /// that receives is not known, or if the first bytes of the flow are not.
    #[must_use]
    pub fn new(trace: &Trace, timeline: &Timeline, flow: usize, reader: Reader) -> Option<Self> {
        let recorded = trace;
        let taken_over = TakenOver::new(recorded, timeline, flow, reader)?;
        let (program, lines) = taken_over.place();
        let (trace, numbers) = taken_over.trace();
        // The header of the flow is the recorded one, or else the reader's.
        let mut texts = recorded.experiment.clone();
        for (program, with_reader) in texts.programs.iter_mut().zip(&trace.experiment.programs) {
            program.text.push_str(&with_reader.text);
        }
        let mut timeline = Timeline::new(&texts);
        timeline.extend(&trace.events);
        Some(Self { reader, program, lines, trace, timeline, numbers })
    }

    /// The number of this trace's events, when `recorded` events of the recorded one had happened.
    #[must_use]
    pub fn number(&self, recorded: usize) -> usize {
        let number = self.numbers.get(recorded).or(self.numbers.last());
        number.copied().unwrap_or_default()
    }

    /// The number of recorded events, when `number` events of this trace had happened.
    #[must_use]
    pub fn recorded(&self, number: usize) -> usize {
        self.numbers.partition_point(|known| *known <= number).saturating_sub(1)
    }
}
