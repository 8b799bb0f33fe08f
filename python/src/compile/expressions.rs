//! Compiles expressions.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what may stand here is few of the parser's expressions"
)]

use num_bigint::BigInt;
use num_traits::Num as _;
use ruff_python_ast as ast;
use ruff_python_ast::{
    CmpOp, ConversionFlag, Expr, FStringPart, InterpolatedStringElement, Number,
};
use ruff_text_size::{Ranged, TextLen, TextRange, TextSize};

use super::compiler::{Block, Compiler};
use super::error::{Problem, refused, syntax};
use super::scope::{Place, ScopeKey, span};
use crate::code::{CodeKind, Comparison, Constant, Conversion, Op, Operator, Unary};

type Result<T = ()> = std::result::Result<T, Problem>;

/// Compiles an expression: its value is put on the stack. The parts are functions of their own, because
/// expressions nest, and this function's part of the stack is as large as that of all its arms.
pub(crate) fn expression<'a>(c: &mut Compiler<'a>, node: &'a Expr) -> Result {
    c.at(node.range());
    match node {
        Expr::BoolOp(it) => bool_op(c, it),
        Expr::Named(it) => named(c, it),
        Expr::BinOp(it) => binary(c, it),
        Expr::UnaryOp(it) => unary(c, it),
        Expr::Lambda(it) => lambda(c, it),
        Expr::If(it) => conditional(c, it),
        Expr::Tuple(it) => sequence(c, &it.elts, it.range, Sequence::Tuple),
        Expr::List(it) => sequence(c, &it.elts, it.range, Sequence::List),
        Expr::Set(it) => sequence(c, &it.elts, it.range, Sequence::Set),
        Expr::Dict(it) => dict(c, it),
        Expr::ListComp(it) => {
            comprehension(c, it.range, Comprehended::List(&it.elt), &it.generators)
        }
        Expr::SetComp(it) => comprehension(c, it.range, Comprehended::Set(&it.elt), &it.generators),
        Expr::Generator(it) => {
            comprehension(c, it.range, Comprehended::Generator(&it.elt), &it.generators)
        }
        Expr::DictComp(it) => dict_comprehension(c, it),
        Expr::Yield(it) => yield_(c, it),
        Expr::Compare(it) => compare(c, it),
        Expr::Call(it) => call(c, it),
        Expr::FString(it) => f_string(c, it),
        Expr::Attribute(it) => attribute(c, it),
        Expr::Subscript(it) => subscript(c, it),
        Expr::Slice(it) => slice(c, it),
        Expr::Name(name) => {
            c.load(&name.id);
            Ok(())
        }
        Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::BytesLiteral(_)
        | Expr::BooleanLiteral(_)
        | Expr::NoneLiteral(_)
        | Expr::EllipsisLiteral(_) => literal(c, node),
        Expr::YieldFrom(_)
        | Expr::Await(_)
        | Expr::TString(_)
        | Expr::Starred(_)
        | Expr::IpyEscapeCommand(_) => Err(outside(node)),
    }
}

fn literal(c: &mut Compiler, node: &Expr) -> Result {
    let constant = match node {
        Expr::NumberLiteral(number) => number_constant(&number.value, number.range)?,
        Expr::StringLiteral(string) => Constant::Str(string_text(string, c.text)?),
        Expr::BytesLiteral(bytes) => Constant::Bytes(bytes.value.bytes().collect()),
        Expr::BooleanLiteral(literal) => Constant::Bool(literal.value),
        Expr::EllipsisLiteral(_) => Constant::Ellipsis,
        _ => Constant::None,
    };
    c.constant(constant);
    Ok(())
}

/// Why an expression is not compiled.
fn outside(node: &Expr) -> Problem {
    let at = span(node.range());
    match node {
        Expr::YieldFrom(_) => {
            refused(at, "'yield from' is outside of the subset; use a loop with 'yield'")
        }
        Expr::Await(_) => refused(at, "'await' is outside of the subset; use threads"),
        Expr::Starred(_) => syntax(at, "can't use starred expression here"),
        _ => syntax(at, "invalid syntax"),
    }
}

