//! The formats of `struct`: `>2sHI`.

use crate::failure::Failure;

/// The order of the bytes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// What a format character stands for. The sizes are those of 64-bit Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `x`
    Pad,
    /// `c`
    Char,
    /// `s`
    Bytes,
    /// `p`: a length byte, and that many bytes.
    Pascal,
    /// `?`
    Bool,
    /// `b h i l q n`, and the unsigned `B H I L Q N`. A pointer is `P`.
    Int(char),
    /// `e f d`
    Float(char),
}

/// One format character and its count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) kind: Kind,
    /// Padding before it, for the alignment.
    pub(super) pad: usize,
    /// The number of values, or the length of `s` and `p`.
    pub(super) count: usize,
    /// The bytes of one value, or all of `s`, `p` and `x`.
    pub(super) size: usize,
}

/// A format taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    pub(super) items: Vec<Item>,
    pub(super) order: Order,
    /// With the sizes and alignment of the machine: `@`, or no character for the order.
    pub(super) native: bool,
    size: usize,
    values: usize,
}

fn too_long() -> Failure {
    Failure::structure("total struct size too long")
}

impl Format {
    /// Takes a format apart. It must be ASCII: CPython encodes it first, with its own error.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Failure> {
        if text.contains(&0) {
            return Err(Failure::structure("embedded null character"));
        }
        let (order, native, prefix) = match text.first() {
            Some(b'@') => (Order::Little, true, 1),
            Some(b'=' | b'<') => (Order::Little, false, 1),
            Some(b'>' | b'!') => (Order::Big, false, 1),
            Some(_) | None => (Order::Little, true, 0),
        };
        let rest = text.get(prefix..).unwrap_or_default();
        let mut format = Self { items: Vec::new(), order, native, size: 0, values: 0 };
        let mut bytes = rest.iter().copied();
        while let Some(mut byte) = bytes.next() {
            if matches!(byte, b'\t'..=b'\r' | b' ') {
                continue;
            }
            let mut count = None;
            while byte.is_ascii_digit() {
                let next = count
                    .unwrap_or(0_i64)
                    .checked_mul(10)
                    .and_then(|count| count.checked_add(i64::from(byte - b'0')))
                    .ok_or_else(too_long)?;
                count = Some(next);
                byte = bytes.next().ok_or_else(|| {
                    Failure::structure("repeat count given without format specifier")
                })?;
            }
            format.push(char::from(byte), count.unwrap_or(1))?;
        }
        Ok(format)
    }

    fn push(&mut self, c: char, count: i64) -> Result<(), Failure> {
        let (kind, size) = kind(c, self.native)?;
        let count = usize::try_from(count).map_err(|_| too_long())?;
        let aligned =
            if self.native { self.size.checked_next_multiple_of(size) } else { Some(self.size) };
        let start = aligned.ok_or_else(too_long)?;
        let length = size.checked_mul(count).ok_or_else(too_long)?;
        let end = start.checked_add(length).filter(|&end| i64::try_from(end).is_ok());
        let pad = start - self.size;
        self.size = end.ok_or_else(too_long)?;
        let whole = matches!(kind, Kind::Pad | Kind::Bytes | Kind::Pascal);
        self.values = match kind {
            Kind::Pad => self.values,
            Kind::Bytes | Kind::Pascal => self.values + 1,
            Kind::Char | Kind::Bool | Kind::Int(_) | Kind::Float(_) => {
                self.values.saturating_add(count)
            }
        };
        self.items.push(Item { kind, pad, count, size: if whole { count } else { size } });
        Ok(())
    }

    /// `calcsize(format)`.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The number of values to pack, or that unpacking gives. The caller bounds it.
    pub(crate) fn values(&self) -> usize {
        self.values
    }
}

/// A format character, and the size of one value.
fn kind(c: char, native: bool) -> Result<(Kind, usize), Failure> {
    Ok(match c {
        'x' => (Kind::Pad, 1),
        'c' => (Kind::Char, 1),
        's' => (Kind::Bytes, 1),
        'p' => (Kind::Pascal, 1),
        '?' => (Kind::Bool, 1),
        'b' | 'B' => (Kind::Int(c), 1),
        'h' | 'H' => (Kind::Int(c), 2),
        'i' | 'I' => (Kind::Int(c), 4),
        'l' | 'L' => (Kind::Int(c), if native { 8 } else { 4 }),
        'q' | 'Q' => (Kind::Int(c), 8),
        'n' | 'N' | 'P' if native => (Kind::Int(c), 8),
        'e' => (Kind::Float(c), 2),
        'f' => (Kind::Float(c), 4),
        'd' => (Kind::Float(c), 8),
        _ => return Err(Failure::structure("bad char in struct format")),
    })
}
