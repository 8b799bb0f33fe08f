//! The messages of the subprotocol `framescope.reads.v1`: reads from a target, each with its time.
//!
//! ```text
//! one WebSocket binary message
//! +---------+-------------+----------------+---------+-------------+----------------+----
//! | at: u64 | length: u32 | `length` bytes | at: u64 | length: u32 | `length` bytes | ...
//! +---------+-------------+----------------+---------+-------------+----------------+----
//! '------- what one read returned --------' '---- what the next read returned -----'
//! ```
//!
//! The numbers are in network order: `struct.unpack('!QI', head)` in Python. `at` is the relay's clock when
//! the read returned, in microseconds since the session began. Times never decrease. A session begins when
//! the relay has answered the upgrade. A message has at least one read, a read at least one byte.

use std::fmt;

use framescope_record::MAX_RECV;

/// The bytes before those of a read: the time and the length.
pub const READ_HEAD: usize = 12;

/// The most reads in one message.
pub const MAX_READS: usize = 128;

/// A message of this many bytes gets no more reads: 64 KiB.
pub const MAX_GROUPED: usize = 64 * 1024;

/// A read that returns this many microseconds after the first one of a message is the last one of it.
pub const MAX_GROUPING_US: u64 = 2_000;

/// The longest message, in bytes: small reads, and then the largest.
pub const MAX_READS_MESSAGE: usize = MAX_GROUPED + READ_HEAD + MAX_RECV as usize;

/// What one read from a target returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedRead<'a> {
    /// When the read returned, in microseconds since the session began.
    pub at: u64,
    /// Its bytes, 1 to [`MAX_RECV`].
    pub bytes: &'a [u8],
}

impl TimedRead<'_> {
    /// What stands before the bytes of a read that returned `length` bytes.
    #[must_use]
    pub fn head(at: u64, length: u32) -> [u8; READ_HEAD] {
        let mut head = [0; READ_HEAD];
        let (time, rest) = head.split_at_mut(size_of::<u64>());
        time.copy_from_slice(&at.to_be_bytes());
        rest.copy_from_slice(&length.to_be_bytes());
        head
    }
}

/// The reads of a message that was checked, in the order in which they were made.
#[derive(Clone, Debug)]
pub struct TimedReads<'a> {
    /// Whole reads.
    rest: &'a [u8],
}

impl<'a> TimedReads<'a> {
    /// Checks a whole message and borrows its reads. Nothing is copied.
    ///
    /// # Errors
    ///
    /// [`TimedReadsError`] for the first thing that no relay sends.
    pub fn decode(message: &'a [u8]) -> Result<Self, TimedReadsError> {
        if message.len() > MAX_READS_MESSAGE {
            return Err(TimedReadsError::MessageTooLong { length: message.len() });
        }
        let (mut rest, mut newest) = (message, 0);
        for _ in 0..MAX_READS {
            let (read, after) = split_read(rest)?;
            newest = in_order(newest, read.at)?;
            rest = after;
            if rest.is_empty() {
                return Ok(Self { rest: message });
            }
        }
        Err(TimedReadsError::TooManyReads)
    }

    /// Checks the reads against their session: the time of its newest read, and how many bytes a read asks for.
    ///
    /// # Errors
    ///
    /// [`TimedReadsError`] for the first read that the session cannot have.
    pub fn in_session(self, newest: u64, asked: u32) -> Result<Self, TimedReadsError> {
        for read in self.clone() {
            in_order(newest, read.at)?;
            if read.bytes.len() > asked as usize {
                return Err(TimedReadsError::MoreThanAsked { length: read.bytes.len(), asked });
            }
        }
        Ok(self)
    }
}

/// The time of a read, which is not before that of the read before it.
const fn in_order(before: u64, at: u64) -> Result<u64, TimedReadsError> {
    if at < before { Err(TimedReadsError::TimeGoesBack { before, at }) } else { Ok(at) }
}

impl<'a> Iterator for TimedReads<'a> {
    type Item = TimedRead<'a>;

    fn next(&mut self) -> Option<TimedRead<'a>> {
        let (read, rest) = split_read(self.rest).ok()?;
        self.rest = rest;
        Some(read)
    }
}

