//! Compiles statements.
#![allow(clippy::wildcard_enum_match_arm, reason = "a rule knows a few kinds of nodes")]

use ruff_python_ast as ast;
use ruff_python_ast::{ExceptHandler, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::compiler::{Block, Compiler};
use super::error::{Problem, refused, syntax};
use super::expressions::{
    annotation, annotations, defaults, expression, finish_function, operator, parameters_of, store,
};
use super::methods::{check_base_name, check_method_name};
use super::scope::{ScopeKey, span};
use crate::code::{CodeKind, Constant, Op};
use crate::modules::names::{has_module, has_name};
use crate::outside;

type Result<T = ()> = std::result::Result<T, Problem>;

/// Compiles a list of statements.
pub(crate) fn body<'a>(c: &mut Compiler<'a>, statements: &'a [Stmt]) -> Result {
    statements.iter().try_for_each(|one| statement(c, one))
}

fn statement<'a>(c: &mut Compiler<'a>, node: &'a Stmt) -> Result {
    c.at(first_line(node));
    if !matches!(node, Stmt::Global(_) | Stmt::Nonlocal(_)) {
        c.emit(Op::Statement);
    }
    match node {
        Stmt::FunctionDef(it) => function(c, it),
        Stmt::ClassDef(it) => class(c, it),
        Stmt::Return(it) => return_(c, it),
        Stmt::Delete(it) => it.targets.iter().try_for_each(|target| delete(c, target)),
        Stmt::TypeAlias(it) => Err(syntax(span(it.range), "invalid syntax")),
        Stmt::Assign(it) => assign(c, it),
        Stmt::AugAssign(it) => augmented(c, it),
        Stmt::AnnAssign(it) => annotated(c, it),
        Stmt::For(it) => for_(c, it),
        Stmt::While(it) => while_(c, it),
        Stmt::If(it) => if_(c, it),
        Stmt::With(it) => {
            if it.is_async {
                return Err(refused(
                    span(it.range),
                    "'async' is outside of the subset; use threads",
                ));
            }
            with(c, it.range, &it.items, &it.body)
        }
        Stmt::Match(it) => Err(refused(
            first_span(it.range),
            "'match' is outside of the subset; use 'if' and 'elif'",
        )),
        Stmt::Raise(it) => raise(c, it),
        Stmt::Try(it) => try_(c, it),
        Stmt::Assert(it) => assert(c, it),
        Stmt::Import(it) => import(c, it),
        Stmt::ImportFrom(it) => import_from(c, it),
        Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::Pass(_) => Ok(()),
        Stmt::Expr(it) => {
            if it.value.is_literal_expr() {
                return Ok(());
            }
            expression(c, &it.value)?;
            c.emit(Op::Pop);
            Ok(())
        }
        Stmt::Break(it) => leave_loop(c, it.range, true),
        Stmt::Continue(it) => leave_loop(c, it.range, false),
        Stmt::IpyEscapeCommand(it) => Err(syntax(span(it.range), "invalid syntax")),
    }
}

/// The part of a statement that its errors point to: for a function or a class, its name.
fn first_line(node: &Stmt) -> TextRange {
    match node {
        Stmt::FunctionDef(it) => it.name.range,
        Stmt::ClassDef(it) => it.name.range,
        other => TextRange::empty(other.range().start()),
    }
}

fn first_span(range: TextRange) -> crate::code::Span {
    span(TextRange::empty(range.start()))
}

fn function<'a>(c: &mut Compiler<'a>, it: &'a ast::StmtFunctionDef) -> Result {
    if it.is_async {
        return Err(refused(span(it.name.range), "'async' is outside of the subset; use threads"));
    }
    if it.type_params.is_some() {
        return Err(syntax(span(it.name.range), "expected '('"));
    }
    if c.unit().kind == CodeKind::Class {
        check_method_name(&it.name, span(it.name.range))?;
    }
    for decorator in &it.decorator_list {
        expression(c, &decorator.expression)?;
    }
    defaults(c, Some(&it.parameters))?;
    annotations(c, it)?;
    let scope = c.scope_at(it.range, ScopeKey::Definition);
    let is_generator = c.scopes.all[scope].is_generator;
    c.open(scope, if is_generator { CodeKind::Generator } else { CodeKind::Function }, &it.name);
    c.unit().parameters = parameters_of(Some(&it.parameters));
    body(c, &it.body)?;
    c.constant(Constant::None);
    c.emit(Op::Return);
    finish_function(c, it.name.range)?;
    for decorator in it.decorator_list.iter().rev() {
        c.at(decorator.expression.range());
        c.emit(Op::Call(1));
    }
    c.at(it.name.range);
    c.store(&it.name);
    Ok(())
}

