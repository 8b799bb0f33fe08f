//! One session, from the first byte to the last.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use framescope_protocol::ReadOptions;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use super::client_to_target::ClientToTarget;
use super::frame_writer::FrameWriter;
use super::keepalive::Keepalive;
use super::recorder::RecordingStream;
use super::target_to_client::TargetToClient;
use crate::metrics::ByteCounter;
use crate::net::{DrainDeadline, MAX_UNANSWERED_PINGS, Unacknowledged, linger_with};
use crate::session_end::SessionEnd;

/// What a session needs to know beside its two connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) read_options: ReadOptions,
    /// The longest message of the client, in bytes.
    pub(crate) max_message: usize,
    pub(crate) ping_interval: Duration,
    pub(crate) close_timeout: Duration,
    /// After so long without a byte the session ends; `None` is never.
    pub(crate) idle_timeout: Option<Duration>,
}

/// What became of a session.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) end: SessionEnd,
    /// Bytes written to the target.
    pub(crate) up: u64,
    /// Bytes sent to the client.
    pub(crate) down: u64,
}

/// Carries bytes both ways until one side ends or `stop` is cancelled, then closes both.
/// `already_read` are bytes of the client that came behind its upgrade request; `carried` counts those
/// that go up, and those that go down.
pub(crate) async fn run<C, T>(
    client: C,
    already_read: Bytes,
    target: RecordingStream<T>,
    settings: Settings,
    carried: [ByteCounter; 2],
    stop: &CancellationToken,
) -> Report
where
    C: AsyncRead + AsyncWrite + Unacknowledged + Unpin,
    T: AsyncRead + AsyncWrite + Unacknowledged + Unpin,
{
    let mut session = Session::new(client, already_read, target, settings, carried);
    let end = session.carry(stop).await;
    let patience = |longest_stall| DrainDeadline::new(settings.close_timeout, longest_stall, stop);
    let longest_stall = settings.ping_interval * (MAX_UNANSWERED_PINGS + 1);
    // Some patience has ended already.
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
        | SessionEnd::LabFailed(_)
        | SessionEnd::RelayStopping => (longest_stall, longest_stall),
    };
    session.say_farewell(&end, patience(for_target)).await;
    let Session { mut client, mut target, up, writer, .. } = session;
    // What is thrown away below has not crossed.
    if let Some(mut recorder) = target.recorder.take() {
        recorder.end(end.to_string());
    }
    tokio::join!(
        linger_with(&mut client, patience(for_client)),
        linger_with(&mut target, patience(for_target)),
    );
    Report { end, up: up.carried.bytes(), down: writer.carried.bytes() }
}

