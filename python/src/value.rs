//! The values of a running program. They refer to each other, so they are all defined here; what can be
//! done with them is in `operators`, `builtins` and `modules`.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use num_bigint::BigInt;

use crate::budget::Charge;
use crate::code::{Code, Span};
use crate::context::Context;
use crate::native;
use crate::source::Source;
use crate::symbols::Symbol;
use crate::table::{KeySet, Table};
use crate::types::{Exc, Type};
use framescope_syscall::{Address, Fd};

/// The types of `native` and `context`, for values.
pub(crate) type Cx = Context<Value>;
pub(crate) type Args = native::Args<Value>;
pub(crate) type Native = native::Native<Value>;
pub(crate) type Raised = native::Raised<Value>;
pub(crate) type Fail = Box<Raised>;
pub(crate) type Outcome = native::Outcome<Value>;

/// A value. Those that are larger than a number are shared.
#[derive(Clone, Debug, Default)]
pub(crate) enum Value {
    /// A variable that has no value.
    #[default]
    Unbound,
    None,
    Ellipsis,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// An int that does not fit in 64 bits.
    Big(Rc<Big>),
    Str(Rc<Text>),
    Bytes(Rc<Bytes>),
    ByteArray(Rc<ByteArray>),
    Tuple(Rc<Tuple>),
    List(Rc<List>),
    Dict(Rc<Dict>),
    Set(Rc<Set>),
    Range(Rc<Range>),
    Slice(Rc<Slice>),
    View(Rc<View>),
    Iterator(Rc<Iterator>),
    Generator(Rc<Generator>),
    Function(Rc<Function>),
    Method(Rc<Method>),
    Native(&'static Native),
    NativeMethod(Rc<NativeMethod>),
    Class(Rc<Class>),
    Instance(Rc<Instance>),
    Exception(Rc<Exception>),
    Super(Rc<Super>),
    /// What a decorator of a method made of it.
    Wrapped(Rc<Wrapped>),
    Module(Rc<Module>),
    Cell(Rc<Variable>),
    Socket(Rc<Socket>),
    Stream(Rc<Stream>),
    Lock(Rc<Lock>),
    Time(Rc<Time>),
}

#[derive(Debug)]
pub(crate) struct Big {
    pub(crate) number: BigInt,
    _charge: Charge,
}

/// A str.
#[derive(Debug)]
pub(crate) struct Text {
    #[expect(clippy::struct_field_names, reason = "the text of a text")]
    pub(crate) text: Rc<str>,
    /// The number of its characters.
    pub(crate) length: usize,
    _charge: Charge,
}

#[derive(Debug)]
pub(crate) struct Bytes {
    pub(crate) bytes: Rc<[u8]>,
    _charge: Charge,
}

#[derive(Debug)]
pub(crate) struct ByteArray {
    pub(crate) bytes: RefCell<Vec<u8>>,
    pub(crate) charge: Charge,
}

#[derive(Debug)]
pub(crate) struct Tuple {
    pub(crate) items: Vec<Value>,
    _charge: Charge,
}

#[derive(Debug)]
pub(crate) struct List {
    pub(crate) items: RefCell<Vec<Value>>,
    pub(crate) charge: Charge,
}

#[derive(Debug)]
pub(crate) struct Dict {
    pub(crate) table: RefCell<Table<Value>>,
    pub(crate) charge: Charge,
}

#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) keys: RefCell<KeySet<Value>>,
    pub(crate) charge: Charge,
}

#[derive(Debug)]
pub(crate) struct Range {
    pub(crate) start: i64,
    pub(crate) stop: i64,
    pub(crate) step: i64,
}

#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) start: Value,
    pub(crate) stop: Value,
    pub(crate) step: Value,
}

/// The keys, values or items of a dict.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) dict: Rc<Dict>,
    pub(crate) kind: Type,
}

