//! What CPython's compiler finds wrong: statements and targets at places where they cannot be.
#![allow(clippy::wildcard_enum_match_arm, reason = "a rule knows a few kinds of nodes")]

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_except_handler, walk_expr, walk_stmt};
use ruff_python_ast::{ExceptHandler, Expr, ExprContext, Parameters, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};
use rustc_hash::FxHashMap;

use super::super::error::{Problem, syntax};
use super::super::scope::span;
use super::future::{is_future, leading};

/// The most loops, `with` and `try` in each other.
const MAX_BLOCKS: usize = 20;
const DEBUG: &str = "__debug__";

pub(super) fn check(text: &str, body: &[Stmt]) -> Result<(), Problem> {
    let last_future = leading(body).last().map(|import| import.range.start());
    let mut checker =
        Checker { text, function: Function::None, blocks: Vec::new(), last_future, problem: None };
    checker.visit_body(body);
    checker.problem.map_or(Ok(()), Err)
}

/// The function that the code is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    /// None: it is in the module or in a class.
    None,
    Plain,
    Async {
        is_generator: bool,
    },
    /// A comprehension in a function that is not async, or in none.
    Comprehension,
    AsyncComprehension,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    Loop,
    ExceptStar,
    Other,
}

struct Checker<'t> {
    text: &'t str,
    function: Function,
    blocks: Vec<Block>,
    last_future: Option<TextSize>,
    problem: Option<Problem>,
}

