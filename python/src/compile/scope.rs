//! Finds out which variables are local, shared with the functions inside, or global. As Python's symbol
//! table does, for the whole module, before anything is compiled.
#![allow(clippy::wildcard_enum_match_arm, reason = "a rule knows a few kinds of nodes")]

use indexmap::{IndexMap, IndexSet};
use ruff_python_ast::visitor::{
    Visitor, walk_arguments, walk_except_handler, walk_expr, walk_pattern, walk_stmt,
};
use ruff_python_ast::{
    Arguments, Comprehension, ExceptHandler, Expr, ExprContext, Identifier, Parameters, Pattern,
    Stmt,
};
use ruff_text_size::TextRange;
use rustc_hash::FxHashMap;

use crate::code::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    Module,
    Class,
    Function,
    /// A comprehension or a generator expression.
    Comprehension,
}

/// Where a variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Local(u32),
    Cell(u32),
    Global,
    /// A name of the class whose body this is.
    ClassName,
    /// In the body of a class that does not bind it: of the function around.
    ClassCell(u32),
}

#[expect(clippy::struct_excessive_bools, reason = "each is what a statement says of a name")]
#[derive(Clone, Copy, Debug, Default)]
struct Symbol {
    bound: bool,
    parameter: bool,
    used: bool,
    global: bool,
    nonlocal: bool,
}

/// A scope: its variables in the order in which they appear.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) kind: ScopeKind,
    pub(crate) parent: Option<usize>,
    symbols: IndexMap<String, Symbol>,
    pub(crate) locals: IndexSet<String>,
    /// The cells that are its own.
    pub(crate) own_cells: IndexSet<String>,
    /// The cells of the functions around it that it or a function in it uses.
    pub(crate) free: IndexSet<String>,
    pub(crate) is_generator: bool,
}

/// All scopes of a module, by the node that they belong to.
#[derive(Debug)]
pub(crate) struct Scopes {
    pub(crate) all: Vec<Scope>,
    by_node: FxHashMap<(TextRange, ScopeKey), usize>,
}

/// Two nodes of different kinds can have the same range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ScopeKey {
    Definition,
    Lambda,
    Comprehension,
}

impl Scopes {
    pub(crate) fn of(body: &[Stmt]) -> Self {
        let mut finder = Finder {
            scopes: Self {
                all: vec![Scope::new(ScopeKind::Module, None)],
                by_node: FxHashMap::default(),
            },
            current: 0,
        };
        finder.visit_body(body);
        let mut scopes = finder.scopes;
        scopes.resolve();
        scopes
    }

    pub(crate) fn at(&self, range: TextRange, key: ScopeKey) -> usize {
        self.by_node.get(&(range, key)).copied().unwrap_or(0)
    }

    /// Where the variable `name` of a scope is.
    pub(crate) fn place(&self, scope: usize, name: &str) -> Place {
        let at = &self.all[scope];
        let symbol = at.symbols.get(name).copied().unwrap_or_default();
        let index = |at: Option<usize>| at.map(|index| u32::try_from(index).unwrap_or(u32::MAX));
        if at.kind == ScopeKind::Module || symbol.global {
            return Place::Global;
        }
        let free = index(at.free.get_index_of(name).map(|free| free + at.own_cells.len()));
        if at.kind == ScopeKind::Class {
            return match free {
                Some(cell) if symbol.nonlocal => Place::Cell(cell),
                Some(cell) if !symbol.bound => Place::ClassCell(cell),
                Some(_) | None => Place::ClassName,
            };
        }
        if let Some(cell) = index(at.own_cells.get_index_of(name)) {
            return Place::Cell(cell);
        }
        if let Some(cell) = free {
            return Place::Cell(cell);
        }
        index(at.locals.get_index_of(name)).map_or(Place::Global, Place::Local)
    }

    /// The cell of a scope that a function in it uses.
    pub(crate) fn cell(&self, scope: usize, name: &str) -> u32 {
        let at = &self.all[scope];
        let own = at.own_cells.get_index_of(name);
        let free = || at.free.get_index_of(name).map(|free| free + at.own_cells.len());
        own.or_else(free).and_then(|index| u32::try_from(index).ok()).unwrap_or(u32::MAX)
    }

