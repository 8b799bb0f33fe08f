//! Reads that are ready together, as one message of `framescope.reads.v1`.
//!
//! ```text
//! target --read--> | head | bytes |
//!        --read--> | head | bytes |  and so on, until nothing more is readable or the message is full
//! ```

use std::pin::Pin;
use std::task::{Context, Poll};

use framescope_protocol::{
    MAX_GROUPED, MAX_GROUPING_US, MAX_READS, READ_HEAD, ReadOptions, TimedRead,
};
use tokio::io::{AsyncRead, ReadBuf};

use super::recorder::RecordingStream;
use crate::session_end::SessionEnd;

/// Reads that were ready together.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// The length of the message.
    pub(super) message: usize,
    /// Bytes of the target in it.
    pub(super) payload: usize,
    /// Why there will be no more reads, if the last read said so.
    pub(super) end: Option<SessionEnd>,
}

/// The longest message of a session, in bytes.
pub(super) const fn longest_message(read_options: &ReadOptions) -> usize {
    MAX_GROUPED + READ_HEAD + read_options.recv as usize
}

/// Reads into `message`, which has the length of [`longest_message`]. Goes on while the next read is ready, the
/// message is not full, and no delay stands between two reads. Waits only for the first read.
pub(super) fn poll_group<T: AsyncRead + Unpin>(
    context: &mut Context<'_>,
    target: &mut RecordingStream<T>,
    read_options: &ReadOptions,
    message: &mut [u8],
) -> Poll<Group> {
    let most = if read_options.delay_ms == 0 { MAX_READS } else { 1 };
    let mut group = Group::default();
    let mut first = None;
    for _ in 0..most {
        let space = &mut message[group.message..][..READ_HEAD + read_options.recv as usize];
        let (head, bytes) = space.split_at_mut(READ_HEAD);
        let mut buffer = ReadBuf::new(bytes);
        let at = match Pin::new(&mut *target).poll_timed_read(context, &mut buffer) {
            Poll::Pending => break,
            Poll::Ready(Ok(at)) => at,
            Poll::Ready(Err(error)) => {
                group.end = Some(SessionEnd::TargetFailed(error));
                break;
            }
        };
        let length = buffer.filled().len();
        if length == 0 {
            group.end = Some(SessionEnd::TargetClosed);
            break;
        }
        let declared = u32::try_from(length).expect("a read returns at most `recv` bytes");
        head.copy_from_slice(&TimedRead::head(at, declared));
        group.message += READ_HEAD + length;
        group.payload += length;
        if group.message >= MAX_GROUPED || at - *first.get_or_insert(at) >= MAX_GROUPING_US {
            break;
        }
    }
    let is_pending = group.message == 0 && group.end.is_none();
    if is_pending { Poll::Pending } else { Poll::Ready(group) }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;
    use std::{io, thread};

    use framescope_protocol::TimedReads;
    use tokio::io::{AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::task::unconstrained;
    use tokio::time::advance;

    use super::*;

    /// A pipe with these bytes in it, and its other end.
    async fn holding(bytes: &[u8]) -> (RecordingStream<DuplexStream>, DuplexStream) {
        let (target, mut other) = duplex(1_000_000);
        other.write_all(bytes).await.unwrap();
        (RecordingStream::new(target, None), other)
    }

    /// A target whose reads are always ready, and take a millisecond.
    struct Slow;

    impl AsyncRead for Slow {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            thread::sleep(Duration::from_millis(1));
            buffer.put_slice(b"x");
            Poll::Ready(Ok(()))
        }
    }

    /// The next group, and the lengths of its reads with their times. tokio does not limit how many they are.
    async fn next<T: AsyncRead + Unpin>(
        target: &mut RecordingStream<T>,
        recv: u32,
        delay_ms: u32,
    ) -> (Group, Vec<(u64, usize)>) {
        let options = ReadOptions { recv, delay_ms, nodelay: true };
        let mut message = vec![0; longest_message(&options)];
        let poll = poll_fn(|context| poll_group(context, target, &options, &mut message));
        let group = unconstrained(poll).await;
        let reads = match group.message {
            0 => Vec::new(),
            length => {
                let reads = TimedReads::decode(&message[..length]).expect("the reads are whole");
                reads.map(|read| (read.at, read.bytes.len())).collect()
            }
        };
        assert_eq!(group.payload, reads.iter().map(|(_, length)| length).sum::<usize>());
        (group, reads)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_ready_is_one_group_and_the_end_comes_with_it() {
        let (mut target, other) = holding(b"hello").await;
        advance(Duration::from_micros(7)).await;
        let (group, reads) = next(&mut target, 2, 0).await;
        assert_eq!(reads, [(7, 2), (7, 2), (7, 1)]);
        assert!(group.end.is_none());
        drop(other);
        let (group, reads) = next(&mut target, 2, 0).await;
        assert!(reads.is_empty() && matches!(group.end, Some(SessionEnd::TargetClosed)));

        let (mut target, other) = holding(b"hello").await;
        drop(other);
        let (group, reads) = next(&mut target, 5, 0).await;
        assert_eq!(reads, [(0, 5)]);
        assert!(matches!(group.end, Some(SessionEnd::TargetClosed)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_group_is_bounded_in_reads_and_in_bytes() {
        let (mut target, _other) = holding(&vec![0; 200_000]).await;
        let (_, reads) = next(&mut target, 1, 0).await;
        assert_eq!(reads.len(), MAX_READS);
        let (group, reads) = next(&mut target, 1000, 0).await;
        assert_eq!(reads.len(), MAX_GROUPED.div_ceil(READ_HEAD + 1000));
        assert!(group.message < MAX_GROUPED + READ_HEAD + 1000);
        let (_, reads) = next(&mut target, 100_000, 0).await;
        assert_eq!(reads, [(0, 100_000)]);
    }

    #[tokio::test]
    async fn a_group_is_bounded_in_time() {
        let (_, reads) = next(&mut RecordingStream::new(Slow, None), 1, 0).await;
        assert!((2..=3).contains(&reads.len()), "{reads:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn with_a_delay_a_group_is_one_read() {
        let (mut target, _other) = holding(b"hello").await;
        assert_eq!(next(&mut target, 2, 1).await.1, [(0, 2)]);
    }
}
