//! Numbers for names, so that an attribute is found by comparing numbers.

use rustc_hash::FxHashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Symbol(pub(crate) u32);

macro_rules! known {
    ($($name:ident $text:literal,)*) => {
        impl Symbol {
            known!(@constants 0u32; $($name,)*);
        }
        const KNOWN: &[&str] = &[$($text,)*];
    };
    (@constants $at:expr; $name:ident, $($rest:ident,)*) => {
        pub(crate) const $name: Self = Self($at);
        known!(@constants $at + 1; $($rest,)*);
    };
    (@constants $at:expr;) => {};
}

known! {
    INIT "__init__",
    STR "__str__",
    REPR "__repr__",
    ENTER "__enter__",
    EXIT "__exit__",
    LEN "__len__",
    NAME "__name__",
    QUALNAME "__qualname__",
    CLASS "__class__",
    ARGS "args",
    CAUSE "__cause__",
    CONTEXT "__context__",
}

/// The names of one machine. Only names in the text of a program are added, so its length bounds them.
#[derive(Debug)]
pub(crate) struct Symbols {
    names: Vec<String>,
    by_name: FxHashMap<String, Symbol>,
}

impl Default for Symbols {
    fn default() -> Self {
        let mut symbols = Self { names: Vec::new(), by_name: FxHashMap::default() };
        for name in KNOWN {
            symbols.of(name);
        }
        symbols
    }
}

impl Symbols {
    /// The symbol of a name. It gets one if it has none.
    pub(crate) fn of(&mut self, name: &str) -> Symbol {
        if let Some(symbol) = self.by_name.get(name) {
            return *symbol;
        }
        let symbol = Symbol(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        self.names.push(name.to_owned());
        self.by_name.insert(name.to_owned(), symbol);
        symbol
    }

    /// The symbol of a name, if it has one.
    pub(crate) fn find(&self, name: &str) -> Option<Symbol> {
        self.by_name.get(name).copied()
    }

    pub(crate) fn name(&self, symbol: Symbol) -> &str {
        self.names.get(symbol.0 as usize).map_or("", String::as_str)
    }
}