fn binary<'a>(c: &mut Compiler<'a>, it: &'a ast::ExprBinOp) -> Result {
    expression(c, &it.left)?;
    expression(c, &it.right)?;
    c.at(it.range);
    let operator = operator(it.op, it.range)?;
    c.emit(Op::Binary(operator));
    Ok(())
}

fn conditional<'a>(c: &mut Compiler<'a>, it: &'a ast::ExprIf) -> Result {
    expression(c, &it.test)?;
    let otherwise = c.emit(Op::JumpIfFalse(0));
    expression(c, &it.body)?;
    let end = c.emit(Op::Jump(0));
    c.land(otherwise);
    expression(c, &it.orelse)?;
    c.land(end);
    Ok(())
}

fn dict_comprehension<'a>(c: &mut Compiler<'a>, it: &'a ast::ExprDictComp) -> Result {
    let Some(key) = &it.key else {
        let message = "dict unpacking cannot be used in dict comprehension";
        return Err(syntax(span(it.range), message));
    };
    comprehension(c, it.range, Comprehended::Dict(key, &it.value), &it.generators)
}

fn yield_<'a>(c: &mut Compiler<'a>, it: &'a ast::ExprYield) -> Result {
    // Python closes a generator that nobody refers to, which runs these.
    let closes = |block: &Block| matches!(block, Block::Finally(_) | Block::With(_));
    if c.unit().blocks.iter().any(closes) {
        return Err(refused(
            span(it.range),
            "'yield' in a 'with' or in a 'try' with 'finally' is outside of the subset",
        ));
    }
    match &it.value {
        Some(value) => expression(c, value)?,
        None => c.constant(Constant::None),
    }
    c.at(it.range);
    c.emit(Op::Yield);
    Ok(())
}

fn attribute<'a>(c: &mut Compiler<'a>, it: &'a ast::ExprAttribute) -> Result {
    expression(c, &it.value)?;
    c.at(from_attribute(c, it.range, it));
    let name = c.name(&it.attr);
    c.emit(Op::LoadAttribute(name));
    Ok(())
}

fn subscript<'a>(c: &mut Compiler<'a>, it: &'a ast::ExprSubscript) -> Result {
    expression(c, &it.value)?;
    expression(c, &it.slice)?;
    c.at(it.range);
    c.emit(Op::LoadItem);
    Ok(())
}

fn slice<'a>(c: &mut Compiler<'a>, it: &'a ast::ExprSlice) -> Result {
    for part in [&it.lower, &it.upper, &it.step] {
        match part {
            Some(part) => expression(c, part)?,
            None => c.constant(Constant::None),
        }
    }
    c.emit(Op::BuildSlice);
    Ok(())
}

fn number_constant(number: &Number, range: TextRange) -> Result<Constant> {
    match number {
        Number::Int(int) => {
            if let Some(small) = int.as_i64() {
                return Ok(Constant::Int(small));
            }
            let text = int.to_string().replace('_', "");
            let lower = text.to_ascii_lowercase();
            let (digits, radix) = match lower.get(..2) {
                Some("0x") => (&lower[2..], 16),
                Some("0o") => (&lower[2..], 8),
                Some("0b") => (&lower[2..], 2),
                _ => (lower.as_str(), 10),
            };
            if radix == 10 && digits.len() > 4300 {
                let message =
                    "Exceeds the limit (4300 digits) for integer string conversion: value has "
                        .to_owned();
                let message = format!(
                    "{message}{} digits; use sys.set_int_max_str_digits() to increase the limit - Consider \
                     hexadecimal for huge integer literals to avoid decimal conversion limits.",
                    digits.len()
                );
                return Err(syntax(span(range), message));
            }
            BigInt::from_str_radix(digits, radix)
                .map(Constant::Big)
                .map_err(|_| syntax(span(range), "invalid decimal literal"))
        }
        Number::Float(float) => Ok(Constant::Float(*float)),
        Number::Complex { .. } => {
            Err(refused(span(range), "complex numbers are outside of the subset; use float"))
        }
    }
}

