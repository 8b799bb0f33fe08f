//! The part of a buffer that `unpack_from` reads and `pack_into` writes.

use std::ops::Range;

use crate::failure::Failure;

/// What is done with the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    UnpackFrom,
    PackInto,
}

impl Access {
    /// The bytes from `offset`, which counts from the end if it is negative, in a buffer of `len` bytes.
    pub(crate) fn range(
        self,
        size: usize,
        offset: i64,
        len: usize,
    ) -> Result<Range<usize>, Failure> {
        let from_end = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
        if offset < 0 {
            if from_end < size {
                return Err(Failure::structure(match self {
                    Self::UnpackFrom => {
                        format!("not enough data to unpack {size} bytes at offset {offset}")
                    }
                    Self::PackInto => format!("no space to pack {size} bytes at offset {offset}"),
                }));
            }
            if from_end > len {
                return Err(Failure::structure(format!(
                    "offset {offset} out of range for {len}-byte buffer"
                )));
            }
        }
        let start = if offset < 0 { len - from_end } else { from_end };
        if len.checked_sub(start).is_none_or(|left| left < size) {
            let (name, doing) = match self {
                Self::UnpackFrom => ("unpack_from", "unpacking"),
                Self::PackInto => ("pack_into", "packing"),
            };
            let least = start.saturating_add(size);
            return Err(Failure::structure(format!(
                "{name} requires a buffer of at least {least} bytes for {doing} {size} bytes at offset \
                 {start} (actual buffer size is {len})"
            )));
        }
        Ok(start..start + size)
    }
}
