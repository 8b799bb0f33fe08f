//! What Python's operators do with built-in values.
//!
//! What comes in: values. What goes out: a value, or the exception that Python raises.
//!
//! May use: `budget`, `bytes::find`, `calendar`, `code`, `failure`, `known`, `native`, `numbers`, `os_error`, `repr`,
//! `sequence::bounds`, `symbols`, `table`, `text`, `types`, `value`.

pub(crate) mod arithmetic;
pub(crate) mod compare;
pub(crate) mod durations;
pub(crate) mod items;
pub(crate) mod iterate;
pub(crate) mod key;
pub(crate) mod kind;
pub(crate) mod show;
pub(crate) mod times;
pub(crate) mod truth;
