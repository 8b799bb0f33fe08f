//! Takes the arguments of functions apart that CPython has written in Python, with its messages.

use crate::native::type_error;
use crate::value::{Args, Fail, Value};

/// The parameters of a function.
pub(super) struct Signature {
    /// As in a message: `Random.randint`.
    pub(super) name: &'static str,
    /// Whether the function is a method, whose object counts as an argument in a message.
    pub(super) is_method: bool,
    pub(super) positional: &'static [&'static str],
    /// How many of them have no default.
    pub(super) required: usize,
    pub(super) keyword_only: &'static [&'static str],
}

impl Signature {
    /// The arguments in the order of the parameters. Those that were not given are unbound. The second
    /// list is of keyword arguments that no parameter takes.
    pub(super) fn bind(&self, args: Args) -> Result<(Vec<Value>, Vec<String>), Fail> {
        let most = self.positional.len();
        let given = args.values.len();
        if given > most {
            return Err(self.too_many(&args));
        }
        let mut values = args.values;
        values.resize(most + self.keyword_only.len(), Value::Unbound);
        let mut unknown = Vec::new();
        for (name, value) in args.named {
            let mut names = self.positional.iter().chain(self.keyword_only);
            match names.position(|known| **known == *name) {
                Some(at) if values[at].is_bound() => {
                    return Err(type_error(format!(
                        "{}() got multiple values for argument '{name}'",
                        self.name
                    )));
                }
                Some(at) => values[at] = value,
                None => unknown.push(name.to_string()),
            }
        }
        let missing: Vec<String> = self
            .positional
            .iter()
            .zip(&values)
            .take(self.required)
            .filter(|(_, value)| !value.is_bound())
            .map(|(name, _)| format!("'{name}'"))
            .collect();
        let list = match missing.as_slice() {
            [] => return Ok((values, unknown)),
            [one] => one.clone(),
            [one, two] => format!("{one} and {two}"),
            [first @ .., last] => format!("{}, and {last}", first.join(", ")),
        };
        let (count, plural) = (missing.len(), if missing.len() == 1 { "" } else { "s" });
        Err(type_error(format!(
            "{}() missing {count} required positional argument{plural}: {list}",
            self.name
        )))
    }

    /// The same, for a function that takes no other keyword arguments.
    pub(super) fn bind_all(&self, args: Args) -> Result<Vec<Value>, Fail> {
        let (values, unknown) = self.bind(args)?;
        match unknown.first() {
            None => Ok(values),
            Some(name) => Err(type_error(format!(
                "{}() got an unexpected keyword argument '{name}'",
                self.name
            ))),
        }
    }

    fn too_many(&self, args: &Args) -> Fail {
        let own = usize::from(self.is_method);
        let (least, most) = (self.required + own, self.positional.len() + own);
        let takes = if least < most { format!("from {least} to {most}") } else { most.to_string() };
        let plural = if most == 1 && least == most { "" } else { "s" };
        let given = args.values.len() + own;
        let by_name = args.named.iter().filter(|(name, _)| self.keyword_only.contains(&&**name));
        let were = match by_name.count() {
            0 => format!("{given} {} given", if given == 1 { "was" } else { "were" }),
            count => format!(
                "{given} positional argument{} (and {count} keyword-only argument{}) were given",
                if given == 1 { "" } else { "s" },
                if count == 1 { "" } else { "s" }
            ),
        };
        type_error(format!("{}() takes {takes} positional argument{plural} but {were}", self.name))
    }
}
