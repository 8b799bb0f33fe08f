//! What the rules make of the tokens: as much of a tree as the errors need.
#![allow(clippy::match_same_arms, reason = "a kind of node, an arm")]

use super::kind::Kind;
use super::notation::Shape;
use super::tokens::Tokens;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Nothing,
    Token(u32),
    Node(u32),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) shape: Shape,
    pub(super) first: u32,
    /// The token after its last one.
    pub(super) end: u32,
    children: (u32, u32),
}

/// The nodes that were made.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    all: Vec<Node>,
    children: Vec<Value>,
}

/// Where an expression is assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Assignment,
    Loop,
    Deletion,
}

impl Nodes {
    pub(super) fn add(
        &mut self,
        shape: Shape,
        tokens: (u32, u32),
        children: impl IntoIterator<Item = Value>,
    ) -> Value {
        let start = number(self.children.len());
        self.children.extend(children);
        let node = number(self.all.len());
        let children = (start, number(self.children.len()));
        self.all.push(Node { shape, first: tokens.0, end: tokens.1, children });
        Value::Node(node)
    }

    /// How many there are, for [`Self::forget`].
    pub(super) fn count(&self) -> (u32, u32) {
        (number(self.all.len()), number(self.children.len()))
    }

    /// Forgets all that were made later.
    pub(super) fn forget(&mut self, count: (u32, u32)) {
        self.all.truncate(count.0 as usize);
        self.children.truncate(count.1 as usize);
    }

    pub(super) fn node(&self, value: Value) -> Option<&Node> {
        let Value::Node(node) = value else { return None };
        self.all.get(node as usize)
    }

    pub(super) fn shape(&self, value: Value) -> Shape {
        self.node(value).map_or(Shape::Other, |node| node.shape)
    }

    pub(super) fn children(&self, value: Value) -> &[Value] {
        let Some(node) = self.node(value) else { return &[] };
        &self.children[node.children.0 as usize..node.children.1 as usize]
    }

    /// The first and the last token.
    pub(super) fn tokens(&self, value: Value) -> (usize, usize) {
        match value {
            Value::Nothing => (0, 0),
            Value::Token(token) => (token as usize, token as usize),
            Value::Node(_) => self.node(value).map_or((0, 0), |node| {
                (
                    node.first as usize,
                    (node.end as usize).saturating_sub(1).max(node.first as usize),
                )
            }),
        }
    }

    /// The items of a list, a tuple, or the arguments of a call.
    pub(super) fn items(&self, value: Value) -> Vec<Value> {
        let mut items = Vec::new();
        let mut next: Vec<Value> = self.children(value).iter().rev().copied().collect();
        while let Some(value) = next.pop() {
            if self.shape(value) == Shape::Sequence || self.is_other_node(value) {
                next.extend(self.children(value).iter().rev());
            } else {
                items.push(value);
            }
        }
        items
    }

    fn is_other_node(&self, value: Value) -> bool {
        self.node(value).is_some_and(|node| node.shape == Shape::Other)
    }

    /// What CPython calls an expression in its messages.
    pub(super) fn name(&self, value: Value, tokens: &Tokens) -> String {
        let name = match value {
            Value::Nothing => "",
            Value::Token(token) => match tokens.kind(token as usize) {
                Some(Kind::NAME) => "name",
                Some(Kind::NUMBER | Kind::STRING) => "literal",
                Some(kind) if kind.text() == "..." => "ellipsis",
                Some(kind) => kind.text(),
                None => "",
            },
            Value::Node(_) => match self.shape(value) {
                Shape::Literal | Shape::Strings => "literal",
                Shape::FString => "f-string expression",
                Shape::Tuple => "tuple",
                Shape::List => "list",
                Shape::Set => "set display",
                Shape::Dict => "dict literal",
                Shape::Conditional => "conditional expression",
                Shape::Yield => "yield expression",
                Shape::Starred => "starred",
                Shape::Named => "named expression",
                Shape::Operation => "expression",
                Shape::Compare | Shape::In => "comparison",
                Shape::Await => "await expression",
                Shape::Attribute => "attribute",
                Shape::Call => "function call",
                Shape::Subscript => "subscript",
                Shape::Lambda => "lambda",
                Shape::Generator => "generator expression",
                Shape::ListComprehension => "list comprehension",
                Shape::SetComprehension => "set comprehension",
                Shape::DictComprehension => "dict comprehension",
                Shape::Other
                | Shape::Sequence
                | Shape::Slice
                | Shape::Arguments
                | Shape::Keyword
                | Shape::KeywordUnpacking => {
                    // A group of words, as `True` where only such words may be.
                    let (first, _) = self.tokens(value);
                    return tokens.text(first).to_owned();
                }
            },
        };
        name.to_owned()
    }

    /// The first part of an expression that cannot be assigned to or deleted.
    pub(super) fn invalid_target(
        &self,
        value: Value,
        kind: Target,
        tokens: &Tokens,
    ) -> Option<Value> {
        let mut next = vec![value];
        while let Some(value) = next.pop() {
            match (value, self.shape(value)) {
                (Value::Nothing, _) => {}
                (Value::Token(token), _) => match tokens.kind(token as usize) {
                    Some(kind) if is_punctuation(kind) => {}
                    _ => {
                        if tokens.kind(token as usize) != Some(Kind::NAME) {
                            return Some(value);
                        }
                    }
                },
                (_, Shape::Attribute | Shape::Subscript) => {}
                (_, Shape::List | Shape::Tuple | Shape::Sequence | Shape::Other) => {
                    next.extend(self.children(value).iter().rev());
                }
                (_, Shape::Starred) if kind != Target::Deletion => {
                    next.extend(self.children(value).get(1));
                }
                (_, Shape::Compare) if kind == Target::Loop => {
                    let children = self.children(value);
                    let compared = children.get(1).map(|compared| self.children(*compared));
                    let first = compared.and_then(|compared| compared.first().copied());
                    if first.is_some_and(|first| self.shape(first) == Shape::In) {
                        next.extend(children.first());
                    } else {
                        return None;
                    }
                }
                _ => return Some(value),
            }
        }
        None
    }
}

fn is_punctuation(kind: Kind) -> bool {
    matches!(kind.text(), "(" | ")" | "[" | "]" | ",")
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
