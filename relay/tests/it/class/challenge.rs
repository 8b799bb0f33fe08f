//! The challenge of a class: programs of students, right, naive and hostile.

use std::net::SocketAddr;

use framescope_challenge::{Case, Reason, Script, Step};
use framescope_class::{Command, FromStudent, FromTeacher, Name, Own, Role, Ticket, encode};
use framescope_framing::HeaderFormat;
use framescope_record::{Crossed, Recording};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::client::{Student, Teacher, relay};
use crate::challenge::{framed, right_of};
use crate::support::within;

const FORMAT: HeaderFormat = HeaderFormat::LITTLE_SIGNED;

/// A student's program: where it connects, and what it says first.
#[derive(Clone)]
struct Program {
    server: SocketAddr,
    ticket: String,
}

impl Program {
    async fn of(student: &mut Student) -> Self {
        student.until(|student| student.own.is_some()).await;
        let port = student.challenge.expect("the class has a challenge").port;
        let id = student.own.as_ref().map(|own| own.id).expect("it has been told");
        let ticket = Ticket::new(id, &student.token).to_string();
        Self { server: ([127, 0, 0, 1], port).into(), ticket }
    }

    /// Connects, and answers as it should. Returns how many messages came.
    async fn right(&self) -> usize {
        within("a case", right_of(self.server, self.ticket.as_bytes())).await
    }

    /// Connects, and takes each chunk for a message.
    async fn naive(&self) {
        let mut sock = TcpStream::connect(self.server).await.expect("somebody listens");
        sock.write_all(&framed(self.ticket.as_bytes())).await.expect("it is taken");
        let mut buffer = [0; 64];
        let answered = async {
            loop {
                match sock.read(&mut buffer).await {
                    Ok(read) if read > 4 => {
                        let answer = framed(&buffer[4..read]);
                        if sock.write_all(&answer).await.is_err() {
                            break;
                        }
                    }
                    Ok(_) | Err(_) => break,
                }
            }
        };
        within("it is over", answered).await;
    }
}

fn passed(own: &Own) -> usize {
    own.tried.iter().filter(|tried| tried.is_passed()).count()
}

#[tokio::test]
async fn a_right_program_passes_each_case_once_and_then_gets_no_more() {
    let relay = relay().await;
    let mut console = Teacher::console(relay.http).await;
    let mut student = Student::join(relay.http, Some("Mia")).await;
    let program = Program::of(&mut student).await;
    for case in Case::ALL {
        assert!(program.right().await > 0, "{case:?}");
    }
    student.until(|student| student.own.as_ref().is_some_and(|own| passed(own) == 10)).await;
    assert_eq!(program.right().await, 0, "there is no message when all is passed");
    console.until(|told| told.board.first().is_some_and(|row| row.cases.len() == 10)).await;

    let mut projector = Teacher::enter(relay.http, Role::Projector).await;
    projector.hear().await;
    assert_eq!(projector.projected.as_ref().and_then(|told| told.board.clone()), None);
    console.command(Command::ShowBoard(true)).await;
    let shown = async {
        while projector.projected.as_ref().is_none_or(|told| told.board.is_none()) {
            projector.hear().await;
        }
    };
    within("the board is on the projector", shown).await;
    let board = projector.projected.and_then(|told| told.board).expect("it is");
    assert_eq!(board[0].name.as_ref().map(Name::as_str), Some("Mia"));
    assert!(board[0].cases.iter().all(|(_, is_passed)| *is_passed));
}

/// All bytes that crossed in one direction, and in how many pieces.
fn crossed(recording: &Recording, is_received: bool) -> (Vec<u8>, usize) {
    let (mut bytes, mut pieces) = (Vec::new(), 0);
    for event in &recording.events {
        match &event.what {
            Crossed::Received(data) if is_received && !data.0.is_empty() => {
                bytes.extend(&data.0);
                pieces += 1;
            }
            Crossed::Sent(data) if !is_received => {
                bytes.extend(&data.0);
                pieces += 1;
            }
            Crossed::Received(_) | Crossed::Sent(_) => {}
        }
    }
    (bytes, pieces)
}

#[tokio::test]
async fn a_naive_program_is_told_where_it_failed_and_sees_it_beside_a_right_one() {
    let relay = relay().await;
    let mut student = Student::join(relay.http, None).await;
    let program = Program::of(&mut student).await;
    student.client.send(encode(&FromStudent::TryNext(Case::HeaderInPieces))).await;
    // The relay has taken that before it answers this.
    student.client.send(encode(&FromStudent::Recordings(Case::HeaderInPieces))).await;
    student.until(|student| student.recordings == [None]).await;
    program.naive().await;
    let has_tried =
        |student: &Student| student.own.as_ref().is_some_and(|own| !own.tried.is_empty());
    student.until(has_tried).await;
    let tried = student.own.as_ref().map(|own| own.tried[0].clone()).expect("it has");
    assert_eq!(tried.case, Case::HeaderInPieces);
    let failure = tried.failure.expect("it is naive");
    assert_eq!((failure.at, failure.message), (0, Some(1)));
    assert!(matches!(failure.reason, Reason::Differs | Reason::ClosedEarly), "{failure:?}");

    student.client.send(encode(&FromStudent::Recordings(tried.case))).await;
    student.until(|student| student.recordings.len() == 2).await;
    let recordings = student.recordings[1].take().expect("it has failed");
    let script = Script::new(tried.case, tried.seed, FORMAT);
    assert_eq!((recordings.case, recordings.seed), (tried.case, tried.seed));
    let is_send = |step: &&Step| matches!(step, Step::Send(_));
    let pieces = script.steps.iter().filter(is_send).count();
    assert_eq!(crossed(&recordings.right, true), (script.stream.clone(), pieces));
    assert_eq!(crossed(&recordings.right, false).0, script.answers, "a right one answers all");
    let (got, _) = crossed(&recordings.failed, true);
    assert!(script.stream.starts_with(&got) && !got.is_empty());

    let mut console = Teacher::console(relay.http).await;
    let id = student.own.as_ref().map(|own| own.id).expect("it has been told");
    console.say(&FromTeacher::Recordings(id, tried.case)).await;
    while console.recordings.is_empty() {
        console.hear().await;
    }
    assert_eq!(console.recordings, [Some(recordings)]);

    let mut other = Student::join(relay.http, None).await;
    let _ = Program::of(&mut other).await;
    other.client.send(encode(&FromStudent::Recordings(tried.case))).await;
    // Nobody sees what another student's program has sent.
    other.until(|student| student.recordings == [None]).await;
}

