//! Measures how soon the pages of a class follow the teacher's.
//!
//! `cargo xtask bench class` runs it. The relay runs in a separate process, and this process is the teacher, who steps twice a
//! second through a trace of 500 events, and all followers; 50 late ones a second join too. A line for each size has the
//! delays from the teacher's message to the followers' in milliseconds, what a follower takes of the relay's memory, and the
//! relay's processor time. The line before it is the reference: a server that only writes the same bytes to as many
//! connections. The line after it has how long bets take until they are confirmed, if all bet at once.
//!
//! With NATS, the same is measured of two relays that share the class: the teacher is at one, and the followers at the other.
//! What the joins and bets there take of the teacher's relay is in the last line.

mod bare;
mod follower;
mod nats;
mod relay;
mod steps;

use std::env;
use std::rc::Rc;
use std::time::{Duration, Instant};

use framescope_class::{Ask, FromTeacher, Role, SUBPROTOCOL, Show, ToTeacher, decode, encode};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{interval, sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::Message;

use crate::bare::Bare;
use crate::follower::{Greeting, follow, join_late};
use crate::nats::Nats;
use crate::relay::ClassRelay;
use crate::steps::Steps;

/// How many followers are measured, unless the command line says so.
const SIZES: [usize; 2] = [1000, 5000];

/// The time between two steps of the teacher.
const STEP: Duration = Duration::from_millis(500);

/// The number of steps: 500 events, 10 a step.
const STEPS: usize = 50;

/// The length of a step's report, in bytes: ten events of a recorded lesson have 400 to 700.
const REPORT: usize = 600;

/// The time between two late joiners.
const LATE: Duration = Duration::from_millis(20);

/// How many connections are opened at a time: fewer than a listener's backlog holds.
const LANES: usize = 64;

/// How long steps that are on their way may take.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() {
    raise_descriptor_limit();
    let asked = env::args().skip(1).find_map(|argument| argument.parse().ok());
    let sizes = asked.map_or_else(|| SIZES.to_vec(), |followers| vec![followers]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime can be made");
    for followers in sizes {
        LocalSet::new().block_on(&runtime, reference(followers));
        let relay = ClassRelay::start(None);
        LocalSet::new().block_on(&runtime, class(followers, 1, &relay, &relay));
        drop(relay);
        if let Some(nats) = Nats::start() {
            let relays = [(); 2].map(|()| ClassRelay::start(Some(&nats)));
            LocalSet::new().block_on(&runtime, class(followers, 2, &relays[0], &relays[1]));
        }
    }
}

fn raise_descriptor_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("a process may raise its own limit");
}

/// A server that writes the same messages to all, and does nothing else.
async fn reference(followers: usize) {
    let steps = Rc::new(Steps::default());
    let bare = Bare::start();
    let follow = |ready| follow(bare.address, Greeting::None, Rc::clone(&steps), ready);
    let all = gather(followers, follow).await;
    let mut ticks = interval(STEP);
    for number in 0..STEPS {
        ticks.tick().await;
        steps.begin(number);
        bare.step(steps::report(number, REPORT));
    }
    steps.until(followers * STEPS).await;
    drop(all);
    println!(
        "reference=bare followers={followers} {} steps_received={}",
        steps.figures(),
        steps.count()
    );
}