    /// Decides for each name of each function where it is. The scopes around a scope come before it.
    fn resolve(&mut self) {
        for scope in 0..self.all.len() {
            let names: Vec<(String, Symbol)> = self.all[scope]
                .symbols
                .iter()
                .map(|(name, symbol)| (name.clone(), *symbol))
                .collect();
            for (name, symbol) in names {
                self.resolve_name(scope, &name, symbol);
            }
        }
        // A variable that a function inside uses is in a cell and not a local one, unless it is a parameter.
        for scope in &mut self.all {
            let cells = scope.own_cells.clone();
            scope.locals.retain(|name| {
                !cells.contains(name)
                    || scope.symbols.get(name).is_some_and(|symbol| symbol.parameter)
            });
        }
    }

    fn resolve_name(&mut self, scope: usize, name: &str, symbol: Symbol) {
        let kind = self.all[scope].kind;
        if kind == ScopeKind::Module || symbol.global {
            return;
        }
        let is_function = matches!(kind, ScopeKind::Function | ScopeKind::Comprehension);
        if symbol.bound && !symbol.nonlocal {
            if is_function {
                self.all[scope].locals.insert(name.to_owned());
            }
            return;
        }
        let mut around = Vec::from([scope]);
        let mut next = self.all[scope].parent;
        while let Some(at) = next {
            let one = &self.all[at];
            let own = one.symbols.get(name).copied().unwrap_or_default();
            let owns = match one.kind {
                ScopeKind::Module => return,
                ScopeKind::Class => name == "__class__",
                ScopeKind::Function | ScopeKind::Comprehension => {
                    if own.global {
                        return;
                    }
                    own.bound && !own.nonlocal
                }
            };
            if owns {
                self.all[at].own_cells.insert(name.to_owned());
                for inner in around {
                    self.all[inner].free.insert(name.to_owned());
                }
                return;
            }
            around.push(at);
            next = one.parent;
        }
    }
}

impl Scope {
    fn new(kind: ScopeKind, parent: Option<usize>) -> Self {
        Self {
            kind,
            parent,
            symbols: IndexMap::new(),
            locals: IndexSet::new(),
            own_cells: IndexSet::new(),
            free: IndexSet::new(),
            is_generator: false,
        }
    }
}

struct Finder {
    scopes: Scopes,
    current: usize,
}

pub(crate) fn span(range: TextRange) -> Span {
    Span { start: range.start().to_u32(), end: range.end().to_u32() }
}

impl Finder {
    fn symbol(&mut self, name: &str) -> &mut Symbol {
        self.scopes.all[self.current].symbols.entry(name.to_owned()).or_default()
    }

    fn bind(&mut self, name: &str) {
        self.symbol(name).bound = true;
    }

    fn using(&mut self, name: &str) {
        self.symbol(name).used = true;
        if name == "super" && self.scopes.all[self.current].kind == ScopeKind::Function {
            self.symbol("__class__").used = true;
        }
    }

    fn open(&mut self, kind: ScopeKind, range: TextRange, key: ScopeKey) -> usize {
        let before = self.current;
        self.current = self.scopes.all.len();
        self.scopes.all.push(Scope::new(kind, Some(before)));
        self.scopes.by_node.insert((range, key), self.current);
        before
    }

    /// What of the parameters belongs to the scope around the function.
    fn defaults(&mut self, parameters: &Parameters) {
        for parameter in parameters.iter_non_variadic_params() {
            if let Some(default) = &parameter.default {
                self.visit_expr(default);
            }
        }
    }

    fn parameters(&mut self, parameters: &Parameters) {
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        let named = positional.chain(&parameters.kwonlyargs).map(|one| &one.parameter.name);
        let rest = parameters.vararg.iter().chain(&parameters.kwarg).map(|one| &one.name);
        for name in named.chain(rest) {
            self.bind(name);
            self.symbol(name).parameter = true;
        }
    }

    fn declare(&mut self, names: &[Identifier], is_global: bool) {
        for name in names {
            let symbol = self.symbol(name);
            (symbol.global, symbol.nonlocal) = (is_global, !is_global);
        }
    }

