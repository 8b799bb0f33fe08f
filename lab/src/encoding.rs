//! Values as bytes, with postcard: for a program from the same build.

use postcard::ser_flavors::Size;
use serde::Serialize;

/// The encoding of a value that is made of plain values. The texts of errors that cannot come are not carried along: the page
/// is small.
#[inline]
pub(crate) fn encode(value: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(value).unwrap_or_else(|_| unreachable!("plain values can be encoded"))
}

/// How long that is, in bytes.
#[inline]
pub(crate) fn encoded_length(value: &impl Serialize) -> usize {
    let length = postcard::serialize_with_flavor(value, Size::default());
    length.unwrap_or_else(|_| unreachable!("plain values can be encoded"))
}
