//! The bridge to the built-in servers over the simulated kernel.

use framescope_engine::bridge::{Bridge, Given, MAX_UNCONFIRMED, OpenError};
use framescope_engine::demo::{Action, Conversation};
use framescope_framing::{Decoder, HeaderFormat, encode};
use framescope_protocol::{
    MAX_GROUPED, MAX_READS, MAX_READS_MESSAGE, ParseReadOptionsError, ReadOptions, TimedReads,
};
use proptest::prelude::*;

const FORMAT: HeaderFormat = HeaderFormat::LITTLE_SIGNED;
/// In microseconds.
const SECOND: u64 = 1_000_000;

/// A client that confirms what it gets.
struct Client {
    bridge: Bridge,
    /// In microseconds.
    now: u64,
    /// The time and the bytes of each read, message by message.
    messages: Vec<Vec<(u64, Vec<u8>)>>,
    closed: Option<(u16, String)>,
    /// How many bytes of the client's messages the kernel has taken.
    taken: usize,
}

impl Client {
    fn open(path: &str) -> Self {
        let bridge = Bridge::open(path, FORMAT).expect("there is such a server");
        Self { bridge, now: 0, messages: Vec::new(), closed: None, taken: 0 }
    }

    fn framed(query: &str) -> Self {
        Self::open(&format!("/bridge/demo?{query}"))
    }

    fn plain(query: &str) -> Self {
        Self::open(&format!("/bridge/demo-plain?{query}"))
    }

    fn send(&mut self, payload: impl AsRef<[u8]>) -> &mut Self {
        self.bridge.send(framed(payload));
        self
    }

    fn send_raw(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.bridge.send(bytes.as_ref().to_vec());
        self
    }

    /// Takes what has been given. Returns whether anything was.
    fn take(&mut self) -> bool {
        let mut has_come = false;
        while let Some(given) = self.bridge.take_given() {
            has_come = true;
            match given {
                Given::Reads(message) => {
                    self.bridge.confirm(message.len());
                    assert!(message.len() <= MAX_READS_MESSAGE);
                    let reads = TimedReads::decode(&message).expect("the reads are whole");
                    self.messages.push(reads.map(|read| (read.at, read.bytes.to_vec())).collect());
                }
                Given::Closed { code, reason } => self.closed = Some((code, reason)),
            }
        }
        self.taken += self.bridge.take_taken();
        has_come
    }

    /// Moves the clock on by this time, from one event to the next.
    fn wait(&mut self, us: u64) -> &mut Self {
        let end = self.now + us;
        loop {
            let due = self.bridge.go_on(self.now);
            if self.take() {
                continue;
            }
            let Some(at) = due.filter(|at| *at <= end) else {
                self.now = end;
                self.bridge.go_on(end);
                self.take();
                return self;
            };
            self.now = self.now.max(at);
        }
    }

    /// Moves the clock on until nothing happens any more.
    fn rest(&mut self) -> &mut Self {
        while let Some(at) = self.bridge.go_on(self.now) {
            self.now = self.now.max(at);
            self.take();
        }
        if self.take() {
            return self.rest();
        }
        self
    }

    fn reads(&self) -> impl Iterator<Item = &(u64, Vec<u8>)> {
        self.messages.iter().flatten()
    }

    fn chunks(&self) -> Vec<String> {
        self.reads().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect()
    }

    fn lengths(&self) -> Vec<usize> {
        self.reads().map(|(_, bytes)| bytes.len()).collect()
    }

    fn times(&self) -> Vec<u64> {
        self.reads().map(|(at, _)| *at).collect()
    }

    fn bytes(&self) -> Vec<u8> {
        self.reads().flat_map(|(_, bytes)| bytes.iter().copied()).collect()
    }

    /// The messages of the server.
    fn payloads(&self) -> Vec<String> {
        let bytes = self.bytes();
        let mut rest = &bytes[..];
        let mut decoder = Decoder::new(FORMAT);
        let mut payloads = Vec::new();
        while let Some(message) = decoder.decode(&mut rest).expect("headers are good") {
            payloads.push(String::from_utf8_lossy(message.payload).into_owned());
        }
        payloads
    }
}

