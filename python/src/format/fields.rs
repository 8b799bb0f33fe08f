//! The templates of `str.format`, and of the format specifications inside them.
//!
//! A [`Pieces`] gives one piece after the other. CPython finds an error only when it comes to it, so the
//! caller evaluates each field before it asks for the next.

use crate::failure::Failure;
use crate::unicode;

/// How deep fields may stand in format specifications: `{:{}}` is the deepest.
pub(crate) const MAX_DEPTH: usize = 2;

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Literal(String),
    Field(Field),
}

/// `{name!conversion:spec}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// All of it before `!` and `:`. [`Name::parse`] takes it apart.
    pub(crate) name: String,
    /// [`Conversion::parse`] is called after the value is known.
    pub(crate) conversion: Option<char>,
    pub(crate) spec: String,
    /// `spec` has fields itself.
    pub(crate) nested: bool,
}

/// The pieces of a template, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Pieces {
    template: Vec<char>,
    at: usize,
    /// The field after the literal that was the last piece.
    field: bool,
}

impl Pieces {
    pub(crate) fn new(template: &str) -> Self {
        Self { template: template.chars().collect(), at: 0, field: false }
    }

    /// The next piece, or the error at this place. `None`: the end.
    pub(crate) fn next(&mut self) -> Option<Result<Piece, Failure>> {
        if std::mem::take(&mut self.field) {
            return Some(self.parse_field().map(Piece::Field));
        }
        let mut literal = String::new();
        while let Some(c) = self.take() {
            if !matches!(c, '{' | '}') {
                literal.push(c);
                continue;
            }
            let next = self.template.get(self.at).copied();
            if c == '}' && next != Some('}') {
                return Some(Err(Failure::value("Single '}' encountered in format string")));
            }
            if c == '{' && next.is_none() {
                return Some(Err(Failure::value("Single '{' encountered in format string")));
            }
            if next == Some(c) {
                self.at += 1;
                literal.push(c);
                continue;
            }
            if literal.is_empty() {
                return Some(self.parse_field().map(Piece::Field));
            }
            // CPython finds an error of the field before it writes the literal, but nobody sees that.
            self.field = true;
            break;
        }
        if literal.is_empty() { None } else { Some(Ok(Piece::Literal(literal))) }
    }

    fn take(&mut self) -> Option<char> {
        let c = self.template.get(self.at).copied();
        self.at += usize::from(c.is_some());
        c
    }

    fn parse_field(&mut self) -> Result<Field, Failure> {
        let start = self.at;
        let mut end = None;
        while let Some(c) = self.take() {
            match c {
                '{' => return Err(Failure::value("unexpected '{' in field name")),
                '[' => {
                    while self.template.get(self.at).is_some_and(|&c| c != ']') {
                        self.at += 1;
                    }
                }
                '}' | ':' | '!' => {
                    end = Some(c);
                    break;
                }
                _ => {}
            }
        }
        let Some(end) = end else {
            return Err(Failure::value("expected '}' before end of string"));
        };
        let name = self.template.get(start..self.at - 1).unwrap_or_default().iter().collect();
        let mut field = Field { name, conversion: None, spec: String::new(), nested: false };
        match end {
            '}' => return Ok(field),
            '!' => {
                let message = "end of string while looking for conversion specifier";
                field.conversion = Some(self.take().ok_or_else(|| Failure::value(message))?);
                match self.take() {
                    Some('}') => return Ok(field),
                    Some(':') | None => {}
                    Some(_) => {
                        return Err(Failure::value("expected ':' after conversion specifier"));
                    }
                }
            }
            _ => {}
        }
        let mut depth = 1;
        while let Some(c) = self.take() {
            match c {
                '{' => {
                    field.nested = true;
                    depth += 1;
                }
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(field);
            }
            field.spec.push(c);
        }
        Err(Failure::value("unmatched '{' in format spec"))
    }
}

/// What a field starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    /// A positional argument.
    Index(usize),
    /// A keyword argument.
    Keyword(String),
}

/// A step from a value to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Attribute(String),
    Index(usize),
    Key(String),
}

/// The name of a field, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) argument: Argument,
    pub(crate) path: Vec<Access>,
    /// Raised after the steps of `path`.
    pub(crate) error: Option<Failure>,
}

/// How the fields of a template are numbered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Numbering {
    #[default]
    Unknown,
    /// `{}`: the number of the next one.
    Automatic(usize),
    /// `{0}`
    Manual,
}

impl Name {
    /// One `numbering` goes through all fields of a template, and those in its specifications.
    pub(crate) fn parse(name: &str, numbering: &mut Numbering) -> Result<Self, Failure> {
        let first = name.find(['.', '[']).unwrap_or(name.len());
        let (first, rest) = name.split_at(first);
        let argument = match (first.is_empty(), index(first)?) {
            (true, _) => Argument::Index(numbering.automatic()?),
            (false, Some(index)) => Argument::Index(numbering.manual(index)?),
            (false, None) => Argument::Keyword(first.to_owned()),
        };
        let mut path = Vec::new();
        let error = steps(rest, &mut path).err();
        Ok(Self { argument, path, error })
    }
}

/// A whole number in a name. `None`: it is something else.
fn index(text: &str) -> Result<Option<usize>, Failure> {
    let mut value = 0_i64;
    for c in text.chars() {
        let Some(digit) = unicode::decimal_value(c) else { return Ok(None) };
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_add(i64::from(digit)))
            .ok_or_else(|| Failure::value("Too many decimal digits in format string"))?;
    }
    let index = usize::try_from(value).unwrap_or(usize::MAX);
    Ok((!text.is_empty()).then_some(index))
}

