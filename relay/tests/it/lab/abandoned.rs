//! Experiments whose clients leave at any moment leave no process, descriptor, thread, port or network.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use framescope_lab::{Command, Until};
use socket2::SockRef;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::client::{COMPUTES, LabClient, PROTOCOL, SPINS, experiment, pair};
use super::isolation::children;
use crate::support::holdings::Holdings;
use crate::support::http::upgrade_from;
use crate::support::pattern::Random;
use crate::support::process::RelayProcess;
use crate::support::until;

const EXPERIMENTS: usize = 300;

/// One address may not open all experiments, so they come from several.
const ADDRESSES: usize = 10;

/// Opens a session, and does something in it until the moment comes.
async fn leave(relay: std::net::SocketAddr, number: usize, moment: Duration) {
    let own = Ipv4Addr::new(127, 0, 0, u8::try_from(2 + number % ADDRESSES).expect("a few"));
    let granted = upgrade_from(own.into(), relay, "/lab", &[PROTOCOL]).await;
    let mut client = LabClient::on(granted).await;
    let life = async {
        match number % 5 {
            0 => client.load(pair()).await,
            1 => client.load(experiment(&[COMPUTES])).await,
            2 => client.load(experiment(&[SPINS])).await,
            3 => client.load(experiment(&["import time\ntime.sleep(60)"])).await,
            _ => {
                client.command(&Command::Load(pair())).await;
                client.command(&Command::Reset).await;
            }
        }
        loop {
            client.command(&Command::StepNext(Until::Line)).await;
            client.command(&Command::Play).await;
            client.report().await;
        }
    };
    let _: Result<(), _> = timeout(moment, life).await;
    // No client closes its WebSocket; half of them reset the connection.
    let stream = client.0.0.into_inner();
    if number.is_multiple_of(2) {
        SockRef::from(&stream).set_linger(Some(Duration::ZERO)).expect("it can be set");
    }
}

/// The network namespaces of these processes, and the network devices of this one.
fn networks(processes: &[i32]) -> (BTreeSet<PathBuf>, BTreeSet<OsString>) {
    let namespaces = processes.iter().map(|id| format!("/proc/{id}/ns/net"));
    let namespaces = namespaces.map(|link| fs::read_link(link).expect("the process lives"));
    let devices = fs::read_dir("/sys/class/net").expect("Linux has it");
    (
        namespaces.collect(),
        devices.map(|device| device.expect("it has a name").file_name()).collect(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_abandoned_experiments_leave_no_process_descriptor_thread_port_or_network() {
    let relay = RelayProcess::start(&[]).await;
    let mut expected = Holdings::of(&relay);
    let (_, devices) = networks(&[]);

    let mut leaving = JoinSet::new();
    for address in 0..ADDRESSES {
        let (relay, mut random) = (relay.http, Random(1 + address as u64));
        leaving.spawn(async move {
            for number in (address..EXPERIMENTS).step_by(ADDRESSES) {
                let moment = Duration::from_micros(random.size(100_000) as u64);
                leave(relay, number, moment).await;
            }
        });
    }
    leaving.join_all().await;
    // A spare worker stays, with a socket and a pipe.
    expected.descriptors += 2;
    let is_one = || std::future::ready(children(&relay).len() == 1);
    until("one spare worker is left", is_one).await;
    // A namespace lives by processes, and by the descriptors that are counted below.
    let (namespaces, devices_now) = networks(&children(&relay));
    assert_eq!(namespaces.len(), 1, "that of the spare worker");
    assert_eq!(devices_now, devices);
    // A thread of the runtime's pool that has nothing to do ends after ten seconds.
    until("nothing else is left", || std::future::ready(Holdings::of(&relay) == expected)).await;
}
