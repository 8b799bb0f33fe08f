//! What the compiler makes of a program: operations of a stack machine.

use std::rc::Rc;

use num_bigint::BigInt;

/// A part of the program's text: byte offsets of its beginning and its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A value in the text of a program.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Constant {
    None,
    Bool(bool),
    Int(i64),
    Big(BigInt),
    Float(f64),
    Str(String),
    Bytes(Vec<u8>),
    Tuple(Vec<Constant>),
    Ellipsis,
}

/// An operator with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
    LeftShift,
    RightShift,
    And,
    Or,
    Xor,
}

/// An operator with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Plus,
    Minus,
    Invert,
    Not,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Is,
    IsNot,
    In,
    NotIn,
}

/// How a value in an f-string becomes text before its format is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conversion {
    None,
    Str,
    Repr,
    Ascii,
}

/// An operation. In the comments, `a b -> c` says what it takes from the stack and what it puts there, the
/// top at the right. A jump's target is the index of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// A statement begins.
    Statement,
    /// `-> constant`
    Constant(u32),
    /// `a ->`
    Pop,
    /// `a -> a a`
    Duplicate,
    /// `a b -> a b a b`
    DuplicateTwo,
    /// `a b -> b a`
    Swap,
    /// `a b c -> c a b`
    RotateThree,
    LoadLocal(u32),
    StoreLocal(u32),
    DeleteLocal(u32),
    LoadGlobal(u32),
    StoreGlobal(u32),
    DeleteGlobal(u32),
    LoadCell(u32),
    StoreCell(u32),
    DeleteCell(u32),
    /// In the body of a class: its own name, or else the global one.
    LoadClassName(u32, u32),
    /// In the body of a class: its own name, or else that of the function around it.
    LoadClassCell(u32, u32),
    StoreClassName(u32),
    DeleteClassName(u32),
    /// `object -> value`
    LoadAttribute(u32),
    /// `value object ->`
    StoreAttribute(u32),
    /// `object ->`
    DeleteAttribute(u32),
    /// `object -> method object`, or `object -> value unbound`
    LoadMethod(u32),
    /// `method object arguments -> result`
    CallMethod(u32),
    /// `container index -> value`
    LoadItem,
    /// `value container index ->`
    StoreItem,
    /// `container index ->`
    DeleteItem,
    /// `start stop step -> slice`
    BuildSlice,
    Binary(Operator),
    InPlace(Operator),
    Unary(Unary),
    Compare(Comparison),
    Jump(u32),
    /// `a ->`
    JumpIfFalse(u32),
    /// `a ->`
    JumpIfTrue(u32),
    /// `a ->`, or `a -> a` with the jump
    JumpIfFalseOrPop(u32),
    /// `a ->`, or `a -> a` with the jump
    JumpIfTrueOrPop(u32),
    BuildTuple(u32),
    BuildList(u32),
    BuildSet(u32),
    /// `key value ... -> dict`
    BuildDict(u32),
    BuildString(u32),
    /// `list value -> list`
    ListAppend,
    /// `list iterable -> list`
    ListExtend,
    /// `set iterable -> set`
    SetExtend,
    /// `dict mapping -> dict`
    DictUpdate,
    /// `dict mapping -> dict`, in a call: a key twice is an error
    DictMerge,
    /// `list -> tuple`
    ListToTuple,
    /// In a comprehension: `value ->`; the list is this many places under the top.
    AppendTo(u32),
    /// In a comprehension: `value ->`
    AddTo(u32),
    /// In a comprehension: `key value ->`
    InsertInto(u32),
    /// `iterable -> last ... first`
    Unpack(u32),
    /// `iterable -> last ... rest ... first`: how many before and after the rest
    UnpackRest(u32, u32),
    /// `iterable -> iterator`
    Iterate,
    /// `iterator -> iterator item`, or `iterator ->` with the jump
    Next(u32),
    /// `function arguments -> result`
    Call(u32),
    /// `function arguments -> result`; the constant has the names of the last arguments.
    CallNamed(u32, u32),
    /// `function tuple dict -> result`
    CallUnpacked,
    /// `defaults named_defaults cells -> function`
    MakeFunction(u32),
    /// `bases ... body -> class`
    MakeClass {
        name: u32,
        bases: u32,
    },
    /// The cell itself, for a function that uses its variable.
    LoadClosure(u32),
    /// `value ->`
    Return,
    /// `value -> sent`
    Yield,
    /// `->`, `exception ->` or `exception cause ->`
    Raise(u32),
    /// `exception ->`: raises it again, as it was.
    Reraise,
    PushTry(u32),
    PopTry,
    /// `exception class -> exception bool`
    Matches,
    /// The exception is handled.
    LeaveHandler,
    /// `manager -> exit value`, and a block begins.
    EnterWith(u32),
    /// `exit ->`: calls it with three times None.
    ExitWith,
    /// `exit exception -> exit exception result`
    ExitWithException,
    /// `-> AssertionError`
    LoadAssertionError,
    Import(u32),
    /// `module -> module value`
    ImportName(u32),
    /// `value spec -> text`, or `value -> text`
    Format(Conversion, bool),
}

/// The parameters of a function. Their names are the first local variables, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters {
    pub(crate) positional_only: u32,
    /// Those that can be given by position, the ones above included.
    pub(crate) positional: u32,
    pub(crate) keyword_only: u32,
    pub(crate) has_rest: bool,
    pub(crate) has_keywords: bool,
}

impl Parameters {
    pub(crate) const fn count(self) -> usize {
        (self.positional + self.keyword_only + self.has_rest as u32 + self.has_keywords as u32)
            as usize
    }
}

/// What a piece of code belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeKind {
    Module,
    Function,
    Generator,
    Class,
}

/// The code of a module, of a function, or of the body of a class.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) kind: CodeKind,
    /// `<module>`, or the name of the function.
    pub(crate) name: String,
    /// With the names of the functions and classes around it, for messages.
    pub(crate) qualified_name: String,
    pub(crate) parameters: Parameters,
    pub(crate) ops: Vec<Op>,
    /// For each operation, the text that it stands for.
    pub(crate) spans: Vec<Span>,
    pub(crate) constants: Vec<Constant>,
    /// The names of attributes, modules and of a class's own names.
    pub(crate) names: Vec<String>,
    /// The local variables; the parameters first.
    pub(crate) locals: Vec<String>,
    /// The variables that are shared with functions inside. First those of this function, then those of
    /// the functions around it.
    pub(crate) cells: Vec<String>,
    /// The number of cells that are this function's own.
    pub(crate) own_cells: usize,
    /// The parameters that are cells: the local's index and the cell's.
    pub(crate) cell_parameters: Vec<(u32, u32)>,
    pub(crate) functions: Vec<Rc<Code>>,
}
