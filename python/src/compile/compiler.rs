//! The code that is being made: one unit for each function, class and module, the innermost last.
#![allow(clippy::wildcard_enum_match_arm, reason = "a rule knows a few kinds of nodes")]

use std::rc::Rc;

use indexmap::IndexSet;
use ruff_text_size::TextRange;

use super::error::{Problem, refused};
use super::scope::{Place, ScopeKey, ScopeKind, Scopes, span};
use crate::code::{Code, CodeKind, Constant, Op, Parameters, Span};
use crate::modules::names::exported_names;

/// The most operations of one function.
const MAX_OPS: usize = 1 << 20;

/// What a `break`, a `continue` or a `return` has to leave. The innermost is last.
pub(crate) enum Block<'a> {
    Loop {
        start: u32,
        breaks: Vec<usize>,
        is_for: bool,
    },
    /// The body of a `try`.
    Try,
    /// A part of a `try` whose `finally` follows.
    Finally(&'a [ruff_python_ast::Stmt]),
    /// An `except` clause, with the place of its name.
    Handler(Option<&'a str>),
    /// The body of a `with`.
    With(Span),
    /// A `finally` that runs because of an exception.
    FinallyHandler,
    /// A value that a `return` in a `finally` drops.
    Value,
}

/// One function, class or module.
pub(crate) struct Unit<'a> {
    pub(crate) scope: usize,
    pub(crate) kind: CodeKind,
    name: String,
    qualified_name: String,
    pub(crate) parameters: Parameters,
    ops: Vec<Op>,
    spans: Vec<Span>,
    constants: Vec<Constant>,
    names: IndexSet<String>,
    functions: Vec<Rc<Code>>,
    pub(crate) blocks: Vec<Block<'a>>,
    span: Span,
}

