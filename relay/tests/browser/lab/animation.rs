//! Screenshots as an animated PNG: APNG, which is a part of PNG (third edition, 2025).

use std::fs::File;
use std::io::{BufWriter, Cursor};
use std::path::Path;

use png::{BitDepth, BlendOp, ColorType, Decoder, DisposeOp, Encoder, Transformations};

/// The bytes of a pixel: red, green and blue.
const PIXEL: usize = 3;

/// A picture.
struct Frame {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Frame {
    fn decode(png: &[u8]) -> Self {
        let mut decoder = Decoder::new(Cursor::new(png));
        decoder.set_transformations(Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().expect("a browser writes PNG");
        let size = reader.output_buffer_size().expect("a screenshot is small");
        let mut all = vec![0; size];
        let info = reader.next_frame(&mut all).expect("a browser writes whole pictures");
        let with_alpha = info.color_type == ColorType::Rgba;
        let pixels = if with_alpha {
            all.chunks(PIXEL + 1).flat_map(|pixel| pixel[..PIXEL].to_vec()).collect()
        } else {
            all
        };
        Self { width: info.width as usize, height: info.height as usize, pixels }
    }

    fn row(&self, y: usize) -> &[u8] {
        &self.pixels[y * self.width * PIXEL..][..self.width * PIXEL]
    }

    /// The rows and columns in which this frame differs from another: left, top, right, bottom. At least one pixel.
    fn difference(&self, other: &Self) -> [usize; 4] {
        let mut area = [self.width, self.height, 0, 0];
        for y in 0..self.height {
            let pairs = self.row(y).chunks(PIXEL).zip(other.row(y).chunks(PIXEL)).enumerate();
            for (x, _) in pairs.filter(|(_, (one, other))| one != other) {
                area = [area[0].min(x), area[1].min(y), area[2].max(x + 1), area[3].max(y + 1)];
            }
        }
        if area[2] == 0 { [0, 0, 1, 1] } else { area }
    }

    fn cut(&self, [left, top, right, bottom]: [usize; 4]) -> Vec<u8> {
        (top..bottom).flat_map(|y| self.row(y)[left * PIXEL..right * PIXEL].to_vec()).collect()
    }
}

/// Writes screenshots of one size as an animation that begins again and again. Each is shown for `milliseconds`.
pub(super) fn write(path: &Path, screenshots: &[Vec<u8>], milliseconds: u16) {
    let frames: Vec<Frame> = screenshots.iter().map(|png| Frame::decode(png)).collect();
    let first = frames.first().expect("there is a screenshot");
    let pixels = |number: usize| u32::try_from(number).expect("a screenshot is small");
    let file = BufWriter::new(File::create(path).expect("the folder takes files"));
    let mut encoder = Encoder::new(file, pixels(first.width), pixels(first.height));
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    encoder.set_animated(pixels(frames.len()), 0).expect("there are frames");
    encoder.set_frame_delay(milliseconds, 1000).expect("it is animated");
    encoder.set_blend_op(BlendOp::Source).expect("it is animated");
    encoder.set_dispose_op(DisposeOp::None).expect("it is animated");
    let mut writer = encoder.write_header().expect("the file can be written");
    writer.write_image_data(&first.pixels).expect("the file can be written");
    for two in frames.windows(2) {
        let area = two[1].difference(&two[0]);
        let [left, top, right, bottom] = area;
        // The frame may be as large as the picture only at its corner.
        writer.reset_frame_position().expect("it is animated");
        writer
            .set_frame_dimension(pixels(right - left), pixels(bottom - top))
            .expect("it is in the picture");
        writer.set_frame_position(pixels(left), pixels(top)).expect("it is in the picture");
        writer.write_image_data(&two[1].cut(area)).expect("the file can be written");
    }
    writer.finish().expect("the file can be written");
}
