//! What an operator may ask a running relay: counts since it started, as `OpenMetrics` text, which
//! Prometheus reads.

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// The media type of what [`Metrics::encode`] writes.
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything that is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    open: Family<Kind, Gauge>,
    opened: Family<Kind, Counter>,
    /// Bytes to targets, and to clients.
    bytes: [Counter; 2],
    refusals: Family<Reason, Counter>,
    not_believed: Family<Header, Counter>,
    tls_failures: Family<TlsReason, Counter>,
    connect: Histogram,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Direction {
    direction: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Header {
    header: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TlsReason {
    reason: &'static str,
}

/// Counts the lines of the log that were dropped, because the queue was full.
#[derive(Clone, Debug, Default)]
pub struct DroppedLines(Counter);

impl DroppedLines {
    /// Counts one more.
    pub fn add(&self) {
        self.0.inc();
    }

    /// How many there have been.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.get()
    }
}

impl Metrics {
    pub(crate) fn new(dropped_log_lines: DroppedLines) -> Self {
        let mut registry = Registry::with_prefix("framescope");
        let (open, opened) = (Family::default(), Family::default());
        let (bytes, refusals) = (Family::<Direction, Counter>::default(), Family::default());
        let (not_believed, tls_failures) = (Family::default(), Family::default());
        // 0.5 ms to 8 s: from a neighbour to a target that is given up.
        let connect = Histogram::new(exponential_buckets(0.0005, 2.0, 15));
        registry.register("sessions_open", "Sessions that are open", open.clone());
        registry.register("sessions", "Sessions that were opened", opened.clone());
        registry.register(
            "bridge_bytes",
            "Bytes that bridge sessions carried: up to targets, down to clients",
            bytes.clone(),
        );
        registry.register("refusals", "Requests that were refused", refusals.clone());
        registry.register(
            "headers_not_believed",
            "Headers that say who the client is, of those who are no trusted proxies",
            not_believed.clone(),
        );
        registry.register(
            "tls_handshakes_failed",
            "TLS handshakes of clients that failed",
            tls_failures.clone(),
        );
        registry.register_with_unit(
            "connect",
            "How long targets took to accept a connection",
            Unit::Seconds,
            connect.clone(),
        );
        registry.register(
            "log_lines_dropped",
            "Lines of the log that were dropped, because the queue was full",
            dropped_log_lines.0,
        );
        let bytes =
            ["up", "down"].map(|direction| bytes.get_or_create_owned(&Direction { direction }));
        Self { registry, open, opened, bytes, refusals, not_believed, tls_failures, connect }
    }

    /// Counts a session, as an open one until the value is dropped.
    pub(crate) fn session(&self, kind: &'static str) -> OpenSession {
        self.opened.get_or_create(&Kind { kind }).inc();
        let open = self.open.get_or_create_owned(&Kind { kind });
        open.inc();
        OpenSession(open)
    }

    /// The counters of a session that begins: of bytes to its target, and to its client.
    pub(crate) fn byte_counters(&self) -> [ByteCounter; 2] {
        self.bytes.clone().map(|of_all| ByteCounter { of_session: 0, of_all })
    }

    pub(crate) fn refused(&self, reason: &'static str, status: u16) {
        self.refusals.get_or_create(&Reason { reason, status }).inc();
    }

    /// Counts a header that says who the client is, and whose writer is not trusted.
    pub(crate) fn not_believed(&self, header: &'static str) {
        self.not_believed.get_or_create(&Header { header }).inc();
    }

    /// Counts a TLS handshake that failed.
    pub(crate) fn tls_failed(&self, reason: &'static str) {
        self.tls_failures.get_or_create(&TlsReason { reason }).inc();
    }

    pub(crate) fn connected(&self, after: Duration) {
        self.connect.observe(after.as_secs_f64());
    }

    pub(crate) fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Counts the bytes of a session in one direction. They count for the relay at once.
#[derive(Debug, Default)]
pub(crate) struct ByteCounter {
    of_session: u64,
    of_all: Counter,
}

impl ByteCounter {
    pub(crate) fn add(&mut self, bytes: u64) {
        self.of_session += bytes;
        self.of_all.inc_by(bytes);
    }

    /// The bytes of this session.
    pub(crate) const fn bytes(&self) -> u64 {
        self.of_session
    }
}

/// A session that is counted as open.
pub(crate) struct OpenSession(Gauge);

impl Drop for OpenSession {
    fn drop(&mut self) {
        self.0.dec();
    }
}
