//! A short number that stands for the texts of the programs of a variant. `build.rs` uses it too.

/// The FNV-1a hash of the texts, in their order. Not for what a stranger may choose: it is easy to find other texts
/// with the same number.
pub(super) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x100_0000_01b3;
    // No text has this byte: it is never in UTF-8.
    const END: u8 = 0xff;
    texts
        .flat_map(|text| text.bytes().chain([END]))
        .fold(OFFSET_BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}
