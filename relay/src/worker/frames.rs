//! Messages on the channel: the 4-byte header of `framescope_framing`, and postcard.

use std::io;

use framescope_framing::{Decoder, HeaderFormat, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The header of each message.
const HEADER: HeaderFormat = HeaderFormat::LITTLE_SIGNED;

/// How many bytes are read at a time: 16 KiB.
pub(super) const CHUNK: usize = 16 * 1024;

/// What was received is not a message. No more can be received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a message")]
pub(super) struct NotAMessage;

/// A message is longer than the other side accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message of {length} bytes is over the limit of {limit}")]
pub(super) struct MessageTooLong {
    pub(super) length: usize,
    pub(super) limit: usize,
}

impl From<NotAMessage> for io::Error {
    fn from(error: NotAMessage) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}

impl From<MessageTooLong> for io::Error {
    fn from(error: MessageTooLong) -> Self {
        Self::new(io::ErrorKind::InvalidInput, error)
    }
}

/// What has been received and not been taken.
#[derive(Debug)]
pub(super) struct Frames {
    decoder: Decoder,
    chunk: Vec<u8>,
    /// The bytes of `chunk` that the decoder has taken.
    taken: usize,
    /// The bytes of `chunk` that were received.
    received: usize,
}

impl Frames {
    /// Refuses a message if its header declares more than `max` bytes.
    pub(super) fn new(max: usize) -> Self {
        let decoder = Decoder::with_max_payload(HEADER, max);
        Self { decoder, chunk: vec![0; CHUNK], taken: 0, received: 0 }
    }

    /// The next message that was received whole.
    pub(super) fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, NotAMessage> {
        let mut rest = &self.chunk[self.taken..self.received];
        let message = self.decoder.decode(&mut rest).map_err(|_| NotAMessage)?;
        let decoded = message.map(|message| postcard::take_from_bytes(message.payload));
        self.taken = self.received - rest.len();
        match decoded {
            None => Ok(None),
            Some(Ok((message, []))) => Ok(Some(message)),
            Some(Ok(_) | Err(_)) => Err(NotAMessage),
        }
    }

    /// Receives once with `read`, after [`Frames::next`] has returned `None`. Returns the number of bytes.
    pub(super) fn receive(
        &mut self,
        read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let received = read(self.space())?;
        self.fill(received);
        Ok(received)
    }

    /// Where the next bytes are received, after [`Frames::next`] has returned `None`.
    pub(super) fn space(&mut self) -> &mut [u8] {
        &mut self.chunk
    }

    /// This number of bytes was received into [`Frames::space`].
    pub(super) const fn fill(&mut self, received: usize) {
        (self.taken, self.received) = (0, received);
    }
}

/// Appends a message to `out`, if it has at most `max` bytes.
pub(super) fn append<T: Serialize>(
    message: &T,
    max: usize,
    out: &mut Vec<u8>,
) -> Result<(), MessageTooLong> {
    let bytes = postcard::to_stdvec(message).expect("a message is plain data");
    let too_long = MessageTooLong { length: bytes.len(), limit: max };
    if bytes.len() > max {
        return Err(too_long);
    }
    encode(HEADER, &bytes, out).map_err(|_| too_long)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn messages_in_any_pieces_are_received_as_they_were_sent(
            messages in prop::collection::vec(any::<(u32, String)>(), 0..8),
            pieces in prop::collection::vec(1..40_usize, 1..20),
        ) {
            let mut wire = Vec::new();
            for message in &messages {
                append(message, 1024, &mut wire).unwrap();
            }
            let (mut frames, mut received) = (Frames::new(1024), Vec::new());
            let (mut rest, mut pieces) = (wire.as_slice(), pieces.iter().cycle());
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(rest.len().min(*pieces.next().unwrap()));
                rest = after;
                frames.receive(|chunk| io::Read::read(&mut &*piece, chunk)).unwrap();
                while let Some(message) = frames.next::<(u32, String)>().unwrap() {
                    received.push(message);
                }
            }
            prop_assert_eq!(received, messages);
        }

        #[test]
        fn any_bytes_are_messages_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut frames = Frames::new(1024);
            frames.receive(|chunk| io::Read::read(&mut bytes.as_slice(), chunk)).unwrap();
            while let Ok(Some(_)) = frames.next::<(u32, String)>() {}
        }
    }

    #[test]
    fn a_message_over_the_limit_is_refused_by_both_sides() {
        let text = "a".repeat(100);
        let mut wire = Vec::new();
        let refused = append(&text, 50, &mut wire);
        assert_eq!(refused, Err(MessageTooLong { length: 101, limit: 50 }));
        append(&text, 101, &mut wire).unwrap();
        let mut frames = Frames::new(50);
        frames.receive(|chunk| io::Read::read(&mut wire.as_slice(), chunk)).unwrap();
        assert_eq!(frames.next::<String>(), Err(NotAMessage));
    }
}