/// An iterator over a built-in value.
#[derive(Debug)]
pub(crate) struct Iterator {
    pub(crate) state: RefCell<IteratorState>,
}

#[derive(Debug)]
pub(crate) enum IteratorState {
    Ended(Type),
    List {
        list: Rc<List>,
        next: usize,
    },
    ReversedList {
        list: Rc<List>,
        left: usize,
    },
    Tuple {
        tuple: Rc<Tuple>,
        next: usize,
    },
    /// The byte offset of the next character.
    Str {
        text: Rc<Text>,
        next: usize,
    },
    Bytes {
        bytes: Value,
        next: usize,
    },
    Range {
        next: i64,
        left: u64,
        step: i64,
        kind: Type,
    },
    Dict {
        dict: Rc<Dict>,
        next: usize,
        length: usize,
        kind: Type,
    },
    Set {
        set: Rc<Set>,
        next: usize,
        length: usize,
    },
    /// What is made at once, as by `reversed` of a tuple.
    Items {
        items: std::vec::IntoIter<Value>,
        kind: Type,
    },
    Enumerate {
        inner: Value,
        next: i64,
    },
    Zip {
        inner: Vec<Value>,
        strict: bool,
    },
    Map {
        function: Value,
        inner: Vec<Value>,
    },
    Filter {
        function: Value,
        inner: Value,
    },
    Lines {
        stream: Rc<Stream>,
    },
}

#[derive(Debug)]
pub(crate) struct Generator {
    /// `None` while it runs, and when it has ended.
    pub(crate) frame: RefCell<Option<Box<Frame>>>,
    pub(crate) is_running: Cell<bool>,
    pub(crate) name: String,
}

/// The global variables of a module.
#[derive(Debug)]
pub(crate) struct Globals {
    pub(crate) names: Vec<String>,
    pub(crate) values: RefCell<Vec<Value>>,
    /// The built-in value of each name, if there is one.
    pub(crate) builtins: Vec<Value>,
    pub(crate) source: Rc<Source>,
    /// The module of the library that it is. Its lines are not shown.
    pub(crate) library: Option<&'static str>,
}

/// Code with what the machine made of its constants and names.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) code: Rc<Code>,
    pub(crate) constants: Vec<Value>,
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) functions: Vec<Rc<Loaded>>,
}

#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) loaded: Rc<Loaded>,
    pub(crate) globals: Rc<Globals>,
    pub(crate) defaults: Vec<Value>,
    pub(crate) named_defaults: Vec<(String, Value)>,
    pub(crate) cells: Vec<Rc<Variable>>,
    _charge: Charge,
}

/// A variable that functions share.
#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) value: RefCell<Value>,
}

#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) object: Value,
    pub(crate) function: Rc<Function>,
}

#[derive(Debug)]
pub(crate) struct NativeMethod {
    pub(crate) object: Value,
    pub(crate) native: &'static Native,
}

/// Attributes, in the order in which they were set.
pub(crate) type Attributes = Vec<(Symbol, Value)>;

#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) name: String,
    pub(crate) qualified_name: String,
    pub(crate) kind: ClassKind,
    pub(crate) base: RefCell<Option<Rc<Class>>>,
    pub(crate) attributes: RefCell<Attributes>,
    _charge: Charge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClassKind {
    BuiltIn(Type),
    Exception(Exc),
    /// Written in this module of the library.
    Library(&'static str),
    /// Written by the program.
    Written,
}

#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) class: Rc<Class>,
    pub(crate) attributes: RefCell<Attributes>,
    pub(crate) charge: Charge,
}

/// An exception.
#[derive(Debug)]
pub(crate) struct Exception {
    pub(crate) class: Rc<Class>,
    pub(crate) args: RefCell<Vec<Value>>,
    pub(crate) attributes: RefCell<Attributes>,
    pub(crate) cause: RefCell<Option<Rc<Exception>>>,
    pub(crate) context: RefCell<Option<Rc<Exception>>>,
    pub(crate) hides_context: Cell<bool>,
    pub(crate) traceback: RefCell<Vec<TracebackEntry>>,
    /// The attribute that was probably meant.
    pub(crate) suggestion: RefCell<Option<String>>,
    _charge: Charge,
}

