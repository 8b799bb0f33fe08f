//! The errors that the rules raise.

use super::kind::Kind;
use super::nodes::{Nodes, Target, Value};
use super::notation::{Place, Shape, Special};
use super::raised::{INDENTATION_ERROR, Raised, SYNTAX_ERROR};
use super::tokens::Tokens;

/// The error of a rule at its items.
pub(super) fn raise(
    tokens: &Tokens,
    nodes: &Nodes,
    values: &[Value],
    place: Place,
    message: &str,
) -> Raised {
    let mut text = message.to_owned();
    for (number, value) in values.iter().enumerate() {
        let hole = format!("{{{}}}", number + 1);
        if text.contains(&hole) {
            text = text.replace(&hole, &nodes.name(*value, tokens));
        }
    }
    let range = |item: usize| values.get(item).map_or((0, 0), |value| nodes.tokens(*value));
    match place {
        Place::Last => tokens.at_last(SYNTAX_ERROR, &text),
        Place::LastIndent => tokens.at_last(INDENTATION_ERROR, &text),
        Place::Indent(item) => {
            let line = tokens.read.get(range(item).0).map_or(0, |token| token.line);
            let message = format!("expected an indented block after {text} on line {line}");
            tokens.at_last(INDENTATION_ERROR, &message)
        }
        Place::Span(from, to) => tokens.at_tokens(range(from).0, range(to).1, &text),
        Place::Open(item) => tokens.since_token(range(item).0, &text),
    }
}

/// The error of a rule that looks at its items once more. `None` if there is nothing wrong.
pub(super) fn mistake(
    tokens: &Tokens,
    nodes: &Nodes,
    values: &[Value],
    special: Special,
    at: u32,
) -> Option<Raised> {
    let value = |item: usize| values.get(item).copied().unwrap_or(Value::Nothing);
    let range = |item: usize| nodes.tokens(value(item));
    let target = |item: usize, kind: Target, verb: &str| {
        let invalid = nodes.invalid_target(value(item), kind, tokens)?;
        let message = format!("cannot {verb} {}", nodes.name(invalid, tokens));
        let (first, last) = nodes.tokens(invalid);
        Some(tokens.at_tokens(first, last, &message))
    };
    match special {
        Special::Assign(item) => target(item, Target::Assignment, "assign to"),
        Special::For(item) => target(item, Target::Loop, "assign to"),
        Special::Delete(item) => target(item, Target::Deletion, "delete"),
        Special::BareGenerator => {
            let positional: Vec<Value> = nodes
                .items(value(0))
                .into_iter()
                .filter(|item| is_positional(nodes, *item, tokens))
                .collect();
            let last = *positional.last().filter(|_| positional.len() > 1)?;
            let message = "Generator expression must be parenthesized";
            Some(tokens.at_tokens(nodes.tokens(last).0, range(1).1, message))
        }
        Special::OrderOfArguments => {
            let unpacks = nodes
                .items(value(0))
                .into_iter()
                .any(|item| nodes.shape(item) == Shape::KeywordUnpacking);
            let message = if unpacks {
                "positional argument follows keyword argument unpacking"
            } else {
                "positional argument follows keyword argument"
            };
            Some(tokens.at_last(SYNTAX_ERROR, message))
        }
        Special::OldStatement => {
            let name = old_statement(tokens, value(0))?;
            let message =
                format!("Missing parentheses in call to '{name}'. Did you mean {name}(...)?");
            Some(tokens.at_tokens(range(0).0, range(2).1, &message))
        }
        Special::ForgottenComma => {
            let is_outside = tokens.read.get((at as usize).saturating_sub(1))?.level == 0;
            if is_outside || old_statement(tokens, value(1)).is_some() {
                return None;
            }
            let message = "invalid syntax. Perhaps you forgot a comma?";
            Some(tokens.at_tokens(range(1).0, range(2).1, message))
        }
        Special::PairWithoutValue => {
            let (first, last) = range(0);
            Some(tokens.at_end_of(first, last, "':' expected after dictionary key"))
        }
    }
}

fn is_positional(nodes: &Nodes, item: Value, tokens: &Tokens) -> bool {
    match item {
        Value::Nothing => false,
        Value::Token(token) => tokens.kind(token as usize).is_some_and(|kind| kind.text() != ","),
        Value::Node(_) => !matches!(nodes.shape(item), Shape::Keyword | Shape::KeywordUnpacking),
    }
}

/// The name of a statement of Python 2 that is a function now.
fn old_statement<'t>(tokens: &Tokens<'t>, value: Value) -> Option<&'t str> {
    let Value::Token(token) = value else { return None };
    let text = tokens.text(token as usize);
    let is_name = tokens.kind(token as usize) == Some(Kind::NAME);
    (is_name && matches!(text, "print" | "exec")).then_some(text)
}
