//! What is in the memory of a program that has stopped.

use framescope_sys::trace::read_memory;

/// The most bytes that are read of one call: 16 MiB. A call with more ends the run.
pub(super) const MAX_CALL: usize = 16 << 20;

/// The most pieces of a `readv` or `writev`: `IOV_MAX`.
const MAX_PIECES: u64 = 1024;

/// A piece of the memory of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) address: u64,
    pub(super) length: u64,
}

/// The memory of a process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory(pub(super) i32);

impl Memory {
    /// A value of this many bytes. `None` if it is not there.
    pub(super) fn array<const N: usize>(self, address: u64) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        (read_memory(self.0, address, &mut bytes) == N).then_some(bytes)
    }

    /// A C `int`.
    pub(super) fn int(self, address: u64) -> Option<i32> {
        self.array(address).map(i32::from_ne_bytes)
    }

    /// A `struct timespec` in microseconds. `None` if it is not there, or before 1970.
    pub(super) fn microseconds(self, address: u64) -> Option<u64> {
        let [seconds, nanoseconds] = self.words(address)?;
        seconds.checked_mul(1_000_000)?.checked_add(nanoseconds / 1000)
    }

    /// Numbers of 64 bits.
    pub(super) fn words<const N: usize>(self, address: u64) -> Option<[u64; N]> {
        let mut words = [0; N];
        for (word, at) in words.iter_mut().zip((0..).step_by(8)) {
            *word = u64::from_ne_bytes(self.array(address.checked_add(at)?)?);
        }
        Some(words)
    }

    /// The pieces of `count` times `struct iovec` of readv(2).
    pub(super) fn pieces(self, address: u64, count: u64) -> Vec<Piece> {
        let piece = |index: u64| {
            let [address, length] = self.words(address.checked_add(index * 16)?)?;
            Some(Piece { address, length })
        };
        (0..count.min(MAX_PIECES)).map_while(piece).collect()
    }

    /// The pieces of a `struct msghdr` of recvmsg(2).
    pub(super) fn message(self, address: u64) -> Vec<Piece> {
        let pieces = address.checked_add(16).and_then(|address| self.words(address));
        pieces.map(|[address, count]| self.pieces(address, count)).unwrap_or_default()
    }

    /// The first `length` bytes in these pieces, and at most [`MAX_CALL`].
    pub(super) fn bytes(self, pieces: &[Piece], length: u64) -> Vec<u8> {
        let mut left = usize::try_from(length).unwrap_or(usize::MAX).min(MAX_CALL);
        let mut all = Vec::new();
        for piece in pieces {
            let start = all.len();
            let wanted = usize::try_from(piece.length).unwrap_or(usize::MAX).min(left);
            all.resize(start + wanted, 0);
            let read = read_memory(self.0, piece.address, &mut all[start..]);
            all.truncate(start + read);
            left -= read;
            if read < wanted || left == 0 {
                break;
            }
        }
        all
    }
}

/// How many bytes these pieces have.
pub(super) fn length(pieces: &[Piece]) -> u64 {
    pieces.iter().fold(0, |sum, piece| sum.saturating_add(piece.length))
}