fn steps(mut rest: &str, path: &mut Vec<Access>) -> Result<(), Failure> {
    let empty = || Failure::value("Empty attribute in format string");
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let (attribute, after) = after.split_at(end);
            if attribute.is_empty() {
                return Err(empty());
            }
            path.push(Access::Attribute(attribute.to_owned()));
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            let missing = || Failure::value("Missing ']' in format string");
            let (item, after) = after.split_once(']').ok_or_else(missing)?;
            let index = index(item)?;
            if item.is_empty() {
                return Err(empty());
            }
            path.push(index.map_or_else(|| Access::Key(item.to_owned()), Access::Index));
            rest = after;
        } else {
            let message = "Only '.' or '[' may follow ']' in format field specifier";
            return Err(Failure::value(message));
        }
    }
    Ok(())
}

impl Numbering {
    fn automatic(&mut self) -> Result<usize, Failure> {
        let next = match *self {
            Self::Unknown => 0,
            Self::Automatic(next) => next,
            Self::Manual => {
                return Err(Failure::value(
                    "cannot switch from manual field specification to automatic field numbering",
                ));
            }
        };
        *self = Self::Automatic(next + 1);
        Ok(next)
    }

    fn manual(&mut self, index: usize) -> Result<usize, Failure> {
        if let Self::Automatic(_) = self {
            return Err(Failure::value(
                "cannot switch from automatic field numbering to manual field specification",
            ));
        }
        *self = Self::Manual;
        Ok(index)
    }
}

/// `!r`, `!s` or `!a`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conversion {
    Str,
    Repr,
    Ascii,
}

impl Conversion {
    pub(crate) fn parse(c: char) -> Result<Self, Failure> {
        match c {
            's' => Ok(Self::Str),
            'r' => Ok(Self::Repr),
            'a' => Ok(Self::Ascii),
            '!'..='~' => Err(Failure::value(format!("Unknown conversion specifier {c}"))),
            _ => Err(Failure::value(format!("Unknown conversion specifier \\x{:x}", u32::from(c)))),
        }
    }
}

/// There is no positional argument with this index.
pub(crate) fn index_out_of_range(index: usize) -> Failure {
    Failure::index(format!("Replacement index {index} out of range for positional args tuple"))
}

/// A field stands deeper than [`MAX_DEPTH`].
pub(crate) fn too_deep() -> Failure {
    Failure::value("Max string recursion exceeded")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpython::{cases, compare, rng, text_literal};
    use crate::failure::Class;
    use crate::format::spec;
    use crate::repr::text;

    /// `template.format('a', 'é', 'c', k='v')`, where the parts of a string are its characters.
    fn format(template: &str, depth: usize, numbering: &mut Numbering) -> Result<String, Failure> {
        if depth == 0 {
            return Err(too_deep());
        }
        let mut output = String::new();
        let mut pieces = Pieces::new(template);
        while let Some(piece) = pieces.next() {
            let field = match piece? {
                Piece::Literal(literal) => {
                    output.push_str(&literal);
                    continue;
                }
                Piece::Field(field) => field,
            };
            let name = Name::parse(&field.name, numbering)?;
            let mut value = match name.argument {
                Argument::Index(index) => {
                    (*["a", "é", "5"].get(index).ok_or_else(|| index_out_of_range(index))?)
                        .to_owned()
                }
                Argument::Keyword(name) if name == "k" => "v".to_owned(),
                Argument::Keyword(name) => {
                    return Err(Failure::Raise(Class::Key, text::repr(&name)));
                }
            };
            for access in name.path {
                value = match access {
                    Access::Index(0) => value,
                    Access::Index(_) => return Err(Failure::index("string index out of range")),
                    Access::Key(_) => {
                        return Err(Failure::type_error(
                            "string indices must be integers, not 'str'",
                        ));
                    }
                    Access::Attribute(_) => return Err(Failure::Refused(String::new())),
                };
            }
            if let Some(error) = name.error {
                return Err(error);
            }
            value = match field.conversion.map(Conversion::parse).transpose()? {
                None | Some(Conversion::Str) => value,
                Some(Conversion::Repr) => text::repr(&value),
                Some(Conversion::Ascii) => text::ascii(&value),
            };
            let spec =
                if field.nested { format(&field.spec, depth - 1, numbering)? } else { field.spec };
            output.push_str(&spec::text(&value, &spec, "str", 1000)?);
        }
        Ok(output)
    }

    #[test]
    fn any_template_is_cpythons() {
        let mut rng = rng();
        let mut list = Vec::new();
        let pieces = [
            "{",
            "}",
            "{}",
            "{0}",
            "{1!r}",
            "{!a:>5}",
            "{:{}}",
            "{k}",
            "{k[0]}",
            "{0[0]x}",
            "{{",
            "}}",
            "lit",
            "é",
            "!r",
            ":",
            "[",
            "]",
            ".",
            "{2:",
            "{x}",
            "{9}",
            "{!x}",
            "{!é}",
            "{0[]}",
            "{:{:{}}}",
            "{[0][0]}",
            "{99999999999999999999}",
            "{0[99999999999999999999]}",
            "5",
        ];
        for _ in 0..cases(1500) {
            let template: String =
                (0..rng.usize(..5)).map(|_| *rng.choice(&pieces).unwrap()).collect();
            let ours = format(&template, MAX_DEPTH, &mut Numbering::default());
            let expression = format!("{}.format('a', 'é', '5', k='v')", text_literal(&template));
            list.push((expression, ours.map(|text| text_literal(&text))));
        }
        compare(list);
    }
}