    fn comprehension(&mut self, range: TextRange, parts: &[&Expr], generators: &[Comprehension]) {
        let Some((first, rest)) = generators.split_first() else { return };
        self.visit_expr(&first.iter);
        let before = self.open(ScopeKind::Comprehension, range, ScopeKey::Comprehension);
        self.bind(".0");
        self.symbol(".0").parameter = true;
        self.visit_expr(&first.target);
        for condition in &first.ifs {
            self.visit_expr(condition);
        }
        for generator in rest {
            self.visit_expr(&generator.iter);
            self.visit_expr(&generator.target);
            for condition in &generator.ifs {
                self.visit_expr(condition);
            }
        }
        for part in parts {
            self.visit_expr(part);
        }
        self.current = before;
    }
}

impl<'a> Visitor<'a> for Finder {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                for decorator in &function.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                self.defaults(&function.parameters);
                self.bind(&function.name);
                let before = self.open(ScopeKind::Function, function.range, ScopeKey::Definition);
                self.parameters(&function.parameters);
                self.visit_body(&function.body);
                self.current = before;
            }
            Stmt::ClassDef(class) => {
                for decorator in &class.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                if let Some(arguments) = &class.arguments {
                    walk_arguments(self, arguments);
                }
                self.bind(&class.name);
                let before = self.open(ScopeKind::Class, class.range, ScopeKey::Definition);
                self.visit_body(&class.body);
                self.current = before;
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    let first = name.split('.').next().unwrap_or_default().to_owned();
                    self.bind(&first);
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    if &*alias.name != "*" {
                        let name = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
                        self.bind(&name);
                    }
                }
            }
            Stmt::Global(global) => self.declare(&global.names, true),
            Stmt::Nonlocal(nonlocal) => self.declare(&nonlocal.names, false),
            Stmt::AnnAssign(assign) => {
                // The annotation is not evaluated.
                if let Some(value) = &assign.value {
                    self.visit_expr(value);
                }
                self.visit_expr(&assign.target);
            }
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) => match name.ctx {
                ExprContext::Load | ExprContext::Invalid => self.using(&name.id),
                ExprContext::Store | ExprContext::Del => self.bind(&name.id),
            },
            Expr::Named(named) => {
                self.visit_expr(&named.value);
                if let Expr::Name(name) = &*named.target {
                    let here = self.current;
                    while self.scopes.all[self.current].kind == ScopeKind::Comprehension {
                        self.current = self.scopes.all[self.current].parent.unwrap_or(0);
                    }
                    self.bind(&name.id);
                    let is_global = self.scopes.all[self.current].kind == ScopeKind::Module;
                    if self.current != here {
                        self.current = here;
                        let symbol = self.symbol(&name.id);
                        if is_global {
                            symbol.global = true;
                        } else {
                            symbol.nonlocal = true;
                        }
                    }
                }
            }
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.defaults(parameters);
                }
                let before = self.open(ScopeKind::Function, lambda.range, ScopeKey::Lambda);
                if let Some(parameters) = &lambda.parameters {
                    self.parameters(parameters);
                }
                self.visit_expr(&lambda.body);
                self.current = before;
            }
            Expr::ListComp(it) => self.comprehension(it.range, &[&it.elt], &it.generators),
            Expr::SetComp(it) => self.comprehension(it.range, &[&it.elt], &it.generators),
            Expr::Generator(it) => {
                self.comprehension(it.range, &[&it.elt], &it.generators);
                let scope = self.scopes.at(it.range, ScopeKey::Comprehension);
                self.scopes.all[scope].is_generator = true;
            }
            Expr::DictComp(it) => {
                let parts: Vec<&Expr> = it.key.as_deref().into_iter().chain([&*it.value]).collect();
                self.comprehension(it.range, &parts, &it.generators);
            }
            Expr::Yield(_) | Expr::YieldFrom(_) => {
                self.scopes.all[self.current].is_generator = true;
                walk_expr(self, expression);
            }
            _ => walk_expr(self, expression),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(one) = handler;
        if let Some(name) = &one.name {
            self.bind(name);
        }
        walk_except_handler(self, handler);
    }

    fn visit_arguments(&mut self, arguments: &'a Arguments) {
        walk_arguments(self, arguments);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        walk_pattern(self, pattern);
    }

    /// Annotations are not evaluated.
    fn visit_annotation(&mut self, _: &'a Expr) {}
}
