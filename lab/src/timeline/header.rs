//! The header that programs put before their messages, as their texts say.

use framescope_framing::HeaderFormat;

/// The header that a text packs into four bytes, if it has one: `struct.pack('!I', n)` or `n.to_bytes(4, 'big')`.
pub(super) fn packed(text: &str) -> Option<HeaderFormat> {
    of_struct(text, "pack").or_else(|| of_int(text, "to_bytes"))
}

/// The header that a text unpacks from four bytes, if it has one.
pub(super) fn unpacked(text: &str) -> Option<HeaderFormat> {
    of_struct(text, "unpack").or_else(|| of_int(text, "from_bytes"))
}

/// The first format of a call of `struct`'s `function` that is one number of four bytes.
fn of_struct(text: &str, function: &str) -> Option<HeaderFormat> {
    let mut calls = text.match_indices(function).filter(|(at, _)| {
        let before = text[..*at].chars().next_back();
        !before.is_some_and(|before| before.is_alphanumeric() || before == '_')
    });
    calls.find_map(|(at, _)| {
        let arguments = text[at + function.len()..].strip_prefix('(')?.trim_start();
        let quote = arguments.chars().next().filter(|first| matches!(first, '"' | '\''))?;
        let (format, _) = arguments[1..].split_once(quote)?;
        // The sizes of `l` are native, 8 bytes on Linux, without an order.
        let format = match format.split_at_checked(1) {
            Some(("<" | ">" | "!" | "=", "l")) => format.replace('l', "i"),
            Some(("<" | ">" | "!" | "=", "L")) => format.replace('L', "I"),
            Some(_) | None => format.to_owned(),
        };
        format.trim_start_matches(['=', '@']).parse().ok()
    })
}

/// The order of bytes in the first call of an int's `function`.
fn of_int(text: &str, function: &str) -> Option<HeaderFormat> {
    let (_, after) = text.split_once(&format!("{function}("))?;
    let line = after.lines().next().unwrap_or_default();
    let order = if line.contains("big") { "!I" } else { "<I" };
    line.contains(['4', '\'', '"']).then(|| order.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_what_the_text_packs() {
        let found = |text| packed(text).map(|format| format.to_string());
        assert_eq!(found("client.send(struct.pack('i', len(data)))").as_deref(), Some("i"));
        assert_eq!(found("head = struct.pack(\"!I\", n)").as_deref(), Some("!I"));
        assert_eq!(found("struct.pack('>l', n)").as_deref(), Some(">i"));
        assert_eq!(found("n.to_bytes(4, 'big')").as_deref(), Some("!I"));
        assert_eq!(found("struct.pack('!IH', n, 1)"), None);
        assert_eq!(found("client.send(b'hello')"), None);
        assert_eq!(found("struct.unpack('i', head)"), None);
    }

    #[test]
    fn the_header_is_what_the_text_unpacks() {
        let found = |text| unpacked(text).map(|format| format.to_string());
        assert_eq!(found("n = struct.unpack('!I', recv_exact(conn, 4))[0]").as_deref(), Some("!I"));
        assert_eq!(found("int.from_bytes(head, 'big')").as_deref(), Some("!I"));
        assert_eq!(found("struct.pack('i', 5)"), None);
    }
}