/// Two connections, and what is on its way between them.
struct Session<C, T> {
    client: C,
    target: RecordingStream<T>,
    writer: FrameWriter,
    down: TargetToClient,
    up: ClientToTarget,
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
        [up, down]: [ByteCounter; 2],
    ) -> Self {
        Self {
            client,
            target,
            writer: FrameWriter::new(down),
            down: TargetToClient::new(settings.read_options),
            up: ClientToTarget::new(settings.max_message, already_read, up),
            keepalive: Keepalive::new(settings.ping_interval, settings.idle_timeout),
        }
    }

    /// Carries bytes until something ends that.
    async fn carry(&mut self, stop: &CancellationToken) -> SessionEnd {
        let mut stopped = pin!(stop.cancelled());
        let mut up_is_first = false;
        let end = poll_fn(|context| {
            if stopped.as_mut().poll(context).is_ready() {
                return Poll::Ready(SessionEnd::RelayStopping);
            }
            let keepalive = &mut self.keepalive;
            let watched = keepalive.poll(context, &mut self.writer, &mut self.up, &self.client);
            if let Poll::Ready(end) = watched {
                return Poll::Ready(end);
            }
            // A task may make so many calls each time that it is polled, and a direction that never
            // has to wait makes all of them: the other one comes first the next time.
            up_is_first = !up_is_first;
            if up_is_first && let Poll::Ready(end) = self.poll_up(context) {
                return Poll::Ready(end);
            }
            if let Poll::Ready(end) = self.poll_down(context) {
                return Poll::Ready(end);
            }
            if up_is_first {
                return Poll::Pending;
            }
            let end = self.poll_up(context);
            if end.is_pending() && self.writer.has_control() {
                // The client has asked for an answer after `down` had its turn.
                return self.poll_down(context);
            }
            end
        })
        .await;
        if let SessionEnd::TargetClosed = end
            && stop.is_cancelled()
        {
            // The built-in server has stopped with us, and perhaps before this session.
            return SessionEnd::RelayStopping;
        }
        end
    }

    fn poll_down(&mut self, context: &mut Context<'_>) -> Poll<SessionEnd> {
        self.down.poll(context, &mut self.target, &mut self.writer, &mut self.client)
    }

    fn poll_up(&mut self, context: &mut Context<'_>) -> Poll<SessionEnd> {
        self.up.poll(context, &mut self.client, &mut self.writer, &mut self.target)
    }

    /// Carries on what is on its way, and tells the client why the session ended, where there is
    /// someone to tell.
    async fn say_farewell(&mut self, end: &SessionEnd, mut patience: DrainDeadline<'_>) {
        // A write fails after the target's reset; what it said before that may still wait in our
        // kernel, and is the client's.
        let mut is_down_over = !matches!(end, SessionEnd::TargetFailed(_));
        let mut close = end.close_frame();
        let mut is_told = close.is_none() && !matches!(end, SessionEnd::ClientClosed);
        let mut is_up_over = false;
        poll_fn(|context| {
            if patience.poll(context, || self.unacknowledged()).is_ready() {
                return Poll::Ready(());
            }
            is_down_over = is_down_over || self.poll_down(context).is_ready();
            if is_down_over && let Some((code, reason)) = close.take() {
                self.writer.close(code, reason);
            }
            is_told = is_told
                || is_down_over && self.writer.poll_sent(context, &mut self.client).is_ready();
            is_up_over = is_up_over || self.is_up_over(context, end);
            if is_told && is_up_over { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Bytes that somebody must take before the session can end. What is on its way to a target that
    /// takes all does not count: a client may send on for as long as it likes behind our close.
    fn unacknowledged(&self) -> Option<u32> {
        let by_client = self.client.unacknowledged()?;
        if !self.up.is_blocked() {
            return Some(by_client);
        }
        Some(by_client.saturating_add(self.target.unacknowledged()?))
    }

    /// Has the target what the client sent, as far as it is to have it?
    fn is_up_over(&mut self, context: &mut Context<'_>, end: &SessionEnd) -> bool {
        match end {
            // A target that has closed its side may still read: what the client sent before it saw our
            // close goes through. So does what is left of a client that has gone.
            SessionEnd::TargetClosed | SessionEnd::ClientFailed(_) => {
                self.poll_up(context).is_ready()
            }
            // The client may go on for as long as it likes; what we had taken from it goes through.
            SessionEnd::RelayStopping | SessionEnd::Idle { .. } => {
                self.up.poll_taken(context, &mut self.writer, &mut self.target).is_ready()
            }
            SessionEnd::TargetFailed(_)
            | SessionEnd::ClientClosed
            | SessionEnd::ClientSilent
            | SessionEnd::ClientSentText
            | SessionEnd::ClientSentBadText
            | SessionEnd::ClientSentTooMuch { .. }
            | SessionEnd::ClientBrokeProtocol(_)
            | SessionEnd::CommandRefused(_)
            | SessionEnd::NothingLoaded
            | SessionEnd::LabFailed(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{SinkExt as _, StreamExt as _};
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex, split};
    use tokio::task::JoinHandle;
    use tokio::time::{Instant, timeout};
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::protocol::{Message, Role};

    use super::*;

    /// A minute is longer than any of these tests takes.
    const SETTINGS: Settings = Settings {
        read_options: ReadOptions { recv: 1, delay_ms: 0, nodelay: true },
        max_message: 1000,
        ping_interval: Duration::from_mins(1),
        close_timeout: Duration::from_mins(1),
        idle_timeout: None,
    };

    /// A session between two pipes that hold so many bytes, and what becomes of it.
    fn session(room: [usize; 2], recv: u32) -> (DuplexStream, DuplexStream, JoinHandle<Report>) {
        let (client, clients_end) = duplex(room[0]);
        let (target, targets_end) = duplex(room[1]);
        let settings =
            Settings { read_options: ReadOptions { recv, ..SETTINGS.read_options }, ..SETTINGS };
        let report = tokio::spawn(async move {
            let target = RecordingStream { stream: targets_end, recorder: None };
            let (carried, stop) = (Default::default(), CancellationToken::new());
            run(clients_end, Bytes::new(), target, settings, carried, &stop).await
        });
        (client, target, report)
    }

    /// Everything goes through, whatever the pipes hold and however the messages are: pings and
    /// fragments among them, and both directions at once.
    async fn carries(room: [usize; 2], recv: u32, up: Vec<Vec<u8>>, down: Vec<Vec<u8>>) {
        let (client, target, _) = session(room, recv);
        let client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
        let (mut to_bridge, mut from_bridge) = client.split();
        let (mut from_client, mut to_client) = split(target);
        let client_writes = async {
            for message in &up {
                to_bridge.send(Message::Ping(Bytes::from_static(b"?"))).await.unwrap();
                to_bridge.send(Message::binary(message.clone())).await.unwrap();
            }
        };
        let target_reads = async {
            let mut arrived = vec![0; up.concat().len()];
            from_client.read_exact(&mut arrived).await.unwrap();
            assert_eq!(arrived, up.concat());
        };
        let target_writes = async {
            for bytes in &down {
                to_client.write_all(bytes).await.unwrap();
            }
        };
        let client_reads = async {
            let (mut arrived, wanted) = (Vec::new(), down.concat());
            while arrived.len() < wanted.len() {
                match from_bridge.next().await.expect("it goes on").expect("frames are whole") {
                    Message::Binary(bytes) => {
                        assert!(
                            (1..=recv as usize).contains(&bytes.len()),
                            "{} bytes",
                            bytes.len()
                        );
                        arrived.extend_from_slice(&bytes);
                    }
                    Message::Pong(bytes) => assert_eq!(bytes, "?"),
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(arrived, wanted);
        };
        tokio::join!(client_writes, target_reads, target_writes, client_reads);
    }

    /// A stop waits for twice the close timeout, and not for longer.
    #[tokio::test(start_paused = true)]
    async fn a_session_of_which_nobody_reads_the_end_takes_two_close_timeouts() {
        let (mut client, mut target, report) = session([10, 1000], 1000);
        target.write_all(&[0; 1000]).await.unwrap();
        drop(target);
        // A masked message of one byte, which the target does not take any more.
        client.write_all(&[0x82, 0x81, 0, 0, 0, 0, b'x']).await.unwrap();
        let began = Instant::now();
        let report = report.await.unwrap();
        assert!(matches!(report.end, SessionEnd::TargetFailed(_)), "{report:?}");
        assert_eq!(began.elapsed(), SETTINGS.close_timeout * 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn all_goes_through_pipes_of_any_width(
            room in prop::array::uniform2(1_usize..200),
            recv in 1_u32..100,
            up in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
            down in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
            runtime.expect("there is a runtime").block_on(async {
                let carried = timeout(Duration::from_mins(1), carries(room, recv, up, down));
                carried.await.expect("nothing waits for what will not come");
            });
        }
    }
}
