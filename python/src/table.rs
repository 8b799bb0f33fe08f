//! The entries of dicts and sets, by key, in the order in which they were added.

use std::hash::{BuildHasherDefault, DefaultHasher};
use std::rc::Rc;

use indexmap::IndexMap;
use num_bigint::BigInt;

/// What is hashed and compared of a value. Equal numbers of different types are one key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    None,
    Ellipsis,
    Int(i64),
    Big(BigInt),
    /// The bits of a float that is not a whole number.
    Float(u64),
    Str(Rc<str>),
    Bytes(Rc<[u8]>),
    Tuple(Rc<[Key]>),
    /// The address of a value that equals only itself.
    Object(usize),
}

/// Keys and values, each with the key as it was given.
pub(crate) type Table<V> = IndexMap<Key, (V, V), BuildHasherDefault<DefaultHasher>>;

/// Keys, each as it was given.
pub(crate) type KeySet<V> = IndexMap<Key, V, BuildHasherDefault<DefaultHasher>>;
