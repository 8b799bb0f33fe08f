//! Reads the notation of the grammar.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::grammar::GRAMMAR;
use super::kind::Kind;

/// The grammar, ready to be used.
pub(super) static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::read(GRAMMAR));

#[derive(Debug, Default)]
pub(super) struct Rules {
    all: Vec<Rule>,
    by_name: FxHashMap<&'static str, u16>,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a mark of the notation")]
#[derive(Debug, Default)]
pub(super) struct Rule {
    pub(super) alternatives: Vec<Alternative>,
    /// Its first alternative comes once, and then the others any number of times.
    pub(super) is_fold: bool,
    /// A part of another rule.
    pub(super) is_group: bool,
    /// CPython keeps what it made, whether or not it looked for mistakes.
    pub(super) is_shared: bool,
    /// It does not look for mistakes in its parts.
    pub(super) is_lenient: bool,
}

#[derive(Debug, Default)]
pub(super) struct Alternative {
    pub(super) items: Vec<Item>,
    pub(super) ending: Ending,
    /// Only if the text is known to be wrong.
    pub(super) is_mistake: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) operation: Operation,
    pub(super) atom: Atom,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Once,
    Optional,
    Any,
    Some,
    Separated(Kind),
    Ahead,
    NotAhead,
    Commit,
    Demand,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Atom {
    Token(Kind),
    /// A name with this text.
    Text(&'static str),
    /// A name that is a keyword at some places.
    Soft,
    Rule(u16),
}

/// The shape of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Other,
    Sequence,
    Literal,
    FString,
    Strings,
    Tuple,
    List,
    Set,
    Dict,
    Conditional,
    Yield,
    Starred,
    Named,
    Operation,
    Compare,
    In,
    Await,
    Attribute,
    Call,
    Subscript,
    Slice,
    Lambda,
    Generator,
    ListComprehension,
    SetComprehension,
    DictComprehension,
    Arguments,
    Keyword,
    KeywordUnpacking,
}

/// What comes of an alternative.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Ending {
    /// The value of its only item, or a node without a shape.
    #[default]
    Plain,
    Value(usize),
    Node(Shape),
    /// An error, at these items.
    Raise(Place, &'static str),
    Special(Special),
}

/// Where an error is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Last,
    /// As an error of the indentation.
    LastIndent,
    /// A block is missing after the statement that begins with this item.
    Indent(usize),
    Span(usize, usize),
    Open(usize),
}

/// An error that is not raised in each case.
#[derive(Clone, Copy, Debug)]
pub(super) enum Special {
    Assign(usize),
    For(usize),
    Delete(usize),
    BareGenerator,
    OrderOfArguments,
    OldStatement,
    ForgottenComma,
    PairWithoutValue,
}

const SHAPES: [(&str, Shape); 25] = [
    ("Strings", Shape::Strings),
    ("Tuple", Shape::Tuple),
    ("List", Shape::List),
    ("Set", Shape::Set),
    ("Dict", Shape::Dict),
    ("Conditional", Shape::Conditional),
    ("Yield", Shape::Yield),
    ("Starred", Shape::Starred),
    ("Named", Shape::Named),
    ("Operation", Shape::Operation),
    ("Compare", Shape::Compare),
    ("In", Shape::In),
    ("Await", Shape::Await),
    ("Attribute", Shape::Attribute),
    ("Call", Shape::Call),
    ("Subscript", Shape::Subscript),
    ("Slice", Shape::Slice),
    ("Lambda", Shape::Lambda),
    ("Generator", Shape::Generator),
    ("ListComprehension", Shape::ListComprehension),
    ("SetComprehension", Shape::SetComprehension),
    ("DictComprehension", Shape::DictComprehension),
    ("Arguments", Shape::Arguments),
    ("Keyword", Shape::Keyword),
    ("KeywordUnpacking", Shape::KeywordUnpacking),
];

const MISTAKE: &str = "bad_";
const LENIENT: &str = "plain_expression";
/// The rules that CPython keeps the results of.
const SHARED: [&str; 27] = [
    "simple",
    "block",
    "expression",
    "star_expression",
    "disjunction",
    "conjunction",
    "inversion",
    "factor",
    "awaited",
    "strings",
    "arguments",
    "star_target",
    "starless_target",
    "del_target",
    "closed_pattern",
    "star_pattern",
    "bad_named",
    "bitwise_or",
    "bitwise_xor",
    "bitwise_and",
    "shift",
    "sum",
    "term",
    "primary",
    "t_primary",
    "dotted",
    "attribute_name",
];

impl Rules {
    /// The number of the rule with this name.
    pub(super) fn number(&self, name: &str) -> u16 {
        self.by_name.get(name).copied().unwrap_or_default()
    }

    pub(super) fn rule(&self, number: u16) -> &Rule {
        &self.all[usize::from(number)]
    }

    fn read(text: &'static str) -> Self {
        let mut reader = Reader { rules: Self::default(), words: words(text), at: 0 };
        let heads: Vec<&'static str> = reader
            .words
            .windows(2)
            .filter(|pair| matches!(pair[1], ":" | "<"))
            .map(|pair| pair[0])
            .collect();
        for (number, name) in (0u16..).zip(heads) {
            reader.rules.by_name.insert(name, number);
            reader.rules.all.push(Rule::default());
        }
        while reader.at < reader.words.len() {
            let name = reader.word();
            let number = reader.rules.number(name);
            let is_fold = reader.word() == "<";
            let alternatives = reader.alternatives();
            reader.rules.all[usize::from(number)] = Rule {
                alternatives,
                is_fold,
                is_group: false,
                is_shared: SHARED.contains(&name),
                is_lenient: name == LENIENT,
            };
        }
        reader.rules
    }
}

