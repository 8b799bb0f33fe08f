//! Messages of `framescope.reads.v1`.

use bytes::Bytes;
use framescope_protocol::TimedReads;

use super::websocket::{Client, Received};

/// What one read of the relay returned, and its time.
pub(crate) type Read = (u64, Bytes);

/// The reads of the next message.
pub(crate) async fn receive_reads(client: &mut Client) -> Vec<Read> {
    reads(&client.receive_bytes().await)
}

/// The reads of each message up to the close frame, then its code and reason.
pub(crate) async fn receive_reads_to_close(client: &mut Client) -> (Vec<Vec<Read>>, u16, String) {
    let mut all = Vec::new();
    loop {
        match client.receive().await {
            Received::Bytes(message) => all.push(reads(&message)),
            Received::Close(code, reason) => {
                assert_eq!(client.receive().await, Received::End);
                return (all, code, reason);
            }
            end @ (Received::End | Received::Reset) => panic!("{end:?} without a close frame"),
        }
    }
}

/// The reads of a message.
pub(crate) fn reads(message: &Bytes) -> Vec<Read> {
    let reads = TimedReads::decode(message).expect("the relay sends whole reads");
    reads.map(|read| (read.at, message.slice_ref(read.bytes))).collect()
}

/// The bytes of these reads, without their bounds.
pub(crate) fn bytes_of<'a>(reads: impl IntoIterator<Item = &'a Read>) -> Vec<u8> {
    reads.into_iter().flat_map(|(_, bytes)| bytes.clone()).collect()
}