/// The text of a string literal. The parser has replaced the escapes.
pub(crate) fn string_text(string: &ast::ExprStringLiteral, text: &str) -> Result<String> {
    for part in &string.value {
        refuse_surrogates(text, part.range)?;
    }
    Ok(string.value.to_str().to_owned())
}

/// Python's strings may hold half of a surrogate pair, and Rust's cannot: the parser puts `U+FFFD`.
fn refuse_surrogates(text: &str, range: TextRange) -> Result {
    let literal = &text[range];
    let quote = literal.find(['\'', '"']).unwrap_or(0);
    if literal[..quote].contains(['r', 'R']) {
        return Ok(());
    }
    let mut rest = literal;
    while let Some(at) = rest.find('\\') {
        let escape = &rest.as_bytes()[at + 1..];
        let digits = match escape.first() {
            Some(b'u') => escape.get(1..5),
            Some(b'U') => escape.get(1..9),
            _ => None,
        };
        let number = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u32::from_str_radix(digits, 16).ok());
        if number.is_some_and(|number| (0xD800..0xE000).contains(&number)) {
            return Err(refused(span(range), "half of a surrogate pair is outside of the subset"));
        }
        let skip = rest[at + 1..].chars().next().map_or(0, char::len_utf8);
        rest = &rest[at + 1 + skip..];
    }
    Ok(())
}

pub(crate) fn operator(op: ast::Operator, range: TextRange) -> Result<Operator> {
    Ok(match op {
        ast::Operator::Add => Operator::Add,
        ast::Operator::Sub => Operator::Subtract,
        ast::Operator::Mult => Operator::Multiply,
        ast::Operator::MatMult => {
            return Err(refused(span(range), "the operator '@' is outside of the subset"));
        }
        ast::Operator::Div => Operator::Divide,
        ast::Operator::Mod => Operator::Modulo,
        ast::Operator::Pow => Operator::Power,
        ast::Operator::LShift => Operator::LeftShift,
        ast::Operator::RShift => Operator::RightShift,
        ast::Operator::BitOr => Operator::Or,
        ast::Operator::BitXor => Operator::Xor,
        ast::Operator::BitAnd => Operator::And,
        ast::Operator::FloorDiv => Operator::FloorDivide,
    })
}

fn bool_op<'a>(c: &mut Compiler<'a>, it: &'a ast::ExprBoolOp) -> Result {
    let Some((last, first)) = it.values.split_last() else { return Ok(()) };
    let mut ends = Vec::new();
    for value in first {
        expression(c, value)?;
        ends.push(c.emit(match it.op {
            ast::BoolOp::And => Op::JumpIfFalseOrPop(0),
            ast::BoolOp::Or => Op::JumpIfTrueOrPop(0),
        }));
    }
    expression(c, last)?;
    for end in ends {
        c.land(end);
    }
    Ok(())
}

fn named<'a>(c: &mut Compiler<'a>, it: &'a ast::ExprNamed) -> Result {
    expression(c, &it.value)?;
    c.at(it.range);
    let Expr::Name(name) = &*it.target else {
        return Err(syntax(span(it.range), "invalid syntax"));
    };
    if let Place::ClassName | Place::ClassCell(_) = c.place(&name.id) {
        return Err(refused(
            span(it.range),
            "':=' in the body of a class is outside of the subset",
        ));
    }
    c.emit(Op::Duplicate);
    c.store(&name.id);
    Ok(())
}

fn unary<'a>(c: &mut Compiler<'a>, it: &'a ast::ExprUnaryOp) -> Result {
    expression(c, &it.operand)?;
    c.at(it.range);
    c.emit(Op::Unary(match it.op {
        ast::UnaryOp::Invert => Unary::Invert,
        ast::UnaryOp::Not => Unary::Not,
        ast::UnaryOp::UAdd => Unary::Plus,
        ast::UnaryOp::USub => Unary::Minus,
    }));
    Ok(())
}

