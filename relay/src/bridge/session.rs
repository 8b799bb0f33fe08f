//! One session, from the first byte to the last.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use framescope_protocol::ReadOptions;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::client_to_target::ClientToTarget;
use super::frame_writer::FrameWriter;
use super::keepalive::Keepalive;
use super::recorder::RecordingStream;
use super::target_to_client::{Messages, TargetToClient};
use crate::metrics::ByteCounter;
use crate::net::{
    DrainDeadline, MAX_UNANSWERED_PINGS, Unacknowledged, Vanishing, linger_with, poll_discard,
};
use crate::session_end::SessionEnd;

/// What a session must know besides its two connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) read_options: ReadOptions,
    pub(crate) messages: Messages,
    /// The longest message of the client, in bytes.
    pub(crate) max_message: usize,
    pub(crate) ping_interval: Duration,
    pub(crate) close_timeout: Duration,
    /// Ends the session when no byte has crossed for this long. `None`: never.
    pub(crate) idle_timeout: Option<Duration>,
    /// How the kernel notices that the target's machine is gone.
    pub(crate) vanishing: Vanishing,
}

/// What became of a session.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) end: SessionEnd,
    /// Bytes written to the target.
    pub(crate) to_target: u64,
    /// Bytes sent to the client.
    pub(crate) to_client: u64,
}

/// Copies bytes both ways until one side ends or `stop` is cancelled, then closes both sides.
/// `already_read` are bytes of the client that came after its upgrade request. `counters` count the bytes
/// to the target, and those to the client.
pub(crate) async fn run<C, T>(
    client: C,
    already_read: Bytes,
    target: RecordingStream<T>,
    settings: Settings,
    counters: [ByteCounter; 2],
    stop: &CancellationToken,
) -> Report
where
    C: AsyncRead + AsyncWrite + Unacknowledged + Unpin,
    T: AsyncRead + AsyncWrite + Unacknowledged + Unpin,
{
    let mut session = Session::new(client, already_read, target, settings, counters);
    let end = session.copy(stop).await;
    let deadline = |longest_stall| DrainDeadline::new(settings.close_timeout, longest_stall, stop);
    let longest_stall = settings.ping_interval * (MAX_UNANSWERED_PINGS + 1);
    // In some cases the deadline has already passed.
    let (for_client, for_target) = match end {
        SessionEnd::Idle { .. } => (Duration::ZERO, Duration::ZERO),
        SessionEnd::ClientSilent => (Duration::ZERO, longest_stall),
        SessionEnd::TargetClosed
        | SessionEnd::TargetFailed(_)
        | SessionEnd::ClientClosed
        | SessionEnd::ClientFailed(_)
        | SessionEnd::ClientSentText
        | SessionEnd::ClientSentBadText
        | SessionEnd::ClientSentTooMuch { .. }
        | SessionEnd::ClientBrokeProtocol(_)
        | SessionEnd::CommandRefused(_)
        | SessionEnd::NothingLoaded
        | SessionEnd::NoClassMessage
        | SessionEnd::ClassRefused(_)
        | SessionEnd::ClassLogLost
        | SessionEnd::RelayStopping => (longest_stall, longest_stall),
    };
    session.drain(&end, deadline(for_target)).await;
    // A target that took nothing in all that time is not waited for again.
    let is_stuck = session.client_to_target.is_blocked();
    let for_target = if is_stuck { Duration::ZERO } else { for_target };
    let Session { mut client, mut target, client_to_target, writer, .. } = session;
    let closing_client = async {
        // Nothing can come of a stream that has ended, so a close resets nothing.
        if client_to_target.has_ended {
            let _ = timeout(settings.close_timeout, client.shutdown()).await;
        } else {
            linger_with(&mut client, deadline(for_client)).await;
        }
    };
    // Bytes that are thrown away below have not crossed.
    if let Some(mut recorder) = target.recorder.take() {
        recorder.end(end.to_string());
    }
    tokio::join!(closing_client, linger_with(&mut target, deadline(for_target)));
    Report { end, to_target: client_to_target.written.bytes(), to_client: writer.written.bytes() }
}