fn framed(payload: impl AsRef<[u8]>) -> Vec<u8> {
    let mut wire = Vec::new();
    encode(FORMAT, payload.as_ref(), &mut wire).expect("it is short");
    wire
}

#[test]
fn a_message_comes_back_within_a_millisecond_and_then_nothing_is_due() {
    let mut client = Client::framed("recv=1024");
    client.send("hello").wait(1000);
    assert_eq!(client.payloads(), ["hello"]);
    assert!(client.times()[0] < 1000, "{:?}", client.times());
    assert_eq!(client.taken, 9);
    client.rest();
    assert_eq!((client.messages.len(), client.closed), (1, None));
}

#[test]
fn recv_bounds_each_read_and_the_reads_that_are_ready_are_one_message() {
    let mut client = Client::framed("recv=5");
    client.send("hello").send("you").rest();
    assert_eq!(client.lengths(), [5, 5, 5, 1]);
    assert_eq!(client.messages.len(), 1);
    assert_eq!(client.payloads(), ["hello", "you"]);
    assert!(client.times().is_sorted());
}

#[test]
fn with_a_delay_each_read_is_one_message_that_long_after_the_one_before() {
    let mut client = Client::framed("recv=4&delay_ms=30");
    client.send("hello").rest();
    assert_eq!(client.lengths(), [4, 4, 1]);
    assert_eq!(client.messages.len(), 3);
    for pair in client.times().windows(2) {
        assert!(pair[1] - pair[0] >= 30_000, "{pair:?}");
    }
}

#[test]
fn without_a_header_three_sends_come_back_as_one_chunk_after_the_pause() {
    let mut client = Client::plain("recv=1024");
    client.send_raw("hello").send_raw("hello").send_raw("hello").wait(15_000);
    assert_eq!(client.chunks(), [""; 0]);
    client.wait(10_000);
    assert_eq!(client.chunks(), ["hellohellohello"]);
    assert!(client.times()[0] >= 20_000, "{:?}", client.times());
    client.send_raw("you").rest();
    assert_eq!(client.chunks(), ["hellohellohello", "you"]);
}

#[test]
fn the_commands_arrive_at_their_pace() {
    let mut client = Client::framed("recv=1024");
    client.send("/tick 3 250").wait(SECOND);
    assert_eq!(client.payloads(), ["tick 1 of 3", "tick 2 of 3", "tick 3 of 3"]);
    for (pair, pause) in client.times().windows(2).zip([250_000; 2]) {
        assert!((pause..pause + 1000).contains(&(pair[1] - pair[0])), "{pair:?}");
    }

    let mut client = Client::framed("recv=1024");
    client.send("/drip hey").wait(SECOND);
    assert_eq!(client.lengths(), [1; 7]);
    for pair in client.times().windows(2) {
        assert!((40_000..41_000).contains(&(pair[1] - pair[0])), "{pair:?}");
    }

    let mut client = Client::framed("recv=1024");
    client.send("/split hey").wait(SECOND);
    assert_eq!(client.lengths(), [2, 5]);
    assert!((300_000..301_000).contains(&(client.times()[1] - client.times()[0])));
}

#[test]
fn the_clock_of_the_caller_is_followed_however_seldom_it_is_told() {
    let mut client = Client::framed("recv=1024");
    client.send("/tick 4 250");
    let due = client.bridge.go_on(0).expect("the call that was made takes time");
    assert!(due < 1000, "{due}");
    client.now = 10 * SECOND;
    client.wait(0);
    assert_eq!(client.payloads().len(), 4);
    assert!(client.times()[3] < SECOND, "{:?}", client.times());
    // What is sent later is answered later.
    client.send("hello").wait(1000);
    assert!(client.times()[4] >= 10 * SECOND);
}