/// Compiles the defaults of a function, as a tuple and a dict, and notes its parameters.
pub(crate) fn defaults<'a>(
    c: &mut Compiler<'a>,
    parameters: Option<&'a ast::Parameters>,
) -> Result {
    let (mut count, mut named) = (0, 0);
    if let Some(parameters) = parameters {
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        for default in positional.filter_map(|parameter| parameter.default.as_deref()) {
            expression(c, default)?;
            count += 1;
        }
        c.emit(Op::BuildTuple(count));
        for parameter in &parameters.kwonlyargs {
            if let Some(default) = &parameter.default {
                c.constant(Constant::Str(parameter.parameter.name.to_string()));
                expression(c, default)?;
                named += 1;
            }
        }
    } else {
        c.emit(Op::BuildTuple(0));
    }
    c.emit(Op::BuildDict(named));
    Ok(())
}

/// Compiles an annotation: its names are looked up, and that is all.
#[expect(clippy::wildcard_enum_match_arm, reason = "few expressions are not evaluated")]
pub(crate) fn annotation<'a>(c: &mut Compiler<'a>, node: &'a Expr) -> Result {
    match node {
        Expr::Subscript(it) => {
            annotation(c, &it.value)?;
            annotation(c, &it.slice)
        }
        Expr::Tuple(it) => it.elts.iter().try_for_each(|one| annotation(c, one)),
        Expr::List(it) => it.elts.iter().try_for_each(|one| annotation(c, one)),
        Expr::BinOp(it) if it.op == ast::Operator::BitOr => {
            annotation(c, &it.left)?;
            annotation(c, &it.right)
        }
        other => {
            expression(c, other)?;
            c.emit(Op::Pop);
            Ok(())
        }
    }
}

/// Compiles the annotations of a function.
pub(crate) fn annotations<'a>(c: &mut Compiler<'a>, it: &'a ast::StmtFunctionDef) -> Result {
    let parameters = it.parameters.iter().map(ast::AnyParameterRef::as_parameter);
    let all = parameters.filter_map(|one| one.annotation.as_deref()).chain(it.returns.as_deref());
    all.into_iter().try_for_each(|one| annotation(c, one))
}

pub(crate) fn parameters_of(parameters: Option<&ast::Parameters>) -> crate::code::Parameters {
    let Some(parameters) = parameters else { return crate::code::Parameters::default() };
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    crate::code::Parameters {
        positional_only: number(parameters.posonlyargs.len()),
        positional: number(parameters.posonlyargs.len() + parameters.args.len()),
        keyword_only: number(parameters.kwonlyargs.len()),
        has_rest: parameters.vararg.is_some(),
        has_keywords: parameters.kwarg.is_some(),
    }
}

fn lambda<'a>(c: &mut Compiler<'a>, it: &'a ast::ExprLambda) -> Result {
    let parameters = it.parameters.as_deref();
    defaults(c, parameters)?;
    let scope = c.scope_at(it.range, ScopeKey::Lambda);
    let is_generator = c.scopes.all[scope].is_generator;
    c.open(scope, if is_generator { CodeKind::Generator } else { CodeKind::Function }, "<lambda>");
    c.unit().parameters = parameters_of(parameters);
    expression(c, &it.body)?;
    c.emit(Op::Return);
    finish_function(c, it.range)
}

/// Ends the innermost unit and makes its function, whose defaults are on the stack.
pub(crate) fn finish_function(c: &mut Compiler, range: TextRange) -> Result {
    c.check_size()?;
    if let Some(code) = c.close() {
        c.at(range);
        c.make_function(code);
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Sequence {
    Tuple,
    List,
    Set,
}

fn sequence<'a>(
    c: &mut Compiler<'a>,
    items: &'a [Expr],
    range: TextRange,
    kind: Sequence,
) -> Result {
    let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
    if !items.iter().any(Expr::is_starred_expr) {
        for item in items {
            expression(c, item)?;
        }
        c.at(range);
        c.emit(match kind {
            Sequence::Tuple => Op::BuildTuple(count),
            Sequence::List => Op::BuildList(count),
            Sequence::Set => Op::BuildSet(count),
        });
        return Ok(());
    }
    list_with_stars(c, items.iter(), range)?;
    c.at(range);
    match kind {
        Sequence::Tuple => {
            c.emit(Op::ListToTuple);
        }
        Sequence::List => {}
        Sequence::Set => {
            c.emit(Op::BuildSet(0));
            c.emit(Op::Swap);
            c.emit(Op::SetExtend);
        }
    }
    Ok(())
}

fn list_with_stars<'a>(
    c: &mut Compiler<'a>,
    items: impl Iterator<Item = &'a Expr>,
    range: TextRange,
) -> Result {
    c.emit(Op::BuildList(0));
    for item in items {
        if let Expr::Starred(starred) = item {
            expression(c, &starred.value)?;
            c.at(range);
            c.emit(Op::ListExtend);
        } else {
            expression(c, item)?;
            c.emit(Op::ListAppend);
        }
    }
    Ok(())
}

