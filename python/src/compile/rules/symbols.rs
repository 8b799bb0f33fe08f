//! What CPython's symbol table finds wrong with the names of a program.
#![allow(clippy::match_same_arms, reason = "a kind of scope, an arm")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a rule knows a few kinds of nodes")]

use indexmap::IndexMap;
use ruff_python_ast::visitor::{Visitor, walk_except_handler, walk_expr, walk_pattern, walk_stmt};
use ruff_python_ast::{
    Comprehension, ExceptHandler, Expr, ExprContext, ExprNamed, Identifier, Parameters, Pattern,
    Stmt, StmtAnnAssign,
};
use ruff_text_size::{Ranged, TextRange};

use super::super::error::{Problem, syntax};
use super::super::scope::span;

pub(super) fn check(body: &[Stmt]) -> Result<(), Problem> {
    let mut table =
        Table { scopes: vec![Scope::new(Kind::Module, None)], current: 0, problem: None };
    table.visit_body(body);
    match table.problem.take().or_else(|| table.unresolved()) {
        Some(problem) => Err(problem),
        None => Ok(()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Module,
    Class,
    Function,
    /// With what it is called.
    Comprehension(&'static str),
}

/// What is known of a name in a scope.
#[expect(clippy::struct_excessive_bools, reason = "each is what a statement says of a name")]
#[derive(Clone, Copy, Debug, Default)]
struct Symbol {
    is_used: bool,
    is_bound: bool,
    is_parameter: bool,
    is_annotated: bool,
    is_global: bool,
    is_nonlocal: bool,
    /// The loop of a comprehension assigns it.
    is_loop_variable: bool,
}

#[derive(Debug)]
struct Scope {
    kind: Kind,
    parent: Option<usize>,
    symbols: IndexMap<String, Symbol>,
    /// Where a name was declared `nonlocal`.
    declared: Vec<(String, TextRange)>,
    /// The number of comprehensions whose iterable this is in.
    iterables: usize,
    is_in_target: bool,
}

impl Scope {
    fn new(kind: Kind, parent: Option<usize>) -> Self {
        let (symbols, declared) = (IndexMap::new(), Vec::new());
        Self { kind, parent, symbols, declared, iterables: 0, is_in_target: false }
    }

    fn symbol(&self, name: &str) -> Symbol {
        self.symbols.get(name).copied().unwrap_or_default()
    }
}

struct Table {
    scopes: Vec<Scope>,
    current: usize,
    problem: Option<Problem>,
}

impl Table {
    fn here(&mut self) -> &mut Scope {
        &mut self.scopes[self.current]
    }

    fn fail(&mut self, range: TextRange, message: impl Into<String>) {
        self.problem.get_or_insert(syntax(span(range), message));
    }

    fn entry(&mut self, name: &str) -> &mut Symbol {
        self.here().symbols.entry(name.to_owned()).or_default()
    }

    fn open(&mut self, kind: Kind) -> usize {
        let before = self.current;
        let mut scope = Scope::new(kind, Some(before));
        scope.iterables = self.here().iterables;
        self.current = self.scopes.len();
        self.scopes.push(scope);
        before
    }

    fn bind(&mut self, name: &str, range: TextRange) {
        let is_in_target = self.here().is_in_target;
        let symbol = self.entry(name);
        symbol.is_bound = true;
        if is_in_target {
            symbol.is_loop_variable = true;
            if symbol.is_global || symbol.is_nonlocal {
                let message = format!(
                    "comprehension inner loop cannot rebind assignment expression target '{name}'"
                );
                self.fail(range, message);
            }
        }
    }

    fn parameters(&mut self, parameters: &Parameters) {
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        let named = positional.chain(&parameters.kwonlyargs).map(|one| &one.parameter);
        let rest = parameters.vararg.iter().chain(&parameters.kwarg).map(|one| &**one);
        for parameter in named.chain(rest) {
            let name = parameter.name.as_str();
            if self.entry(name).is_parameter {
                let message = format!("duplicate argument '{name}' in function definition");
                // The parser's range begins at a star.
                let range = TextRange::new(parameter.name.start(), parameter.range.end());
                self.fail(range, message);
            }
            let symbol = self.entry(name);
            (symbol.is_bound, symbol.is_parameter) = (true, true);
        }
    }

    /// What of the parameters belongs to the scope around the function.
    fn defaults(&mut self, parameters: &Parameters) {
        for parameter in parameters.iter_non_variadic_params() {
            if let Some(default) = &parameter.default {
                self.visit_expr(default);
            }
        }
        for parameter in parameters {
            if let Some(annotation) = parameter.annotation() {
                self.visit_expr(annotation);
            }
        }
    }

    fn declare(&mut self, names: &[Identifier], word: &str, range: TextRange) {
        for name in names {
            let symbol = *self.entry(name);
            let wrong = if symbol.is_parameter {
                Some(format!("name '{name}' is parameter and {word}"))
            } else if symbol.is_used {
                Some(format!("name '{name}' is used prior to {word} declaration"))
            } else if symbol.is_annotated {
                Some(format!("annotated name '{name}' can't be {word}"))
            } else if symbol.is_bound {
                Some(format!("name '{name}' is assigned to before {word} declaration"))
            } else {
                None
            };
            if let Some(message) = wrong {
                self.fail(range, message);
            }
            let symbol = self.entry(name);
            symbol.is_global |= word == "global";
            symbol.is_nonlocal |= word == "nonlocal";
            self.here().declared.push((name.to_string(), range));
        }
    }

    fn annotated(&mut self, assign: &StmtAnnAssign) {
        let Expr::Name(name) = &*assign.target else {
            return self.visit_expr(&assign.target);
        };
        let symbol = *self.entry(&name.id);
        let declared = match symbol {
            Symbol { is_global: true, .. } => Some("global"),
            Symbol { is_nonlocal: true, .. } => Some("nonlocal"),
            _ => None,
        };
        if let Some(word) = declared
            && assign.simple
            && self.current != 0
        {
            self.fail(assign.range, format!("annotated name '{}' can't be {word}", name.id));
        }
        if assign.simple {
            self.entry(&name.id).is_annotated = true;
        }
        if assign.simple || assign.value.is_some() {
            self.bind(&name.id, name.range);
        }
    }

    fn named(&mut self, named: &ExprNamed) {
        if self.here().iterables > 0 {
            let message =
                "assignment expression cannot be used in a comprehension iterable expression";
            self.fail(named.range, message);
        }
        if let Expr::Name(name) = &*named.target {
            self.named_target(&name.id, name.range);
        }
        self.visit_expr(&named.value);
        self.visit_expr(&named.target);
    }

    /// An assignment expression in a comprehension assigns in the function around.
    fn named_target(&mut self, name: &str, range: TextRange) {
        let mut next = Some(self.current);
        while let Some(at) = next {
            let symbol = self.scopes[at].symbol(name);
            match self.scopes[at].kind {
                Kind::Comprehension(_) => {
                    if symbol.is_loop_variable {
                        let message = format!(
                            "assignment expression cannot rebind comprehension iteration variable '{name}'"
                        );
                        self.fail(range, message);
                    }
                    next = self.scopes[at].parent;
                    continue;
                }
                Kind::Class if at != self.current => {
                    let message = "assignment expression within a comprehension cannot be used in a class body";
                    self.fail(range, message);
                }
                Kind::Class => {}
                Kind::Function | Kind::Module if at != self.current => {
                    let is_global = at == 0 || symbol.is_global;
                    let inner = self.entry(name);
                    inner.is_global |= is_global;
                    inner.is_nonlocal |= !is_global;
                    self.here().declared.push((name.to_owned(), range));
                    let outer = self.scopes[at].symbols.entry(name.to_owned()).or_default();
                    outer.is_bound |= at != 0;
                    outer.is_global |= at == 0;
                }
                Kind::Function | Kind::Module => {}
            }
            break;
        }
    }

    fn comprehension(&mut self, name: &'static str, parts: &[&Expr], generators: &[Comprehension]) {
        let Some((first, rest)) = generators.split_first() else { return };
        self.iterable(&first.iter);
        let before = self.open(Kind::Comprehension(name));
        self.target(&first.target);
        for condition in &first.ifs {
            self.visit_expr(condition);
        }
        for generator in rest {
            self.target(&generator.target);
            self.iterable(&generator.iter);
            for condition in &generator.ifs {
                self.visit_expr(condition);
            }
        }
        for part in parts {
            self.visit_expr(part);
        }
        self.current = before;
    }

    fn iterable(&mut self, iterable: &Expr) {
        self.here().iterables += 1;
        self.visit_expr(iterable);
        self.here().iterables -= 1;
    }

    fn target(&mut self, target: &Expr) {
        self.here().is_in_target = true;
        self.visit_expr(target);
        self.here().is_in_target = false;
    }

    /// The first name whose declaration is wrong, now that all functions are known.
    fn unresolved(&self) -> Option<Problem> {
        for (index, scope) in self.scopes.iter().enumerate() {
            for (name, symbol) in &scope.symbols {
                if !symbol.is_nonlocal {
                    continue;
                }
                let message = if symbol.is_global {
                    format!("name '{name}' is nonlocal and global")
                } else if index == 0 {
                    "nonlocal declaration not allowed at module level".to_owned()
                } else if !self.is_bound_around(scope, name) {
                    format!("no binding for nonlocal '{name}' found")
                } else {
                    continue;
                };
                let declared = scope.declared.iter().find(|(declared, _)| declared == name);
                let range = declared.map_or_else(TextRange::default, |(_, range)| *range);
                return Some(syntax(span(range), message));
            }
        }
        None
    }

    fn is_bound_around(&self, scope: &Scope, name: &str) -> bool {
        let mut next = scope.parent;
        while let Some(at) = next {
            let around = &self.scopes[at];
            let symbol = around.symbol(name);
            match around.kind {
                Kind::Module => return false,
                Kind::Class => {
                    if name == "__class__" {
                        return true;
                    }
                }
                Kind::Function | Kind::Comprehension(_) => {
                    if symbol.is_global {
                        return false;
                    }
                    if symbol.is_bound && !symbol.is_nonlocal {
                        return true;
                    }
                }
            }
            next = around.parent;
        }
        false
    }
}

impl<'a> Visitor<'a> for Table {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                self.bind(&function.name, function.name.range);
                self.defaults(&function.parameters);
                if let Some(returns) = &function.returns {
                    self.visit_expr(returns);
                }
                for decorator in &function.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                let before = self.open(Kind::Function);
                self.parameters(&function.parameters);
                self.visit_body(&function.body);
                self.current = before;
            }
            Stmt::ClassDef(class) => {
                self.bind(&class.name, class.name.range);
                if let Some(arguments) = &class.arguments {
                    self.visit_arguments(arguments);
                }
                for decorator in &class.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                let before = self.open(Kind::Class);
                self.visit_body(&class.body);
                self.current = before;
            }
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.visit_expr(target);
                }
                self.visit_expr(&assign.value);
            }
            Stmt::AnnAssign(assign) => {
                self.annotated(assign);
                self.visit_expr(&assign.annotation);
                if let Some(value) = &assign.value {
                    self.visit_expr(value);
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    let first = name.split('.').next().unwrap_or_default();
                    self.bind(first, alias.range);
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    if &*alias.name != "*" {
                        self.bind(alias.asname.as_ref().unwrap_or(&alias.name), alias.range);
                    } else if self.current != 0 {
                        self.fail(alias.range, "import * only allowed at module level");
                    }
                }
            }
            Stmt::Global(global) => self.declare(&global.names, "global", global.range),
            Stmt::Nonlocal(nonlocal) => self.declare(&nonlocal.names, "nonlocal", nonlocal.range),
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) => match name.ctx {
                ExprContext::Load | ExprContext::Invalid => self.entry(&name.id).is_used = true,
                ExprContext::Store | ExprContext::Del => self.bind(&name.id, name.range),
            },
            Expr::Named(named) => self.named(named),
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.defaults(parameters);
                }
                let before = self.open(Kind::Function);
                if let Some(parameters) = &lambda.parameters {
                    self.parameters(parameters);
                }
                self.visit_expr(&lambda.body);
                self.current = before;
            }
            Expr::ListComp(it) => {
                self.comprehension("list comprehension", &[&it.elt], &it.generators);
            }
            Expr::SetComp(it) => {
                self.comprehension("set comprehension", &[&it.elt], &it.generators);
            }
            Expr::Generator(it) => {
                self.comprehension("generator expression", &[&it.elt], &it.generators);
            }
            Expr::DictComp(it) => {
                // The value first, as CPython does.
                let key = it.key.as_deref();
                let parts: Vec<&Expr> = [&*it.value].into_iter().chain(key).collect();
                self.comprehension("dict comprehension", &parts, &it.generators);
            }
            Expr::Yield(_) | Expr::YieldFrom(_) => {
                walk_expr(self, expression);
                if let Kind::Comprehension(name) = self.here().kind {
                    self.fail(expression.range(), format!("'yield' inside {name}"));
                }
            }
            _ => walk_expr(self, expression),
        }
    }

    fn visit_annotation(&mut self, annotation: &'a Expr) {
        self.visit_expr(annotation);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(one) = handler;
        if let Some(name) = &one.name {
            self.bind(name, one.range);
        }
        walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(one) => one.name.as_ref(),
            Pattern::MatchStar(one) => one.name.as_ref(),
            Pattern::MatchMapping(one) => one.rest.as_ref(),
            Pattern::MatchValue(_)
            | Pattern::MatchSingleton(_)
            | Pattern::MatchSequence(_)
            | Pattern::MatchClass(_)
            | Pattern::MatchOr(_) => None,
        };
        if let Some(name) = name {
            self.bind(name, name.range);
        }
        walk_pattern(self, pattern);
    }
}