pub(crate) struct Compiler<'a> {
    pub(crate) text: &'a str,
    pub(crate) scopes: Scopes,
    /// The names of the module's global variables.
    pub(crate) globals: IndexSet<String>,
    units: Vec<Unit<'a>>,
    /// Whether it is one of the library's modules, which may use what programs may not.
    pub(crate) is_library: bool,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(text: &'a str, scopes: Scopes, is_library: bool) -> Self {
        Self { text, scopes, globals: IndexSet::new(), units: Vec::new(), is_library }
    }

    pub(crate) fn open(&mut self, scope: usize, kind: CodeKind, name: &str) {
        let qualified_name = match self.units.last() {
            None => name.to_owned(),
            Some(unit) => match unit.kind {
                CodeKind::Module => name.to_owned(),
                CodeKind::Class => format!("{}.{name}", unit.qualified_name),
                CodeKind::Function | CodeKind::Generator => {
                    format!("{}.<locals>.{name}", unit.qualified_name)
                }
            },
        };
        self.units.push(Unit {
            scope,
            kind,
            name: name.to_owned(),
            qualified_name,
            parameters: Parameters::default(),
            ops: Vec::new(),
            spans: Vec::new(),
            constants: Vec::new(),
            names: IndexSet::new(),
            functions: Vec::new(),
            blocks: Vec::new(),
            span: Span::default(),
        });
    }

    /// Ends the innermost unit.
    pub(crate) fn close(&mut self) -> Option<Code> {
        let unit = self.units.pop()?;
        let scope = &self.scopes.all[unit.scope];
        let cells = scope.own_cells.iter().chain(&scope.free).cloned().collect();
        let own_cells = scope.own_cells.len();
        let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        let cell_parameters = scope.locals.iter().enumerate().filter_map(|(local, name)| {
            let cell = scope.own_cells.get_index_of(name)?;
            Some((number(local), number(cell)))
        });
        Some(Code {
            kind: unit.kind,
            name: unit.name,
            qualified_name: unit.qualified_name,
            parameters: unit.parameters,
            ops: unit.ops,
            spans: unit.spans,
            constants: unit.constants,
            names: unit.names.into_iter().collect(),
            locals: scope.locals.iter().cloned().collect(),
            cells,
            own_cells,
            cell_parameters: cell_parameters.collect(),
            functions: unit.functions,
        })
    }

    pub(crate) fn unit(&mut self) -> &mut Unit<'a> {
        self.units.last_mut().expect("a module is open until the end")
    }

    /// The next operations stand for this text.
    pub(crate) fn at(&mut self, range: TextRange) {
        self.unit().span = span(range);
    }

    pub(crate) fn at_span(&mut self, span: Span) {
        self.unit().span = span;
    }

    pub(crate) fn span(&mut self) -> Span {
        self.unit().span
    }

    /// Adds an operation. Returns its index.
    pub(crate) fn emit(&mut self, op: Op) -> usize {
        let unit = self.unit();
        unit.ops.push(op);
        unit.spans.push(unit.span);
        unit.ops.len() - 1
    }

    /// The index of the next operation.
    pub(crate) fn here(&mut self) -> u32 {
        u32::try_from(self.unit().ops.len()).unwrap_or(u32::MAX)
    }

    /// Lets the jump at this index go to the next operation.
    pub(crate) fn land(&mut self, jump: usize) {
        let here = self.here();
        let op = &mut self.unit().ops[jump];
        match op {
            Op::Jump(target)
            | Op::JumpIfFalse(target)
            | Op::JumpIfTrue(target)
            | Op::JumpIfFalseOrPop(target)
            | Op::JumpIfTrueOrPop(target)
            | Op::Next(target)
            | Op::PushTry(target)
            | Op::EnterWith(target) => *target = here,
            other => unreachable!("{other:?} has no target"),
        }
    }

    pub(crate) fn constant(&mut self, constant: Constant) {
        let index = self.constant_index(constant);
        self.emit(Op::Constant(index));
    }

    pub(crate) fn constant_index(&mut self, constant: Constant) -> u32 {
        let constants = &mut self.unit().constants;
        // Equal constants of one type are one: 0.0 and -0.0 are not.
        let is_float = matches!(constant, Constant::Float(_) | Constant::Tuple(_));
        let found = (!is_float)
            .then(|| constants.iter().rev().take(16).position(|one| *one == constant))
            .flatten()
            .map(|back| constants.len() - 1 - back);
        let index = found.unwrap_or_else(|| {
            constants.push(constant);
            constants.len() - 1
        });
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    /// In a class `C`, the name `__x` stands for `_C__x`.
    fn mangled(&self, name: &str) -> String {
        let is_private = name.starts_with("__") && !name.ends_with("__");
        let class = self.units.iter().rev().find(|unit| unit.kind == CodeKind::Class);
        match class.map(|unit| unit.name.trim_start_matches('_')) {
            Some(class) if is_private && !class.is_empty() => format!("_{class}{name}"),
            Some(_) | None => name.to_owned(),
        }
    }

    pub(crate) fn name(&mut self, name: &str) -> u32 {
        let name = self.mangled(name);
        let (index, _) = self.unit().names.insert_full(name);
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    pub(crate) fn global(&mut self, name: &str) -> u32 {
        let name = self.mangled(name);
        let (index, _) = self.globals.insert_full(name);
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    pub(crate) fn place(&mut self, name: &str) -> Place {
        let scope = self.unit().scope;
        self.scopes.place(scope, name)
    }

    pub(crate) fn load(&mut self, name: &str) {
        let op = match self.place(name) {
            Place::Local(index) => Op::LoadLocal(index),
            Place::Cell(index) => Op::LoadCell(index),
            Place::Global => Op::LoadGlobal(self.global(name)),
            Place::ClassName => {
                let own = self.name(name);
                Op::LoadClassName(own, self.global(name))
            }
            Place::ClassCell(index) => Op::LoadClassCell(self.name(name), index),
        };
        self.emit(op);
    }

    pub(crate) fn store(&mut self, name: &str) {
        let op = match self.place(name) {
            Place::Local(index) => Op::StoreLocal(index),
            Place::Cell(index) => Op::StoreCell(index),
            Place::Global => Op::StoreGlobal(self.global(name)),
            Place::ClassName | Place::ClassCell(_) => Op::StoreClassName(self.name(name)),
        };
        self.emit(op);
    }

    pub(crate) fn delete(&mut self, name: &str) {
        let op = match self.place(name) {
            Place::Local(index) => Op::DeleteLocal(index),
            Place::Cell(index) => Op::DeleteCell(index),
            Place::Global => Op::DeleteGlobal(self.global(name)),
            Place::ClassName | Place::ClassCell(_) => Op::DeleteClassName(self.name(name)),
        };
        self.emit(op);
    }

    /// `cells -> function`: makes the function of this code.
    pub(crate) fn make_function(&mut self, code: Code) {
        let free: Vec<String> = code.cells[code.own_cells..].to_vec();
        let count = u32::try_from(free.len()).unwrap_or(u32::MAX);
        let scope = self.unit().scope;
        for name in &free {
            let cell = self.scopes.cell(scope, name);
            self.emit(Op::LoadClosure(cell));
        }
        self.emit(Op::BuildTuple(count));
        let functions = &mut self.unit().functions;
        functions.push(Rc::new(code));
        let index = u32::try_from(functions.len() - 1).unwrap_or(u32::MAX);
        self.emit(Op::MakeFunction(index));
    }

    pub(crate) fn scope_at(&self, range: TextRange, key: ScopeKey) -> usize {
        self.scopes.at(range, key)
    }

    /// Whether the innermost function, class or module is a function.
    pub(crate) fn is_in_function(&mut self) -> bool {
        let scope = self.unit().scope;
        self.scopes.all[scope].kind == ScopeKind::Function
    }

    /// The names that `from module import *` binds.
    pub(crate) fn star_names(module: &str, at: Span) -> Result<Vec<&'static str>, Problem> {
        exported_names(module)
            .ok_or_else(|| refused(at, format!("the module '{module}' is not here")))
    }

    pub(crate) fn check_size(&mut self) -> Result<(), Problem> {
        let unit = self.unit();
        if unit.ops.len() > MAX_OPS {
            return Err(refused(unit.span, "the program is too long"));
        }
        Ok(())
    }
}
