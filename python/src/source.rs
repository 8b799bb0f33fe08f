//! The text of a program, by lines.

/// The most bytes of a line in which a part of it is looked for.
const MAX_MARKED: usize = 1000;

/// A text, and where its lines begin.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) text: String,
    starts: Vec<usize>,
}

impl Source {
    pub(crate) fn new(text: &str) -> Self {
        let text = text.to_owned();
        let mut starts = vec![0];
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(at + 1);
            }
        }
        Self { text, starts }
    }

    /// The line of a byte, from 1.
    pub(crate) fn line(&self, offset: u32) -> u32 {
        let line = self.starts.partition_point(|start| *start <= offset as usize);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// The column of a byte, in bytes from 0. The mark of UTF-8 at the start of a file does not count.
    pub(crate) fn byte_column(&self, offset: u32) -> u32 {
        let mark = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let start = self.starts[self.line(offset) as usize - 1];
        let start = if start == 0 { mark } else { start };
        offset.saturating_sub(u32::try_from(start).unwrap_or(u32::MAX))
    }

    /// The column of a byte, in characters from 0.
    pub(crate) fn column(&self, offset: u32) -> u32 {
        let start = self.starts[self.line(offset) as usize - 1];
        let before = self.text.get(start..offset as usize).unwrap_or_default();
        u32::try_from(before.chars().count()).unwrap_or(u32::MAX)
    }

    /// The part of its first line between two bytes: the characters before it, and those up to its end. `None` if that
    /// is not at the beginning of the line.
    pub(crate) fn columns(&self, start: u32, end: u32) -> Option<(u32, u32)> {
        let line = self.line(start);
        let begin = *self.starts.get(line.checked_sub(1)? as usize)?;
        let text = self.line_text(line).trim_end();
        let end = (end as usize).saturating_sub(begin).min(text.len());
        if end > MAX_MARKED {
            return None;
        }
        let before = text.get(..(start as usize).saturating_sub(begin))?.chars().count();
        let marked = text.get(..end)?.chars().count();
        Some((u32::try_from(before).ok()?, u32::try_from(marked).ok()?))
    }

    /// The text of a line without its end. Empty if there is no such line.
    pub(crate) fn line_text(&self, line: u32) -> &str {
        let line = line as usize;
        let Some(start) = line.checked_sub(1).and_then(|index| self.starts.get(index)) else {
            return "";
        };
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        self.text[*start..end].trim_end_matches(['\n', '\r'])
    }
}
