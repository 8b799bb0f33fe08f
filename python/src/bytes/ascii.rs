//! Case and the `is` methods. Only ASCII letters are letters.

pub(crate) fn is_space_byte(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

fn all(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&byte| is(byte))
}

/// `bytes.isspace()`.
pub(crate) fn is_space(bytes: &[u8]) -> bool {
    all(bytes, is_space_byte)
}

/// `bytes.isalpha()`.
pub(crate) fn is_alpha(bytes: &[u8]) -> bool {
    all(bytes, |byte| byte.is_ascii_alphabetic())
}

/// `bytes.isdigit()`.
pub(crate) fn is_digit(bytes: &[u8]) -> bool {
    all(bytes, |byte| byte.is_ascii_digit())
}

/// `bytes.isalnum()`.
pub(crate) fn is_alnum(bytes: &[u8]) -> bool {
    all(bytes, |byte| byte.is_ascii_alphanumeric())
}

/// `bytes.isupper()`.
pub(crate) fn is_upper(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_uppercase) && !bytes.iter().any(u8::is_ascii_lowercase)
}

/// `bytes.islower()`.
pub(crate) fn is_lower(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_lowercase) && !bytes.iter().any(u8::is_ascii_uppercase)
}

/// `bytes.istitle()`.
pub(crate) fn is_title(bytes: &[u8]) -> bool {
    let mut in_word = false;
    let mut cased = false;
    for byte in bytes {
        let (starts, follows) = (byte.is_ascii_uppercase(), byte.is_ascii_lowercase());
        if (starts && in_word) || (follows && !in_word) {
            return false;
        }
        in_word = starts || follows;
        cased |= in_word;
    }
    cased
}

/// `bytes.title()`.
pub(crate) fn title(bytes: &[u8]) -> Vec<u8> {
    let mut in_word = false;
    bytes
        .iter()
        .map(|byte| {
            let changed =
                if in_word { byte.to_ascii_lowercase() } else { byte.to_ascii_uppercase() };
            in_word = byte.is_ascii_alphabetic();
            changed
        })
        .collect()
}

/// `bytes.capitalize()`.
pub(crate) fn capitalize(bytes: &[u8]) -> Vec<u8> {
    let mut result = bytes.to_ascii_lowercase();
    if let Some(first) = result.first_mut() {
        first.make_ascii_uppercase();
    }
    result
}

/// `bytes.swapcase()`.
pub(crate) fn swapcase(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|&byte| if byte.is_ascii_alphabetic() { byte ^ 0x20 } else { byte }).collect()
}
