//! Every lesson, in the order of the course.
//!
//! To add a lesson, add its entry here, its experiment in `experiments.rs`, a function in `outcome.rs`
//! that finds the answer in a trace, and its texts in `www/lessons`.

use super::lesson::{Lesson, Variant};
use super::{experiments, outcome};

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
    first.or_else(|| variants().find(|variant| variant.name == name))
}

/// Every lesson, in the order of the course.
static LESSONS: [Lesson; 14] = [
    Lesson {
        number: 1,
        variants: &[Variant {
            name: "1a",
            experiment: experiments::connecting,
            outcome: outcome::connects_before_accept,
            asks_for_round_trip: false,
            expected: 0,
        }],
    },
    Lesson {
        number: 2,
        variants: &[
            Variant {
                name: "2a",
                experiment: experiments::request_and_reply,
                outcome: outcome::what_an_early_recv_does,
                asks_for_round_trip: false,
                expected: 1,
            },
            Variant {
                name: "2b",
                experiment: experiments::both_wait,
                outcome: outcome::which_recv_returns,
                asks_for_round_trip: false,
                expected: 3,
            },
        ],
    },
    Lesson {
        number: 3,
        variants: &[Variant {
            name: "3a",
            experiment: experiments::backlog,
            outcome: outcome::established_before_accept,
            asks_for_round_trip: false,
            expected: 1,
        }],
    },
    Lesson {
        number: 4,
        variants: &[
            Variant {
                name: "4a",
                experiment: experiments::sends_merge,
                outcome: outcome::chunks_with_data,
                asks_for_round_trip: false,
                expected: 0,
            },
            Variant {
                name: "4b",
                experiment: experiments::sends_with_pauses,
                outcome: outcome::chunks_with_data,
                asks_for_round_trip: false,
                expected: 2,
            },
        ],
    },
    Lesson {
        number: 5,
        variants: &[Variant {
            name: "5a",
            experiment: experiments::recv_cuts,
            outcome: outcome::first_two_chunks,
            asks_for_round_trip: false,
            expected: 1,
        }],
    },
    Lesson {
        number: 6,
        variants: &[Variant {
            name: "6a",
            experiment: experiments::headers_separate_messages,
            outcome: outcome::messages,
            asks_for_round_trip: false,
            expected: 2,
        }],
    },
    Lesson {
        number: 7,
        variants: &[
            Variant {
                name: "7a",
                experiment: experiments::naive_reader,
                outcome: outcome::first_message,
                asks_for_round_trip: false,
                expected: 1,
            },
            Variant {
                name: "7b",
                experiment: experiments::correct_reader,
                outcome: outcome::first_message_whole,
                asks_for_round_trip: false,
                expected: 1,
            },
        ],
    },
    Lesson {
        number: 8,
        variants: &[Variant {
            name: "8a",
            experiment: experiments::byte_order,
            outcome: outcome::declared_length,
            asks_for_round_trip: false,
            expected: 1,
        }],
    },
    Lesson {
        number: 9,
        variants: &[
            Variant {
                name: "9a",
                experiment: experiments::negative_length,
                outcome: outcome::refuses_negative,
                asks_for_round_trip: false,
                expected: 1,
            },
            Variant {
                name: "9b",
                experiment: experiments::huge_length,
                outcome: outcome::refuses_huge,
                asks_for_round_trip: false,
                expected: 1,
            },
        ],
    },
    Lesson {
        number: 10,
        variants: &[Variant {
            name: "10a",
            experiment: experiments::half_a_character,
            outcome: outcome::first_chunk_of_four,
            asks_for_round_trip: false,
            expected: 1,
        }],
    },
    Lesson {
        number: 11,
        variants: &[
            Variant {
                name: "11a",
                experiment: experiments::clean_end,
                outcome: outcome::second_read,
                asks_for_round_trip: false,
                expected: 1,
            },
            Variant {
                name: "11b",
                experiment: experiments::end_in_mid_message,
                outcome: outcome::end_in_mid_message_is_an_error,
                asks_for_round_trip: false,
                expected: 1,
            },
        ],
    },
    Lesson {
        number: 12,
        variants: &[
            Variant {
                name: "12a",
                experiment: experiments::small_writes,
                outcome: outcome::round_trip,
                asks_for_round_trip: true,
                expected: 1,
            },
            Variant {
                name: "12b",
                experiment: experiments::small_writes_with_nodelay,
                outcome: outcome::round_trip,
                asks_for_round_trip: true,
                expected: 0,
            },
            Variant {
                name: "12c",
                experiment: experiments::one_write,
                outcome: outcome::round_trip,
                asks_for_round_trip: true,
                expected: 0,
            },
        ],
    },
    Lesson {
        number: 13,
        variants: &[
            Variant {
                name: "13a",
                experiment: experiments::half_close,
                outcome: outcome::late_bytes_arrive,
                asks_for_round_trip: false,
                expected: 0,
            },
            Variant {
                name: "13b",
                experiment: experiments::close_with_unread_bytes,
                outcome: outcome::recv_after_a_reset,
                asks_for_round_trip: false,
                expected: 2,
            },
        ],
    },
    Lesson {
        number: 14,
        variants: &[Variant {
            name: "14a",
            experiment: experiments::acknowledged_is_not_read,
            outcome: outcome::acknowledged_unread,
            asks_for_round_trip: false,
            expected: 0,
        }],
    },
];