/// Splits the grammar. A word that ends with a colon becomes two.
fn words(text: &'static str) -> Vec<&'static str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' | '`' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
            '=' | '!' if rest.starts_with("=>") || rest.starts_with("!!") => 2,
            'a'..='z' | 'A'..='Z' | '_' | '0'..='9' | '#' | '$' => rest[1..]
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .map_or(rest.len(), |end| end + 1),
            _ => 1,
        };
        words.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    words
}

struct Reader {
    rules: Rules,
    words: Vec<&'static str>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> &'static str {
        self.words.get(self.at).copied().unwrap_or_default()
    }

    fn word(&mut self) -> &'static str {
        let word = self.peek();
        self.at += 1;
        word
    }

    fn takes(&mut self, word: &str) -> bool {
        let takes = self.peek() == word;
        self.at += usize::from(takes);
        takes
    }

    fn alternatives(&mut self) -> Vec<Alternative> {
        let mut alternatives = vec![self.alternative()];
        while self.takes("|") {
            alternatives.push(self.alternative());
        }
        alternatives
    }

    fn ends_rule(&self) -> bool {
        matches!(self.words.get(self.at + 1), Some(&(":" | "<")))
    }

    fn alternative(&mut self) -> Alternative {
        let mut items = Vec::new();
        let mut is_mistake = false;
        while !matches!(self.peek(), "" | "|" | ")" | "]" | "=>") && !self.ends_rule() {
            let word = self.peek();
            if word.starts_with(['#', '$']) {
                break;
            }
            is_mistake = word.starts_with(MISTAKE);
            items.push(self.item());
        }
        is_mistake &= items.len() == 1;
        let ending = self.ending();
        Alternative { items, ending, is_mistake }
    }

    fn item(&mut self) -> Item {
        let before = match self.peek() {
            "&" => Some(Operation::Ahead),
            "!" => Some(Operation::NotAhead),
            "!!" => Some(Operation::Demand),
            "~" => Some(Operation::Commit),
            _ => None,
        };
        if before.is_some() {
            self.at += 1;
        }
        if before == Some(Operation::Commit) {
            return Item { operation: Operation::Commit, atom: Atom::Soft };
        }
        let is_option = self.peek() == "[";
        let atom = self.atom();
        let operation = before.unwrap_or_else(|| {
            if is_option || self.takes("?") {
                Operation::Optional
            } else if self.takes("*") {
                Operation::Any
            } else if self.takes("+") {
                Operation::Some
            } else if self.takes("%") {
                let separator = Kind::named(self.word().trim_matches('\''));
                Operation::Separated(separator.unwrap_or(Kind::OTHER))
            } else {
                Operation::Once
            }
        });
        Item { operation, atom }
    }

    fn atom(&mut self) -> Atom {
        let word = self.word();
        if word == "(" || word == "[" {
            let alternatives = self.alternatives();
            self.at += 1;
            let number = u16::try_from(self.rules.all.len()).unwrap_or_default();
            self.rules.all.push(Rule { alternatives, is_group: true, ..Rule::default() });
            return Atom::Rule(number);
        }
        if let Some(text) = word.strip_prefix('"') {
            return Atom::Text(text.trim_end_matches('"'));
        }
        if word == "SOFT" {
            return Atom::Soft;
        }
        if word.starts_with('\'') || word.chars().all(|c| c.is_ascii_uppercase()) {
            return Atom::Token(Kind::named(word.trim_matches('\'')).unwrap_or(Kind::OTHER));
        }
        Atom::Rule(self.rules.number(word))
    }

    fn number(&mut self) -> usize {
        self.word().parse::<usize>().unwrap_or(1) - 1
    }

    fn ending(&mut self) -> Ending {
        let word = self.peek();
        if let Some(name) = word.strip_prefix('#') {
            self.at += 1;
            let shape = SHAPES.iter().find(|(shape, _)| *shape == name);
            return Ending::Node(shape.map_or(Shape::Other, |(_, shape)| *shape));
        }
        if let Some(number) = word.strip_prefix('$') {
            self.at += 1;
            return Ending::Value(number.parse::<usize>().unwrap_or(1) - 1);
        }
        if !self.takes("=>") {
            return Ending::Plain;
        }
        let place = match self.word() {
            "assign" => return Ending::Special(Special::Assign(self.number())),
            "for" => return Ending::Special(Special::For(self.number())),
            "delete" => return Ending::Special(Special::Delete(self.number())),
            "bare_generator" => return Ending::Special(Special::BareGenerator),
            "order_of_arguments" => return Ending::Special(Special::OrderOfArguments),
            "old_statement" => return Ending::Special(Special::OldStatement),
            "forgotten_comma" => return Ending::Special(Special::ForgottenComma),
            "pair_without_value" => return Ending::Special(Special::PairWithoutValue),
            "last_indent" => Place::LastIndent,
            "indent" => Place::Indent(self.number()),
            "open" => Place::Open(self.number()),
            "span" => Place::Span(self.number(), self.number()),
            "at" => {
                let item = self.number();
                Place::Span(item, item)
            }
            _ => Place::Last,
        };
        Ending::Raise(place, self.word().trim_matches('`'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_of_the_grammar_is_known() {
        let words = words(GRAMMAR);
        for (at, word) in words.iter().enumerate() {
            let after_arrow = at > 0 && words[at - 1] == "=>";
            if word.starts_with('\'') {
                assert!(Kind::named(word.trim_matches('\'')).is_some(), "{word}");
            } else if let Some(shape) = word.strip_prefix('#') {
                assert!(SHAPES.iter().any(|(name, _)| *name == shape), "{word}");
            } else if word.starts_with(|c: char| c.is_ascii_lowercase()) && !after_arrow {
                assert!(RULES.by_name.contains_key(word), "{word}");
            }
        }
    }
}
