//! The challenge: clients that are right, naive and hostile.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use framescope::challenge::{NoGreeting, greet, play};
use framescope_challenge::{Case, Failure, Reason, Verdict};
use framescope_framing::{Decoder, HeaderFormat, encode};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::process::{Finished, Running, framescope, run};
use crate::support::within;

const FORMAT: HeaderFormat = HeaderFormat::LITTLE_SIGNED;

/// How long a client may take in tests that wait for it in vain.
const IMPATIENT: Duration = Duration::from_millis(300);

pub(crate) fn framed(payload: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    encode(FORMAT, payload, &mut wire).expect("it is short");
    wire
}

/// A client that reads as it should, and greets with "hello".
async fn right(server: SocketAddr) {
    right_of(server, b"hello").await;
}

/// A client that reads as it should. Returns how many messages came.
pub(crate) async fn right_of(server: SocketAddr, greeting: &[u8]) -> usize {
    let mut sock = TcpStream::connect(server).await.expect("somebody listens");
    sock.write_all(&framed(greeting)).await.expect("it is taken");
    let mut count = 0;
    let mut decoder = Decoder::new(FORMAT);
    let mut buffer = vec![0; 1000];
    loop {
        let read = sock.read(&mut buffer).await.unwrap_or(0);
        if read == 0 {
            return count;
        }
        let mut chunk = &buffer[..read];
        loop {
            match decoder.decode(&mut chunk) {
                Ok(Some(message)) => {
                    count += 1;
                    let answer = framed(message.payload);
                    sock.write_all(&answer).await.expect("it is taken");
                }
                Ok(None) => break,
                Err(_) => return count,
            }
        }
    }
}

/// What is found of a client. It is given the address of a server that plays one case with it.
async fn verdict_on<F: Future<Output = ()>>(
    case: Case,
    seed: u64,
    patience: Duration,
    client: impl FnOnce(SocketAddr) -> F,
) -> Result<Verdict, NoGreeting> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
    let address = listener.local_addr().expect("it has an address");
    let server = async {
        let (mut sock, _) = listener.accept().await.expect("a client comes");
        greet(&mut sock, FORMAT, patience).await?;
        Ok(play(&mut sock, case, seed, FORMAT, patience).await.verdict)
    };
    let both = async { tokio::join!(server, client(address)).0 };
    within("the case is over", both).await
}

#[tokio::test]
async fn a_right_client_passes_every_case_with_any_seed() {
    let patient = Duration::from_secs(30);
    for case in Case::ALL {
        for seed in [0, 1, u64::MAX] {
            let verdict = verdict_on(case, seed, patient, right).await;
            assert_eq!(verdict, Ok(Verdict::Passed), "{case:?}, seed {seed}");
        }
    }
}

#[tokio::test]
async fn what_is_no_greeting_is_said() {
    let says = |bytes: &'static [u8], stays: bool| {
        verdict_on(Case::Alone, 1, IMPATIENT, async move |server| {
            let mut sock = TcpStream::connect(server).await.expect("somebody listens");
            let _ = sock.write_all(bytes).await;
            if stays {
                let _ = sock.read(&mut [0; 10]).await;
            }
        })
    };
    assert_eq!(says(b"", false).await, Err(NoGreeting::Left));
    assert_eq!(says(b"\x05\0\0\0he", true).await, Err(NoGreeting::TimedOut));
    assert_eq!(says(b"GET / HTTP/1.1\r\n\r\n", true).await, Err(NoGreeting::Header));
    assert_eq!(says(b"\x02\0\0\0hi\x02\0\0\0hi", true).await, Err(NoGreeting::TooMuch));
}

