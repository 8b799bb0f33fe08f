//! The lessons of a first course in sockets, each an experiment, some in several variants.
//!
//! The texts that go with them are in `www/lessons`, by the variants' names.

mod outcome;

use framescope_framing::HeaderFormat;

use crate::Call::{
    Accept, Close, Connect, Listen, Recv, RecvExact, RecvMessage, RecvNaive, Send, SendHeader,
    SendMessage, SetNodelay, SetRecvBuffer, SetSendBuffer, ShutdownWrite,
};
use crate::{Call, Data, Experiment, Program, Side, Trace};

/// A lesson: one question about sockets.
#[derive(Debug)]
pub struct Lesson {
    /// From 1.
    pub number: u8,
    /// The experiments that answer it, the first of them first.
    pub variants: &'static [Variant],
}

/// One experiment of a lesson.
#[derive(Debug)]
pub struct Variant {
    /// The lesson's number and a letter: `4a`.
    pub name: &'static str,
    experiment: fn() -> Experiment,
    outcome: fn(&Trace) -> Option<usize>,
    /// The choice that the lesson's own order bears out, from 0: what its explanation explains.
    pub expected: usize,
}

impl Lesson {
    /// Every lesson, in the order of the course.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        LESSONS.iter()
    }
}

impl Variant {
    /// The variant of that name; a number alone stands for its lesson's first.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        let by_number = |lesson: &&Lesson| name == lesson.number.to_string();
        let first = LESSONS.iter().find(by_number).and_then(|lesson| lesson.variants.first());
        let mut variants = LESSONS.iter().flat_map(|lesson| lesson.variants);
        first.or_else(|| variants.find(|variant| variant.name == name))
    }

    /// The experiment.
    #[must_use]
    pub fn experiment(&self) -> Experiment {
        (self.experiment)()
    }

    /// The median of the round trips in a run of a lesson that asks for it, in microseconds; `None`
    /// where its calls were not made without a pause.
    #[must_use]
    pub fn round_trip(&self, trace: &Trace) -> Option<u64> {
        if self.name.starts_with("12") { outcome::median_round_trip(trace) } else { None }
    }

    /// Which of the choices in [`Texts`](crate::Texts), from 0, a run of the experiment bears out;
    /// `None` where it went another way, or not far enough.
    #[must_use]
    pub fn outcome(&self, trace: &Trace) -> Option<usize> {
        (self.outcome)(trace)
    }
}

/// Every lesson, in the order of the course.
static LESSONS: [Lesson; 14] = [
    Lesson {
        number: 1,
        variants: &[Variant {
            name: "1a",
            experiment: connecting,
            outcome: outcome::connects_before_accept,
            expected: 0,
        }],
    },
    Lesson {
        number: 2,
        variants: &[
            Variant {
                name: "2a",
                experiment: request_and_reply,
                outcome: outcome::what_an_early_recv_does,
                expected: 1,
            },
            Variant {
                name: "2b",
                experiment: both_wait,
                outcome: outcome::which_recv_returns,
                expected: 3,
            },
        ],
    },
    Lesson {
        number: 3,
        variants: &[Variant {
            name: "3a",
            experiment: backlog,
            outcome: outcome::established_before_accept,
            expected: 1,
        }],
    },
    Lesson {
        number: 4,
        variants: &[
            Variant {
                name: "4a",
                experiment: sends_merge,
                outcome: outcome::chunks_with_data,
                expected: 0,
            },
            Variant {
                name: "4b",
                experiment: sends_with_pauses,
                outcome: outcome::chunks_with_data,
                expected: 2,
            },
        ],
    },
    Lesson {
        number: 5,
        variants: &[Variant {
            name: "5a",
            experiment: recv_cuts,
            outcome: outcome::first_two_chunks,
            expected: 1,
        }],
    },
    Lesson {
        number: 6,
        variants: &[Variant {
            name: "6a",
            experiment: header_mends,
            outcome: outcome::messages,
            expected: 2,
        }],
    },
    Lesson {
        number: 7,
        variants: &[
            Variant {
                name: "7a",
                experiment: naive_reader,
                outcome: outcome::first_message,
                expected: 1,
            },
            Variant {
                name: "7b",
                experiment: right_reader,
                outcome: outcome::first_message_whole,
                expected: 1,
            },
        ],
    },
    Lesson {
        number: 8,
        variants: &[Variant {
            name: "8a",
            experiment: byte_order,
            outcome: outcome::declared_length,
            expected: 1,
        }],
    },
    Lesson {
        number: 9,
        variants: &[
            Variant {
                name: "9a",
                experiment: negative_length,
                outcome: outcome::refuses_negative,
                expected: 1,
            },
            Variant {
                name: "9b",
                experiment: huge_length,
                outcome: outcome::refuses_huge,
                expected: 1,
            },
        ],
    },
    Lesson {
        number: 10,
        variants: &[Variant {
            name: "10a",
            experiment: half_a_character,
            outcome: outcome::first_chunk_of_four,
            expected: 1,
        }],
    },
    Lesson {
        number: 11,
        variants: &[
            Variant {
                name: "11a",
                experiment: clean_end,
                outcome: outcome::second_read,
                expected: 1,
            },
            Variant {
                name: "11b",
                experiment: end_in_mid_message,
                outcome: outcome::is_cut_end_an_error,
                expected: 1,
            },
        ],
    },
    Lesson {
        number: 12,
        variants: &[
            Variant {
                name: "12a",
                experiment: small_writes,
                outcome: outcome::round_trip,
                expected: 1,
            },
            Variant {
                name: "12b",
                experiment: small_writes_with_nodelay,
                outcome: outcome::round_trip,
                expected: 0,
            },
            Variant {
                name: "12c",
                experiment: one_write,
                outcome: outcome::round_trip,
                expected: 0,
            },
        ],
    },
    Lesson {
        number: 13,
        variants: &[
            Variant {
                name: "13a",
                experiment: half_close,
                outcome: outcome::late_bytes_arrive,
                expected: 0,
            },
            Variant {
                name: "13b",
                experiment: close_with_unread_bytes,
                outcome: outcome::what_recv_says_after_a_reset,
                expected: 2,
            },
        ],
    },
    Lesson {
        number: 14,
        variants: &[Variant {
            name: "14a",
            experiment: acknowledged_is_not_read,
            outcome: outcome::acknowledged_unread,
            expected: 0,
        }],
    },
];

