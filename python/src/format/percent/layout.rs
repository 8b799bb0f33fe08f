//! The text of one argument, with its width and precision.

use num_bigint::BigInt;
use num_traits::{Signed as _, ToPrimitive as _};

use crate::failure::{Failure, check_len};
use crate::format::percent::conversion::Flavor;
use crate::format::percent::pieces::{Count, Flags};
use crate::numbers::integer;
use crate::repr::float::{self, FloatStyle};

/// A directive whose width and precision are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) flags: Flags,
    pub(crate) width: usize,
    pub(crate) precision: Option<usize>,
    flavor: Flavor,
}

impl Layout {
    pub(crate) fn new(flags: Flags, flavor: Flavor) -> Self {
        Self { flags, width: 0, precision: None, flavor }
    }

    /// Takes the width from the format, or from the argument for `*` if it is an int.
    pub(crate) fn set_width(
        &mut self,
        width: Count,
        argument: Option<&BigInt>,
    ) -> Result<(), Failure> {
        match width {
            Count::None => {}
            Count::Given(width) => self.width = width,
            Count::TooBig => return Err(Failure::value("width too big")),
            Count::Argument => {
                let number = argument.ok_or_else(star_wants_int)?;
                let width = number.to_i64().ok_or_else(|| {
                    Failure::overflow("Python int too large to convert to C ssize_t")
                })?;
                self.flags.left |= width < 0;
                self.width = usize::try_from(width.unsigned_abs()).unwrap_or(usize::MAX);
            }
        }
        Ok(())
    }

    /// Takes the precision from the format, or from the argument for `*` if it is an int.
    pub(crate) fn set_precision(
        &mut self,
        precision: Count,
        argument: Option<&BigInt>,
    ) -> Result<(), Failure> {
        match precision {
            Count::None => {}
            Count::Given(precision) => self.precision = Some(precision),
            Count::TooBig => {
                return Err(Failure::value(match self.flavor {
                    Flavor::Text => "precision too big",
                    Flavor::Bytes => "prec too big",
                }));
            }
            Count::Argument => {
                let number = argument.ok_or_else(star_wants_int)?;
                let precision = number
                    .to_i32()
                    .ok_or_else(|| Failure::overflow("Python int too large to convert to C int"))?;
                self.precision = Some(usize::try_from(precision).unwrap_or(0));
            }
        }
        Ok(())
    }

    /// The text of `%s`, `%r`, `%a` from what `str`, `repr` or `ascii` made. Bytes come as one character
    /// for each byte.
    pub(crate) fn text(self, text: &str, limit: usize) -> Result<String, Failure> {
        let end = self.precision.and_then(|precision| text.char_indices().nth(precision));
        self.pad("", "", end.map_or(text, |(end, _)| &text[..end]), ' ', limit)
    }

    /// The text of `%c`.
    pub(crate) fn character(self, c: char, limit: usize) -> Result<String, Failure> {
        self.pad("", "", c.encode_utf8(&mut [0; 4]), ' ', limit)
    }

    /// The text of `%d` and `%x`.
    pub(crate) fn int(
        self,
        conversion: char,
        value: &BigInt,
        limit: usize,
    ) -> Result<String, Failure> {
        let magnitude = value.magnitude();
        let (prefix, digits) = match conversion {
            'o' => ("0o", magnitude.to_str_radix(8)),
            'x' => ("0x", magnitude.to_str_radix(16)),
            'X' => ("0X", magnitude.to_str_radix(16).to_uppercase()),
            _ => ("", integer::to_text(&value.abs())?),
        };
        let prefix = if self.flags.alternate { prefix } else { "" };
        let precision = self.precision.unwrap_or(0);
        check_len(precision, limit)?;
        let zeros = precision.saturating_sub(digits.len());
        let digits = format!("{}{digits}", "0".repeat(zeros));
        let fill = if self.flags.zero { '0' } else { ' ' };
        self.pad(self.sign(value.is_negative()), prefix, &digits, fill, limit)
    }

    /// The text of `%e`, `%f` and `%g`.
    pub(crate) fn float(
        self,
        conversion: char,
        value: f64,
        limit: usize,
    ) -> Result<String, Failure> {
        let style = match conversion {
            'e' | 'E' => FloatStyle::Scientific,
            'f' | 'F' => FloatStyle::Fixed,
            _ => FloatStyle::General,
        };
        let precision = self.precision.unwrap_or(6);
        check_len(precision, limit)?;
        let text = float::text(value, style, precision, self.flags.alternate);
        let text = if conversion.is_ascii_uppercase() { text.to_uppercase() } else { text };
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(unsigned) => (true, unsigned),
            None => (false, text.as_str()),
        };
        let fill = if self.flags.zero { '0' } else { ' ' };
        self.pad(self.sign(negative), "", unsigned, fill, limit)
    }

    fn sign(self, negative: bool) -> &'static str {
        match self.flags {
            _ if negative => "-",
            Flags { plus: true, .. } => "+",
            Flags { blank: true, .. } => " ",
            _ => "",
        }
    }

    fn pad(
        self,
        sign: &str,
        prefix: &str,
        body: &str,
        fill: char,
        limit: usize,
    ) -> Result<String, Failure> {
        let len = sign.len() + prefix.len() + body.chars().count();
        let pad = self.width.saturating_sub(len);
        check_len(pad.saturating_add(sign.len() + prefix.len()).saturating_add(body.len()), limit)?;
        Ok(match (self.flags.left, fill) {
            (true, _) => format!("{sign}{prefix}{body}{}", " ".repeat(pad)),
            (false, '0') => format!("{sign}{prefix}{}{body}", "0".repeat(pad)),
            (false, _) => format!("{}{sign}{prefix}{body}", " ".repeat(pad)),
        })
    }
}

/// `*` with a value that is no int.
fn star_wants_int() -> Failure {
    Failure::type_error("* wants int")
}
