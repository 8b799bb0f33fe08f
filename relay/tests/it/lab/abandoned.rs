//! An experiment whose client has gone releases its threads, descriptors and ports. Tested on the real
//! binary, through proc(5).

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use framescope_lab::{BlockedOn, Command, Report, Side};
use socket2::SockRef;
use tokio::task::JoinSet;

use super::client::{LabClient, PROTOCOL, blocks, lesson, sleeper};
use crate::support::descriptors;
use crate::support::http::{get, upgrade_from};
use crate::support::process::RelayProcess;
use crate::support::until;

const EXPERIMENTS: usize = 200;

/// One address may not open all experiments, so they come from several.
const ADDRESSES: usize = 7;

/// The resources that a process holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Holdings {
    pub(super) descriptors: usize,
    threads: usize,
    listening: BTreeSet<u16>,
}

impl Holdings {
    pub(super) fn of(relay: &RelayProcess) -> Self {
        let own = |what: &str| {
            let path = format!("/proc/{}/{what}", relay.running.id());
            std::fs::read_dir(path).expect("the relay lives").flatten()
        };
        let links: Vec<_> = own("fd").map(|entry| std::fs::read_link(entry.path())).collect();
        let inodes: BTreeSet<String> = links
            .iter()
            .flatten()
            .filter_map(|link| {
                Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
            })
            .collect();
        let listening = sockets()
            .into_iter()
            .filter(|socket| socket.state == LISTEN && inodes.contains(&socket.inode));
        Self {
            descriptors: links.len(),
            threads: own("task").count(),
            listening: listening.map(|socket| socket.port).collect(),
        }
    }
}

/// The number of the state in `linux/tcp_states.h`.
const LISTEN: &str = "0A";

/// A line of `/proc/net/tcp`; see `proc_net(5)`.
struct Socket {
    port: u16,
    state: String,
    inode: String,
}

fn sockets() -> Vec<Socket> {
    let table = std::fs::read_to_string("/proc/net/tcp").expect("Linux has it");
    let socket = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (_, port) = fields.get(1)?.split_once(':')?;
        Some(Socket {
            port: u16::from_str_radix(port, 16).ok()?,
            state: (*fields.get(3)?).to_owned(),
            inode: (*fields.get(9)?).to_owned(),
        })
    };
    table.lines().skip(1).filter_map(socket).collect()
}

/// Opens a session from one of our addresses and stops in the middle of an experiment.
async fn half_done(relay: SocketAddr, number: usize) -> LabClient {
    let own = Ipv4Addr::new(127, 0, 0, u8::try_from(2 + number % ADDRESSES).expect("a few"));
    let granted = upgrade_from(own.into(), relay, "/lab", &[PROTOCOL]).await;
    let mut client = LabClient::on(granted).await;
    match number % 5 {
        0 => {
            client.load(lesson("4a")).await;
            client.step(Side::SERVER).await;
            let waits = client.step(Side::SERVER).await;
            assert!(waits.iter().any(blocks(BlockedOn::Client)), "{waits:?}");
        }
        1 => {
            client.load(lesson("2b")).await;
            for side in [0, 1, 0, 1, 0].map(Side) {
                let events = client.step(side).await;
                assert!(!events.is_empty());
            }
        }
        2 => {
            client.load(sleeper()).await;
            client.command(&Command::Play).await;
            client.events_until(blocks(BlockedOn::Clock)).await;
        }
        3 => {
            client.load(sleeper()).await;
            client.step(Side::SERVER).await;
        }
        _ => {
            client.load(lesson("2b")).await;
            client.command(&Command::Series { runs: 500 }).await;
            assert!(matches!(client.report().await, Report::ChunkSizes(_)));
        }
    }
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_abandoned_experiments_leave_no_descriptor_thread_or_port() {
    descriptors::raise_limit();
    let relay = RelayProcess::start(&[]).await;
    let before = Holdings::of(&relay);
    assert_eq!(before.listening, BTreeSet::from([relay.http.port(), relay.tcp.port()]));

    // From all addresses at the same time: a step is reported after its side has been quiet for a while.
    let mut opening = JoinSet::new();
    for address in 0..ADDRESSES {
        let relay = relay.http;
        opening.spawn(async move {
            let mut clients = Vec::new();
            for number in (address..EXPERIMENTS).step_by(ADDRESSES) {
                clients.push(half_done(relay, number).await);
            }
            clients
        });
    }
    let clients: Vec<LabClient> = opening.join_all().await.into_iter().flatten().collect();
    assert_eq!(clients.len(), EXPERIMENTS);
    let during = Holdings::of(&relay);
    assert!(during.threads >= before.threads + EXPERIMENTS, "{during:?}");
    assert!(during.descriptors > before.descriptors + 3 * EXPERIMENTS, "{during:?}");
    assert!(during.listening.len() > EXPERIMENTS / 5, "{during:?}");

    // No client closes its WebSocket; half of them reset the connection.
    for (number, client) in clients.into_iter().enumerate() {
        let stream = client.0.0.into_inner();
        if number % 2 == 0 {
            SockRef::from(&stream).set_linger(Some(Duration::ZERO)).expect("it can be set");
        }
    }
    // A thread of the runtime's pool that has nothing to do ends after ten seconds.
    until("everything is as it was before", || async { Holdings::of(&relay) == before }).await;
    assert_eq!(get(relay.http, "/lab").await.status, 426);
}