impl Checker<'_> {
    fn fail(&mut self, range: TextRange, message: impl Into<String>) {
        self.problem.get_or_insert(syntax(span(range), message));
    }

    fn block(&mut self, block: Block, count: usize, range: TextRange) {
        for _ in 0..count {
            if self.blocks.len() >= MAX_BLOCKS {
                self.fail(range, "too many statically nested blocks");
            }
            self.blocks.push(block);
        }
    }

    fn leave(&mut self, count: usize) {
        self.blocks.truncate(self.blocks.len().saturating_sub(count));
    }

    fn within(&mut self, function: Function, visit: impl FnOnce(&mut Self)) {
        let before = (self.function, std::mem::take(&mut self.blocks));
        self.function = function;
        visit(self);
        (self.function, self.blocks) = before;
    }

    fn forbid(&mut self, name: &str, verb: &str, range: TextRange) {
        if name == DEBUG {
            self.fail(range, format!("cannot {verb} {DEBUG}"));
        }
    }

    fn check_parameters(&mut self, parameters: &Parameters, range: TextRange) {
        for parameter in parameters {
            self.forbid(parameter.name(), "assign to", range);
        }
    }

    fn defaults<'a>(&mut self, parameters: &'a Parameters)
    where
        Self: Visitor<'a>,
    {
        for parameter in parameters.iter_non_variadic_params() {
            if let Some(default) = &parameter.default {
                self.visit_expr(default);
            }
        }
    }

    /// The range of a definition without its decorators.
    fn definition(&self, range: TextRange, decorators: &[ast::Decorator]) -> TextRange {
        let Some(last) = decorators.last() else { return range };
        let mut at = last.range.end().to_usize();
        loop {
            let rest = self.text.get(at..).unwrap_or_default();
            let spaces = rest.len() - rest.trim_start().len();
            at += spaces;
            if !rest[spaces..].starts_with('#') {
                break;
            }
            at += rest[spaces..].find(['\n', '\r']).unwrap_or(rest.len() - spaces);
        }
        let start = u32::try_from(at).map_or(range.start(), TextSize::from);
        if start < range.end() { TextRange::new(start, range.end()) } else { range }
    }

    fn function(&mut self, it: &ast::StmtFunctionDef) {
        let range = self.definition(it.range, &it.decorator_list);
        self.check_parameters(&it.parameters, range);
        for decorator in &it.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        self.defaults(&it.parameters);
        for parameter in &*it.parameters {
            if let Some(annotation) = parameter.annotation() {
                self.visit_expr(annotation);
            }
        }
        if let Some(returns) = &it.returns {
            self.visit_expr(returns);
        }
        let function = if it.is_async {
            Function::Async { is_generator: has_yield(&it.body) }
        } else {
            Function::Plain
        };
        self.within(function, |checker| checker.visit_body(&it.body));
        self.forbid(&it.name, "assign to", range);
    }

    fn return_(&mut self, it: &ast::StmtReturn) {
        match self.function {
            Function::None => self.fail(it.range, "'return' outside function"),
            Function::Async { is_generator: true } if it.value.is_some() => {
                self.fail(it.range, "'return' with value in async generator");
            }
            Function::Async { .. }
            | Function::Plain
            | Function::Comprehension
            | Function::AsyncComprehension => {}
        }
        if let Some(value) = &it.value {
            self.visit_expr(value);
        }
        if self.blocks.contains(&Block::ExceptStar) {
            self.except_star(it.range);
        }
    }

    fn except_star(&mut self, range: TextRange) {
        let message = "'break', 'continue' and 'return' cannot appear in an except* block";
        self.fail(range, message);
    }

    fn leave_loop(&mut self, range: TextRange, message: &str) {
        let block = self.blocks.iter().rev().find(|block| **block != Block::Other);
        match block {
            Some(Block::Loop | Block::Other) => {}
            Some(Block::ExceptStar) => self.except_star(range),
            None => self.fail(range, message),
        }
    }

    fn try_(&mut self, it: &ast::StmtTry) {
        let has_finally = !it.finalbody.is_empty();
        self.block(Block::Other, usize::from(has_finally), it.range);
        if it.handlers.is_empty() {
            self.visit_body(&it.body);
        } else {
            self.block(Block::Other, 1, it.range);
            self.visit_body(&it.body);
            self.leave(1);
            self.visit_body(&it.orelse);
            let kind = if it.is_star { Block::ExceptStar } else { Block::Other };
            self.block(kind, 1, it.range);
            for (index, handler) in it.handlers.iter().enumerate() {
                let ExceptHandler::ExceptHandler(one) = handler;
                if one.type_.is_none() && index + 1 < it.handlers.len() {
                    self.fail(one.range, "default 'except:' must be last");
                }
                self.visit_except_handler(handler);
            }
            self.leave(1);
        }
        self.leave(usize::from(has_finally));
        self.block(Block::Other, usize::from(has_finally), it.range);
        self.visit_body(&it.finalbody);
        self.leave(usize::from(has_finally));
    }

    fn with(&mut self, it: &ast::StmtWith) {
        if it.is_async && !matches!(self.function, Function::Async { .. }) {
            self.fail(it.range, "'async with' outside async function");
        }
        for item in &it.items {
            self.visit_expr(&item.context_expr);
            self.block(Block::Other, 1, it.range);
            if let Some(target) = &item.optional_vars {
                self.visit_expr(target);
            }
        }
        self.visit_body(&it.body);
        self.leave(it.items.len());
    }

    fn keywords(&mut self, keywords: &[ast::Keyword], range: TextRange) {
        let mut first = FxHashMap::default();
        // The first name that comes again, and where it does.
        let mut repeated: Option<(usize, &ast::Keyword)> = None;
        for (index, keyword) in keywords.iter().enumerate() {
            let Some(name) = &keyword.arg else { continue };
            if let Some(before) = first.get(name.as_str()) {
                if repeated.is_none_or(|(index, _)| *before < index) {
                    repeated = Some((*before, keyword));
                }
            } else {
                first.insert(name.as_str(), index);
            }
        }
        if let Some(debug) = first.get(DEBUG)
            && repeated.is_none_or(|(index, _)| *debug <= index)
        {
            self.forbid(DEBUG, "assign to", range);
        }
        if let Some((_, again)) = repeated {
            let name = again.arg.as_deref().unwrap_or_default();
            self.fail(again.range, format!("keyword argument repeated: {name}"));
        }
    }

    fn arguments(&mut self, arguments: &ast::Arguments) {
        for argument in &arguments.args {
            self.visit_item(argument);
        }
        for keyword in &arguments.keywords {
            self.visit_expr(&keyword.value);
        }
    }

    /// An expression that may have a star.
    fn visit_item(&mut self, item: &Expr) {
        match item {
            Expr::Starred(starred) => self.visit_expr(&starred.value),
            other => self.visit_expr(other),
        }
    }

    fn sequence(&mut self, items: &[Expr], context: ExprContext, range: TextRange) {
        if context == ExprContext::Store {
            let mut stars = items.iter().enumerate().filter(|(_, item)| item.is_starred_expr());
            if let Some((index, _)) = stars.next() {
                if index >= 256 {
                    self.fail(range, "too many expressions in star-unpacking assignment");
                }
                if stars.next().is_some() {
                    self.fail(range, "multiple starred expressions in assignment");
                }
            }
        }
        for item in items {
            match context {
                ExprContext::Del => self.visit_expr(item),
                ExprContext::Load | ExprContext::Store | ExprContext::Invalid => {
                    self.visit_item(item);
                }
            }
        }
    }

    fn comprehension(
        &mut self,
        parts: &[&Expr],
        generators: &[ast::Comprehension],
        range: TextRange,
        is_generator: bool,
    ) {
        let Some((first, rest)) = generators.split_first() else { return };
        let is_async = generators.iter().any(|one| one.is_async);
        let around_is_async =
            matches!(self.function, Function::Async { .. } | Function::AsyncComprehension);
        let is_within = around_is_async || self.function == Function::Comprehension;
        if is_async && !is_generator && !is_within {
            self.fail(range, "asynchronous comprehension outside of an asynchronous function");
        }
        let inner =
            if around_is_async { Function::AsyncComprehension } else { Function::Comprehension };
        self.within(inner, |checker| {
            checker.visit_expr(&first.target);
            for condition in &first.ifs {
                checker.visit_expr(condition);
            }
            for generator in rest {
                checker.visit_expr(&generator.iter);
                checker.visit_expr(&generator.target);
                for condition in &generator.ifs {
                    checker.visit_expr(condition);
                }
            }
            for part in parts {
                checker.visit_expr(part);
            }
        });
        self.visit_expr(&first.iter);
    }

    fn starred(&mut self, it: &ast::ExprStarred) {
        let message = match it.ctx {
            ExprContext::Store => "starred assignment target must be in a list or tuple",
            ExprContext::Load | ExprContext::Del | ExprContext::Invalid => {
                "can't use starred expression here"
            }
        };
        self.fail(it.range, message);
    }

    fn visit_store(&mut self, name: &str, context: ExprContext, range: TextRange) {
        match context {
            ExprContext::Store => self.forbid(name, "assign to", range),
            ExprContext::Del => self.forbid(name, "delete", range),
            ExprContext::Load | ExprContext::Invalid => {}
        }
    }
}