/// A place that an exception came through. The innermost is first.
#[derive(Clone, Debug)]
pub(crate) struct TracebackEntry {
    pub(crate) globals: Rc<Globals>,
    pub(crate) function: Rc<Loaded>,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct Super {
    /// Methods are looked up in the classes under this one.
    pub(crate) class: Rc<Class>,
    pub(crate) object: Value,
}

#[derive(Debug)]
pub(crate) struct Wrapped {
    pub(crate) kind: Type,
    pub(crate) function: Value,
}

#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) name: &'static str,
    pub(crate) attributes: RefCell<Attributes>,
}

/// The descriptors that a machine has yet to close, because their sockets are gone.
pub(crate) type Orphans = Rc<RefCell<Vec<Fd>>>;

#[derive(Debug)]
pub(crate) struct Socket {
    /// `None` when it is closed.
    pub(crate) fd: Cell<Option<Fd>>,
    /// In microseconds. `None` waits for ever, 0 not at all.
    pub(crate) timeout: Cell<Option<u64>>,
    /// 0, or the number of TCP.
    pub(crate) protocol: Cell<i64>,
    /// The streams that were made of it and are open.
    pub(crate) streams: Cell<u32>,
    /// `close` was called; the descriptor is open as long as a stream is.
    pub(crate) is_closed: Cell<bool>,
    /// What its representation shows.
    pub(crate) local: Cell<Option<Address>>,
    pub(crate) peer: Cell<Option<Address>>,
    pub(crate) orphans: Orphans,
}

/// What `makefile` returns.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) socket: Rc<Socket>,
    pub(crate) mode: String,
    pub(crate) encoding: Option<String>,
    /// Whether `\r` and `\r\n` end a line too, and are read as `\n`.
    pub(crate) translates: bool,
    /// Bytes that were received and not read.
    pub(crate) unread: RefCell<Vec<u8>>,
    /// Bytes that were written and not sent.
    pub(crate) unsent: RefCell<Vec<u8>>,
    pub(crate) is_closed: Cell<bool>,
}

/// A lock, or the flag of an event.
#[derive(Debug)]
pub(crate) struct Lock {
    pub(crate) is_locked: Cell<bool>,
}

/// A date with its time, or a duration.
#[derive(Debug)]
pub(crate) struct Time {
    pub(crate) kind: Type,
    /// Since 1970 for a date, in microseconds.
    pub(crate) us: i64,
}

/// A function that runs.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) loaded: Rc<Loaded>,
    pub(crate) globals: Rc<Globals>,
    pub(crate) at: usize,
    pub(crate) locals: Vec<Value>,
    pub(crate) cells: Vec<Rc<Variable>>,
    pub(crate) stack: Vec<Value>,
    pub(crate) tries: Vec<Try>,
    /// The names of the class whose body this is.
    pub(crate) class_names: Attributes,
    /// How many exceptions were handled when it began.
    pub(crate) handled: usize,
    pub(crate) when_done: WhenDone,
}

/// A `try` whose body runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Try {
    pub(crate) handler: u32,
    pub(crate) depth: usize,
    pub(crate) handled: usize,
}

/// What happens with the value of a function.
#[derive(Clone, Debug)]
pub(crate) enum WhenDone {
    /// The caller goes on with it.
    Push,
    /// It was `__init__`: the caller goes on with the new instance.
    Construct(Value),
    /// It was a generator's, which a `for` asked for the next item: at the end it goes on there.
    Next { end: u32 },
    /// The same, of an iterator that a task makes.
    NextOfTask { end: u32 },
    /// It was a generator's, which a task asked for the next item.
    Item,
    /// The same, of an iterator that a task makes.
    ItemOfTask,
    /// Nobody wants it.
    Drop,
    /// It was `__len__` in a condition.
    Truth,
    /// It was the body of this class.
    Class(Rc<Class>),
    /// It was `__enter__`: the block of the `with` begins.
    Enter(u32),
    /// It was the module of the library with this name.
    Import(String),
}

