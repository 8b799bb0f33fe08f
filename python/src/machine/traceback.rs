//! The text of an uncaught exception, as CPython 3.11 prints it.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

use std::fmt::Write as _;
use std::rc::Rc;

use unicode_width::UnicodeWidthChar as _;

use super::vm::Vm;
use crate::code::Span;
use crate::operators::kind::full_name;
use crate::operators::show::{Written, exception_text, str_of};
use crate::source::Source;
use crate::types::Exc;
use crate::value::{Class, ClassKind, Exception, TracebackEntry, Value};

/// The text of an exception, with those that it came from, whose messages are these.
pub(crate) fn text(vm: &Vm, exception: &Rc<Exception>, file: &str, messages: &[String]) -> String {
    let parts = chain(exception).into_iter().enumerate().map(|(at, (one, link))| {
        let message = messages.get(at).map_or("", String::as_str);
        one_text(vm, &one, file, message) + link
    });
    let parts: Vec<String> = parts.collect();
    parts.into_iter().rev().collect()
}

/// An exception, and those that it came from: each with what is said after it.
pub(crate) fn chain(exception: &Rc<Exception>) -> Vec<(Rc<Exception>, &'static str)> {
    let mut parts = Vec::new();
    let mut seen: Vec<*const Exception> = Vec::new();
    let mut next = Some((Rc::clone(exception), ""));
    while let Some((one, link)) = next {
        seen.push(Rc::as_ptr(&one));
        parts.push((Rc::clone(&one), link));
        let cause = one.cause.borrow().clone();
        let context = one.context.borrow().clone().filter(|_| !one.hides_context.get());
        next = match (cause, context) {
            (Some(cause), _) => Some((cause, CAUSE)),
            (None, Some(context)) => Some((context, CONTEXT)),
            (None, None) => None,
        };
        next = next.filter(|(one, _)| !seen.contains(&Rc::as_ptr(one)));
    }
    parts
}

/// The messages of an exception and of those that it came from, if no method of the program gives them.
pub(crate) fn messages(exception: &Rc<Exception>) -> Vec<String> {
    let written = Written::default();
    let message = |one: &Rc<Exception>| {
        str_of(&Value::Exception(Rc::clone(one)), &written).unwrap_or_default()
    };
    chain(exception).iter().map(|(one, _)| message(one)).collect()
}

const CAUSE: &str = "\nThe above exception was the direct cause of the following exception:\n\n";
const CONTEXT: &str = "\nDuring handling of the above exception, another exception occurred:\n\n";

fn one_text(vm: &Vm, exception: &Rc<Exception>, file: &str, message: &str) -> String {
    let mut text = String::new();
    let entries = exception.traceback.borrow();
    let shown: Vec<&TracebackEntry> =
        entries.iter().rev().filter(|entry| !entry.globals.is_library()).collect();
    if !entries.is_empty() {
        text.push_str("Traceback (most recent call last):\n");
        let mut repeated = 0;
        for (index, entry) in shown.iter().enumerate() {
            let same = |other: &&TracebackEntry| {
                Rc::ptr_eq(&other.function, &entry.function) && line_of(other) == line_of(entry)
            };
            // Python shows three of the same lines, and counts the others.
            let before = shown[..index].iter().rev().take_while(|other| same(other)).count();
            if before >= 3 {
                repeated += 1;
                let is_last = !shown.get(index + 1).is_some_and(same);
                if is_last {
                    let times = if repeated == 1 { "time" } else { "times" };
                    let _ = writeln!(text, "  [Previous line repeated {repeated} more {times}]");
                    repeated = 0;
                }
                continue;
            }
            text.push_str(&entry_text(entry, file));
        }
    }
    text.push_str(&last_line(vm, exception, message));
    text.push('\n');
    text
}

fn line_of(entry: &TracebackEntry) -> u32 {
    entry.globals.source.line(entry.span.start)
}

fn entry_text(entry: &TracebackEntry, file: &str) -> String {
    let source = &entry.globals.source;
    let line = line_of(entry);
    let name = &entry.function.code.name;
    let mut text = format!("  File \"{file}\", line {line}, in {name}\n");
    let code = source.line_text(line);
    let stripped = code.trim();
    if stripped.is_empty() {
        return text;
    }
    let _ = writeln!(text, "    {stripped}");
    if let Some(carets) = carets(source, entry.span, line) {
        let _ = writeln!(text, "    {carets}");
    }
    text
}