/// The first read of `bytes`, and what is after it.
fn split_read(bytes: &[u8]) -> Result<(TimedRead<'_>, &[u8]), TimedReadsError> {
    let cut = TimedReadsError::CutShort;
    let (at, rest) = bytes.split_first_chunk().ok_or(cut)?;
    let (length, rest) = rest.split_first_chunk().ok_or(cut)?;
    let length = u32::from_be_bytes(*length);
    if length == 0 {
        return Err(TimedReadsError::EmptyRead);
    }
    if length > MAX_RECV {
        return Err(TimedReadsError::ReadTooLong { declared: length });
    }
    let (bytes, rest) = rest.split_at_checked(length as usize).ok_or(cut)?;
    Ok((TimedRead { at: u64::from_be_bytes(*at), bytes }, rest))
}

/// Why a message is none of `framescope.reads.v1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimedReadsError {
    /// It ends inside a read, or has none.
    CutShort,
    /// A read has no byte. The end of the stream is a close frame.
    EmptyRead,
    /// A read is longer than [`MAX_RECV`].
    ReadTooLong {
        /// The length that stands before it.
        declared: u32,
    },
    /// A read returned before the one before it.
    TimeGoesBack {
        /// The time of the read before it.
        before: u64,
        /// Its own time.
        at: u64,
    },
    /// A read has more bytes than the session asked for.
    MoreThanAsked {
        /// How many it has.
        length: usize,
        /// How many were asked for.
        asked: u32,
    },
    /// It has more than [`MAX_READS`] reads.
    TooManyReads,
    /// It is longer than [`MAX_READS_MESSAGE`].
    MessageTooLong {
        /// Its length in bytes.
        length: usize,
    },
}

impl fmt::Display for TimedReadsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutShort => write!(f, "the message ends inside a read"),
            Self::EmptyRead => write!(f, "a read has no byte"),
            Self::ReadTooLong { declared } => {
                write!(f, "a read of {declared} bytes is over the limit of {MAX_RECV}")
            }
            Self::TimeGoesBack { before, at } => {
                write!(f, "a read at {at} µs comes after one at {before} µs")
            }
            Self::MoreThanAsked { length, asked } => {
                write!(f, "a read of at most {asked} bytes has {length}")
            }
            Self::TooManyReads => write!(f, "the message has more than {MAX_READS} reads"),
            Self::MessageTooLong { length } => {
                write!(f, "a message of {length} bytes is over the limit of {MAX_READS_MESSAGE}")
            }
        }
    }
}

