//! Tries the rules of the grammar on tokens. It keeps what each rule made of each place, so the time is
//! proportional to the text, and its own stack, so no text is too deep.
#![allow(clippy::wildcard_enum_match_arm, reason = "a rule knows a few kinds of nodes")]

use super::kind::Kind;
use super::mistakes::{mistake, raise};
use super::nodes::{Nodes, Value};
use super::notation::{Atom, Ending, Item, Operation, RULES, Rules, Shape};
use super::raised::Raised;
use super::tokens::Tokens;

/// Checks the string literals between two tokens. Returns whether one is an f-string.
pub(super) type CheckStrings = fn(&Tokens, usize, usize) -> std::result::Result<bool, Raised>;

pub(super) struct Recognizer<'r, 't> {
    pub(super) tokens: &'r mut Tokens<'t>,
    pub(super) nodes: Nodes,
    rules: &'static Rules,
    check_strings: CheckStrings,
    /// Whether the text is known to be wrong.
    finds_mistakes: bool,
    at: u32,
    frames: Vec<Frame>,
    values: Vec<Value>,
    /// What each rule made at each token.
    known: Vec<Vec<Known>>,
    statement: u16,
    block: u16,
}

/// What a rule made, and the token after it.
#[derive(Clone, Copy)]
struct Known {
    rule: u16,
    /// Whether it looked for mistakes. `None` if that does not matter.
    finds_mistakes: Option<bool>,
    value: Option<Value>,
    end: u32,
}

/// A rule that is tried.
struct Frame {
    rule: u16,
    start: u32,
    alternative: usize,
    item: usize,
    /// Its values begin here.
    base: usize,
    /// The values of the repetition begin here, if one has begun.
    repeats: Option<usize>,
    /// Where the item began, or the last of the items of a repetition.
    item_start: u32,
    is_committed: bool,
    /// What a fold has made, and where it ends.
    folded: Option<(Value, u32)>,
    nodes: (u32, u32),
    /// Whether mistakes were looked for before.
    found_mistakes: bool,
}

enum Next {
    Step,
    Returned(Option<Value>),
}

type Result<T> = std::result::Result<T, Raised>;

impl<'r, 't> Recognizer<'r, 't> {
    pub(super) fn new(
        tokens: &'r mut Tokens<'t>,
        check_strings: CheckStrings,
        finds_mistakes: bool,
    ) -> Self {
        let rules: &'static Rules = &RULES;
        Self {
            tokens,
            nodes: Nodes::default(),
            rules,
            check_strings,
            finds_mistakes,
            at: 0,
            frames: Vec::new(),
            values: Vec::new(),
            known: Vec::new(),
            statement: rules.number("statement"),
            block: rules.number("block"),
        }
    }

    /// Whether a rule recognizes the text.
    pub(super) fn recognizes(&mut self, rule: &str) -> Result<bool> {
        self.open(self.rules.number(rule));
        let mut next = Next::Step;
        while let Some(frame) = self.frames.last() {
            let rule = self.rules.rule(frame.rule);
            next = match next {
                Next::Step => self.step()?,
                Next::Returned(value) => {
                    let item = rule.alternatives[frame.alternative].items[frame.item];
                    self.item_returned(item, value)?
                }
            };
        }
        Ok(matches!(next, Next::Returned(Some(_))))
    }

    fn open(&mut self, rule: u16) {
        let found_mistakes = self.finds_mistakes;
        if self.rules.rule(rule).is_lenient {
            self.finds_mistakes = false;
        }
        self.frames.push(Frame {
            found_mistakes,
            rule,
            start: self.at,
            alternative: 0,
            item: 0,
            base: self.values.len(),
            repeats: None,
            item_start: self.at,
            is_committed: false,
            folded: None,
            nodes: self.nodes.count(),
        });
    }

    fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("a rule is tried")
    }

    fn step(&mut self) -> Result<Next> {
        let frame = self.frames.last().expect("a rule is tried");
        let rule = self.rules.rule(frame.rule);
        let Some(alternative) = rule.alternatives.get(frame.alternative) else {
            return Ok(self.alternatives_are_over());
        };
        if alternative.is_mistake && !self.finds_mistakes {
            return Ok(self.next_alternative());
        }
        let Some(item) = alternative.items.get(frame.item) else {
            let ending = alternative.ending;
            return self.complete(ending);
        };
        let item = *item;
        let at = self.at;
        if self.top().repeats.is_none() {
            self.top().item_start = at;
        }
        match item.operation {
            Operation::Commit => {
                self.top().is_committed = true;
                return Ok(self.advance(Value::Nothing));
            }
            Operation::Any | Operation::Some | Operation::Separated(_)
                if self.top().repeats.is_none() =>
            {
                let base = self.values.len();
                self.top().repeats = Some(base);
            }
            _ => {}
        }
        self.evaluate(item.atom)
    }

    fn evaluate(&mut self, atom: Atom) -> Result<Next> {
        if let Atom::Rule(rule) = atom {
            let known = self.known.get(self.at as usize);
            let mode = self.mode(rule);
            let known = known.and_then(|known| {
                known.iter().find(|known| known.rule == rule && known.finds_mistakes == mode)
            });
            let Some(Known { value, end, .. }) = known.copied() else {
                self.open(rule);
                return Ok(Next::Step);
            };
            if value.is_some() {
                self.at = end;
            }
            return Ok(Next::Returned(value));
        }
        let at = self.at as usize;
        let kind = self.tokens.kind_at(at)?;
        let fits = match atom {
            Atom::Token(wanted) => kind == wanted,
            Atom::Text(text) => kind == Kind::NAME && self.tokens.text(at) == text,
            // CPython takes a name that such a keyword begins with for the keyword.
            Atom::Soft => {
                let text = self.tokens.text(at);
                kind == Kind::NAME
                    && ["match", "case", "_"].iter().any(|word| word.starts_with(text))
            }
            Atom::Rule(_) => false,
        };
        if !fits {
            return Ok(Next::Returned(None));
        }
        self.at += 1;
        Ok(Next::Returned(Some(Value::Token(self.at - 1))))
    }

    fn mode(&self, rule: u16) -> Option<bool> {
        (!self.rules.rule(rule).is_shared).then_some(self.finds_mistakes)
    }

    /// Goes on after an item.
    fn advance(&mut self, value: Value) -> Next {
        self.values.push(value);
        let frame = self.top();
        frame.item += 1;
        frame.repeats = None;
        Next::Step
    }

    fn item_returned(&mut self, item: Item, value: Option<Value>) -> Result<Next> {
        let start = self.top().item_start;
        match item.operation {
            Operation::Once => Ok(match value {
                Some(value) => self.advance(value),
                None => self.alternative_failed(),
            }),
            Operation::Demand => {
                if let Some(value) = value {
                    Ok(self.advance(value))
                } else {
                    let expected = match item.atom {
                        Atom::Token(kind) => kind.text(),
                        Atom::Text(_) | Atom::Soft | Atom::Rule(_) => "",
                    };
                    let at = self.at as usize;
                    Err(self.tokens.at_tokens(at, at, &format!("expected '{expected}'")))
                }
            }
            Operation::Optional => Ok(self.advance(value.unwrap_or(Value::Nothing))),
            Operation::Ahead | Operation::NotAhead => {
                self.at = start;
                Ok(if value.is_some() == (item.operation == Operation::Ahead) {
                    self.advance(Value::Nothing)
                } else {
                    self.alternative_failed()
                })
            }
            Operation::Any | Operation::Some => {
                if let Some(value) = value {
                    self.values.push(value);
                    self.top().item_start = self.at;
                    return Ok(Next::Step);
                }
                self.at = start;
                Ok(self.repetition_is_over(item.operation == Operation::Any))
            }
            Operation::Separated(separator) => {
                let Some(value) = value else {
                    self.at = start;
                    return Ok(self.repetition_is_over(false));
                };
                self.values.push(value);
                self.top().item_start = self.at;
                if self.tokens.kind_at(self.at as usize)? == separator {
                    self.at += 1;
                    return Ok(Next::Step);
                }
                Ok(self.repetition_is_over(false))
            }
            Operation::Commit => Ok(Next::Step),
        }
    }

    fn repetition_is_over(&mut self, may_be_empty: bool) -> Next {
        let base = self.top().repeats.unwrap_or_default();
        if self.values.len() == base && !may_be_empty {
            return self.alternative_failed();
        }
        let first = self.values.get(base).map_or(self.at, |value| {
            u32::try_from(self.nodes.tokens(*value).0).unwrap_or_default()
        });
        let sequence = self.nodes.add(Shape::Sequence, (first, self.at), self.values.drain(base..));
        self.advance(sequence)
    }

    fn alternative_failed(&mut self) -> Next {
        if self.top().is_committed {
            return self.close(None);
        }
        self.next_alternative()
    }

    fn next_alternative(&mut self) -> Next {
        let frame = self.top();
        // The seed of a fold comes once.
        let is_over = frame.folded.is_none() && frame.alternative == 0;
        let at = frame.folded.map_or(frame.start, |(_, end)| end);
        let base = frame.base;
        frame.alternative += 1;
        frame.item = 0;
        frame.repeats = None;
        let rule = frame.rule;
        self.at = at;
        self.values.truncate(base);
        if is_over && self.rules.rule(rule).is_fold {
            return self.close(None);
        }
        Next::Step
    }

    fn alternatives_are_over(&mut self) -> Next {
        let Some((value, end)) = self.top().folded else { return self.close(None) };
        self.at = end;
        self.close(Some(value))
    }

    fn complete(&mut self, ending: Ending) -> Result<Next> {
        let frame = self.frames.last().expect("a rule is tried");
        let (base, start, folded) = (frame.base, frame.start, frame.folded);
        let is_fold = self.rules.rule(frame.rule).is_fold;
        let values = &self.values[base..];
        let value = match ending {
            Ending::Plain if values.len() == 1 && folded.is_none() => Some(values[0]),
            Ending::Plain | Ending::Node(_) => {
                let shape = match ending {
                    Ending::Node(Shape::Strings) => {
                        let (from, to) = (start as usize, self.at as usize);
                        if (self.check_strings)(self.tokens, from, to)? {
                            Shape::FString
                        } else {
                            Shape::Literal
                        }
                    }
                    Ending::Node(shape) => shape,
                    Ending::Plain | Ending::Value(_) | Ending::Raise(..) | Ending::Special(_) => {
                        Shape::Other
                    }
                };
                let children =
                    folded.map(|(value, _)| value).into_iter().chain(values.iter().copied());
                Some(self.nodes.add(shape, (start, self.at), children))
            }
            Ending::Value(item) => Some(values.get(item).copied().unwrap_or(Value::Nothing)),
            Ending::Raise(place, message) => {
                return Err(raise(self.tokens, &self.nodes, values, place, message));
            }
            Ending::Special(special) => {
                match mistake(self.tokens, &self.nodes, values, special, self.at) {
                    Some(raised) => return Err(raised),
                    None => None,
                }
            }
        };
        let Some(value) = value else { return Ok(self.close(None)) };
        if is_fold {
            self.values.truncate(base);
            let at = self.at;
            let frame = self.top();
            frame.folded = Some((value, at));
            (frame.alternative, frame.item) = (1, 0);
            return Ok(Next::Step);
        }
        Ok(self.close(Some(value)))
    }

    /// Ends the rule that is tried.
    fn close(&mut self, value: Option<Value>) -> Next {
        let frame = self.frames.pop().expect("a rule is tried");
        self.values.truncate(frame.base);
        self.finds_mistakes = frame.found_mistakes;
        let mut value = value;
        if value.is_none() {
            self.at = frame.start;
        } else if frame.rule == self.statement {
            self.forget_within(&frame);
            value = Some(Value::Nothing);
        } else if frame.rule == self.block {
            value = Some(Value::Nothing);
        }
        if !self.rules.rule(frame.rule).is_group {
            let start = frame.start as usize;
            if self.known.len() <= start {
                self.known.resize_with(start + 1, Vec::new);
            }
            let finds_mistakes = self.mode(frame.rule);
            self.known[start].push(Known { rule: frame.rule, finds_mistakes, value, end: self.at });
        }
        Next::Returned(value)
    }

    /// Nothing of a statement that was recognized is needed again, except that a block ends where it ends:
    /// the rules of some statements try the same block several times.
    fn forget_within(&mut self, frame: &Frame) {
        let block = self.block;
        let from = (frame.start as usize).min(self.known.len());
        for known in &mut self.known[from..] {
            known.retain(|known| known.rule == block);
        }
        self.nodes.forget(frame.nodes);
    }
}
