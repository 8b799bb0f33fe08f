//! The format of the four header bytes.

use std::fmt;
use std::str::FromStr;

use byteorder::{BigEndian, ByteOrder, LittleEndian, NativeEndian};

use crate::HEADER_LEN;

/// The layout of a header: byte order and signedness, in the notation of Python's `struct`.
///
/// | notation    | byte order                       | type            | longest payload |
/// | ----------- | -------------------------------- | --------------- | --------------- |
/// | `<i` `<I`   | little-endian                    | 32-bit, signed / unsigned | 2³¹-1 / 2³²-1 |
/// | `>i` `>I`   | big-endian                       | the same        | the same        |
/// | `!i` `!I`   | network order, which is big-endian | the same      | the same        |
/// | `i` `I`     | of the machine that runs this code | the same      | the same        |
///
/// A format keeps its notation. `!I` and `>I` give the same bytes on the wire, but they are different
/// values here, because a page that teaches `!I` should print `!I`.
///
/// Source: the Python library reference, `struct`, "Byte Order, Size, and Alignment". In native
/// order a C `int` has 4 bytes on every platform that Python supports today.
///
/// ```
/// use framescope_framing::HeaderFormat;
///
/// let little: HeaderFormat = "<i".parse()?;
/// let network: HeaderFormat = "!I".parse()?;
/// assert_eq!(little.write(5), Some([5, 0, 0, 0]));
/// // A common mistake: the header was written in one format and read in another.
/// assert_eq!(network.read([5, 0, 0, 0]), 83_886_080);
/// # Ok::<(), framescope_framing::ParseHeaderFormatError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HeaderFormat {
    order: Order,
    signed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Order {
    Native,
    Little,
    Big,
    Network,
}

impl HeaderFormat {
    /// `<i`, little-endian and signed: what `struct.pack('i', n)` gives on a PC, and the default.
    pub const LITTLE_SIGNED: Self = Self { order: Order::Little, signed: true };

    /// `!I`, network order and unsigned: what most binary protocols use.
    pub const NETWORK_UNSIGNED: Self = Self { order: Order::Network, signed: false };

    /// Every format, in the order for a menu.
    pub const ALL: [Self; 8] = [
        Self::LITTLE_SIGNED,
        Self::NETWORK_UNSIGNED,
        Self { order: Order::Little, signed: false },
        Self { order: Order::Network, signed: true },
        Self { order: Order::Big, signed: true },
        Self { order: Order::Big, signed: false },
        Self { order: Order::Native, signed: true },
        Self { order: Order::Native, signed: false },
    ];

    /// The format in `struct` notation, one or two ASCII characters.
    #[must_use]
    pub const fn notation(self) -> &'static str {
        match (self.order, self.signed) {
            (Order::Native, true) => "i",
            (Order::Native, false) => "I",
            (Order::Little, true) => "<i",
            (Order::Little, false) => "<I",
            (Order::Big, true) => ">i",
            (Order::Big, false) => ">I",
            (Order::Network, true) => "!i",
            (Order::Network, false) => "!I",
        }
    }

    /// The longest payload of this format, in bytes.
    #[must_use]
    pub const fn max_payload(self) -> u32 {
        if self.signed { i32::MAX as u32 } else { u32::MAX }
    }

    /// The number in a header: -2³¹ to 2³¹-1 if the format is signed, 0 to 2³²-1 if not.
    #[must_use]
    pub fn read(self, header: [u8; HEADER_LEN]) -> i64 {
        let bits = match self.order {
            Order::Native => NativeEndian::read_u32(&header),
            Order::Little => LittleEndian::read_u32(&header),
            Order::Big | Order::Network => BigEndian::read_u32(&header),
        };
        if self.signed { i64::from(bits.cast_signed()) } else { i64::from(bits) }
    }

    /// The header with `number` in it. `None` if the number does not fit in the format.
    ///
    /// Signed formats accept negative numbers, so that a test can write a bad header.
    #[must_use]
    pub fn write(self, number: i64) -> Option<[u8; HEADER_LEN]> {
        let bits = if self.signed {
            i32::try_from(number).ok()?.cast_unsigned()
        } else {
            u32::try_from(number).ok()?
        };
        let mut header = [0; HEADER_LEN];
        match self.order {
            Order::Native => NativeEndian::write_u32(&mut header, bits),
            Order::Little => LittleEndian::write_u32(&mut header, bits),
            Order::Big | Order::Network => BigEndian::write_u32(&mut header, bits),
        }
        Some(header)
    }

    /// The header with `number` in it. If the number does not fit in the format, all bits are 1: the
    /// header that a signed sender writes for -1. For programs that send a bad header on purpose.
    #[must_use]
    pub fn write_or_ones(self, number: i64) -> [u8; HEADER_LEN] {
        self.write(number).unwrap_or([0xff; HEADER_LEN])
    }
}

impl Default for HeaderFormat {
    fn default() -> Self {
        Self::LITTLE_SIGNED
    }
}

impl fmt::Display for HeaderFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.notation())
    }
}

impl FromStr for HeaderFormat {
    type Err = ParseHeaderFormatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.notation() == text)
            .ok_or(ParseHeaderFormatError(()))
    }
}

/// The text is not one of the eight notations that [`HeaderFormat`] knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseHeaderFormatError(());

impl fmt::Display for ParseHeaderFormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a header format; known are i <i >i !i I <I >I !I")
    }
}

impl std::error::Error for ParseHeaderFormatError {}