/// The line of `^` under a part of a line. `None` if the part is the whole line, and is no operation.
fn carets(source: &Source, span: Span, line: u32) -> Option<String> {
    let code = source.line_text(line);
    let indent = code.chars().take_while(|character| character.is_whitespace()).count();
    let stripped_length = code.trim().chars().count();
    let start = source.column(span.start) as usize;
    let end = if source.line(span.end) == line {
        source.column(span.end) as usize
    } else {
        indent + stripped_length
    };
    let (start, end) = (start.checked_sub(indent)?, end.checked_sub(indent)?);
    if end <= start {
        return None;
    }
    let before: String = code.trim().chars().take(start).collect();
    let segment: String = code.trim().chars().skip(start).take(end - start).collect();
    let length = columns(&segment);
    let anchors = anchors(&segment).filter(|_| source.line(span.end) == line);
    if anchors.is_none() && start == 0 && end == stripped_length {
        return None;
    }
    let marks = match anchors {
        Some((left, right)) => {
            let (left, right) = (columns(&segment[..left]), columns(&segment[..right]));
            format!(
                "{}{}{}",
                "~".repeat(left),
                "^".repeat(right - left),
                "~".repeat(length - right)
            )
        }
        None => "^".repeat(length),
    };
    Some(format!("{}{marks}", " ".repeat(columns(&before))))
}

/// The columns of a terminal that a text fills: two for a wide character.
fn columns(text: &str) -> usize {
    text.chars().map(|character| if character.width() == Some(2) { 2 } else { 1 }).sum()
}

/// Where the operator of a binary operation or the brackets of a subscript are in an expression, in
/// bytes. As `traceback._extract_caret_anchors_from_line_segment`.
fn anchors(segment: &str) -> Option<(usize, usize)> {
    use ruff_python_ast::Expr;
    use ruff_text_size::Ranged as _;

    let parsed = ruff_python_parser::parse_expression(segment).ok()?;
    match &*parsed.syntax().body {
        Expr::BinOp(it) => {
            let mut at = it.left.end().to_usize();
            let bytes = segment.as_bytes();
            while matches!(bytes.get(at), Some(b' ' | b'\t' | b')' | b'\\')) {
                at += 1;
            }
            let sign = it.op.as_str().len();
            // CPython looks at two characters at most.
            let right = at + sign.min(2);
            Some((at, right.min(segment.len())))
        }
        Expr::Subscript(it) => {
            let mut at = it.value.end().to_usize();
            while segment.as_bytes().get(at).is_some_and(|byte| *byte != b'[') {
                at += 1;
            }
            Some((at, segment.len()))
        }
        _ => None,
    }
}

/// The class and the message.
pub(crate) fn last_line(vm: &Vm, exception: &Rc<Exception>, message: &str) -> String {
    let name = shown_name(&exception.class);
    let hint = suggestion(vm, exception).unwrap_or_default();
    if message.is_empty() { name } else { format!("{name}: {message}{hint}") }
}

/// The name of an exception's class in a traceback.
pub(crate) fn shown_name(class: &Class) -> String {
    match class.kind {
        ClassKind::Written => class.qualified_name.clone(),
        ClassKind::Exception(_) | ClassKind::BuiltIn(_) | ClassKind::Library(_) => full_name(class),
    }
}

/// `. Did you mean: 'name'?`
fn suggestion(_: &Vm, exception: &Rc<Exception>) -> Option<String> {
    if let Some(found) = exception.suggestion.borrow().as_deref() {
        return Some(format!(". Did you mean: '{found}'?"));
    }
    if exception.class.exception() != Some(Exc::NameError) {
        return None;
    }
    let message = exception_text(exception, &Written::default()).ok()?;
    let name = message.strip_prefix("name '")?.strip_suffix("' is not defined")?.to_owned();
    let entry = exception.traceback.borrow().first().cloned()?;
    let globals = &entry.globals;
    let values = globals.values.borrow();
    let bound = globals.names.iter().zip(&*values).filter(|(_, value)| value.is_bound());
    let locals = entry.function.code.locals.iter().map(String::as_str);
    let mut names: Vec<&str> = locals.chain(bound.map(|(name, _)| name.as_str())).collect();
    names.extend(crate::known::BUILTIN_NAMES);
    let found = super::similar::closest(&name, names.into_iter())?;
    Some(format!(". Did you mean: '{found}'?"))
}
