//! What another reader would have received of the same bytes.

use std::collections::VecDeque;

use framescope_framing::{DEFAULT_MAX_PAYLOAD, HEADER_LEN, HeaderFormat};
use framescope_record::{Direction, Moment, Record};

/// How a program reads a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// `recv(n)`, again and again.
    Recv(u32),
    /// The wrong way that many tutorials teach: `recv(4)`, then one `recv(length)`.
    Naive,
    /// The right way: `recv` until the header is whole, and then until the message is.
    Whole,
}

impl Reader {
    /// The readers to choose from.
    pub const ALL: [Self; 6] =
        [Self::Recv(1), Self::Recv(4), Self::Recv(5), Self::Recv(1024), Self::Naive, Self::Whole];

    /// Whether it reads headers.
    #[must_use]
    pub const fn reads_headers(self) -> bool {
        match self {
            Self::Recv(_) => false,
            Self::Naive | Self::Whole => true,
        }
    }

    /// The record of a flow, if this reader had been there instead of the program's.
    ///
    /// When a `recv` of the program returned, this reader reads until it would wait. After the last event it reads all
    /// bytes that were sent and not read. So it reads the same bytes with the same timing.
    #[must_use]
    pub fn read(self, record: &Record, header: HeaderFormat) -> Record {
        let mut reading = Reading {
            reader: self,
            header,
            record: Record::new(header, DEFAULT_MAX_PAYLOAD),
            arrived: VecDeque::new(),
            part: Part::Header(Vec::new()),
        };
        let numbers = record.event_numbers();
        let mut before = record.moment(Some(*numbers.start()));
        for number in numbers.clone().skip(1) {
            let moment = record.moment(Some(number));
            reading.go_on(number, record, &before, &moment);
            before = moment;
        }
        reading.record.pass(*numbers.end());
        reading.read(*numbers.end(), last_time(record));
        if before.has_ended() {
            reading.record.end(*numbers.end());
        }
        reading.record
    }
}

fn last_time(record: &Record) -> u64 {
    record.time(&record.moment(None)).unwrap_or(0)
}

/// What the reader has of the next message.
enum Part {
    Header(Vec<u8>),
    Payload(u32),
    /// The length could not be believed: it has stopped.
    Stopped,
}

struct Reading {
    reader: Reader,
    header: HeaderFormat,
    record: Record,
    /// The bytes that were sent and not read.
    arrived: VecDeque<u8>,
    part: Part,
}

impl Reading {
    fn go_on(&mut self, number: usize, record: &Record, before: &Moment, moment: &Moment) {
        self.record.pass(number);
        let sent = record.stream(Direction::Sent);
        for index in before.chunks(Direction::Sent)..moment.chunks(Direction::Sent) {
            let Some(chunk) = sent.chunk(index) else { continue };
            let bytes = sent.bytes(chunk.range.clone());
            self.arrived.extend(bytes);
            self.record.push(number, Direction::Sent, bytes, chunk.asked, chunk.at);
        }
        let received = moment.chunks(Direction::Received);
        if received > before.chunks(Direction::Received) {
            let chunk = record.stream(Direction::Received).chunk(received - 1);
            self.read(number, chunk.map_or(0, |chunk| chunk.at));
        }
    }

    fn read(&mut self, number: usize, at: u64) {
        while !self.arrived.is_empty() {
            let Some(asked) = self.asks().filter(|asked| *asked > 0) else { return };
            let length = self.arrived.len().min(asked as usize);
            let bytes: Vec<u8> = self.arrived.drain(..length).collect();
            self.record.push(number, Direction::Received, &bytes, asked, at);
            self.take(&bytes);
        }
    }

    /// The number of bytes that its next `recv` asks for. `None` if it has stopped.
    fn asks(&self) -> Option<u32> {
        match (self.reader, &self.part) {
            (Reader::Recv(length), _) => Some(length),
            (Reader::Naive | Reader::Whole, Part::Header(had)) => {
                u32::try_from(HEADER_LEN - had.len()).ok()
            }
            (Reader::Naive | Reader::Whole, Part::Payload(missing)) => Some(*missing),
            (Reader::Naive | Reader::Whole, Part::Stopped) => None,
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        if !self.reader.reads_headers() {
            return;
        }
        let is_whole = self.reader == Reader::Whole;
        match &mut self.part {
            Part::Header(had) => {
                had.extend_from_slice(bytes);
                if let Some(header) = had.first_chunk() {
                    self.part = match u32::try_from(self.header.read(*header)) {
                        Ok(0) => Part::Header(Vec::new()),
                        Ok(length) => Part::Payload(length),
                        Err(_) => Part::Stopped,
                    };
                } else if !is_whole {
                    self.part = Part::Stopped;
                }
            }
            Part::Payload(missing) => {
                *missing -= u32::try_from(bytes.len()).unwrap_or(*missing);
                if *missing == 0 || !is_whole {
                    self.part = Part::Header(Vec::new());
                }
            }
            Part::Stopped => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of these sends and chunks, in order.
    fn record(events: &[(Direction, &[u8])]) -> Record {
        let mut record = Record::new(HeaderFormat::LITTLE_SIGNED, DEFAULT_MAX_PAYLOAD);
        for ((direction, bytes), number) in events.iter().zip(1..) {
            record.push(number, *direction, bytes, 1024, 0);
        }
        record.end(events.len() + 1);
        record
    }

    fn read(reader: Reader, record: &Record) -> Vec<Vec<u8>> {
        let read = reader.read(record, HeaderFormat::LITTLE_SIGNED);
        let stream = read.stream(Direction::Received);
        assert!(read.moment(None).has_ended());
        let chunks = stream.chunk_numbers().filter_map(|number| stream.chunk(number));
        chunks.map(|chunk| stream.bytes(chunk.range.clone()).to_vec()).collect()
    }

    #[test]
    fn another_recv_size_cuts_the_same_stream_at_other_offsets() {
        let hello = (Direction::Sent, &b"hello"[..]);
        let record = record(&[hello, hello, hello, (Direction::Received, b"hellohellohello")]);
        assert_eq!(read(Reader::Recv(1024), &record), [b"hellohellohello"]);
        let cut = read(Reader::Recv(4), &record);
        assert_eq!(cut, [&b"hell"[..], b"ohel", b"lohe", b"llo"]);
    }

    #[test]
    fn the_right_reader_gets_the_whole_message_that_the_naive_one_cut() {
        let (sent, received) = (Direction::Sent, Direction::Received);
        let (first, second) = (&b"\x05\0\0\0he"[..], &b"llo\x01\0\0\0!"[..]);
        let record = record(&[(sent, first), (received, first), (sent, second)]);
        let header = &b"\x05\0\0\0"[..];
        assert_eq!(read(Reader::Whole, &record), [header, b"he", b"llo", b"\x01\0\0\0", b"!"]);
        assert_eq!(read(Reader::Naive, &record), [header, b"he", b"llo\x01", b"\0\0\0!"]);
    }

    #[test]
    fn a_length_that_cannot_be_is_not_read() {
        let record = record(&[(Direction::Sent, b"\xff\xff\xff\xffabc")]);
        assert_eq!(read(Reader::Whole, &record), [b"\xff\xff\xff\xff"]);
    }
}