impl Value {
    pub(crate) fn str(text: impl Into<Rc<str>>) -> Self {
        let text: Rc<str> = text.into();
        let length = if text.is_ascii() { text.len() } else { text.chars().count() };
        let charge = Charge::new(text.len() + size_of::<Text>());
        Self::Str(Rc::new(Text { text, length, _charge: charge }))
    }

    pub(crate) fn bytes(bytes: impl Into<Rc<[u8]>>) -> Self {
        let bytes: Rc<[u8]> = bytes.into();
        let charge = Charge::new(bytes.len() + size_of::<Bytes>());
        Self::Bytes(Rc::new(Bytes { bytes, _charge: charge }))
    }

    pub(crate) fn byte_array(bytes: Vec<u8>) -> Self {
        let charge = Charge::new(bytes.len() + size_of::<ByteArray>());
        Self::ByteArray(Rc::new(ByteArray { bytes: RefCell::new(bytes), charge }))
    }

    pub(crate) fn big(number: BigInt) -> Self {
        if let Ok(small) = i64::try_from(&number) {
            Self::Int(small)
        } else {
            let bytes = usize::try_from(number.bits() / 8).unwrap_or(usize::MAX);
            let charge = Charge::new(bytes + size_of::<Big>());
            Self::Big(Rc::new(Big { number, _charge: charge }))
        }
    }

    pub(crate) fn tuple(items: Vec<Self>) -> Self {
        let charge = Charge::new(charge_of(items.len()));
        Self::Tuple(Rc::new(Tuple { items, _charge: charge }))
    }

    pub(crate) fn list(items: Vec<Self>) -> Self {
        let charge = Charge::new(charge_of(items.len()));
        let list = Rc::new(List { items: RefCell::new(items), charge });
        note(Container::List(Rc::downgrade(&list)));
        Self::List(list)
    }

    pub(crate) fn dict(table: Table<Self>) -> Self {
        let charge = Charge::new(table_charge(table.len()));
        let dict = Rc::new(Dict { table: RefCell::new(table), charge });
        note(Container::Dict(Rc::downgrade(&dict)));
        Self::Dict(dict)
    }

    pub(crate) fn set(keys: KeySet<Self>) -> Self {
        let charge = Charge::new(table_charge(keys.len()));
        Self::Set(Rc::new(Set { keys: RefCell::new(keys), charge }))
    }

    pub(crate) fn iterator(state: IteratorState) -> Self {
        Self::Iterator(Rc::new(Iterator { state: RefCell::new(state) }))
    }

    /// An int from a size.
    pub(crate) fn size(size: usize) -> Self {
        Self::Int(i64::try_from(size).unwrap_or(i64::MAX))
    }

    /// Whether a variable has this value.
    pub(crate) const fn is_bound(&self) -> bool {
        !matches!(self, Self::Unbound)
    }
}

impl Globals {
    /// Whether they are those of a module of the library.
    pub(crate) const fn is_library(&self) -> bool {
        self.library.is_some()
    }
}

impl Module {
    /// Whether it stands for `sys.stdout` or `sys.stderr`.
    pub(crate) fn is_stream(&self) -> bool {
        matches!(self.name, "sys.stdout" | "sys.stderr")
    }
}

impl Stream {
    /// The name of its class in CPython.
    pub(crate) fn class_name(&self) -> &'static str {
        match (self.encoding.is_some(), self.mode.contains('r'), self.mode.contains('w')) {
            (true, ..) => "_io.TextIOWrapper",
            (false, true, true) => "_io.BufferedRWPair",
            (false, false, _) => "_io.BufferedWriter",
            (false, true, false) => "_io.BufferedReader",
        }
    }
}

