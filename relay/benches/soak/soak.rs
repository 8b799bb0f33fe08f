//! The course of the soak.

use std::env;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::faults::{Numbers, Run, be_reset, carry, echoes, read_slowly, resets, stop_halfway};
use crate::relay::Soaked;

const MINUTES: u64 = 10;
const RELOAD: Duration = Duration::from_secs(5);
const RESTART: Duration = Duration::from_mins(1);

/// How many clients of each kind there are at a time.
const CARRIERS: u64 = 40;
const FAULTY: u64 = 6;

/// How much more memory the relay may have at the end, in KiB: what its allocator keeps.
const KEPT: usize = 8 * 1024;

pub(crate) fn run() {
    let minutes = env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(MINUTES);
    let runtime = Runtime::new().expect("a runtime can be made");
    let (echo, reset) = runtime.block_on(async { (echoes().await, resets().await) });
    let targets = format!("'echo={echo}', 'reset={reset}'");
    let configuration = |number: u64| {
        format!(
            "target = [{targets}, 'other-{number}=127.0.0.1:1']\nmax-sessions = {}\n",
            1000 + number
        )
    };
    let mut relay = Soaked::start(&configuration(0));
    relay.reload(&configuration(1), "read again");
    let (descriptors, memory) = relay.holds();
    let run = Arc::new(Run::default());
    let mut clients = JoinSet::new();
    let _guard = runtime.enter();
    for seed in 1..=CARRIERS {
        let (run, address) = (Arc::clone(&run), relay.address);
        clients.spawn(async move { carry(address, &run, Numbers(seed)).await });
    }
    for seed in 1..=FAULTY {
        let (address, [one, two, three]) = (relay.address, [(); 3].map(|()| Arc::clone(&run)));
        clients.spawn(async move { be_reset(address, &one, Numbers(seed + 100)).await });
        clients.spawn(async move { stop_halfway(address, &two, Numbers(seed + 200)).await });
        clients.spawn(async move { read_slowly(address, &three, Numbers(seed + 300)).await });
    }
    let (began, mut reloads, mut restarts) = (Instant::now(), 0, 0);
    let mut next_restart = began + RESTART;
    while began.elapsed() < Duration::from_mins(minutes) {
        std::thread::sleep(RELOAD);
        reloads += 1;
        if reloads % 3 == 0 {
            relay.reload("target = 'broken", "the old one stays");
            relay.reload(&configuration(reloads), "read again");
        } else {
            relay.reload(&configuration(reloads), "read again");
        }
        if Instant::now() >= next_restart {
            next_restart += RESTART;
            relay.restart();
            restarts += 1;
        }
        if let Some(ended) = clients.try_join_next() {
            ended.expect("a client has found a fault");
            panic!("a client has ended before it was told to");
        }
        eprint!(
            "\r{:>4} s, {} sessions",
            began.elapsed().as_secs(),
            run.sessions.load(Ordering::Relaxed)
        );
    }
    run.is_over.store(true, Ordering::Relaxed);
    runtime.block_on(async {
        while let Some(ended) = clients.join_next().await {
            ended.expect("a client has found a fault");
        }
    });
    relay.earlier_have_ended();
    // A connection without a request is kept for ten seconds, and memory is given back every ten.
    std::thread::sleep(Duration::from_secs(25));
    let (descriptors_after, memory_after) = relay.holds();
    println!(
        "\nminutes={minutes} sessions={} bytes={} faults={} reloads={reloads} restarts={restarts} \
         descriptors={descriptors}->{descriptors_after} memory_kib={memory}->{memory_after}",
        run.sessions.load(Ordering::Relaxed),
        run.bytes.load(Ordering::Relaxed),
        run.faults.load(Ordering::Relaxed),
    );
    assert!(descriptors_after <= descriptors, "descriptors are left");
    assert!(memory_after <= memory + KEPT, "memory is left");
}
