//! Any bytes are refused, or are reads within bounds whose times never decrease. The encoding of those reads is the same bytes.
#![no_main]

use framescope_protocol::{MAX_READS, TimedRead, TimedReads};
use framescope_record::MAX_RECV;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|message: &[u8]| {
    let Ok(reads) = TimedReads::decode(message) else { return };
    let mut encoded = Vec::new();
    let (mut count, mut newest) = (0, 0);
    for read in reads {
        let length = u32::try_from(read.bytes.len()).expect("a read is bounded");
        assert!((1..=MAX_RECV).contains(&length));
        encoded.extend_from_slice(&TimedRead::head(read.at, length));
        encoded.extend_from_slice(read.bytes);
        assert!(read.at >= newest);
        newest = read.at;
        count += 1;
    }
    assert!((1..=MAX_READS).contains(&count));
    assert_eq!(encoded, message);
    let reads = TimedReads::decode(message).expect("it was decoded once");
    if let Ok(mut taken) = reads.in_session(u64::from(MAX_RECV), 7) {
        assert!(taken.all(|read| read.at >= u64::from(MAX_RECV) && read.bytes.len() <= 7));
    }
});