impl Function {
    pub(crate) fn new(
        loaded: Rc<Loaded>,
        globals: Rc<Globals>,
        defaults: Vec<Value>,
        named_defaults: Vec<(String, Value)>,
        cells: Vec<Rc<Variable>>,
    ) -> Self {
        let charge = Charge::new(size_of::<Self>() + charge_of(defaults.len() + cells.len()));
        Self { loaded, globals, defaults, named_defaults, cells, _charge: charge }
    }
}

impl Class {
    pub(crate) fn new(
        name: String,
        qualified_name: String,
        kind: ClassKind,
        base: Option<Rc<Self>>,
        attributes: Attributes,
    ) -> Rc<Self> {
        let charge = Charge::new(size_of::<Self>() + charge_of(2 * attributes.len()));
        let (base, attributes) = (RefCell::new(base), RefCell::new(attributes));
        let class = Rc::new(Self { name, qualified_name, kind, base, attributes, _charge: charge });
        note(Container::Class(Rc::downgrade(&class)));
        class
    }

    /// This class, its base, the base of that, and so on.
    pub(crate) fn ancestry(self: &Rc<Self>) -> impl std::iter::Iterator<Item = Rc<Self>> + use<> {
        std::iter::successors(Some(Rc::clone(self)), |class| class.base.borrow().clone())
    }

    pub(crate) fn is_a(self: &Rc<Self>, ancestor: &Rc<Self>) -> bool {
        self.ancestry().any(|class| Rc::ptr_eq(&class, ancestor))
    }

    /// The built-in exception that it is or is based on.
    pub(crate) fn exception(self: &Rc<Self>) -> Option<Exc> {
        self.ancestry().find_map(|class| match class.kind {
            ClassKind::Exception(exc) => Some(exc),
            ClassKind::BuiltIn(_) | ClassKind::Library(_) | ClassKind::Written => None,
        })
    }

    /// An attribute of the class or of the classes it is based on.
    pub(crate) fn find(self: &Rc<Self>, name: Symbol) -> Option<Value> {
        self.ancestry().find_map(|class| find(&class.attributes.borrow(), name))
    }
}

impl Instance {
    pub(crate) fn new(class: Rc<Class>) -> Rc<Self> {
        let charge = Charge::new(size_of::<Self>());
        let instance = Rc::new(Self { class, attributes: RefCell::default(), charge });
        note(Container::Instance(Rc::downgrade(&instance)));
        instance
    }
}

impl Exception {
    pub(crate) fn new(class: Rc<Class>, args: Vec<Value>) -> Rc<Self> {
        let charge = Charge::new(size_of::<Self>() + charge_of(args.len()));
        let exception = Rc::new(Self {
            class,
            args: RefCell::new(args),
            attributes: RefCell::default(),
            cause: RefCell::default(),
            context: RefCell::default(),
            hides_context: Cell::new(false),
            traceback: RefCell::default(),
            suggestion: RefCell::default(),
            _charge: charge,
        });
        note(Container::Exception(Rc::downgrade(&exception)));
        exception
    }
}

impl Variable {
    pub(crate) fn new(value: Value) -> Rc<Self> {
        let variable = Rc::new(Self { value: RefCell::new(value) });
        note(Container::Variable(Rc::downgrade(&variable)));
        variable
    }
}

impl Generator {
    pub(crate) fn new(frame: Box<Frame>) -> Rc<Self> {
        let name = frame.loaded.code.qualified_name.clone();
        let frame = RefCell::new(Some(frame));
        let generator = Rc::new(Self { frame, is_running: Cell::new(false), name });
        note(Container::Generator(Rc::downgrade(&generator)));
        generator
    }
}

/// The value of an attribute.
pub(crate) fn find(attributes: &Attributes, name: Symbol) -> Option<Value> {
    attributes.iter().find(|(symbol, _)| *symbol == name).map(|(_, value)| value.clone())
}