impl std::error::Error for TimedReadsError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encode(reads: &[(u64, Vec<u8>)]) -> Vec<u8> {
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).expect("it is short");
        let encoded = |(at, bytes): &(u64, Vec<u8>)| {
            [&TimedRead::head(*at, length(bytes))[..], bytes].concat()
        };
        reads.iter().flat_map(encoded).collect()
    }

    fn decode(message: &[u8]) -> Result<Vec<(u64, Vec<u8>)>, TimedReadsError> {
        let reads = TimedReads::decode(message)?;
        Ok(reads.map(|read| (read.at, read.bytes.to_vec())).collect())
    }

    #[test]
    fn a_read_is_its_time_its_length_and_its_bytes_in_network_order() {
        let message = b"\0\0\0\0\0\0\x01\x02\0\0\0\x03abc\0\0\0\0\0\0\x01\x03\0\0\0\x01d";
        let reads = [(0x102, b"abc".to_vec()), (0x103, b"d".to_vec())];
        assert_eq!(encode(&reads), message);
        assert_eq!(decode(message), Ok(reads.to_vec()));
    }

    #[test]
    fn a_message_that_no_relay_sends_is_an_error() {
        let head = |length| TimedRead::head(1, length).to_vec();
        let whole = encode(&[(1, b"abc".to_vec())]);
        for (message, error) in [
            (vec![], TimedReadsError::CutShort),
            (whole[..READ_HEAD - 1].to_vec(), TimedReadsError::CutShort),
            (whole[..READ_HEAD].to_vec(), TimedReadsError::CutShort),
            (whole[..whole.len() - 1].to_vec(), TimedReadsError::CutShort),
            ([&whole[..], b"\0"].concat(), TimedReadsError::CutShort),
            (head(0), TimedReadsError::EmptyRead),
            (head(MAX_RECV), TimedReadsError::CutShort),
            (head(MAX_RECV + 1), TimedReadsError::ReadTooLong { declared: MAX_RECV + 1 }),
            (head(u32::MAX), TimedReadsError::ReadTooLong { declared: u32::MAX }),
            (
                encode(&[(2, b"a".to_vec()), (1, b"b".to_vec())]),
                TimedReadsError::TimeGoesBack { before: 2, at: 1 },
            ),
        ] {
            assert_eq!(decode(&message), Err(error), "{message:?}");
        }
    }

    #[test]
    fn a_read_that_its_session_cannot_have_is_an_error() {
        let message = encode(&[(5, b"abc".to_vec()), (6, b"d".to_vec())]);
        let in_session = |newest, asked| {
            TimedReads::decode(&message)?.in_session(newest, asked).map(Iterator::count)
        };
        assert_eq!(in_session(5, 3), Ok(2));
        assert_eq!(in_session(6, 3), Err(TimedReadsError::TimeGoesBack { before: 6, at: 5 }));
        assert_eq!(in_session(0, 2), Err(TimedReadsError::MoreThanAsked { length: 3, asked: 2 }));
    }

    #[test]
    fn the_number_of_reads_in_a_message_is_bounded() {
        let one = (1, b"x".to_vec());
        let most = vec![one.clone(); MAX_READS];
        assert_eq!(decode(&encode(&most)), Ok(most.clone()));
        let more = [most, vec![one]].concat();
        assert_eq!(decode(&encode(&more)), Err(TimedReadsError::TooManyReads));
    }

    #[test]
    fn the_length_of_a_message_is_bounded() {
        let read = |length| (1, vec![b'x'; length]);
        let largest = read(MAX_RECV as usize);
        let longest = vec![read(MAX_GROUPED - READ_HEAD), largest.clone()];
        assert_eq!(encode(&longest).len(), MAX_READS_MESSAGE);
        assert_eq!(decode(&encode(&longest)), Ok(longest));
        let longer = encode(&[read(MAX_GROUPED + 1 - READ_HEAD), largest]);
        let error = TimedReadsError::MessageTooLong { length: longer.len() };
        assert_eq!(decode(&longer), Err(error));
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_back_and_its_beginning_is_the_first_reads_or_cut_short(
            reads in prop::collection::vec(
                (any::<u64>(), prop::collection::vec(any::<u8>(), 1..20)),
                1..10,
            ),
        ) {
            let mut reads = reads;
            reads.sort_by_key(|(at, _)| *at);
            let message = encode(&reads);
            prop_assert_eq!(decode(&message), Ok(reads.clone()));
            for end in 0..message.len() {
                match decode(&message[..end]) {
                    Ok(first) => prop_assert_eq!(&reads[..first.len()], &first[..]),
                    Err(error) => prop_assert_eq!(error, TimedReadsError::CutShort),
                }
            }
        }

        #[test]
        fn a_session_takes_reads_in_the_order_of_their_times_and_of_the_length_it_asked_for(
            reads in prop::collection::vec(
                (0..50_u64, prop::collection::vec(any::<u8>(), 1..20)),
                1..10,
            ),
            newest in 0..50_u64,
            asked in 1..20_u32,
        ) {
            let is_sorted = reads.is_sorted_by_key(|(at, _)| *at);
            let follows = reads[0].0 >= newest;
            let fits = reads.iter().all(|(_, bytes)| bytes.len() <= asked as usize);
            let message = encode(&reads);
            let taken = TimedReads::decode(&message).and_then(|all| all.in_session(newest, asked));
            prop_assert_eq!(taken.is_ok(), is_sorted && follows && fits);
        }

        #[test]
        fn any_bytes_are_refused_or_are_the_encoding_of_their_reads(
            message in prop::collection::vec(prop_oneof![Just(0), Just(1), any::<u8>()], 0..100),
        ) {
            if let Ok(reads) = decode(&message) {
                prop_assert!(reads.is_sorted_by_key(|(at, _)| *at));
                prop_assert_eq!(encode(&reads), message);
            }
        }
    }
}
