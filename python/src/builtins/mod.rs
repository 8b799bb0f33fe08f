//! The functions and types of `builtins`, and the methods of the types.
//!
//! What comes in: arguments. What goes out: a value, a task for the machine, or the exception that Python
//! raises.
//!
//! May use: `budget`, `bytes`, `calendar`, `code`, `codec`, `failure`, `format`, `native`,
//! `numbers`, `operators`, `os_error`, `repr`, `sequence`, `symbols`, `table`, `text`, `types`,
//! `value`.

pub(crate) mod arguments;
mod bytearray_methods;
mod bytes_methods;
pub(crate) mod codecs;
pub(crate) mod constructors;
mod containers;
pub(crate) mod data;
mod dates;
mod float_methods;
pub(crate) mod formatting;
pub(crate) mod functions;
mod input;
pub(crate) mod iterables;
pub(crate) mod methods;
pub(crate) mod next_item;
pub(crate) mod sorting;
mod str_format;
mod str_methods;
pub(crate) mod stream;
pub(crate) mod texts;