/// The teacher is at one relay, and all others are at `relay`, which may be the same.
async fn class(followers: usize, relays: u32, teacher: &ClassRelay, relay: &ClassRelay) {
    let steps = Rc::new(Steps::default());
    let mut console = enter(teacher).await;
    show(&mut console, Show::Run(b"the beginning of a trace".to_vec())).await;
    let empty = relay.resident_kib();
    let greeting = Greeting::Join(relay.code);
    let follow = |ready| follow(relay.address, greeting, Rc::clone(&steps), ready);
    let all = gather(followers, follow).await;
    // Joins are told to all a while after they have happened, and that takes memory too.
    sleep(STEP).await;
    let count = u32::try_from(followers).expect("a class is smaller");
    let kib = (relay.resident_kib() - empty) / f64::from(count);
    let began = relay.cpu_seconds();
    let late = Rc::new(Steps::default());
    let joiners = tokio::task::spawn_local({
        let (late, address, code) = (Rc::clone(&late), relay.address, relay.code);
        async move {
            let mut ticks = interval(LATE);
            let mut joiners = JoinSet::new();
            loop {
                ticks.tick().await;
                joiners.spawn_local(join_late(address, code, Rc::clone(&late)));
                while joiners.try_join_next().is_some() {}
            }
        }
    });
    let mut ticks = interval(STEP);
    for number in 0..STEPS {
        ticks.tick().await;
        steps.begin(number);
        show(&mut console, Show::Part(steps::report(number, REPORT))).await;
        show(&mut console, Show::Place(format!("4a {}", number * 10))).await;
    }
    // If two steps came as one, the count says so.
    let _ = timeout(PATIENCE, steps.until(followers * STEPS)).await;
    joiners.abort();
    let cpu = relay.cpu_seconds() - began;
    drop(all);
    println!(
        "followers={followers} {} kib_per_follower={kib:.1} cpu_s={cpu:.1} relays={relays} steps_received={} late_joiners={} late_p99_ms={:.1}",
        steps.figures(),
        steps.count(),
        late.count(),
        late.quantile(990),
    );
    let bets = Rc::new(Steps::default());
    let code = relay.code;
    let before = teacher.cpu_seconds();
    let all =
        gather(followers, |ready| follower::bet(relay.address, code, Rc::clone(&bets), ready));
    let all = all.await;
    let began = Instant::now();
    say(&mut console, &FromTeacher::Ask(Ask::Step(0))).await;
    bets.until(followers).await;
    let all_ms = began.elapsed().as_secs_f64() * 1000.0;
    drop(all);
    let [p50, p99] = [500, 990].map(|share| bets.quantile(share));
    print!("bets={followers} p50_ms={p50:.1} p99_ms={p99:.1} all_ms={all_ms:.0} relays={relays}");
    if relays > 1 {
        print!(" teacher_relay_cpu_s={:.2}", teacher.cpu_seconds() - before);
    }
    println!();
}

type Console = WebSocketStream<TcpStream>;

async fn enter(relay: &ClassRelay) -> Console {
    let stream = TcpStream::connect(relay.address).await.expect("the relay listens");
    stream.set_nodelay(true).expect("TCP_NODELAY can be set");
    let url = format!("ws://{}/class/console", relay.address);
    let mut request = url.into_client_request().expect("it is a URL");
    let offered = SUBPROTOCOL.parse().expect("it is a header's value");
    request.headers_mut().insert("Sec-WebSocket-Protocol", offered);
    let opened = tokio_tungstenite::client_async(request, stream).await;
    let (mut console, _) = opened.expect("the class takes a console");
    let enter =
        FromTeacher::Enter { key: relay.key, role: Role::Console { number: None, before: None } };
    say(&mut console, &enter).await;
    let answer = console.next().await.expect("it answers").expect("it answers").into_data();
    let entered: Option<ToTeacher> = decode(&answer);
    assert!(matches!(entered, Some(ToTeacher::Entered { .. })), "{entered:?}");
    console
}

async fn say(console: &mut Console, message: &FromTeacher) {
    let message = Message::Binary(encode(message).into());
    console.send(message).await.expect("the relay is there");
    // What a console is told is read, so that it does not wait in the relay.
    while let Some(Some(_)) = futures_util::FutureExt::now_or_never(console.next()) {}
}

async fn show(console: &mut Console, show: Show) {
    say(console, &FromTeacher::Show(show)).await;
}

/// Opens as many pages, each of which is there until the returned set is dropped.
async fn gather<P: Future<Output = ()> + 'static>(
    followers: usize,
    page: impl Fn(Rc<Semaphore>) -> P,
) -> JoinSet<()> {
    let mut all = JoinSet::new();
    let ready = Rc::new(Semaphore::new(0));
    // A permit is one that has come in: as many are on their way as there are lanes.
    for number in 0..followers {
        if number >= LANES {
            ready.acquire().await.expect("it is never closed").forget();
        }
        all.spawn_local(page(Rc::clone(&ready)));
    }
    let rest = u32::try_from(LANES.min(followers)).unwrap_or(u32::MAX);
    ready.acquire_many(rest).await.expect("it is never closed").forget();
    all
}