/// How many requests each variant of lesson 12 makes: enough for a median, few enough to watch.
const ROUND_TRIPS: usize = 6;

/// How many clients lesson 3 has beyond its backlog.
const CLIENTS_OVER_BACKLOG: usize = 4;

/// The backlog of lesson 3.
const BACKLOG: u16 = 1;

/// A server and one client, stepped in the order that `order` spells: `s` and `c`.
fn experiment(server: Vec<Call>, client: Vec<Call>, order: &str) -> Experiment {
    let order = order.chars().map(|side| if side == 's' { Side::SERVER } else { Side::CLIENT });
    Experiment {
        header: HeaderFormat::LITTLE_SIGNED,
        server: Program(server),
        clients: vec![Program(client)],
        order: order.collect(),
    }
}

fn text(text: &str) -> Data {
    Data(text.as_bytes().to_vec())
}

const LISTEN: Call = Listen { backlog: 5 };

fn connecting() -> Experiment {
    experiment(vec![LISTEN, Accept], vec![Connect], "scs")
}

fn request_and_reply() -> Experiment {
    experiment(
        vec![LISTEN, Accept, Recv(1024), Send(text("hello, client")), Close],
        vec![Connect, Send(text("hello, server")), Recv(1024), Close],
        "scssccssc",
    )
}

fn both_wait() -> Experiment {
    experiment(
        vec![LISTEN, Accept, Recv(1024), Send(text("hello, client"))],
        vec![Connect, Recv(1024), Send(text("hello, server"))],
        "scssc",
    )
}

fn backlog() -> Experiment {
    let clients = usize::from(BACKLOG) + CLIENTS_OVER_BACKLOG;
    let mut order = vec![Side::SERVER];
    order.extend((1..=clients).filter_map(|side| u8::try_from(side).ok()).map(Side));
    let mut server = vec![Listen { backlog: BACKLOG }];
    server.extend(std::iter::repeat_n(Accept, clients));
    Experiment {
        header: HeaderFormat::LITTLE_SIGNED,
        server: Program(server),
        clients: vec![Program(vec![Connect]); clients],
        order,
    }
}

fn sends_merge() -> Experiment {
    experiment(
        vec![LISTEN, Accept, Recv(1024), Recv(1024), Recv(1024)],
        vec![Connect, Send(text("hello")), Send(text("hello")), Send(text("hello")), Close],
        "scscccc",
    )
}

fn sends_with_pauses() -> Experiment {
    experiment(
        vec![LISTEN, Accept, Recv(1024), Recv(1024), Recv(1024)],
        vec![Connect, Send(text("hello")), Send(text("hello")), Send(text("hello")), Close],
        "scscscscsc",
    )
}