#[test]
fn every_command_answers() {
    for (request, replies) in [
        ("/burst 3 hi", vec!["hi"; 3]),
        ("/big 12", vec!["012345678901"]),
        ("/hepl", vec!["error: no such command; /help lists them"]),
        ("", vec![""]),
    ] {
        let mut client = Client::framed("");
        client.send(request).rest();
        assert_eq!(client.payloads(), replies, "{request}");
    }
    for (request, bytes) in [("/negative", [0xff; 4]), ("/huge", [0xff, 0xff, 0xff, 0x7f])] {
        let mut client = Client::framed("");
        client.send(request).rest();
        assert_eq!(client.bytes(), bytes);
    }
    let mut client = Client::framed("");
    client.send("/help").rest();
    assert!(client.payloads()[0].contains("/drip TEXT"));
}

#[test]
fn the_server_closes_after_its_last_bytes() {
    let closed = Some((1000, "the target closed its side".to_owned()));
    let mut client = Client::framed("recv=5");
    client.send("/die").rest();
    assert_eq!(client.lengths(), [5, 5, 5, 3]);
    assert_eq!(client.closed, closed);
    assert_eq!(client.bridge.go_on(client.now + SECOND), None);

    let mut client = Client::framed("");
    client.send_raw([0xff; 4]).rest();
    assert!(client.payloads()[0].starts_with("error: the header at byte 0 says -1"));
    assert_eq!(client.closed, closed);
    // A message that comes late is taken, and nothing comes of it.
    client.send("late").rest();
    assert_eq!(client.taken, 4 + framed("late").len());
}

#[test]
fn without_nodelay_a_small_send_waits_for_the_acknowledgement_of_the_one_before() {
    let chunks = |query: &str| {
        let mut client = Client::plain(query);
        // The server answers each message. From then on its acknowledgements wait for an answer.
        for _ in 0..20 {
            client.send_raw("hello").wait(25_000);
        }
        client.messages.clear();
        client.send_raw("a").send_raw("b").send_raw("c").rest();
        client.chunks()
    };
    assert_eq!(chunks("nodelay=1"), ["abc"]);
    assert_eq!(chunks("nodelay=0"), ["a", "bc"]);
}

#[test]
fn a_long_answer_comes_whole_in_bounded_messages() {
    let mut client = Client::framed("recv=1");
    client.send("/big 100000").rest();
    assert_eq!(client.reads().count(), 100_004);
    assert!(client.messages.iter().all(|reads| reads.len() <= MAX_READS));
    assert!(client.messages.len() < 2000, "{} messages", client.messages.len());
    assert!(client.times().is_sorted());

    let mut client = Client::framed("recv=1048576");
    client.send("/big 1048576").rest();
    assert_eq!(client.bytes().len(), 1_048_580);
    assert!(client.messages.iter().any(|reads| reads[0].1.len() > MAX_GROUPED));
}

#[test]
fn a_client_that_confirms_nothing_stops_the_server_and_loses_nothing() {
    let mut client = Client::framed("recv=1024");
    client.send(format!("/burst 10000 {}", "x".repeat(10_000)));
    let mut given = Vec::new();
    let mut rounds = 0;
    for now in 0..10_000 {
        client.bridge.go_on(now * 1000);
        given.extend(std::iter::from_fn(|| client.bridge.take_given()));
        rounds += 1;
    }
    let length = |given: &Given| match given {
        Given::Reads(message) => message.len(),
        Given::Closed { .. } => panic!("it goes on"),
    };
    let unconfirmed: usize = given.iter().map(length).sum();
    assert!(rounds == 10_000 && unconfirmed < MAX_UNCONFIRMED + MAX_READS_MESSAGE, "{unconfirmed}");
    assert!(unconfirmed >= MAX_UNCONFIRMED);
    // It does not ask to be called again for what only the client can change.
    let due = client.bridge.go_on(10 * SECOND);
    assert!(due.is_none_or(|at| at > 10 * SECOND), "{due:?}");
    client.now = 10 * SECOND;
    client.bridge.confirm(unconfirmed);
    client.rest();
    let payload = |given: &Given| match given {
        Given::Reads(message) => {
            TimedReads::decode(message).unwrap().map(|read| read.bytes.len()).sum()
        }
        Given::Closed { .. } => 0,
    };
    let before: usize = given.iter().map(payload).sum();
    assert_eq!(before + client.bytes().len(), 10_000 * 10_004);
}