/// Two connections, and the bytes that are on their way between them.
struct Session<C, T> {
    client: C,
    target: RecordingStream<T>,
    writer: FrameWriter,
    target_to_client: TargetToClient,
    client_to_target: ClientToTarget,
    keepalive: Keepalive,
}

impl<C, T> Session<C, T>
where
    C: AsyncRead + AsyncWrite + Unacknowledged + Unpin,
    T: AsyncRead + AsyncWrite + Unacknowledged + Unpin,
{
    fn new(
        client: C,
        already_read: Bytes,
        target: RecordingStream<T>,
        settings: Settings,
        [to_target, to_client]: [ByteCounter; 2],
    ) -> Self {
        Self {
            client,
            target,
            writer: FrameWriter::new(to_client),
            target_to_client: TargetToClient::new(settings.read_options, settings.messages),
            client_to_target: ClientToTarget::new(settings.max_message, already_read, to_target),
            keepalive: Keepalive::new(
                settings.ping_interval,
                settings.idle_timeout,
                settings.vanishing,
            ),
        }
    }

    /// Copies bytes until something ends the session.
    async fn copy(&mut self, stop: &CancellationToken) -> SessionEnd {
        let mut stopped = pin!(stop.cancelled());
        let mut client_is_first = false;
        let end = poll_fn(|context| {
            if stopped.as_mut().poll(context).is_ready() {
                return Poll::Ready(SessionEnd::RelayStopping);
            }
            let keepalive = &mut self.keepalive;
            let watched = keepalive.poll(
                context,
                &mut self.writer,
                &mut self.client_to_target,
                &self.client,
                &self.target,
            );
            if let Poll::Ready(end) = watched {
                return Poll::Ready(end);
            }
            // tokio limits how many socket calls a task makes each time that it is polled. A direction
            // that never has to wait would make all of them. So the directions take turns to be first.
            client_is_first = !client_is_first;
            if client_is_first && let Poll::Ready(end) = self.poll_client(context) {
                return Poll::Ready(end);
            }
            if let Poll::Ready(end) = self.poll_target(context) {
                return Poll::Ready(end);
            }
            if client_is_first {
                return Poll::Pending;
            }
            let end = self.poll_client(context);
            if end.is_pending() && self.writer.has_control() {
                // The client has sent a ping, after the other direction had its turn.
                return self.poll_target(context);
            }
            end
        })
        .await;
        if let SessionEnd::TargetClosed = end
            && stop.is_cancelled()
        {
            // The built-in server stops with the relay, and perhaps before this session does.
            return SessionEnd::RelayStopping;
        }
        end
    }

    fn poll_target(&mut self, context: &mut Context<'_>) -> Poll<SessionEnd> {
        self.target_to_client.poll(context, &mut self.target, &mut self.writer, &mut self.client)
    }

    fn poll_client(&mut self, context: &mut Context<'_>) -> Poll<SessionEnd> {
        self.client_to_target.poll(context, &mut self.client, &mut self.writer, &mut self.target)
    }

    /// Delivers what is on its way, and tells the client why the session ended, if it can still be told.
    async fn drain(&mut self, end: &SessionEnd, mut deadline: DrainDeadline<'_>) {
        // After a reset by the target a write fails first. What the target sent before that may still be in
        // our kernel, and the client gets it.
        let mut is_target_done = !matches!(end, SessionEnd::TargetFailed(_));
        let mut close = end.close_frame();
        let mut is_told = close.is_none() && !matches!(end, SessionEnd::ClientClosed);
        let mut is_client_done = false;
        poll_fn(|context| {
            if deadline.poll(context, || self.unacknowledged()).is_ready() {
                return Poll::Ready(());
            }
            if let SessionEnd::ClientFailed(_) = end {
                // Nobody is there for what the target sends. One that waits until it is taken takes nothing itself.
                let _ = poll_discard(context, self.target.unrecorded());
            }
            is_target_done = is_target_done || self.poll_target(context).is_ready();
            if is_target_done && let Some((code, reason)) = close.take() {
                self.writer.close(code, reason);
            }
            is_told = is_told
                || is_target_done && self.writer.poll_sent(context, &mut self.client).is_ready();
            is_client_done = is_client_done || self.is_client_done(context, end);
            if is_told && is_client_done { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Bytes that a peer must take before the session can end. Bytes to a target that takes everything do
    /// not count: after our close, a client may go on sending for as long as it likes.
    fn unacknowledged(&self) -> Option<u32> {
        let by_client = self.client.unacknowledged()?;
        if !self.client_to_target.is_blocked() {
            return Some(by_client);
        }
        Some(by_client.saturating_add(self.target.unacknowledged()?))
    }

    /// Has the target got everything of the client that it should still get?
    fn is_client_done(&mut self, context: &mut Context<'_>, end: &SessionEnd) -> bool {
        match end {
            // A target that has closed its side may still read. So it gets what the client sent before it
            // saw our close, and the rest of what a client sent that has gone.
            SessionEnd::TargetClosed | SessionEnd::ClientFailed(_) => {
                self.poll_client(context).is_ready()
            }
            // The client may go on sending. The target gets what we had read by then.
            SessionEnd::RelayStopping | SessionEnd::Idle { .. } => self
                .client_to_target
                .poll_taken(context, &mut self.writer, &mut self.target)
                .is_ready(),
            SessionEnd::TargetFailed(_)
            | SessionEnd::ClientClosed
            | SessionEnd::ClientSilent
            | SessionEnd::ClientSentText
            | SessionEnd::ClientSentBadText
            | SessionEnd::ClientSentTooMuch { .. }
            | SessionEnd::ClientBrokeProtocol(_)
            | SessionEnd::CommandRefused(_)
            | SessionEnd::NothingLoaded
            | SessionEnd::NoClassMessage
            | SessionEnd::ClassRefused(_)
            | SessionEnd::ClassLogLost => true,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::wildcard_enum_match_arm, reason = "what a test does not expect fails it")]

    use framescope_protocol::TimedReads;
    use futures_util::{SinkExt as _, StreamExt as _};
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex, split};
    use tokio::task::JoinHandle;
    use tokio::time::Instant;
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::protocol::{Message, Role};

    use super::*;

    /// A minute is longer than any of these tests takes.
    const SETTINGS: Settings = Settings {
        read_options: ReadOptions { recv: 1, delay_ms: 0, nodelay: true },
        messages: Messages::OneRead,
        max_message: 1000,
        ping_interval: Duration::from_mins(1),
        close_timeout: Duration::from_mins(1),
        idle_timeout: None,
        vanishing: Vanishing { keepalive: None, user_timeout: None },
    };

    /// A session between two pipes that hold `capacity` bytes, and what becomes of it.
    fn session(
        capacity: [usize; 2],
        recv: u32,
        messages: Messages,
    ) -> (DuplexStream, DuplexStream, JoinHandle<Report>) {
        let (client, clients_end) = duplex(capacity[0]);
        let (target, targets_end) = duplex(capacity[1]);
        let read_options = ReadOptions { recv, ..SETTINGS.read_options };
        let settings = Settings { read_options, messages, ..SETTINGS };
        let report = tokio::spawn(async move {
            let target = RecordingStream::new(targets_end, None);
            let (counters, stop) = (Default::default(), CancellationToken::new());
            run(clients_end, Bytes::new(), target, settings, counters, &stop).await
        });
        (client, target, report)
    }

    /// The reads in a message to the client.
    fn reads(messages: Messages, message: &[u8]) -> Vec<&[u8]> {
        match messages {
            Messages::OneRead => vec![message],
            Messages::TimedReads => {
                let reads = TimedReads::decode(message).expect("the reads are whole");
                reads.map(|read| read.bytes).collect()
            }
        }
    }

    /// Everything arrives, whatever the capacity of the pipes and the size of the messages, with pings
    /// between them and in both directions at once.
    async fn copies(
        capacity: [usize; 2],
        recv: u32,
        messages: Messages,
        to_target: Vec<Vec<u8>>,
        to_client: Vec<Vec<u8>>,
    ) {
        let (client, target, _) = session(capacity, recv, messages);
        let client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
        let (mut to_bridge, mut from_bridge) = client.split();
        let (mut from_bridge_to_target, mut from_target) = split(target);
        let client_writes = async {
            for message in &to_target {
                to_bridge.send(Message::Ping(Bytes::from_static(b"?"))).await.unwrap();
                to_bridge.send(Message::binary(message.clone())).await.unwrap();
            }
        };
        let target_reads = async {
            let mut arrived = vec![0; to_target.concat().len()];
            from_bridge_to_target.read_exact(&mut arrived).await.unwrap();
            assert_eq!(arrived, to_target.concat());
        };
        let target_writes = async {
            for bytes in &to_client {
                from_target.write_all(bytes).await.unwrap();
            }
        };
        let client_reads = async {
            let (mut arrived, wanted) = (Vec::new(), to_client.concat());
            while arrived.len() < wanted.len() {
                match from_bridge.next().await.expect("it goes on").expect("frames are whole") {
                    Message::Binary(message) => {
                        for read in reads(messages, &message) {
                            assert!((1..=recv as usize).contains(&read.len()), "{read:?}");
                            arrived.extend_from_slice(read);
                        }
                    }
                    Message::Pong(bytes) => assert_eq!(bytes, "?"),
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(arrived, wanted);
        };
        tokio::join!(client_writes, target_reads, target_writes, client_reads);
    }

    /// The relay waits for twice the close timeout when it stops, and not for longer.
    #[tokio::test(start_paused = true)]
    async fn a_session_whose_peers_read_nothing_ends_after_two_close_timeouts() {
        let (mut client, mut target, report) = session([10, 1000], 1000, Messages::OneRead);
        target.write_all(&[0; 1000]).await.unwrap();
        drop(target);
        // A masked message of one byte, which the target no longer takes.
        client.write_all(&[0x82, 0x81, 0, 0, 0, 0, b'x']).await.unwrap();
        let began = Instant::now();
        let report = report.await.unwrap();
        assert!(matches!(report.end, SessionEnd::TargetFailed(_)), "{report:?}");
        assert_eq!(began.elapsed(), SETTINGS.close_timeout * 2);
    }

    /// The clock stands still while a task can run. So a read that waited for others would make it move on.
    #[tokio::test(start_paused = true)]
    async fn a_read_that_is_alone_waits_for_no_other() {
        let (client, mut target, _) = session([1000, 1000], 10, Messages::TimedReads);
        let mut client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
        let began = Instant::now();
        for byte in 0..100 {
            target.write_all(&[byte]).await.unwrap();
            let message = client.next().await.expect("it goes on").expect("frames are whole");
            let read = reads(Messages::TimedReads, &message.into_data()).concat();
            assert_eq!(read, [byte]);
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn everything_arrives_through_pipes_of_any_capacity(
            capacity in prop::array::uniform2(1_usize..200),
            recv in 1_u32..100,
            messages in prop_oneof![Just(Messages::OneRead), Just(Messages::TimedReads)],
            to_target in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
            to_client in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
            runtime.expect("there is a runtime").block_on(async {
                let copied = copies(capacity, recv, messages, to_target, to_client);
                let copied = timeout(Duration::from_mins(1), copied);
                copied.await.expect("nothing waits for bytes that will not come");
            });
        }
    }
}
