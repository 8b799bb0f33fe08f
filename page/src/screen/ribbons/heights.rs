//! Where everything is from top to bottom.

use std::ops::Range;

use super::scene::Scene;

/// The least height of a picture.
pub(super) const LEAST: f32 = 160.0;
/// The height of the headings.
pub(super) const HEAD: f32 = 50.0;
/// The space below.
const FOOT: f32 = 6.0;
/// The height of a row, and its distance from the next one.
const ROW: f32 = 28.0;
const LEAST_PITCH: f32 = 33.0;
const MOST_PITCH: f32 = 39.0;
/// The height of the label above a chunk.
pub(super) const LABEL: f32 = 22.0;
/// The least height of a chunk, and the space between two, if they have no labels.
const LEAST_CHUNK: f32 = 5.0;
const CHUNK_GAP: f32 = 2.0;
/// The most pixels of a byte.
const MOST_PER_BYTE: f32 = 16.0;
/// The least height of a message that is drawn to scale.
const LEAST_BLOCK: f32 = 26.0;
/// The most messages that are drawn to scale, and the space between two.
const TO_SCALE: usize = 5;
const LEAST_GAP: f32 = 10.0;
const MOST_GAP: f32 = 30.0;

/// The most rows in a picture of this height.
pub(super) fn rows(height: f32) -> usize {
    count(free(height) / LEAST_PITCH).max(3)
}

/// The most chunks in a picture of this height.
pub(super) fn most_chunks(height: f32) -> usize {
    count(free(height) / (LEAST_CHUNK + CHUNK_GAP)).max(1)
}

fn free(height: f32) -> f32 {
    height - HEAD - FOOT
}

/// Bytes at a height.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) range: Range<u64>,
    pub(super) top: f32,
    pub(super) height: f32,
}

impl Place {
    /// The height of a stream offset.
    pub(super) fn at(&self, offset: u64) -> f32 {
        let length = self.range.end - self.range.start;
        if length == 0 {
            return self.top;
        }
        let offset = offset.clamp(self.range.start, self.range.end) - self.range.start;
        self.top + self.height * pixels(offset) / pixels(length)
    }

    pub(super) fn bottom(&self) -> f32 {
        self.top + self.height
    }

    pub(super) fn middle(&self) -> f32 {
        self.top + self.height / 2.0
    }
}

/// The heights of all that is drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Heights {
    pub(super) sends: Vec<Place>,
    pub(super) stream: Place,
    pub(super) chunks: Vec<Place>,
    pub(super) blocks: Vec<Place>,
    /// Whether chunks have labels.
    pub(super) has_labels: bool,
    /// The pixels of a byte of the stream.
    pub(super) per_byte: f32,
    is_to_scale: bool,
}

impl Heights {
    pub(super) fn new(scene: &Scene<'_>, height: f32) -> Self {
        let (top, free) = (HEAD, free(height));
        let sends: Vec<Range<u64>> = scene.sends.iter().map(|send| send.range.clone()).collect();
        let window = &scene.window;
        let cut = |range: &Range<u64>| range.start.max(window.start)..range.end.min(window.end);
        let blocks: Vec<Range<u64>> = scene.blocks.iter().map(|block| cut(&block.range)).collect();
        let chunks: Vec<Range<u64>> =
            scene.chunks.clone().map(|number| scene.chunk(number)).collect();
        let end_label = if scene.has_ended { LABEL } else { 0.0 };
        let to_scale = scale(&sends, &blocks, &chunks, free, end_label);
        let labels = LABEL * pixels(chunks.len() as u64) + end_label;
        let has_labels =
            to_scale.is_some() || labels + LEAST_CHUNK * pixels(chunks.len() as u64) <= free;
        let (gap, end_gap) = if has_labels { (LABEL, end_label) } else { (CHUNK_GAP, 0.0) };
        let per_byte = to_scale.unwrap_or_else(|| {
            let gaps = gap * pixels(chunks.len() as u64) + end_gap;
            fitting_scale(&chunks, (free - gaps).max(0.0))
        });
        let chunk_heights: Vec<f32> =
            chunks.iter().map(|chunk| chunk_height(chunk, per_byte)).collect();
        let stream_height = (pixels(window.end - window.start) * per_byte).min(free);
        let (sends, blocks) = match to_scale {
            Some(scale) => (stack(sends, top, free, scale), stack(blocks, top, free, scale)),
            None => (in_rows(sends, top, free), in_rows(blocks, top, free)),
        };
        Self {
            sends,
            stream: Place {
                range: window.clone(),
                top: top + (free - stream_height) / 2.0,
                height: stream_height,
            },
            chunks: with_labels(chunks, &chunk_heights, (gap, end_gap), top, free),
            blocks,
            has_labels,
            per_byte,
            is_to_scale: to_scale.is_some(),
        }
    }