/// Sets an attribute. Returns whether it is new.
pub(crate) fn set(attributes: &mut Attributes, name: Symbol, value: Value) -> bool {
    if let Some((_, old)) = attributes.iter_mut().find(|(symbol, _)| *symbol == name) {
        *old = value;
        false
    } else {
        attributes.push((name, value));
        true
    }
}

/// The bytes that a list or a tuple of this length counts for.
pub(crate) const fn charge_of(length: usize) -> usize {
    length * size_of::<Value>() + 64
}

/// The bytes that a dict or a set of this length counts for.
pub(crate) const fn table_charge(length: usize) -> usize {
    length * 100 + 64
}

/// A container that may refer to itself. When a machine ends, it empties those that are left.
#[derive(Debug)]
pub(crate) enum Container {
    List(Weak<List>),
    Dict(Weak<Dict>),
    Instance(Weak<Instance>),
    Variable(Weak<Variable>),
    Class(Weak<Class>),
    Exception(Weak<Exception>),
    Generator(Weak<Generator>),
}

thread_local! {
    static CONTAINERS: RefCell<Vec<Container>> = const { RefCell::new(Vec::new()) };
    static PRUNE_AT: Cell<usize> = const { Cell::new(1024) };
}

/// Notes a container that may come to refer to itself.
fn note(container: Container) {
    CONTAINERS.with(|containers| {
        let mut containers = containers.borrow_mut();
        containers.push(container);
        if containers.len() >= PRUNE_AT.with(Cell::get) {
            containers.retain(Container::is_alive);
            PRUNE_AT.with(|at| at.set(1024 + 2 * containers.len()));
        }
    });
}

/// Sets the containers, when another machine goes on. Returns those before.
pub(crate) fn set_containers(containers: Vec<Container>) -> Vec<Container> {
    PRUNE_AT.with(|at| at.set(1024 + 2 * containers.len()));
    CONTAINERS.with(|own| own.replace(containers))
}

impl Container {
    fn is_alive(&self) -> bool {
        match self {
            Self::List(weak) => weak.strong_count() > 0,
            Self::Dict(weak) => weak.strong_count() > 0,
            Self::Instance(weak) => weak.strong_count() > 0,
            Self::Variable(weak) => weak.strong_count() > 0,
            Self::Class(weak) => weak.strong_count() > 0,
            Self::Exception(weak) => weak.strong_count() > 0,
            Self::Generator(weak) => weak.strong_count() > 0,
        }
    }

    /// Empties the container, so that it no longer refers to itself.
    pub(crate) fn empty(&self) {
        match self {
            Self::List(weak) => {
                if let Some(list) = weak.upgrade() {
                    discard(list.items.take());
                }
            }
            Self::Dict(weak) => {
                if let Some(dict) = weak.upgrade() {
                    drop(dict.table.take());
                }
            }
            Self::Instance(weak) => {
                if let Some(instance) = weak.upgrade() {
                    drop(instance.attributes.take());
                }
            }
            Self::Variable(weak) => {
                if let Some(variable) = weak.upgrade() {
                    drop(variable.value.take());
                }
            }
            Self::Class(weak) => {
                if let Some(class) = weak.upgrade() {
                    drop(class.attributes.take());
                }
            }
            Self::Exception(weak) => {
                if let Some(exception) = weak.upgrade() {
                    drop(exception.args.take());
                    drop(exception.attributes.take());
                    drop(exception.traceback.take());
                    drop((exception.cause.take(), exception.context.take()));
                }
            }
            Self::Generator(weak) => {
                if let Some(generator) = weak.upgrade() {
                    drop(generator.frame.take());
                }
            }
        }
    }
}

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static DISCARDED: RefCell<Vec<Vec<Value>>> = const { RefCell::new(Vec::new()) };
}

/// The most values in each other that are dropped by recursion.
const MAX_DROP_DEPTH: usize = 40;

