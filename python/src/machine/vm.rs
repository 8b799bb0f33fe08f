//! What all threads of a machine share.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::budget::{self, Budget, MAX_LIVE_BYTES, MAX_OPERATIONS, MAX_OPERATIONS_BETWEEN_CALLS};
use crate::builtins::methods;
use crate::modules;
use crate::symbols::Symbol;
use crate::types::Type;
use crate::value::{Cx, Globals, Native, Value};

/// What all threads of a machine share.
#[derive(Debug)]
pub(crate) struct Vm {
    pub(crate) cx: Cx,
    /// The modules that were imported.
    pub(crate) modules: FxHashMap<String, Value>,
    /// The global variables of every module, to be emptied at the end.
    pub(crate) globals: Vec<Rc<Globals>>,
    methods: FxHashMap<(Type, Symbol), Option<&'static Native>>,
    /// Whether it stops before each statement.
    pub(crate) stops_at_statements: bool,
    operations: u64,
    since_call: u64,
    /// The most operations, if it is less than the budget.
    limit: u64,
    /// The operations after which a thread pauses.
    pause_after: u64,
    /// The count of operations at which the thread that runs pauses.
    pause_at: u64,
}

impl Vm {
    pub(crate) fn new(cx: Cx) -> Self {
        Self {
            cx,
            modules: FxHashMap::default(),
            globals: Vec::new(),
            methods: FxHashMap::default(),
            stops_at_statements: false,
            operations: 0,
            since_call: 0,
            limit: MAX_OPERATIONS,
            pause_after: u64::MAX,
            pause_at: u64::MAX,
        }
    }

    /// Makes the budget of operations smaller.
    pub(crate) fn limit_operations(&mut self, operations: u64) {
        self.limit = self.limit.min(operations);
    }

    /// Lets a thread pause after this many operations.
    pub(crate) const fn pause_after(&mut self, operations: u64) {
        self.pause_after = operations;
    }

    /// A thread goes on.
    pub(crate) fn go_on(&mut self) {
        self.pause_at = self.operations.saturating_add(self.pause_after);
        self.tell_left();
    }

    /// Whether the thread that runs has made enough operations for now.
    pub(crate) const fn is_pause_due(&self) -> bool {
        self.operations >= self.pause_at
    }

    /// Counts operations, and checks the budgets.
    pub(crate) fn spend(&mut self, operations: u64) -> Result<(), Budget> {
        let spent = operations + budget::take_spent();
        self.operations += spent;
        self.since_call += spent;
        if self.since_call > MAX_OPERATIONS_BETWEEN_CALLS {
            return Err(Budget::OperationsBetweenCalls);
        }
        if self.operations > self.limit {
            return Err(Budget::Operations);
        }
        if budget::live() > MAX_LIVE_BYTES {
            return Err(Budget::Memory);
        }
        self.tell_left();
        Ok(())
    }

    /// Tells the computations how much is left of the budgets.
    fn tell_left(&self) {
        let between_calls = MAX_OPERATIONS_BETWEEN_CALLS.saturating_sub(self.since_call);
        budget::set_left(between_calls.min(self.limit.saturating_sub(self.operations)));
    }

    /// A system call was made.
    pub(crate) const fn called(&mut self) {
        self.since_call = 0;
    }

    /// A method of a built-in type.
    pub(crate) fn method(&mut self, of: Type, name: Symbol) -> Option<&'static Native> {
        if let Some(found) = self.methods.get(&(of, name)) {
            return *found;
        }
        let text = self.cx.symbols.name(name);
        let found = methods::find(of, text).or_else(|| modules::method(of, text));
        self.methods.insert((of, name), found);
        found
    }
}
