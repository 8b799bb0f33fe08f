//! The encoding of a Python file.

/// The encoding that a Python file says it is in: the declaration in one of its first two lines, as PEP 263 has it. UTF-8
/// without one, and with a byte order mark.
#[must_use]
pub fn encoding_of(bytes: &[u8]) -> String {
    let utf_8 = || "utf-8".to_owned();
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return utf_8();
    }
    let mut lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let Some(first) = lines.next() else { return utf_8() };
    let second = lines.next().filter(|_| first.is_empty() || first.starts_with(b"#"));
    [Some(first), second].into_iter().flatten().find_map(declared).unwrap_or_else(utf_8)
}

fn declared(line: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(line.strip_prefix(b"#")?).ok()?;
    let (_, after) = line.split_once("coding")?;
    let name = after.strip_prefix([':', '='])?.trim_start();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = name.find(|c| !is_part(c)).unwrap_or(name.len());
    let name = name[..end].to_ascii_lowercase().replace('_', "-");
    // Browsers know this encoding by another name only.
    let name = if name == "cp936" { "gbk".to_owned() } else { name };
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_the_one_that_the_file_declares() {
        assert_eq!(encoding_of(b"import socket\n"), "utf-8");
        assert_eq!(encoding_of(b""), "utf-8");
        assert_eq!(encoding_of(b"# -*- coding: gbk -*-\n"), "gbk");
        assert_eq!(encoding_of(b"#!/usr/bin/python\n# vim: fileencoding=GB2312\n"), "gb2312");
        assert_eq!(encoding_of(b"# coding=utf_8\r\n"), "utf-8");
        assert_eq!(encoding_of(b"x = 1\n# coding: gbk\n"), "utf-8");
        assert_eq!(encoding_of(b"\xef\xbb\xbf# coding: gbk\n"), "utf-8");
        assert_eq!(encoding_of(b"# coding: cp936\n"), "gbk");
    }
}