fn recv_cuts() -> Experiment {
    experiment(
        vec![LISTEN, Accept, Recv(5), Recv(5), Recv(1024)],
        vec![Connect, Send(text("hello world!")), Send(text("again")), Close],
        "scscc",
    )
}

fn header_mends() -> Experiment {
    experiment(
        vec![LISTEN, Accept, RecvMessage, RecvMessage, RecvMessage, RecvMessage],
        vec![
            Connect,
            SendMessage(text("hello")),
            SendMessage(text("hello world!")),
            SendMessage(text("")),
            Close,
        ],
        "scscccc",
    )
}

/// A sender that drips: the payload in two sends.
fn dripping_client() -> Vec<Call> {
    vec![
        Connect,
        SendHeader(12),
        Send(text("hello ")),
        Send(text("world!")),
        SendMessage(text("again")),
        Close,
    ]
}

fn naive_reader() -> Experiment {
    experiment(
        vec![LISTEN, Accept, RecvNaive, RecvNaive, RecvNaive],
        dripping_client(),
        "scsccscccs",
    )
}

fn right_reader() -> Experiment {
    experiment(
        vec![LISTEN, Accept, RecvMessage, RecvMessage, RecvMessage],
        dripping_client(),
        "scsccscccs",
    )
}

fn byte_order() -> Experiment {
    let mut experiment = experiment(
        vec![LISTEN, Accept, RecvMessage],
        vec![Connect, Send(Data::from(b"\x05\x00\x00\x00hello")), Close],
        "scsc",
    );
    experiment.header = HeaderFormat::NETWORK_UNSIGNED;
    experiment
}

fn negative_length() -> Experiment {
    hostile(-1)
}

fn huge_length() -> Experiment {
    hostile(0x7fff_ffff)
}

fn hostile(number: i64) -> Experiment {
    experiment(vec![LISTEN, Accept, RecvMessage], vec![Connect, SendHeader(number), Close], "scsc")
}

fn half_a_character() -> Experiment {
    experiment(
        vec![LISTEN, Accept, Recv(4), Recv(4), RecvMessage],
        vec![Connect, Send(text("你好")), SendMessage(text("你好")), Close],
        "scscsscc",
    )
}

fn clean_end() -> Experiment {
    experiment(
        vec![LISTEN, Accept, RecvMessage, RecvMessage],
        vec![Connect, SendMessage(text("goodbye")), Close],
        "scsccs",
    )
}

fn end_in_mid_message() -> Experiment {
    experiment(
        vec![LISTEN, Accept, RecvMessage],
        vec![Connect, SendHeader(12), Send(text("hello ")), Close],
        "scsccc",
    )
}

/// Requests that are echoed, each header and payload as `request` sends them.
fn round_trips(before: &[Call], request: &[Call]) -> Experiment {
    let mut server = vec![LISTEN, Accept];
    let mut client = vec![Connect];
    client.extend_from_slice(before);
    for _ in 0..ROUND_TRIPS {
        server.extend([RecvMessage, SendMessage(text("hello"))]);
        client.extend_from_slice(request);
        client.push(RecvMessage);
    }
    // Not stepped: a step is watched until all is quiet, and here the time between two matters.
    experiment(server, client, "scs")
}

fn small_writes() -> Experiment {
    round_trips(&[], &[SendHeader(5), Send(text("hello"))])
}

fn small_writes_with_nodelay() -> Experiment {
    round_trips(&[SetNodelay(true)], &[SendHeader(5), Send(text("hello"))])
}

fn one_write() -> Experiment {
    round_trips(&[], &[SendMessage(text("hello"))])
}

fn half_close() -> Experiment {
    experiment(
        vec![LISTEN, Accept, Recv(1024), Recv(1024), Send(text("late, and it arrives")), Close],
        vec![Connect, Send(text("that is all")), ShutdownWrite, Recv(1024), Recv(1024), Close],
        "scsccssscscc",
    )
}

fn close_with_unread_bytes() -> Experiment {
    experiment(
        vec![LISTEN, Accept, Close],
        vec![Connect, Send(text("nobody reads this")), Recv(1024)],
        "scscsc",
    )
}

fn acknowledged_is_not_read() -> Experiment {
    let kilobyte = Data(vec![b'x'; 1000]);
    let large = Data(vec![b'y'; crate::MAX_SEND]);
    experiment(
        vec![SetRecvBuffer(8192), LISTEN, Accept, Recv(1000), RecvExact(65_536)],
        vec![SetSendBuffer(16_384), Connect, Send(kilobyte), Send(large)],
        "ssccsccss",
    )
}