fn dict<'a>(c: &mut Compiler<'a>, it: &'a ast::ExprDict) -> Result {
    let mut count = 0;
    let mut is_begun = false;
    for item in &it.items {
        let Some(key) = &item.key else {
            if !is_begun {
                c.emit(Op::BuildDict(count));
            } else if count > 0 {
                c.emit(Op::BuildDict(count));
                c.emit(Op::DictUpdate);
            }
            (is_begun, count) = (true, 0);
            expression(c, &item.value)?;
            c.emit(Op::DictUpdate);
            continue;
        };
        expression(c, key)?;
        expression(c, &item.value)?;
        count += 1;
    }
    c.at(it.range);
    if !is_begun {
        c.emit(Op::BuildDict(count));
    } else if count > 0 {
        c.emit(Op::BuildDict(count));
        c.emit(Op::DictUpdate);
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Comprehended<'a> {
    List(&'a Expr),
    Set(&'a Expr),
    Dict(&'a Expr, &'a Expr),
    Generator(&'a Expr),
}

fn comprehension<'a>(
    c: &mut Compiler<'a>,
    range: TextRange,
    what: Comprehended<'a>,
    generators: &'a [ast::Comprehension],
) -> Result {
    let Some(first) = generators.first() else { return Ok(()) };
    if let Some(it) = generators.iter().find(|generator| generator.is_async) {
        return Err(refused(span(it.range), "'async' is outside of the subset; use threads"));
    }
    let scope = c.scope_at(range, ScopeKey::Comprehension);
    let (name, kind) = match what {
        Comprehended::List(_) => ("<listcomp>", CodeKind::Function),
        Comprehended::Set(_) => ("<setcomp>", CodeKind::Function),
        Comprehended::Dict(..) => ("<dictcomp>", CodeKind::Function),
        Comprehended::Generator(_) => ("<genexpr>", CodeKind::Generator),
    };
    let range = if let Comprehended::Generator(_) = what { with_brackets(c, range) } else { range };
    c.emit(Op::BuildTuple(0));
    c.emit(Op::BuildDict(0));
    c.open(scope, kind, name);
    c.unit().parameters = crate::code::Parameters { positional: 1, ..Default::default() };
    c.at(range);
    match what {
        Comprehended::List(_) => {
            c.emit(Op::BuildList(0));
        }
        Comprehended::Set(_) => {
            c.emit(Op::BuildSet(0));
        }
        Comprehended::Dict(..) => {
            c.emit(Op::BuildDict(0));
        }
        Comprehended::Generator(_) => {}
    }
    c.load(".0");
    loops(c, what, generators, range, 0)?;
    c.at(range);
    if let Comprehended::Generator(_) = what {
        c.constant(Constant::None);
    }
    c.emit(Op::Return);
    finish_function(c, range)?;
    expression(c, &first.iter)?;
    c.at(range);
    c.emit(Op::Iterate);
    c.emit(Op::Call(1));
    Ok(())
}

/// A generator expression with its brackets. Alone in a call, it has those of the call.
fn with_brackets(c: &Compiler, range: TextRange) -> TextRange {
    let (before, after) = (&c.text[..range.start().to_usize()], &c.text[range.end().to_usize()..]);
    let start = before.trim_end().strip_suffix('(').filter(|_| !c.text[range].starts_with('('));
    let end = after.find(')').filter(|at| after[..*at].trim().is_empty());
    match (start.map(TextLen::text_len), end.and_then(|at| TextSize::try_from(at + 1).ok())) {
        (Some(start), Some(length)) => TextRange::new(start, range.end() + length),
        _ => range,
    }
}

/// The loop of one `for` of a comprehension, and those in it. Its iterator is on the stack.
fn loops<'a>(
    c: &mut Compiler<'a>,
    what: Comprehended<'a>,
    generators: &'a [ast::Comprehension],
    range: TextRange,
    depth: u32,
) -> Result {
    let Some((generator, rest)) = generators.split_first() else { return Ok(()) };
    let start = c.here();
    c.at(range);
    let next = c.emit(Op::Next(0));
    store(c, &generator.target)?;
    let mut skips = Vec::new();
    for condition in &generator.ifs {
        expression(c, condition)?;
        skips.push(c.emit(Op::JumpIfFalse(0)));
    }
    if let Some(inner) = rest.first() {
        expression(c, &inner.iter)?;
        c.at(range);
        c.emit(Op::Iterate);
        loops(c, what, rest, range, depth + 1)?;
    } else {
        match what {
            Comprehended::List(value) => {
                expression(c, value)?;
                c.emit(Op::AppendTo(depth + 2));
            }
            Comprehended::Set(value) => {
                expression(c, value)?;
                c.emit(Op::AddTo(depth + 2));
            }
            Comprehended::Dict(key, value) => {
                expression(c, key)?;
                expression(c, value)?;
                c.emit(Op::InsertInto(depth + 2));
            }
            Comprehended::Generator(value) => {
                expression(c, value)?;
                c.emit(Op::Yield);
                c.emit(Op::Pop);
            }
        }
    }
    // Operations are counted at the jump back.
    for skip in skips {
        c.land(skip);
    }
    c.emit(Op::Jump(start));
    c.land(next);
    Ok(())
}

fn compare<'a>(c: &mut Compiler<'a>, it: &'a ast::ExprCompare) -> Result {
    expression(c, &it.left)?;
    let count = it.ops.len();
    let mut ends = Vec::new();
    for (index, (op, right)) in it.ops.iter().zip(&it.comparators).enumerate() {
        expression(c, right)?;
        c.at(it.range);
        let comparison = Op::Compare(comparison(*op));
        if index + 1 == count {
            c.emit(comparison);
        } else {
            c.emit(Op::Duplicate);
            c.emit(Op::RotateThree);
            c.emit(comparison);
            ends.push(c.emit(Op::JumpIfFalseOrPop(0)));
        }
    }
    if !ends.is_empty() {
        let end = c.emit(Op::Jump(0));
        for jump in ends {
            c.land(jump);
        }
        c.emit(Op::Swap);
        c.emit(Op::Pop);
        c.land(end);
    }
    Ok(())
}