impl<'a> Visitor<'a> for Checker<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(it) => self.function(it),
            Stmt::ClassDef(it) => {
                for decorator in &it.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                self.within(Function::None, |checker| checker.visit_body(&it.body));
                let range = self.definition(it.range, &it.decorator_list);
                if let Some(arguments) = &it.arguments {
                    self.keywords(&arguments.keywords, range);
                    self.arguments(arguments);
                }
                self.forbid(&it.name, "assign to", range);
            }
            Stmt::Return(it) => self.return_(it),
            Stmt::For(it) => {
                if it.is_async && !matches!(self.function, Function::Async { .. }) {
                    self.fail(it.range, "'async for' outside async function");
                }
                self.visit_expr(&it.iter);
                self.block(Block::Loop, 1, it.range);
                self.visit_expr(&it.target);
                self.visit_body(&it.body);
                self.leave(1);
                self.visit_body(&it.orelse);
            }
            Stmt::While(it) => {
                self.block(Block::Loop, 1, it.range);
                self.visit_expr(&it.test);
                self.visit_body(&it.body);
                self.leave(1);
                self.visit_body(&it.orelse);
            }
            Stmt::With(it) => self.with(it),
            Stmt::Try(it) => self.try_(it),
            Stmt::Break(it) => self.leave_loop(it.range, "'break' outside loop"),
            Stmt::Continue(it) => self.leave_loop(it.range, "'continue' not properly in loop"),
            Stmt::AnnAssign(it) => {
                if let Some(value) = &it.value {
                    self.visit_expr(value);
                    self.visit_expr(&it.target);
                } else if let Expr::Name(name) = &*it.target {
                    self.forbid(&name.id, "assign to", it.range);
                }
                self.visit_expr(&it.annotation);
            }
            Stmt::ImportFrom(it) => {
                if is_future(it) && self.last_future.is_none_or(|last| it.range.start() > last) {
                    let message = "from __future__ imports must occur at the beginning of the file";
                    self.fail(it.range, message);
                }
                for alias in &it.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.forbid(name, "assign to", it.range);
                }
            }
            Stmt::Import(it) => {
                for alias in &it.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.forbid(name, "assign to", it.range);
                }
            }
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(it) => self.visit_store(&it.id, it.ctx, it.range),
            Expr::Attribute(it) => {
                self.visit_expr(&it.value);
                self.visit_store(&it.attr, it.ctx, it.range);
            }
            Expr::Starred(it) => self.starred(it),
            Expr::Tuple(it) => self.sequence(&it.elts, it.ctx, it.range),
            Expr::List(it) => self.sequence(&it.elts, it.ctx, it.range),
            Expr::Set(it) => self.sequence(&it.elts, ExprContext::Load, it.range),
            Expr::Call(it) => {
                self.keywords(&it.arguments.keywords, it.range());
                self.visit_expr(&it.func);
                self.arguments(&it.arguments);
            }
            Expr::Lambda(it) => {
                if let Some(parameters) = &it.parameters {
                    self.check_parameters(parameters, it.range);
                    self.defaults(parameters);
                }
                self.within(Function::Plain, |checker| checker.visit_expr(&it.body));
            }
            Expr::ListComp(it) => self.comprehension(&[&it.elt], &it.generators, it.range, false),
            Expr::SetComp(it) => self.comprehension(&[&it.elt], &it.generators, it.range, false),
            Expr::Generator(it) => self.comprehension(&[&it.elt], &it.generators, it.range, true),
            Expr::DictComp(it) => {
                let parts: Vec<&Expr> = it.key.as_deref().into_iter().chain([&*it.value]).collect();
                self.comprehension(&parts, &it.generators, it.range, false);
            }
            Expr::Yield(it) => {
                if self.function == Function::None {
                    self.fail(it.range, "'yield' outside function");
                }
                walk_expr(self, expression);
            }
            Expr::YieldFrom(it) => {
                match self.function {
                    Function::None => self.fail(it.range, "'yield' outside function"),
                    Function::Async { .. } => {
                        self.fail(it.range, "'yield from' inside async function");
                    }
                    Function::Plain | Function::Comprehension | Function::AsyncComprehension => {}
                }
                walk_expr(self, expression);
            }
            Expr::Await(it) => {
                match self.function {
                    Function::None => self.fail(it.range, "'await' outside function"),
                    Function::Plain => self.fail(it.range, "'await' outside async function"),
                    Function::Async { .. }
                    | Function::Comprehension
                    | Function::AsyncComprehension => {}
                }
                walk_expr(self, expression);
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
            self.forbid(name, "assign to", one.range);
        }
        self.block(Block::Other, 1, one.range);
        walk_except_handler(self, handler);
        self.leave(1);
    }
}

/// Whether the body of a function has a `yield` of its own.
fn has_yield(body: &[Stmt]) -> bool {
    struct Finder(bool);
    impl<'a> Visitor<'a> for Finder {
        fn visit_stmt(&mut self, statement: &'a Stmt) {
            if !matches!(statement, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) {
                walk_stmt(self, statement);
            }
        }
        fn visit_expr(&mut self, expression: &'a Expr) {
            self.0 |= expression.is_yield_expr();
            if !expression.is_lambda_expr() {
                walk_expr(self, expression);
            }
        }
    }
    let mut finder = Finder(false);
    finder.visit_body(body);
    finder.0
}