    /// Whether messages are rows of one height.
    pub(super) const fn has_rows(&self) -> bool {
        !self.is_to_scale
    }
}

/// The pixels of a byte with which all is drawn to scale. `None` if something would be too small, or is too much.
fn scale(
    sends: &[Range<u64>],
    blocks: &[Range<u64>],
    chunks: &[Range<u64>],
    free: f32,
    end_label: f32,
) -> Option<f32> {
    if sends.len().max(blocks.len()) > TO_SCALE {
        return None;
    }
    let fits = |ranges: &[Range<u64>], gap: f32, gaps: usize| {
        let bytes = ranges.iter().map(length).sum::<u64>();
        (free - gap * pixels(gaps as u64)) / pixels(bytes.max(1))
    };
    let scale = MOST_PER_BYTE
        .min(fits(sends, LEAST_GAP, sends.len().saturating_sub(1)))
        .min(fits(blocks, LEAST_GAP, blocks.len().saturating_sub(1)))
        .min(
            fits(chunks, LABEL, chunks.len())
                - end_label / pixels(chunks.iter().map(length).sum::<u64>().max(1)),
        );
    let least = sends.iter().chain(blocks).map(length).filter(|length| *length > 0).min();
    let is_large = least.is_none_or(|least| pixels(least) * scale >= LEAST_BLOCK);
    (is_large && pixels(1) * scale >= LEAST_CHUNK).then_some(scale)
}

/// The pixels of a byte with which these chunks fit, each with its least height.
fn fitting_scale(chunks: &[Range<u64>], free: f32) -> f32 {
    let (mut low, mut high) = (0.0, MOST_PER_BYTE);
    for _ in 0..20 {
        let middle = f32::midpoint(low, high);
        let all: f32 = chunks.iter().map(|chunk| chunk_height(chunk, middle)).sum();
        if all <= free { low = middle } else { high = middle }
    }
    low
}

fn chunk_height(chunk: &Range<u64>, per_byte: f32) -> f32 {
    (pixels(length(chunk)) * per_byte).max(LEAST_CHUNK)
}

/// Blocks to scale, with spaces between them, in the middle.
fn stack(ranges: Vec<Range<u64>>, top: f32, free: f32, scale: f32) -> Vec<Place> {
    let all: f32 = ranges.iter().map(|range| pixels(length(range)) * scale).sum();
    let gaps = pixels(ranges.len().saturating_sub(1) as u64);
    let gap = if gaps > 0.0 { ((free - all) / gaps).min(MOST_GAP) } else { 0.0 };
    let mut at = top + (free - all - gap * gaps) / 2.0;
    let places = ranges.into_iter().map(|range| {
        let height = pixels(length(&range)) * scale;
        let place = Place { range, top: at, height };
        at += height + gap;
        place
    });
    places.collect()
}

/// Rows of one height, in the middle.
fn in_rows(ranges: Vec<Range<u64>>, top: f32, free: f32) -> Vec<Place> {
    let count = pixels(ranges.len() as u64);
    let pitch = (free / count.max(1.0)).min(MOST_PITCH);
    let first = top + (free - pitch * count) / 2.0 + (pitch - ROW) / 2.0;
    let places = ranges.into_iter().zip(0_u64..);
    places
        .map(|(range, index)| Place { range, top: first + pitch * pixels(index), height: ROW })
        .collect()
}

/// Chunks, each with its label above it, in the middle.
fn with_labels(
    chunks: Vec<Range<u64>>,
    heights: &[f32],
    (gap, end_gap): (f32, f32),
    top: f32,
    free: f32,
) -> Vec<Place> {
    let all: f32 = heights.iter().map(|height| height + gap).sum::<f32>() + end_gap;
    let mut at = top + ((free - all) / 2.0).max(0.0);
    let places = chunks.into_iter().zip(heights).map(|(range, height)| {
        let place = Place { range, top: at + gap, height: *height };
        at += gap + height;
        place
    });
    places.collect()
}

const fn length(range: &Range<u64>) -> u64 {
    range.end.saturating_sub(range.start)
}

/// A number of bytes, or of rows, as a number of pixels.
#[expect(clippy::cast_precision_loss, reason = "a picture is not exact below a pixel")]
pub(super) const fn pixels(number: u64) -> f32 {
    number as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a picture has fewer than 2^24 pixels, and none below zero"
)]
const fn count(pixels: f32) -> usize {
    pixels as usize
}