#[test]
fn megabytes_of_the_client_are_taken_bit_by_bit_and_come_back() {
    let mut client = Client::plain("recv=65536");
    let sent: Vec<u8> = (0..1_000_000_u32).map(|byte| (byte % 251) as u8).collect();
    for _ in 0..5 {
        client.send_raw(&sent);
    }
    client.bridge.go_on(5000);
    client.take();
    assert!(client.taken > 0 && client.taken < 5_000_000, "{}", client.taken);
    client.rest();
    assert_eq!(client.taken, 5_000_000);
    assert!(client.bytes() == sent.repeat(5));
}

#[test]
fn a_message_over_the_limit_ends_the_session_as_at_a_relay() {
    let mut client = Client::framed("");
    client.send_raw(vec![0; 1_048_581]).rest();
    let reason = "a message over the limit of 1048580 bytes arrived".to_owned();
    assert_eq!(client.closed, Some((1009, reason)));
}

#[test]
fn a_path_that_is_none_is_refused() {
    for path in ["/bridge/mine?recv=5", "/bridge/", "/lab", ""] {
        assert_eq!(Bridge::open(path, FORMAT).unwrap_err(), OpenError::UnknownTarget, "{path}");
    }
    for (query, error) in
        [("recv=0", ParseReadOptionsError::Recv), ("rcv=5", ParseReadOptionsError::Unknown)]
    {
        let opened = Bridge::open(&format!("/bridge/demo?{query}"), FORMAT);
        assert_eq!(opened.unwrap_err(), OpenError::ReadOptions(error));
    }
}

/// What a server answers to these bytes, without a kernel.
fn answer(mut server: Conversation, wire: &[u8]) -> Vec<u8> {
    let mut chunks = wire.chunks(8192);
    let mut sent = Vec::new();
    loop {
        match server.next_action() {
            Action::Recv => {
                let Some(chunk) = chunks.next() else { return sent };
                server.buffer()[..chunk.len()].copy_from_slice(chunk);
                server.received(chunk.len());
            }
            Action::Send(bytes) => sent.extend_from_slice(bytes),
            Action::AwaitReadable | Action::Pause(_) => {}
            Action::Close(_) => return sent,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_is_read_is_what_the_conversation_says(
        requests in prop::collection::vec(
            prop_oneof![
                3 => "[a-z ]{0,30}".boxed(),
                1 => "/burst [0-9]{1,3} [a-z]{0,200}".boxed(),
                1 => "/(drip|split) [a-z]{0,9}".boxed(),
                1 => "/big [0-9]{1,6}".boxed(),
                1 => "/tick [0-9] [0-9]{1,3}".boxed(),
                1 => "/(negative|hepl|die)".boxed(),
            ],
            0..10,
        ),
        recv in prop_oneof![1_u32..40, 1000_u32..100_000],
        delay_ms in prop_oneof![4 => Just(0_u32), 1 => 1_u32..5],
        nodelay in any::<bool>(),
        is_framed in any::<bool>(),
        pauses in prop::collection::vec(0_u64..100_000, 10),
    ) {
        // A delay between reads of single bytes of a long answer takes hours of the clock.
        let recv = if delay_ms > 0 { recv.max(1000) } else { recv };
        let options = ReadOptions { recv, delay_ms, nodelay };
        let target = if is_framed { "demo" } else { "demo-plain" };
        let mut client = Client::open(&options.bridge_path(target));
        for (request, pause) in requests.iter().zip(pauses) {
            client.send(request).wait(pause);
        }
        client.rest();
        let wire: Vec<u8> = requests.iter().flat_map(framed).collect();
        let server = if is_framed {
            Conversation::framed(FORMAT, 1024 * 1024)
        } else {
            Conversation::plain()
        };
        prop_assert!(client.bytes() == answer(server, &wire));
        prop_assert!(client.times().is_sorted());
        prop_assert!(client.lengths().iter().all(|length| *length <= recv as usize));
        prop_assert_eq!(client.closed.is_some(), is_framed && requests.iter().any(|one| one == "/die"));
    }
}