/// What a hostile program does.
async fn hostile(kind: usize, program: Program) {
    let Ok(mut sock) = TcpStream::connect(program.server).await else { return };
    let ticket = framed(program.ticket.as_bytes());
    let wrong = framed(b"1-000000");
    let mut all = Vec::new();
    // Whatever it sends, the other side may have closed.
    let _ = match kind {
        0 => sock.write_all(&[0xff; 4]).await,
        1 => sock.write_all(b"GET / HTTP/1.1\r\n\r\n").await,
        2 => sock.write_all(&wrong).await,
        3 => sock.write_all(&[&ticket[..], &ticket[..]].concat()).await,
        // It greets, and says nothing more.
        4 => sock.write_all(&ticket).await,
        5 => sock.write_all(&ticket[..6]).await,
        6 => sock.write_all(&[ticket, vec![7; 100_000]].concat()).await,
        7 => sock.write_all(&framed(&[b'9'; 1024])).await,
        8 => return,
        _ => {
            let _ = sock.write_all(&ticket).await;
            let _ = sock.read(&mut [0; 3]).await;
            return;
        }
    };
    let _ = sock.read_to_end(&mut all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_hostile_programs_disturb_neither_a_right_one_nor_the_class() {
    let relay = relay().await;
    let mut console = Teacher::console(relay.http).await;
    let mut spoiler = Student::join(relay.http, None).await;
    let spoiling = Program::of(&mut spoiler).await;
    let mut student = Student::join(relay.http, None).await;
    let program = Program::of(&mut student).await;
    let mut others = JoinSet::new();
    for number in 0..20 {
        others.spawn(hostile(number % 10, spoiling.clone()));
    }
    for case in Case::ALL {
        assert!(program.right().await > 0, "{case:?}");
    }
    student.until(|student| student.own.as_ref().is_some_and(|own| passed(own) == 10)).await;
    console.ask().await;
    student.until_told(|told| told.question.is_some()).await;
    within("each of them is closed", others.join_all()).await;
    let told = spoiler.own.clone().expect("it has been told");
    spoiler.until(|spoiler| spoiler.own.as_ref() != Some(&told)).await;
    let tried = spoiler.own.as_ref().map(|own| own.tried.clone()).expect("it has been told");
    assert!(tried.iter().all(|tried| !tried.is_passed()), "{tried:?}");
}

#[tokio::test]
async fn a_program_that_comes_before_the_last_ones_are_over_is_played_a_case_too() {
    let relay = relay().await;
    let mut student = Student::join(relay.http, None).await;
    let program = Program::of(&mut student).await;
    let mut played = Vec::new();
    for _ in 0..2 {
        let mut sock = TcpStream::connect(program.server).await.expect("somebody listens");
        sock.write_all(&framed(program.ticket.as_bytes())).await.expect("it is taken");
        let read = within("its case begins", sock.read(&mut [0; 3])).await;
        assert_eq!(read.expect("it is connected"), 3);
        played.push(sock);
    }
    let (received, ()) = tokio::join!(program.right(), async { played.truncate(1) });
    assert!(received > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_an_address_guesses_tickets_none_of_its_own_is_looked_at() {
    let relay = relay().await;
    let mut student = Student::join(relay.http, None).await;
    let program = Program::of(&mut student).await;
    let mut guesses = JoinSet::new();
    for pin in 0..40 {
        let server = program.server;
        guesses.spawn(async move {
            let mut sock = TcpStream::connect(server).await.expect("somebody listens");
            let ticket = framed(format!("1000-{pin:06}").as_bytes());
            sock.write_all(&ticket).await.expect("it is taken");
            // Nothing comes, and in the end the connection is closed.
            sock.read(&mut [0; 1]).await.unwrap_or(0)
        });
    }
    // 40 guesses, of which 32 are looked at: the others are closed at once.
    for _ in 0..8 {
        assert_eq!(guesses.join_next().await.expect("there are 40").expect("it ends"), 0);
    }
    assert_eq!(program.right().await, 0, "even a right one is not told apart");
    assert!(guesses.join_all().await.iter().all(|read| *read == 0));
    assert!(program.right().await > 0, "and afterwards it is");
}
