//! Every lesson, in the order of the course.
//!
//! To add a lesson, add its entry here, a folder for each variant in `lessons`, and a function in `outcome`
//! that finds the answer in a trace.

use super::folder;
use super::lesson::{Lesson, Variant};
use super::outcome;
use crate::experiment::Program;

/// Every lesson, in the order of the course.
pub fn lessons() -> impl Iterator<Item = &'static Lesson> {
    LESSONS.iter()
}

/// Every variant of every lesson, in the order of the course.
pub fn variants() -> impl Iterator<Item = &'static Variant> {
    lessons().flat_map(|lesson| lesson.variants)
}

/// The variant with this name. A number without a letter names the first variant of that lesson.
#[must_use]
pub fn find_variant(name: &str) -> Option<&'static Variant> {
    let by_number = |lesson: &&Lesson| name == lesson.number.to_string();
    let first = lessons().find(by_number).and_then(|lesson| lesson.variants.first());
    first.or_else(|| variants().find(|variant| variant.name.eq_ignore_ascii_case(name)))
}

/// The variant whose programs these are: all have the text that it has.
#[must_use]
pub fn variant_of(programs: &[Program]) -> Option<&'static Variant> {
    let texts = programs.iter().map(|program| program.text.as_str());
    folder::variant_with(texts).and_then(find_variant)
}

/// The server listens and waits at `accept`, and a client connects.
const CONNECTED: &str = "sssss cc";

/// Every lesson, in the order of the course.
static LESSONS: [Lesson; 21] = [
    Lesson {
        number: 0,
        variants: &[
            Variant::new("0a", "", outcome::connect_alone, 1),
            Variant::new("0b", CONNECTED, outcome::two_ports, 1),
            Variant::new("0c", CONNECTED, outcome::what_the_client_receives, 1),
        ],
    },
    Lesson {
        number: 1,
        variants: &[
            Variant::new("1a", "ssss cccc", outcome::connects_before_accept, 0),
            Variant::new("1b", CONNECTED, outcome::lost_syn, 1),
        ],
    },
    Lesson {
        number: 2,
        variants: &[
            Variant::new("2a", "sssss cc c s c s", outcome::reply, 1),
            Variant::new("2b", CONNECTED, outcome::which_recv_returns, 3),
            Variant::new("2c", CONNECTED, outcome::both_send, 1),
        ],
    },
    Lesson {
        number: 3,
        variants: &[Variant::new("3a", "ssss cc cc cc cc cc", outcome::connects_with_backlog, 1)],
    },
    Lesson {
        number: 4,
        variants: &[
            Variant::new("4a", "sssss cc s cccc sss", outcome::chunks_with_data, 0)
                .that_counts_chunks(),
            Variant::new("4b", "sssss cc s c s cc s cc", outcome::chunks_with_data, 2)
                .that_counts_chunks(),
            Variant::new("4c", CONNECTED, outcome::chunks_with_data, 3)
                .that_varies()
                .that_counts_chunks(),
        ],
    },
    Lesson {
        number: 5,
        variants: &[Variant::new("5a", "sssss cc s ccc sss", outcome::first_two_chunks, 1)],
    },
    Lesson {
        number: 6,
        variants: &[
            Variant::new("6a", CONNECTED, outcome::two_messages, 2),
            Variant::new("6b", CONNECTED, outcome::first_recv, 1),
        ],
    },
    Lesson {
        number: 7,
        variants: &[
            Variant::new("7a", "sssss cc cc ss", outcome::payload_of_one_recv, 1),
            Variant::new("7b", "sssss cc cc ss", outcome::whole_message, 1),
        ],
    },
    Lesson {
        number: 8,
        variants: &[
            Variant::new("8a", CONNECTED, outcome::byte_order, 1),
            Variant::new("8b", CONNECTED, outcome::text_as_length, 2),
        ],
    },
    Lesson {
        number: 9,
        variants: &[
            Variant::new("9a", CONNECTED, outcome::negative_length, 2),
            Variant::new("9b", CONNECTED, outcome::huge_length, 0),
            Variant::new("9c", "sssss cc c ss cc s dd d", outcome::refused_lengths, 2),
        ],
    },
    Lesson {
        number: 10,
        variants: &[
            Variant::new("10a", "sssss cc c", outcome::decode_each_chunk, 2),
            Variant::new("10b", "sssss cc c", outcome::decode_at_the_end, 0),
        ],
    },
    Lesson {
        number: 11,
        variants: &[
            Variant::new("11a", "sssss cc c s c s", outcome::recv_after_the_end, 1),
            Variant::new("11b", CONNECTED, outcome::end_in_mid_message, 2),
            Variant::new("11c", "sssss cc c s c", outcome::empty_chunks, 2),
        ],
    },
    Lesson {
        number: 12,
        variants: &[
            Variant::new("12a", CONNECTED, outcome::round_trip, 1).asking_for_round_trip(),
            Variant::new("12b", CONNECTED, outcome::round_trip, 0).asking_for_round_trip(),
            Variant::new("12c", CONNECTED, outcome::round_trip, 0).asking_for_round_trip(),
        ],
    },
    Lesson {
        number: 13,
        variants: &[
            Variant::new("13a", "sssss cc cc ss", outcome::late_bytes_arrive, 0),
            Variant::new("13b", "sssss cc c s", outcome::recv_after_a_reset, 2),
            Variant::new("13c", "sssss cc c ss", outcome::who_is_in_time_wait, 0),
        ],
    },
    Lesson {
        number: 14,
        variants: &[
            Variant::new("14a", "sssss cc c", outcome::acknowledged_unread, 0),
            Variant::new("14b", "sssss cc s cccccccccccccccc", outcome::full_buffers, 2),
            Variant::new("14c", "ssssss cc c", outcome::closed_window, 1),
        ],
    },
    Lesson {
        number: 15,
        variants: &[
            Variant::new("15a", "ssss cc sss ccc tt", outcome::bind_again, 1),
            Variant::new("15b", "sssss cc sss ccc ttttt dd", outcome::bind_again, 0),
            Variant::new("15c", "ssss cc sss ccc ttt", outcome::bind_again, 1),
        ],
    },
    Lesson {
        number: 16,
        variants: &[
            Variant::new("16a", "sssss cc c s", outcome::only_segment_lost, 1),
            Variant::new("16b", "sssss cc cccc", outcome::first_of_three_lost, 1).without_pauses(),
        ],
    },
    Lesson {
        number: 17,
        variants: &[
            Variant::new("17a", "sssss cc cccc", outcome::overtaken, 0).without_pauses(),
            Variant::new("17b", "sssss cc cccc", outcome::delivered_twice, 0),
        ],
    },
    Lesson {
        number: 18,
        variants: &[
            Variant::new("18a", "sssss ccc c", outcome::one_send, 1),
            Variant::new("18b", "sssss cc ss cccc", outcome::second_send, 1),
        ],
    },
    Lesson {
        number: 19,
        variants: &[
            Variant::new("19a", "sssss cc s dd d", outcome::when_the_quick_one_is_read, 1),
            Variant::new("19b", "sssss cc s dd d", outcome::when_the_quick_one_is_read, 0),
            Variant::new("19c", "sssss cc ss dd d", outcome::when_the_quick_one_is_read, 0),
        ],
    },
    Lesson {
        number: 20,
        variants: &[
            Variant::new("20a", CONNECTED, outcome::end_of_content, 1),
            Variant::new("20b", CONNECTED, outcome::whole_file, 1),
        ],
    },
];
