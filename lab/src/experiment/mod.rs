//! What runs: programs, when each starts, and the order to step them in.
//!
//! What comes in: the texts of programs. What goes out: an [`Experiment`] with every bound checked.
//!
//! May use: nothing.

mod program;
mod wire;
mod wire_text;

pub use program::{
    MAX_ARGUMENTS, MAX_INPUT, MAX_NAME, MAX_PROGRAMS, MAX_TEXT, Program, Start, When,
};
pub(crate) use wire::are_rules_in_bounds;
pub use wire::{
    ETHERNET_MTU, MAX_DELAY_US, MAX_MTU, MAX_WIRE_RULES, MIN_MTU, SegmentClass, WireAction,
    WireDirection, WireRule, WireSetup,
};
pub use wire_text::ParseWireError;

use std::fmt;

use serde::{Deserialize, Serialize};

/// The most turns of an order.
pub const MAX_ORDER: usize = 4096;

/// Programs, when each starts if they run by themselves, and the order to step them in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Experiment {
    /// The programs.
    pub programs: Vec<Program>,
    /// When each starts. One that is not named here starts only when it is stepped.
    pub starts: Vec<Start>,
    /// The order of the steps. After the last one the programs take turns.
    pub order: Vec<Turn>,
    /// The wire between the programs.
    #[serde(default)]
    pub wire: WireSetup,
    /// Whether they are programs of the system, which `framescope watch` runs as they are. The lab does not run them.
    #[serde(default)]
    pub watched: bool,
}

/// A step of an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The index of the program.
    pub program: usize,
    /// The thread of the program: 0 is the main one.
    pub thread: usize,
    /// How far it goes.
    pub until: Until,
}

/// How far a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// To the next statement.
    Line,
    /// Until its next system call has returned or waits. After the return the statement is carried out to
    /// its end, but a second call of the statement is another step.
    Call,
}

/// The bound that an experiment is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum OutOfBounds {
    /// There are no programs, or more than [`MAX_PROGRAMS`].
    Programs(usize),
    /// A name or the name of a file is empty, or longer than [`MAX_NAME`], or has a control character.
    Name(usize),
    /// The text of this program is longer than [`MAX_TEXT`].
    Text(usize),
    /// The lines that this program reads are longer than [`MAX_INPUT`], or one has an end of line in it.
    Input(usize),
    /// The arguments of this program are longer than [`MAX_ARGUMENTS`].
    Arguments(usize),
    /// The starts name a program twice, or one that does not exist, or a text that is too long.
    Starts,
    /// The order has more than [`MAX_ORDER`] turns.
    Order(usize),
    /// The order names a program that does not exist.
    Turn(usize),
    /// The MTU, the latency or a rule of the wire.
    Wire,
}

impl Experiment {
    /// Checks every bound.
    ///
    /// # Errors
    ///
    /// [`OutOfBounds`] with the first bound that the experiment is over.
    pub fn check(&self) -> Result<(), OutOfBounds> {
        let count = self.programs.len();
        if !(1..=MAX_PROGRAMS).contains(&count) {
            return Err(OutOfBounds::Programs(count));
        }
        for (index, program) in self.programs.iter().enumerate() {
            check_program(index, program)?;
        }
        let mut started = [false; MAX_PROGRAMS];
        for start in &self.starts {
            let is_first = started
                .get_mut(start.program)
                .is_some_and(|started| !std::mem::replace(started, true));
            let names_program = match &start.when {
                When::AtOnce | When::Listening(_) | When::Settled => true,
                When::Ended(program) => *program < count,
                When::Printed(program, text) => *program < count && text.len() <= MAX_INPUT,
            };
            if !is_first || start.program >= count || !names_program {
                return Err(OutOfBounds::Starts);
            }
        }
        if self.order.len() > MAX_ORDER {
            return Err(OutOfBounds::Order(self.order.len()));
        }
        if !self.wire.is_in_bounds() {
            return Err(OutOfBounds::Wire);
        }
        match self.order.iter().find(|turn| turn.program >= count) {
            Some(turn) => Err(OutOfBounds::Turn(turn.program)),
            None => Ok(()),
        }
    }
}

fn check_program(index: usize, program: &Program) -> Result<(), OutOfBounds> {
    let is_name = |name: &str| {
        !name.is_empty() && name.len() <= MAX_NAME && !name.contains(|c: char| c.is_control())
    };
    if !is_name(&program.name) || !is_name(&program.file) {
        return Err(OutOfBounds::Name(index));
    }
    if program.text.len() > MAX_TEXT {
        return Err(OutOfBounds::Text(index));
    }
    let length = |lines: &[String]| lines.iter().map(|line| line.len() + 1).sum::<usize>();
    let input = program.stdin.as_deref().unwrap_or_default();
    if length(input) > MAX_INPUT || input.iter().any(|line| line.contains('\n')) {
        return Err(OutOfBounds::Input(index));
    }
    if length(&program.argv) > MAX_ARGUMENTS {
        return Err(OutOfBounds::Arguments(index));
    }
    Ok(())
}

impl fmt::Display for OutOfBounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Programs(count) => {
                write!(f, "an experiment has 1 to {MAX_PROGRAMS} programs, not {count}")
            }
            Self::Name(program) => {
                write!(f, "the name of program {} is not 1 to {MAX_NAME} bytes", program + 1)
            }
            Self::Text(program) => {
                write!(f, "program {} is longer than {MAX_TEXT} bytes", program + 1)
            }
            Self::Input(program) => {
                write!(f, "program {} reads lines of over {MAX_INPUT} bytes", program + 1)
            }
            Self::Arguments(program) => {
                write!(f, "the arguments of program {} are over {MAX_ARGUMENTS} bytes", program + 1)
            }
            Self::Starts => write!(f, "the starts do not fit the programs"),
            Self::Order(count) => write!(f, "an order of {count} turns is over {MAX_ORDER}"),
            Self::Turn(program) => write!(f, "the order names program {}", program + 1),
            Self::Wire => write!(
                f,
                "a wire has an MTU of {MIN_MTU} to {MAX_MTU} bytes, delays of up to {} s, and up to \
                 {MAX_WIRE_RULES} rules",
                MAX_DELAY_US / 1_000_000
            ),
        }
    }
}

impl std::error::Error for OutOfBounds {}
