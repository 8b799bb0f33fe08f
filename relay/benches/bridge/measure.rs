//! The rows: each runs one workload through a subject and returns the measured figures.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures are for reading; three digits of them matter"
)]

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::client::Client;
use crate::figure::Figure;
use crate::subject::{Kind, Subject};

/// How often everything is measured. Many short rounds, because other work on the machine comes and goes
/// within seconds, and each process places its threads differently.
pub(crate) const ROUNDS: usize = 11;
/// How many bytes go through one connection.
const STREAM: u64 = 512 * 1024 * 1024;
/// How long echoes are counted.
const ECHOES: Duration = Duration::from_secs(1);
/// The payload of an echo, in bytes.
const ECHO: [u8; 64] = [b'e'; 64];
/// How long connections are opened and closed.
const CONNECTS: Duration = Duration::from_secs(1);

/// What is measured together.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// In how many rounds it is measured. A value that varies little needs few.
    pub(crate) rounds: usize,
    connections: usize,
    work: Work,
}

#[derive(Clone, Copy)]
enum Work {
    Down,
    Up,
    Echo,
    Idle,
    Connect,
}

impl Row {
    /// Every row. `most` is the number of connections that a process can hold here.
    pub(crate) fn all(most: usize) -> Vec<Self> {
        let row = |name, connections, work, rounds| Self { name, rounds, connections, work };
        vec![
            row("down, 1 connection", 1, Work::Down, ROUNDS),
            row("up, 1 connection", 1, Work::Up, ROUNDS),
            row("down, 8 connections", 8, Work::Down, ROUNDS),
            row("up, 8 connections", 8, Work::Up, ROUNDS),
            row("echo, 1 connection", 1, Work::Echo, ROUNDS),
            row("echo, 32 connections", 32, Work::Echo, ROUNDS),
            row("connect, 8 at a time", 8, Work::Connect, ROUNDS),
            row("idle, 2,000 connections", 2000, Work::Idle, 1),
            row("idle, up to 10,000", most.min(10_000), Work::Idle, 1),
        ]
    }

    /// Is the row measured for this kind?
    pub(crate) fn concerns(&self, kind: Kind) -> bool {
        match self.work {
            Work::Connect => true,
            Work::Idle => kind != Kind::UpgradingFloor && kind.is_one_process(),
            // The floor with a 101 differs from the floor only in how it opens connections.
            Work::Down | Work::Up | Work::Echo => kind != Kind::UpgradingFloor,
        }
    }

    pub(crate) async fn measure(&self, subject: &Subject) -> Vec<(Figure, f64)> {
        let mut figures = match self.work {
            Work::Down => self.throughput(subject, true).await,
            Work::Up => self.throughput(subject, false).await,
            Work::Echo => self.echoes(subject).await,
            Work::Idle => self.idle(subject).await,
            Work::Connect => self.connects(subject).await,
        };
        let is_of_process = |figure: &Figure| {
            matches!(figure, Figure::ProcessorPerGigabyte | Figure::ProcessorPerEcho)
        };
        figures.retain(|(figure, _)| subject.kind.is_one_process() || !is_of_process(figure));
        figures
    }

    async fn clients(&self, subject: &Subject) -> Vec<Client> {
        let mut clients = Vec::with_capacity(self.connections);
        for _ in 0..self.connections {
            clients.push(subject.connect().await.expect("the subject takes a connection"));
        }
        clients
    }

    /// Bytes in one direction, over all connections at once.
    async fn throughput(&self, subject: &Subject, is_down: bool) -> Vec<(Figure, f64)> {
        let clients = self.clients(subject).await;
        let each = STREAM / self.connections as u64;
        let processor = subject.processor_seconds();
        let began = Instant::now();
        let mut tasks = JoinSet::new();
        for mut client in clients {
            tasks.spawn(async move {
                if is_down { client.down(each).await } else { client.up(each).await }
            });
        }
        all(tasks).await;
        let seconds = began.elapsed().as_secs_f64();
        let processor = subject.processor_seconds() - processor;
        let bytes = (each * self.connections as u64) as f64;
        vec![
            (Figure::MegabytesPerSecond, bytes / 1e6 / seconds),
            (Figure::ProcessorPerGigabyte, processor / (bytes / 1e9)),
        ]
    }

    /// Messages that come back, one at a time on each connection.
    async fn echoes(&self, subject: &Subject) -> Vec<(Figure, f64)> {
        let mut clients = self.clients(subject).await;
        for client in &mut clients {
            client.begin_echo().await.expect("the subject forwards bytes");
        }
        let processor = subject.processor_seconds();
        let mut tasks = JoinSet::new();
        for mut client in clients {
            tasks.spawn(async move {
                let mut times = Vec::new();
                let end = Instant::now() + ECHOES;
                while Instant::now() < end {
                    let sent = Instant::now();
                    client.echo(&ECHO).await.expect("the subject forwards bytes");
                    times.push(sent.elapsed().as_secs_f64() * 1e6);
                }
                times
            });
        }
        let mut times: Vec<f64> = tasks.join_all().await.concat();
        let processor = subject.processor_seconds() - processor;
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        vec![
            (Figure::EchoesPerSecond, times.len() as f64 / ECHOES.as_secs_f64()),
            (Figure::Median, at(0.5)),
            (Figure::Percentile99, at(0.99)),
            (Figure::ProcessorPerEcho, processor * 1e6 / times.len() as f64),
        ]
    }

    /// The memory that each open connection without traffic takes.
    async fn idle(&self, subject: &Subject) -> Vec<(Figure, f64)> {
        // The first connections also allocate what all connections share.
        let warm = Self { connections: 100, ..*self }.clients(subject).await;
        let before = subject.memory_kib();
        let clients = self.clients(subject).await;
        let taken = subject.memory_kib() - before;
        drop((warm, clients));
        vec![(Figure::MemoryPerConnection, taken / self.connections as f64)]
    }

    /// Connections opened, used once, and closed.
    async fn connects(&self, subject: &Subject) -> Vec<(Figure, f64)> {
        let opened = Arc::new(AtomicU64::new(0));
        let end = Instant::now() + CONNECTS;
        let lanes = (0..self.connections).map(|_| async {
            while Instant::now() < end {
                let mut client = subject.connect().await.expect("the subject takes a connection");
                client.down(1).await.expect("the subject forwards bytes");
                opened.fetch_add(1, Ordering::Relaxed);
            }
        });
        futures_util::future::join_all(lanes).await;
        let opened = opened.load(Ordering::Relaxed) as f64;
        vec![(Figure::ConnectsPerSecond, opened / CONNECTS.as_secs_f64())]
    }
}

async fn all(mut tasks: JoinSet<io::Result<()>>) {
    while let Some(done) = tasks.join_next().await {
        done.expect("nothing panics").expect("the subject forwards bytes");
    }
}
