//! Compares the decoder with tokio-util's `LengthDelimitedCodec` and with a plain copy, on the same
//! streams.
//!
//! `cargo xtask bench framing` runs it. Each round runs all three. The output is the median of the
//! rounds, and the ratio of the decoder to tokio-util.
#![expect(clippy::cast_precision_loss, reason = "the results are printed without decimals")]

use std::hint::black_box;
use std::time::Instant;

use bytes::BytesMut;
use framescope_framing::{Decoder, HeaderFormat, encode};
use tokio_util::codec::{Decoder as _, LengthDelimitedCodec};

/// The number of rounds.
const ROUNDS: usize = 9;
/// The approximate length of a stream, in bytes.
const STREAM: usize = 32 * 1024 * 1024;
/// The length of a chunk, in bytes, if the stream is not cut at random.
const CHUNK: usize = 64 * 1024;

fn main() {
    println!("{:<28} {:>12} {:>20} {:>12}", "MB/s", "framescope", "tokio-util (ratio)", "copy");
    for (name, payload) in [("16 B", 16), ("1 KiB", 1024), ("64 KiB", 64 * 1024)] {
        let wire = stream(payload);
        for (cut, chunks) in [
            ("in chunks of 64 KiB", whole(wire.len())),
            ("cut at random", cut_at_random(wire.len())),
        ] {
            let mut times = [const { Vec::new() }; 3];
            for _ in 0..ROUNDS {
                for (times, run) in times.iter_mut().zip([ours, tokio_utils, copy]) {
                    let began = Instant::now();
                    black_box(run(black_box(&wire), &chunks));
                    times.push(began.elapsed().as_secs_f64());
                }
            }
            let [ours, theirs, copy] = times.map(|times| wire.len() as f64 / 1e6 / median(times));
            let ratio = ours / theirs;
            println!("{name:>7} {cut:<20} {ours:>12.0} {theirs:>12.0} ({ratio:>5.2}) {copy:>12.0}");
        }
    }
}

/// A stream of messages with payloads of `payload` bytes.
fn stream(payload: usize) -> Vec<u8> {
    let mut wire = Vec::new();
    let message = vec![b'x'; payload];
    while wire.len() < STREAM {
        encode(HeaderFormat::LITTLE_SIGNED, &message, &mut wire).expect("it is within the limit");
    }
    wire
}

/// The lengths of chunks of [`CHUNK`] bytes. The last one is shorter.
fn whole(length: usize) -> Vec<usize> {
    let mut chunks = vec![CHUNK; length / CHUNK];
    chunks.push(length % CHUNK);
    chunks
}

/// Chunk lengths from 1 to 4,096 from a linear congruential generator. They are the same in every run.
fn cut_at_random(mut length: usize) -> Vec<usize> {
    let mut state = 1_u32;
    let mut chunks = Vec::new();
    while length > 0 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let chunk = ((state >> 20) as usize + 1).min(length);
        chunks.push(chunk);
        length -= chunk;
    }
    chunks
}

fn ours(mut wire: &[u8], chunks: &[usize]) -> usize {
    let mut decoder = Decoder::new(HeaderFormat::LITTLE_SIGNED);
    let mut bytes = 0;
    for length in chunks {
        let (mut chunk, rest) = wire.split_at(*length);
        wire = rest;
        while let Some(message) = decoder.decode(&mut chunk).expect("the stream is well formed") {
            bytes += black_box(message.payload).len();
        }
    }
    bytes
}

fn tokio_utils(mut wire: &[u8], chunks: &[usize]) -> usize {
    let mut codec = LengthDelimitedCodec::builder().little_endian().new_codec();
    let mut buffer = BytesMut::with_capacity(2 * CHUNK);
    let mut bytes = 0;
    for length in chunks {
        let (chunk, rest) = wire.split_at(*length);
        wire = rest;
        buffer.extend_from_slice(chunk);
        while let Some(message) = codec.decode(&mut buffer).expect("the stream is well formed") {
            bytes += black_box(&message[..]).len();
        }
    }
    bytes
}

fn copy(mut wire: &[u8], chunks: &[usize]) -> usize {
    let mut buffer = vec![0; 2 * CHUNK];
    let mut bytes = 0;
    for length in chunks {
        let (chunk, rest) = wire.split_at(*length);
        wire = rest;
        buffer[..chunk.len()].copy_from_slice(chunk);
        bytes += black_box(&buffer[..chunk.len()]).len();
    }
    bytes
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