/// Drops values. A value that is deep in others is dropped after them, so that the stack stays small.
fn discard(values: Vec<Value>) {
    if values.is_empty() {
        return;
    }
    let depth = DEPTH.with(Cell::get);
    if depth >= MAX_DROP_DEPTH {
        DISCARDED.with(|discarded| discarded.borrow_mut().push(values));
        return;
    }
    DEPTH.with(|cell| cell.set(depth + 1));
    drop(values);
    while depth == 0
        && let Some(next) = DISCARDED.with(|discarded| discarded.borrow_mut().pop())
    {
        drop(next);
    }
    DEPTH.with(|cell| cell.set(depth));
}

impl Drop for Tuple {
    fn drop(&mut self) {
        discard(std::mem::take(&mut self.items));
    }
}

impl Drop for List {
    fn drop(&mut self) {
        discard(std::mem::take(self.items.get_mut()));
    }
}

impl Drop for Dict {
    fn drop(&mut self) {
        let table = std::mem::take(self.table.get_mut());
        discard(table.into_values().flat_map(|(key, value)| [key, value]).collect());
    }
}

impl Drop for Slice {
    fn drop(&mut self) {
        let Self { start, stop, step } = self;
        discard([start, stop, step].map(std::mem::take).into());
    }
}

impl Drop for Variable {
    fn drop(&mut self) {
        discard(vec![std::mem::take(self.value.get_mut())]);
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let attributes = std::mem::take(self.attributes.get_mut());
        discard(attributes.into_iter().map(|(_, value)| value).collect());
    }
}

impl Drop for Class {
    fn drop(&mut self) {
        let attributes = std::mem::take(self.attributes.get_mut());
        let base = self.base.get_mut().take().map(Value::Class);
        discard(attributes.into_iter().map(|(_, value)| value).chain(base).collect());
    }
}

impl Drop for Exception {
    fn drop(&mut self) {
        let linked = [self.cause.get_mut().take(), self.context.get_mut().take()];
        let mut values = std::mem::take(self.args.get_mut());
        values.extend(linked.into_iter().flatten().map(Value::Exception));
        values
            .extend(std::mem::take(self.attributes.get_mut()).into_iter().map(|(_, value)| value));
        discard(values);
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        if let Some(mut frame) = self.frame.get_mut().take() {
            let mut values = std::mem::take(&mut frame.locals);
            values.append(&mut frame.stack);
            discard(values);
        }
    }
}

impl Drop for Iterator {
    fn drop(&mut self) {
        match std::mem::replace(self.state.get_mut(), IteratorState::Ended(Type::ListIterator)) {
            IteratorState::Enumerate { inner, .. } => discard(vec![inner]),
            IteratorState::Zip { inner, .. } => discard(inner),
            IteratorState::Map { function, mut inner } => {
                inner.push(function);
                discard(inner);
            }
            IteratorState::Filter { function, inner } => discard(vec![function, inner]),
            IteratorState::Items { items, .. } => discard(items.collect()),
            IteratorState::Ended(_)
            | IteratorState::List { .. }
            | IteratorState::ReversedList { .. }
            | IteratorState::Tuple { .. }
            | IteratorState::Str { .. }
            | IteratorState::Bytes { .. }
            | IteratorState::Range { .. }
            | IteratorState::Dict { .. }
            | IteratorState::Set { .. }
            | IteratorState::Lines { .. } => {}
        }
    }
}

impl Drop for Method {
    fn drop(&mut self) {
        discard(vec![std::mem::take(&mut self.object)]);
    }
}

impl Drop for NativeMethod {
    fn drop(&mut self) {
        discard(vec![std::mem::take(&mut self.object)]);
    }
}

/// A socket that nothing refers to is closed, as by Python's reference counts.
impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(fd) = self.fd.take() {
            self.orphans.borrow_mut().push(fd);
        }
    }
}
