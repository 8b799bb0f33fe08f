//! What a program may use.
//!
//! The bytes of live values are counted for the thread that runs a machine: the machine sets the count when
//! it goes on, and takes it back when it stops. So a value needs no reference to its machine.

use std::cell::Cell;

/// The most bytes of live values of one program: 32 MiB.
pub const MAX_LIVE_BYTES: usize = 32 * 1024 * 1024;
/// The most operations of a program between two system calls. A long computation counts as many.
pub const MAX_OPERATIONS_BETWEEN_CALLS: u64 = 40_000_000;
/// The most operations of a program.
pub const MAX_OPERATIONS: u64 = 400_000_000;
/// The most calls in each other. It is CPython's default.
pub(crate) const MAX_RECURSION: usize = 1000;
/// The most bytes that a program prints: 1 MiB.
pub const MAX_OUTPUT: usize = 1024 * 1024;
/// The most threads of a program, the main one included.
pub const MAX_THREADS: usize = 32;

/// The budget that a program has used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// [`MAX_LIVE_BYTES`].
    Memory,
    /// [`MAX_OPERATIONS_BETWEEN_CALLS`].
    OperationsBetweenCalls,
    /// [`MAX_OPERATIONS`].
    Operations,
    /// [`MAX_OUTPUT`].
    Output,
    /// [`MAX_THREADS`].
    Threads,
}

impl std::fmt::Display for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let millions = |count: u64| count / 1_000_000;
        match self {
            Self::Memory => {
                write!(f, "the program needs more than {} MiB of memory", MAX_LIVE_BYTES >> 20)
            }
            Self::OperationsBetweenCalls => write!(
                f,
                "the program made {} million operations without a system call: does a loop end?",
                millions(MAX_OPERATIONS_BETWEEN_CALLS)
            ),
            Self::Operations => {
                write!(f, "the program made {} million operations", millions(MAX_OPERATIONS))
            }
            Self::Output => write!(f, "the program printed more than {} MiB", MAX_OUTPUT >> 20),
            Self::Threads => {
                write!(f, "the program has {MAX_THREADS} threads; it cannot start more")
            }
        }
    }
}

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static SPENT: Cell<u64> = const { Cell::new(0) };
    static LEFT: Cell<u64> = const { Cell::new(0) };
}

/// The bytes of a value. They count until it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Charge(Cell<usize>);

impl Charge {
    pub(crate) fn new(bytes: usize) -> Self {
        let charge = Self::default();
        charge.set(bytes);
        charge
    }

    pub(crate) fn set(&self, bytes: usize) {
        let before = self.0.replace(bytes);
        LIVE.with(|live| live.set(live.get().wrapping_add(bytes).wrapping_sub(before)));
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.set(0);
    }
}

/// The bytes of all live values.
pub(crate) fn live() -> usize {
    LIVE.with(Cell::get)
}

/// Sets the count of live bytes, when another machine goes on. Returns the count before.
pub(crate) fn set_live(bytes: usize) -> usize {
    LIVE.with(|live| live.replace(bytes))
}

/// Fails if this many bytes more would be over the budget.
pub(crate) fn room_for(bytes: usize) -> Result<(), Budget> {
    if live().saturating_add(bytes) > MAX_LIVE_BYTES { Err(Budget::Memory) } else { Ok(()) }
}

/// Counts the operations of a computation that takes longer than one.
pub(crate) fn spend(operations: usize) {
    SPENT.with(|spent| spent.set(spent.get().saturating_add(operations as u64)));
}

/// Sets the operations that the machine may spend until it counts them.
pub(crate) fn set_left(operations: u64) {
    LEFT.with(|left| left.set(operations));
}

/// Whether computations have counted for more operations than are left.
pub(crate) fn is_overspent() -> bool {
    SPENT.with(Cell::get) > LEFT.with(Cell::get)
}

/// Counts the operations of a computation before it is made, and fails if they are too many.
pub(crate) fn afford(operations: usize) -> Result<(), Budget> {
    spend(operations);
    if is_overspent() { Err(Budget::OperationsBetweenCalls) } else { Ok(()) }
}

/// The operations since the last call of this function.
pub(crate) fn take_spent() -> u64 {
    SPENT.with(Cell::take)
}