const fn comparison(op: CmpOp) -> Comparison {
    match op {
        CmpOp::Eq => Comparison::Equal,
        CmpOp::NotEq => Comparison::NotEqual,
        CmpOp::Lt => Comparison::Less,
        CmpOp::LtE => Comparison::LessEqual,
        CmpOp::Gt => Comparison::Greater,
        CmpOp::GtE => Comparison::GreaterEqual,
        CmpOp::Is => Comparison::Is,
        CmpOp::IsNot => Comparison::IsNot,
        CmpOp::In => Comparison::In,
        CmpOp::NotIn => Comparison::NotIn,
    }
}

fn call<'a>(c: &mut Compiler<'a>, it: &'a ast::ExprCall) -> Result {
    let range = it.range();
    let mut called_at = range;
    let method = match &*it.func {
        Expr::Attribute(attribute) => {
            expression(c, &attribute.value)?;
            if !has_stars(&it.arguments) {
                called_at = from_attribute(c, range, attribute);
            }
            c.at(from_attribute(c, attribute.range, attribute));
            let name = c.name(&attribute.attr);
            if is_plain(&it.arguments) {
                c.emit(Op::LoadMethod(name));
                true
            } else {
                c.emit(Op::LoadAttribute(name));
                false
            }
        }
        Expr::Name(name) if &*name.id == "super" && it.arguments.is_empty() => {
            c.load("super");
            zero_argument_super(c, range)?;
            return Ok(());
        }
        function => {
            expression(c, function)?;
            false
        }
    };
    let count = arguments(c, &it.arguments, range)?;
    c.at(called_at);
    let op = match count {
        Passed::Plain(count) if method => Op::CallMethod(count),
        Passed::Plain(count) => Op::Call(count),
        Passed::Named(count, names) => Op::CallNamed(count, names),
        Passed::Unpacked => Op::CallUnpacked,
    };
    c.emit(op);
    Ok(())
}