fn class<'a>(c: &mut Compiler<'a>, it: &'a ast::StmtClassDef) -> Result {
    if let Some(decorator) = it.decorator_list.first() {
        return Err(refused(
            span(decorator.range),
            "a decorator of a class is outside of the subset",
        ));
    }
    if it.type_params.is_some() {
        return Err(syntax(span(it.name.range), "invalid syntax"));
    }
    let mut bases = 0;
    if let Some(arguments) = &it.arguments {
        if let Some(keyword) = arguments.keywords.first() {
            return Err(refused(span(keyword.range), "a metaclass is outside of the subset"));
        }
        if let Some(second) = arguments.args.get(1) {
            let message = "a class with two bases is outside of the subset; use one";
            return Err(refused(span(second.range()), message));
        }
        for base in &arguments.args {
            if base.is_starred_expr() {
                return Err(refused(
                    span(base.range()),
                    "'*' among the bases is outside of the subset",
                ));
            }
            check_base_name(base)?;
            expression(c, base)?;
            bases += 1;
        }
    }
    c.emit(Op::BuildTuple(0));
    c.emit(Op::BuildDict(0));
    let scope = c.scope_at(it.range, ScopeKey::Definition);
    c.open(scope, CodeKind::Class, &it.name);
    body(c, &it.body)?;
    if let Some(cell) = c.scopes.all[scope].own_cells.get_index_of("__class__") {
        c.emit(Op::LoadClosure(u32::try_from(cell).unwrap_or(u32::MAX)));
    } else {
        c.constant(Constant::None);
    }
    c.emit(Op::Return);
    finish_function(c, it.name.range)?;
    let name = c.name(&it.name);
    c.at(it.range);
    c.emit(Op::MakeClass { name, bases });
    c.store(&it.name);
    Ok(())
}

fn assign<'a>(c: &mut Compiler<'a>, it: &'a ast::StmtAssign) -> Result {
    expression(c, &it.value)?;
    let Some((last, others)) = it.targets.split_last() else { return Ok(()) };
    for target in others {
        c.emit(Op::Duplicate);
        store(c, target)?;
    }
    store(c, last)
}

fn augmented<'a>(c: &mut Compiler<'a>, it: &'a ast::StmtAugAssign) -> Result {
    let operator = operator(it.op, it.range)?;
    match &*it.target {
        Expr::Name(name) => {
            c.at(name.range);
            c.load(&name.id);
            expression(c, &it.value)?;
            c.at(it.range);
            c.emit(Op::InPlace(operator));
            c.at(name.range);
            c.store(&name.id);
        }
        Expr::Attribute(attribute) => {
            expression(c, &attribute.value)?;
            c.at(attribute.range);
            let name = c.name(&attribute.attr);
            c.emit(Op::Duplicate);
            c.emit(Op::LoadAttribute(name));
            expression(c, &it.value)?;
            c.at(it.range);
            c.emit(Op::InPlace(operator));
            c.emit(Op::Swap);
            c.at(attribute.range);
            c.emit(Op::StoreAttribute(name));
        }
        Expr::Subscript(subscript) => {
            expression(c, &subscript.value)?;
            expression(c, &subscript.slice)?;
            c.at(subscript.range);
            c.emit(Op::DuplicateTwo);
            c.emit(Op::LoadItem);
            expression(c, &it.value)?;
            c.at(it.range);
            c.emit(Op::InPlace(operator));
            // container index value -> value container index
            c.emit(Op::RotateThree);
            c.at(subscript.range);
            c.emit(Op::StoreItem);
        }
        other => {
            return Err(syntax(span(other.range()), "illegal expression for augmented assignment"));
        }
    }
    Ok(())
}

fn annotated<'a>(c: &mut Compiler<'a>, it: &'a ast::StmtAnnAssign) -> Result {
    if let Some(value) = &it.value {
        expression(c, value)?;
        store(c, &it.target)?;
    }
    // In a function Python does not evaluate it.
    if c.is_in_function() { Ok(()) } else { annotation(c, &it.annotation) }
}

fn delete<'a>(c: &mut Compiler<'a>, target: &'a Expr) -> Result {
    c.at(target.range());
    match target {
        Expr::Name(name) => c.delete(&name.id),
        Expr::Attribute(it) => {
            expression(c, &it.value)?;
            c.at(it.range);
            let name = c.name(&it.attr);
            c.emit(Op::DeleteAttribute(name));
        }
        Expr::Subscript(it) => {
            expression(c, &it.value)?;
            expression(c, &it.slice)?;
            c.at(it.range);
            c.emit(Op::DeleteItem);
        }
        Expr::Tuple(it) => return it.elts.iter().try_for_each(|target| delete(c, target)),
        Expr::List(it) => return it.elts.iter().try_for_each(|target| delete(c, target)),
        other => return Err(syntax(span(other.range()), "cannot delete expression")),
    }
    Ok(())
}