#[tokio::test]
async fn a_client_that_only_listens_is_told_so() {
    let verdict = verdict_on(Case::Stuck, 1, IMPATIENT, async |server| {
        let mut sock = TcpStream::connect(server).await.expect("somebody listens");
        sock.write_all(&framed(b"hello")).await.expect("it is taken");
        let mut all = Vec::new();
        let _ = sock.read_to_end(&mut all).await;
    });
    let Ok(Verdict::Failed(Failure { reason, at, message, .. })) = verdict.await else {
        panic!("it must fail");
    };
    assert_eq!((reason, at, message), (Reason::TimedOut, 0, Some(1)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    /// Whatever a client sends after its greeting, it gets a verdict, and a stranger's bytes pass nothing.
    #[test]
    fn a_hostile_client_gets_its_verdict(
        case in proptest::sample::select(Case::ALL.to_vec()),
        seed: u64,
        garbage in proptest::collection::vec(any::<u8>(), 1..5000),
        reads: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let verdict = runtime.expect("a runtime can be made").block_on(verdict_on(
            case,
            seed,
            IMPATIENT,
            async move |server| {
                let mut sock = TcpStream::connect(server).await.expect("somebody listens");
                sock.write_all(&framed(b"hello")).await.expect("it is taken");
                if reads {
                    let _ = sock.read(&mut [0; 100]).await;
                }
                let _ = sock.write_all(&garbage).await;
            },
        ));
        prop_assert!(!matches!(verdict, Ok(Verdict::Passed)), "{verdict:?}");
    }
}

fn example() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/python/challenge_client.py")
}

/// Starts the challenge on a free port. Returns its address too.
async fn challenge(arguments: &[&str]) -> (Running, SocketAddr) {
    let mut command = framescope();
    command.args(["challenge", "--port", "0"]).args(arguments);
    let mut running = Running::start(command);
    let line = running.line().await;
    let address = line.strip_prefix("challenge   ").and_then(|rest| rest.split(',').next());
    let address = address.and_then(|address| address.parse().ok());
    (running, address.expect("the first line is the address"))
}

fn python(program: &PathBuf, server: SocketAddr) -> Command {
    let mut command = Command::new("python3");
    command.arg("-B").arg(program).args(["--port", &server.port().to_string()]);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_with_its_holes_fails_and_filled_it_passes_everything() {
    let (mut server, address) = challenge(&["--case", "3", "--seed", "7"]).await;
    run(python(&example(), address)).await;
    let (said, code) = server.rest().await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("!!   3  a pause within each header: a byte of the answers is wrong\n") || said.contains("!!   3  a pause within each header: the connection was closed, and an answer is missing\n"), "{said}");
    assert!(said.contains("again     framescope challenge --case 3 --seed 7\n"), "{said}");

    let text = fs::read_to_string(example()).expect("it is there");
    let filled = [
        (
            "    return sock.recv(count)\n",
            "    data = b''\n    while len(data) < count:\n        chunk = sock.recv(count - len(data))\n        if not chunk:\n            break\n        data += chunk\n    return data\n",
        ),
        (
            "    (length,) = HEADER.unpack(head)\n",
            "    if len(head) < HEADER.size:\n        return None\n    (length,) = HEADER.unpack(head)\n    if not 0 <= length <= 1024 * 1024:\n        return None\n",
        ),
        (
            "    return recv_exactly(sock, length)\n",
            "    message = recv_exactly(sock, length)\n    return message if len(message) == length else None\n",
        ),
    ];
    let text = filled.iter().fold(text, |text, (hole, filling)| {
        assert!(text.contains(hole), "{hole}");
        text.replace(hole, filling)
    });
    let folder = tempfile();
    let program = folder.join("filled.py");
    fs::write(&program, text).expect("the folder for tests can be written");
    let (mut server, address) = challenge(&[]).await;
    let Finished { stderr, .. } = run(python(&program, address)).await;
    let (said, code) = server.rest().await;
    assert_eq!(code, Some(0), "{said}\n{stderr}");
    assert_eq!(said.matches("\nok ").count(), Case::ALL.len(), "{said}");
    assert!(said.ends_with("\nall cases are passed\n"), "{said}");
}

fn tempfile() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("challenge");
    fs::create_dir_all(&folder).expect("the folder for tests can be written");
    folder
}