/// `super()` means `super(class, first parameter)`.
fn zero_argument_super(c: &mut Compiler, range: TextRange) -> Result {
    let has_class = matches!(c.place("__class__"), Place::Cell(_));
    let parameters = c.unit().parameters;
    if !has_class || parameters.positional == 0 {
        return Err(refused(span(range), "'super()' stands in a method with 'self' here"));
    }
    c.load("__class__");
    let scope = c.unit().scope;
    let first = c.scopes.all[scope].locals.first().cloned().unwrap_or_default();
    c.load(&first);
    c.at(range);
    c.emit(Op::Call(2));
    Ok(())
}

pub(crate) enum Passed {
    Plain(u32),
    /// How many in all, and the constant with the names of the last ones.
    Named(u32, u32),
    Unpacked,
}

fn has_stars(arguments: &ast::Arguments) -> bool {
    arguments.args.iter().any(Expr::is_starred_expr)
        || arguments.keywords.iter().any(|keyword| keyword.arg.is_none())
}

/// The part of an expression that its errors point to. If the name of the attribute is on a later line,
/// Python points to it.
fn from_attribute(c: &Compiler, range: TextRange, attribute: &ast::ExprAttribute) -> TextRange {
    if c.text[TextRange::new(range.start(), attribute.range.end())].contains('\n') {
        TextRange::new(attribute.attr.range.start(), range.end())
    } else {
        range
    }
}

fn is_plain(arguments: &ast::Arguments) -> bool {
    arguments.keywords.is_empty() && !arguments.args.iter().any(Expr::is_starred_expr)
}

/// Compiles the arguments of a call.
pub(crate) fn arguments<'a>(
    c: &mut Compiler<'a>,
    arguments: &'a ast::Arguments,
    range: TextRange,
) -> Result<Passed> {
    let mut seen: Vec<&str> = Vec::new();
    for keyword in &arguments.keywords {
        if let Some(name) = &keyword.arg {
            if seen.contains(&&**name) {
                let message = format!("keyword argument repeated: {name}");
                return Err(syntax(span(keyword.range), message));
            }
            seen.push(name);
        }
    }
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let has_stars = arguments.args.iter().any(Expr::is_starred_expr);
    let has_double_stars = arguments.keywords.iter().any(|keyword| keyword.arg.is_none());
    if !has_stars && !has_double_stars {
        for argument in &arguments.args {
            expression(c, argument)?;
        }
        for keyword in &arguments.keywords {
            expression(c, &keyword.value)?;
        }
        let count = number(arguments.args.len() + arguments.keywords.len());
        if arguments.keywords.is_empty() {
            return Ok(Passed::Plain(count));
        }
        let names = seen.iter().map(|name| Constant::Str((*name).to_owned())).collect();
        let names = c.constant_index(Constant::Tuple(names));
        return Ok(Passed::Named(count, names));
    }
    list_with_stars(c, arguments.args.iter(), range)?;
    c.emit(Op::ListToTuple);
    c.emit(Op::BuildDict(0));
    for keyword in &arguments.keywords {
        match &keyword.arg {
            Some(name) => {
                c.constant(Constant::Str(name.to_string()));
                expression(c, &keyword.value)?;
                c.emit(Op::BuildDict(1));
            }
            None => expression(c, &keyword.value)?,
        }
        c.at(range);
        c.emit(Op::DictMerge);
    }
    Ok(Passed::Unpacked)
}