fn for_<'a>(c: &mut Compiler<'a>, it: &'a ast::StmtFor) -> Result {
    if it.is_async {
        return Err(refused(span(it.range), "'async' is outside of the subset; use threads"));
    }
    expression(c, &it.iter)?;
    c.at(it.iter.range());
    c.emit(Op::Iterate);
    let start = c.here();
    c.unit().blocks.push(Block::Loop { start, breaks: Vec::new(), is_for: true });
    c.at(it.range);
    let next = c.emit(Op::Next(0));
    c.at(it.target.range());
    store(c, &it.target)?;
    body(c, &it.body)?;
    c.at(it.iter.range());
    c.emit(Op::Jump(start));
    c.land(next);
    let block = c.unit().blocks.pop();
    body(c, &it.orelse)?;
    land_breaks(c, block);
    Ok(())
}

fn while_<'a>(c: &mut Compiler<'a>, it: &'a ast::StmtWhile) -> Result {
    let start = c.here();
    c.unit().blocks.push(Block::Loop { start, breaks: Vec::new(), is_for: false });
    c.at(TextRange::empty(it.range.start()));
    c.emit(Op::Statement);
    let always = matches!(&*it.test, Expr::BooleanLiteral(literal) if literal.value)
        || matches!(&*it.test, Expr::NumberLiteral(number)
            if matches!(&number.value, ast::Number::Int(int) if int.as_i64() != Some(0)));
    let end = if always {
        None
    } else {
        expression(c, &it.test)?;
        Some(c.emit(Op::JumpIfFalse(0)))
    };
    body(c, &it.body)?;
    c.emit(Op::Jump(start));
    if let Some(end) = end {
        c.land(end);
    }
    let block = c.unit().blocks.pop();
    body(c, &it.orelse)?;
    land_breaks(c, block);
    Ok(())
}

fn land_breaks(c: &mut Compiler, block: Option<Block>) {
    if let Some(Block::Loop { breaks, .. }) = block {
        for jump in breaks {
            c.land(jump);
        }
    }
}

fn if_<'a>(c: &mut Compiler<'a>, it: &'a ast::StmtIf) -> Result {
    expression(c, &it.test)?;
    let mut next = Some(c.emit(Op::JumpIfFalse(0)));
    body(c, &it.body)?;
    let mut ends = Vec::new();
    for clause in &it.elif_else_clauses {
        ends.push(c.emit(Op::Jump(0)));
        if let Some(jump) = next.take() {
            c.land(jump);
        }
        if let Some(test) = &clause.test {
            c.at(TextRange::empty(clause.range.start()));
            c.emit(Op::Statement);
            expression(c, test)?;
            next = Some(c.emit(Op::JumpIfFalse(0)));
        }
        body(c, &clause.body)?;
    }
    for jump in ends.into_iter().chain(next) {
        c.land(jump);
    }
    Ok(())
}

fn with<'a>(
    c: &mut Compiler<'a>,
    range: TextRange,
    items: &'a [ast::WithItem],
    inner: &'a [Stmt],
) -> Result {
    let Some((item, rest)) = items.split_first() else { return body(c, inner) };
    expression(c, &item.context_expr)?;
    c.at(range);
    let here = c.span();
    let enter = c.emit(Op::EnterWith(0));
    c.unit().blocks.push(Block::With(here));
    match &item.optional_vars {
        Some(target) => store(c, target)?,
        None => {
            c.emit(Op::Pop);
        }
    }
    with(c, range, rest, inner)?;
    c.unit().blocks.pop();
    c.at_span(here);
    c.emit(Op::PopTry);
    c.emit(Op::ExitWith);
    let end = c.emit(Op::Jump(0));
    c.land(enter);
    c.emit(Op::ExitWithException);
    let suppressed = c.emit(Op::JumpIfTrue(0));
    c.emit(Op::Reraise);
    c.land(suppressed);
    c.emit(Op::Pop);
    c.emit(Op::LeaveHandler);
    c.emit(Op::Pop);
    c.land(end);
    Ok(())
}

fn raise<'a>(c: &mut Compiler<'a>, it: &'a ast::StmtRaise) -> Result {
    let mut count = 0;
    for part in it.exc.iter().chain(&it.cause) {
        expression(c, part)?;
        count += 1;
    }
    c.at(it.range);
    c.emit(Op::Raise(count));
    Ok(())
}

