//! The name that was probably meant, as CPython's suggestions.

use super::vm::Vm;
use crate::known;
use crate::operators::kind::{root_type, type_of};
use crate::symbols::Symbol;
use crate::types::{Exc, Type};
use crate::value::{Attributes, Class, Value};
use std::rc::Rc;

/// What moving, adding or removing a character costs.
const MOVE: usize = 2;
/// What the other case of a letter costs.
const CASE: usize = 1;
/// Longer names get no suggestion.
const MAX_NAME: usize = 40;
/// More names are not looked at.
const MAX_NAMES: usize = 750;

/// The attribute of an object that was probably meant.
pub(crate) fn attribute(vm: &Vm, object: &Value, wrong: &str) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    let named = |attributes: &Attributes| -> Vec<Symbol> {
        attributes.iter().map(|(symbol, _)| *symbol).collect()
    };
    let of_class = |class: &Rc<Class>| -> Vec<Symbol> {
        class.ancestry().flat_map(|class| named(&class.attributes.borrow())).collect()
    };
    let mut symbols = Vec::new();
    match object {
        Value::Instance(instance) => {
            symbols = named(&instance.attributes.borrow());
            symbols.extend(of_class(&instance.class));
        }
        Value::Exception(exception) => {
            symbols = named(&exception.attributes.borrow());
            symbols.extend(of_class(&exception.class));
            names.extend(["add_note", "args", "with_traceback"]);
            if exception.class.exception().is_some_and(|kind| kind.is_a(Exc::OsError)) {
                names.extend(["characters_written", "errno", "filename", "filename2", "strerror"]);
            }
        }
        Value::Class(class) => {
            symbols = of_class(class);
            names.extend(known::attributes(root_type(class).unwrap_or(Type::Object)));
        }
        Value::Module(module) if !module.is_stream() => {
            symbols = named(&module.attributes.borrow());
            names.extend(known::module_names(module.name));
        }
        other => names.extend(known::attributes(type_of(other))),
    }
    names.extend(symbols.into_iter().map(|symbol| vm.cx.symbols.name(symbol)));
    // Python looks at them in this order.
    names.sort_unstable();
    names.dedup();
    crate::budget::spend(names.len());
    closest(wrong, names.into_iter()).map(str::to_owned)
}

/// The name that is most like a wrong one, if any is like it.
pub(crate) fn closest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = wrong.chars().count();
    let mut best: Option<(&str, usize)> = None;
    for name in names.take(MAX_NAMES).filter(|name| *name != wrong) {
        // No more than a third of both names may differ.
        let most = (name.chars().count() + length + 3) * MOVE / 6;
        let most = best.map_or(most, |(_, distance)| most.min(distance.saturating_sub(1)));
        let Some(distance) = distance(wrong, name, most) else { continue };
        if best.is_none_or(|(_, least)| distance < least) {
            best = Some((name, distance));
        }
    }
    best.map(|(name, _)| name)
}

/// The cost of changing one name into the other, if it is at most `most`.
fn distance(left: &str, right: &str, most: usize) -> Option<usize> {
    if left.len() > MAX_NAME || right.len() > MAX_NAME {
        return None;
    }
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut row: Vec<usize> = (0..=right.len()).map(|index| index * MOVE).collect();
    for (index, one) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (index + 1) * MOVE;
        for (at, other) in right.iter().enumerate() {
            let replaced = diagonal + replacement(*one, *other);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(row[at] + MOVE).min(row[at + 1] + MOVE);
        }
    }
    row.last().copied().filter(|distance| *distance <= most)
}

fn replacement(one: char, other: char) -> usize {
    if one == other {
        0
    } else if one.to_lowercase().eq(other.to_lowercase()) {
        CASE
    } else {
        MOVE
    }
}