fn f_string<'a>(c: &mut Compiler<'a>, it: &'a ast::ExprFString) -> Result {
    let mut count = 0;
    for part in it.value.as_slice() {
        match part {
            FStringPart::Literal(literal) => {
                refuse_surrogates(c.text, literal.range)?;
                c.constant(Constant::Str(literal.value.to_string()));
                count += 1;
            }
            FStringPart::FString(string) => count += elements(c, &string.elements, it.range)?,
        }
    }
    c.at(it.range);
    c.emit(Op::BuildString(count));
    Ok(())
}

/// The parts of an f-string or of a format in it. Returns how many values are on the stack. Errors of a
/// format point to the whole string.
fn elements<'a>(
    c: &mut Compiler<'a>,
    parts: &'a ast::InterpolatedStringElements,
    range: TextRange,
) -> Result<u32> {
    let mut count = 0;
    for part in parts {
        match part {
            InterpolatedStringElement::Literal(literal) => {
                c.constant(Constant::Str(literal.value.to_string()));
                count += 1;
            }
            InterpolatedStringElement::Interpolation(it) => {
                let mut conversion = match it.conversion {
                    ConversionFlag::None => Conversion::None,
                    ConversionFlag::Str => Conversion::Str,
                    ConversionFlag::Ascii => Conversion::Ascii,
                    ConversionFlag::Repr => Conversion::Repr,
                };
                if let Some(debug) = &it.debug_text {
                    c.constant(Constant::Str(debug.as_str().to_owned()));
                    count += 1;
                    if conversion == Conversion::None && it.format_spec.is_none() {
                        conversion = Conversion::Repr;
                    }
                }
                expression(c, &it.expression)?;
                c.at(range);
                let has_format = it.format_spec.is_some();
                if let Some(format) = &it.format_spec {
                    let parts = elements(c, &format.elements, range)?;
                    c.emit(Op::BuildString(parts));
                }
                c.at(range);
                c.emit(Op::Format(conversion, has_format));
                count += 1;
            }
        }
    }
    Ok(count)
}

/// Compiles an assignment of the value on the stack.
pub(crate) fn store<'a>(c: &mut Compiler<'a>, target: &'a Expr) -> Result {
    c.at(target.range());
    match target {
        Expr::Name(name) => {
            if &*name.id == "__debug__" {
                return Err(syntax(span(name.range), "cannot assign to __debug__"));
            }
            c.store(&name.id);
            Ok(())
        }
        Expr::Attribute(it) => {
            expression(c, &it.value)?;
            c.at(it.range);
            let name = c.name(&it.attr);
            c.emit(Op::StoreAttribute(name));
            Ok(())
        }
        Expr::Subscript(it) => {
            expression(c, &it.value)?;
            expression(c, &it.slice)?;
            c.at(it.range);
            c.emit(Op::StoreItem);
            Ok(())
        }
        Expr::Tuple(it) => unpack(c, &it.elts, it.range),
        Expr::List(it) => unpack(c, &it.elts, it.range),
        Expr::Starred(it) => {
            Err(syntax(span(it.range), "starred assignment target must be in a list or tuple"))
        }
        other => Err(syntax(span(other.range()), "cannot assign to expression")),
    }
}

fn unpack<'a>(c: &mut Compiler<'a>, targets: &'a [Expr], range: TextRange) -> Result {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let mut stars = targets.iter().enumerate().filter(|(_, target)| target.is_starred_expr());
    match (stars.next(), stars.next()) {
        (Some(_), Some(_)) => {
            return Err(syntax(span(range), "multiple starred expressions in assignment"));
        }
        (Some((at, _)), None) => {
            c.emit(Op::UnpackRest(number(at), number(targets.len() - at - 1)));
        }
        (None, _) => {
            c.emit(Op::Unpack(number(targets.len())));
        }
    }
    for target in targets {
        match target {
            Expr::Starred(it) => store(c, &it.value)?,
            other => store(c, other)?,
        }
    }
    Ok(())
}