fn assert<'a>(c: &mut Compiler<'a>, it: &'a ast::StmtAssert) -> Result {
    expression(c, &it.test)?;
    let at = last_comparison(&it.test).unwrap_or(it.range);
    let holds = c.emit(Op::JumpIfTrue(0));
    c.at(at);
    let count = u32::from(it.msg.is_some());
    c.emit(Op::LoadAssertionError);
    if let Some(message) = &it.msg {
        expression(c, message)?;
    }
    c.at(at);
    c.emit(Op::Call(count));
    c.emit(Op::Raise(1));
    c.land(holds);
    Ok(())
}

/// The part of an `assert` that its error points to, as CPython 3.11 finds it.
fn last_comparison(test: &Expr) -> Option<TextRange> {
    match test {
        Expr::Compare(it) => Some(it.range),
        Expr::UnaryOp(it) if it.op == ast::UnaryOp::Not => last_comparison(&it.operand),
        Expr::BoolOp(it) => it.values.iter().rev().find_map(last_comparison),
        Expr::If(it) => {
            let parts = [&it.test, &it.body, &it.orelse];
            parts.into_iter().rev().find_map(|part| last_comparison(part))
        }
        _ => None,
    }
}

fn try_<'a>(c: &mut Compiler<'a>, it: &'a ast::StmtTry) -> Result {
    if it.is_star {
        return Err(refused(
            first_span(it.range),
            "'except*' is outside of the subset; use 'except'",
        ));
    }
    if it.finalbody.is_empty() {
        return try_except(c, it);
    }
    let handler = c.emit(Op::PushTry(0));
    c.unit().blocks.push(Block::Finally(&it.finalbody));
    if it.handlers.is_empty() {
        body(c, &it.body)?;
    } else {
        try_except(c, it)?;
    }
    c.unit().blocks.pop();
    c.emit(Op::PopTry);
    body(c, &it.finalbody)?;
    let end = c.emit(Op::Jump(0));
    c.land(handler);
    c.unit().blocks.push(Block::FinallyHandler);
    body(c, &it.finalbody)?;
    c.unit().blocks.pop();
    c.emit(Op::Reraise);
    c.land(end);
    Ok(())
}

fn try_except<'a>(c: &mut Compiler<'a>, it: &'a ast::StmtTry) -> Result {
    let handler = c.emit(Op::PushTry(0));
    c.unit().blocks.push(Block::Try);
    body(c, &it.body)?;
    c.unit().blocks.pop();
    c.emit(Op::PopTry);
    body(c, &it.orelse)?;
    let mut ends = Vec::from([c.emit(Op::Jump(0))]);
    c.land(handler);
    let count = it.handlers.len();
    for (index, ExceptHandler::ExceptHandler(clause)) in it.handlers.iter().enumerate() {
        c.at(TextRange::empty(clause.range.start()));
        c.emit(Op::Statement);
        let next = match &clause.type_ {
            Some(class) => {
                expression(c, class)?;
                c.at(TextRange::empty(clause.range.start()));
                c.emit(Op::Matches);
                Some(c.emit(Op::JumpIfFalse(0)))
            }
            None if index + 1 < count => {
                return Err(syntax(first_span(clause.range), "default 'except:' must be last"));
            }
            None => None,
        };
        let name = clause.name.as_ref().map(ruff_python_ast::Identifier::as_str);
        match name {
            Some(name) => c.store(name),
            None => {
                c.emit(Op::Pop);
            }
        }
        let cleanup = name.map(|_| c.emit(Op::PushTry(0)));
        c.unit().blocks.push(Block::Handler(name));
        body(c, &clause.body)?;
        c.unit().blocks.pop();
        if let Some(name) = name {
            c.emit(Op::PopTry);
            forget(c, name);
        }
        c.emit(Op::LeaveHandler);
        ends.push(c.emit(Op::Jump(0)));
        if let (Some(cleanup), Some(name)) = (cleanup, name) {
            c.land(cleanup);
            forget(c, name);
            c.emit(Op::Reraise);
        }
        if let Some(next) = next {
            c.land(next);
        }
    }
    c.emit(Op::Reraise);
    for end in ends {
        c.land(end);
    }
    Ok(())
}

/// The name of an exception is deleted at the end of its clause.
fn forget(c: &mut Compiler, name: &str) {
    c.constant(Constant::None);
    c.store(name);
    c.delete(name);
}

