//! The experiments of the lessons.

use framescope_framing::HeaderFormat;
use framescope_record::Data;

use crate::experiment::Call::{
    Accept, Close, Connect, Listen, Recv, RecvExact, RecvMessage, RecvNaive, Send, SendHeader,
    SendMessage, SetNodelay, SetRecvBuffer, SetSendBuffer, ShutdownWrite,
};
use crate::experiment::{Call, Experiment, MAX_SEND, Program, Side};

/// The number of requests in each variant of lesson 12: enough for a median, few enough to watch.
const ROUND_TRIPS: usize = 6;

/// The number of clients of lesson 3, less its backlog.
const CLIENTS_OVER_BACKLOG: usize = 4;

/// The backlog of lesson 3.
const BACKLOG: u16 = 1;

/// A server and one client. In `order`, `s` is a step of the server and `c` a step of the client.
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

pub(super) fn connecting() -> Experiment {
    experiment(vec![LISTEN, Accept], vec![Connect], "scs")
}

pub(super) fn request_and_reply() -> Experiment {
    experiment(
        vec![LISTEN, Accept, Recv(1024), Send(text("hello, client")), Close],
        vec![Connect, Send(text("hello, server")), Recv(1024), Close],
        "scssccssc",
    )
}

pub(super) fn both_wait() -> Experiment {
    experiment(
        vec![LISTEN, Accept, Recv(1024), Send(text("hello, client"))],
        vec![Connect, Recv(1024), Send(text("hello, server"))],
        "scssc",
    )
}

pub(super) fn backlog() -> Experiment {
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

pub(super) fn sends_merge() -> Experiment {
    experiment(
        vec![LISTEN, Accept, Recv(1024), Recv(1024), Recv(1024)],
        vec![Connect, Send(text("hello")), Send(text("hello")), Send(text("hello")), Close],
        "scscccc",
    )
}

pub(super) fn sends_with_pauses() -> Experiment {
    experiment(
        vec![LISTEN, Accept, Recv(1024), Recv(1024), Recv(1024)],
        vec![Connect, Send(text("hello")), Send(text("hello")), Send(text("hello")), Close],
        "scscscscsc",
    )
}

pub(super) fn recv_cuts() -> Experiment {
    experiment(
        vec![LISTEN, Accept, Recv(5), Recv(5), Recv(1024)],
        vec![Connect, Send(text("hello world!")), Send(text("again")), Close],
        "scscc",
    )
}

pub(super) fn headers_separate_messages() -> Experiment {
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

/// A client that sends the header and the two halves of the payload in three sends.
fn client_of_three_sends() -> Vec<Call> {
    vec![
        Connect,
        SendHeader(12),
        Send(text("hello ")),
        Send(text("world!")),
        SendMessage(text("again")),
        Close,
    ]
}

pub(super) fn naive_reader() -> Experiment {
    experiment(
        vec![LISTEN, Accept, RecvNaive, RecvNaive, RecvNaive],
        client_of_three_sends(),
        "scsccscccs",
    )
}

pub(super) fn correct_reader() -> Experiment {
    experiment(
        vec![LISTEN, Accept, RecvMessage, RecvMessage, RecvMessage],
        client_of_three_sends(),
        "scsccscccs",
    )
}

pub(super) fn byte_order() -> Experiment {
    let mut experiment = experiment(
        vec![LISTEN, Accept, RecvMessage],
        vec![Connect, Send(Data::from(b"\x05\x00\x00\x00hello")), Close],
        "scsc",
    );
    experiment.header = HeaderFormat::NETWORK_UNSIGNED;
    experiment
}

pub(super) fn negative_length() -> Experiment {
    hostile(-1)
}

pub(super) fn huge_length() -> Experiment {
    hostile(0x7fff_ffff)
}

fn hostile(number: i64) -> Experiment {
    experiment(vec![LISTEN, Accept, RecvMessage], vec![Connect, SendHeader(number), Close], "scsc")
}

pub(super) fn half_a_character() -> Experiment {
    experiment(
        vec![LISTEN, Accept, Recv(4), Recv(4), RecvMessage],
        vec![Connect, Send(text("你好")), SendMessage(text("你好")), Close],
        "scscsscc",
    )
}

pub(super) fn clean_end() -> Experiment {
    experiment(
        vec![LISTEN, Accept, RecvMessage, RecvMessage],
        vec![Connect, SendMessage(text("goodbye")), Close],
        "scsccs",
    )
}

pub(super) fn end_in_mid_message() -> Experiment {
    experiment(
        vec![LISTEN, Accept, RecvMessage],
        vec![Connect, SendHeader(12), Send(text("hello ")), Close],
        "scsccc",
    )
}

/// A client that sends requests and a server that echoes them. `request` is the calls that send one
/// request; `before` comes before the first of them.
fn round_trips(before: &[Call], request: &[Call]) -> Experiment {
    let mut server = vec![LISTEN, Accept];
    let mut client = vec![Connect];
    client.extend_from_slice(before);
    for _ in 0..ROUND_TRIPS {
        server.extend([RecvMessage, SendMessage(text("hello"))]);
        client.extend_from_slice(request);
        client.push(RecvMessage);
    }
    // The requests have no steps in the order. A run waits after each step, and here the time between
    // two calls matters.
    experiment(server, client, "scs")
}

pub(super) fn small_writes() -> Experiment {
    round_trips(&[], &[SendHeader(5), Send(text("hello"))])
}

pub(super) fn small_writes_with_nodelay() -> Experiment {
    round_trips(&[SetNodelay(true)], &[SendHeader(5), Send(text("hello"))])
}

pub(super) fn one_write() -> Experiment {
    round_trips(&[], &[SendMessage(text("hello"))])
}

pub(super) fn half_close() -> Experiment {
    experiment(
        vec![LISTEN, Accept, Recv(1024), Recv(1024), Send(text("late, and it arrives")), Close],
        vec![Connect, Send(text("that is all")), ShutdownWrite, Recv(1024), Recv(1024), Close],
        "scsccssscscc",
    )
}

pub(super) fn close_with_unread_bytes() -> Experiment {
    experiment(
        vec![LISTEN, Accept, Close],
        vec![Connect, Send(text("nobody reads this")), Recv(1024)],
        "scscsc",
    )
}

pub(super) fn acknowledged_is_not_read() -> Experiment {
    let kilobyte = Data(vec![b'x'; 1000]);
    let large = Data(vec![b'y'; MAX_SEND]);
    experiment(
        vec![SetRecvBuffer(8192), LISTEN, Accept, Recv(1000), RecvExact(65_536)],
        vec![SetSendBuffer(16_384), Connect, Send(kilobyte), Send(large)],
        "ssccsccss",
    )
}
