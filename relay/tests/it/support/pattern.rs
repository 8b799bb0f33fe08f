//! A known stream of bytes, in which moved, lost or repeated bytes are noticed, and random sizes to cut it.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::waiting::within;

/// A small generator of numbers that look random and are the same in every run (`SplitMix64`).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 0 to `most`. Small sizes are as likely as large ones.
    pub(crate) fn size(&mut self, most: usize) -> usize {
        let magnitude = self.next() % u64::from(usize::BITS - most.leading_zeros() + 1);
        let size = usize::try_from(self.next() & ((1 << magnitude) - 1));
        size.expect("the mask is at most twice `most`").min(most)
    }
}

/// The length of the block that repeats: a prime, so that no buffer's size is a multiple of it.
const BLOCK: usize = 65_521;

/// An endless stream of known bytes, and a position in it.
pub(crate) struct Pattern {
    block: Vec<u8>,
    position: usize,
}

impl Pattern {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let block = (0..BLOCK.div_ceil(8)).flat_map(|_| random.next().to_le_bytes()).take(BLOCK);
        Self { block: block.collect(), position: 0 }
    }

    /// The next `length` bytes.
    pub(crate) fn take(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            let piece = self.piece(length - bytes.len());
            bytes.extend_from_slice(piece);
        }
        bytes
    }

    /// Fails unless `bytes` are the next ones.
    pub(crate) fn check(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let position = self.position;
            let piece = self.piece(bytes.len());
            let (now, rest) = bytes.split_at(piece.len());
            assert!(now == piece, "other bytes than were sent, after byte {position}");
            bytes = rest;
        }
    }

    /// How many bytes were taken or checked.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    fn piece(&mut self, most: usize) -> &[u8] {
        let start = self.position % BLOCK;
        let end = BLOCK.min(start + most);
        self.position += end - start;
        &self.block[start..end]
    }

    /// Writes the next `total` bytes. Calls `progress` after each write with the number of bytes written.
    pub(crate) async fn write<S: AsyncWrite + Unpin>(
        self,
        stream: &mut S,
        total: usize,
        mut progress: impl FnMut(usize),
    ) -> io::Result<()> {
        let mut written = 0;
        while written < total {
            let start = (self.position + written) % BLOCK;
            let end = BLOCK.min(start + total - written);
            written += stream.write(&self.block[start..end]).await?;
            progress(written);
        }
        Ok(())
    }

    /// Reads `total` bytes, which must be the next ones.
    pub(crate) async fn read<S: AsyncRead + Unpin>(&mut self, stream: &mut S, total: usize) {
        let mut buffer = vec![0; 256 * 1024];
        let mut missing = total;
        while missing > 0 {
            let most = missing.min(buffer.len());
            let read = stream.read(&mut buffer[..most]);
            let length = within("bytes of the pattern arrive", read).await.expect("it is readable");
            assert!(length > 0, "the stream ended, {missing} of {total} bytes before its end");
            self.check(&buffer[..length]);
            missing -= length;
        }
    }
}

/// Fails unless `bytes` come next.
pub(crate) async fn expect_bytes<S: AsyncRead + Unpin>(stream: &mut S, bytes: &[u8]) {
    let mut arrived = vec![0; bytes.len()];
    let read = within("the bytes arrive", stream.read_exact(&mut arrived)).await;
    read.expect("the stream is long enough");
    assert_eq!(arrived, bytes);
}

/// Fails unless the stream ends here without an error.
pub(crate) async fn expect_eof<S: AsyncRead + Unpin>(stream: &mut S) {
    let mut more = [0; 64];
    let read = within("the stream ends", stream.read(&mut more)).await;
    assert_eq!(read.expect("an end, and not a reset"), 0, "more came: {more:?}");
}