fn return_<'a>(c: &mut Compiler<'a>, it: &'a ast::StmtReturn) -> Result {
    let is_function = matches!(c.unit().kind, CodeKind::Function | CodeKind::Generator);
    if !is_function {
        return Err(syntax(span(it.range), "'return' outside function"));
    }
    match &it.value {
        Some(value) => expression(c, value)?,
        None => c.constant(Constant::None),
    }
    let mut left = Vec::new();
    while let Some(block) = c.unit().blocks.pop() {
        unwind(c, &block, true)?;
        left.push(block);
    }
    c.unit().blocks.extend(left.into_iter().rev());
    c.at(it.range);
    c.emit(Op::Return);
    Ok(())
}

fn leave_loop(c: &mut Compiler, range: TextRange, is_break: bool) -> Result {
    let mut left = Vec::new();
    loop {
        match c.unit().blocks.pop() {
            None => {
                c.unit().blocks.extend(left.into_iter().rev());
                let message = if is_break {
                    "'break' outside loop"
                } else {
                    "'continue' not properly in loop"
                };
                return Err(syntax(span(range), message));
            }
            Some(Block::Loop { start, mut breaks, is_for }) => {
                c.at(range);
                if is_break {
                    if is_for {
                        c.emit(Op::Pop);
                    }
                    breaks.push(c.emit(Op::Jump(0)));
                } else {
                    c.emit(Op::Jump(start));
                }
                c.unit().blocks.push(Block::Loop { start, breaks, is_for });
                break;
            }
            Some(block) => {
                unwind(c, &block, false)?;
                left.push(block);
            }
        }
    }
    c.unit().blocks.extend(left.into_iter().rev());
    Ok(())
}

/// Leaves a block. If `keeps_value`, the value of a `return` is on the stack.
fn unwind<'a>(c: &mut Compiler<'a>, block: &Block<'a>, keeps_value: bool) -> Result {
    match block {
        Block::Loop { is_for, .. } => {
            if *is_for {
                drop_under(c, keeps_value);
            }
        }
        Block::Try => {
            c.emit(Op::PopTry);
        }
        Block::Finally(statements) => {
            c.emit(Op::PopTry);
            if keeps_value {
                c.unit().blocks.push(Block::Value);
            }
            body(c, statements)?;
            if keeps_value {
                c.unit().blocks.pop();
            }
        }
        Block::Handler(name) => {
            if let Some(name) = name {
                c.emit(Op::PopTry);
                forget(c, name);
            }
            c.emit(Op::LeaveHandler);
        }
        Block::With(at) => {
            c.emit(Op::PopTry);
            if keeps_value {
                c.emit(Op::Swap);
            }
            let here = c.span();
            c.at_span(*at);
            c.emit(Op::ExitWith);
            c.at_span(here);
        }
        Block::FinallyHandler => {
            drop_under(c, keeps_value);
            c.emit(Op::LeaveHandler);
        }
        Block::Value => drop_under(c, keeps_value),
    }
    Ok(())
}

fn drop_under(c: &mut Compiler, keeps_value: bool) {
    if keeps_value {
        c.emit(Op::Swap);
    }
    c.emit(Op::Pop);
}

fn import(c: &mut Compiler, it: &ast::StmtImport) -> Result {
    for alias in &it.names {
        if !has_module(&alias.name, c.is_library) {
            return Err(refused(span(alias.range), outside::module(&alias.name)));
        }
        c.at(alias.range);
        let name = c.name(&alias.name);
        c.emit(Op::Import(name));
        let bound = alias.asname.as_ref().unwrap_or(&alias.name);
        c.store(bound);
    }
    Ok(())
}

fn import_from(c: &mut Compiler, it: &ast::StmtImportFrom) -> Result {
    let module = it.module.as_ref().map(ruff_python_ast::Identifier::as_str).unwrap_or_default();
    if it.level > 0 || !has_module(module, c.is_library) {
        return Err(refused(span(it.range), outside::module(module)));
    }
    c.at(it.range);
    let name = c.name(module);
    c.emit(Op::Import(name));
    for alias in &it.names {
        if &*alias.name == "*" {
            if c.is_in_function() {
                return Err(syntax(span(it.range), "import * only allowed at module level"));
            }
            for exported in Compiler::star_names(module, span(it.range))? {
                let name = c.name(exported);
                c.emit(Op::ImportName(name));
                c.store(exported);
            }
        } else {
            if has_name(module, &alias.name) == Some(false) {
                return Err(refused(span(alias.range), outside::imported(module, &alias.name)));
            }
            let name = c.name(&alias.name);
            c.emit(Op::ImportName(name));
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            c.store(bound);
        }
    }
    c.emit(Op::Pop);
    Ok(())
}
