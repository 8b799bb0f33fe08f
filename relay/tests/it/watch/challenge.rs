//! A case of the challenge again, watched by the author of the client.

use super::{Folder, calls, printed};

const RIGHT: &str = "\
import socket, struct
sock = socket.create_connection(('127.0.0.1', 9530))
def read(count):
    data = b''
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise SystemExit
        data += more
    return data
def send(payload):
    sock.sendall(struct.pack('<i', len(payload)) + payload)
send(b'it is me')
while True:
    length, = struct.unpack('<i', read(4))
    send(read(length))
";
/// It takes each chunk for a message.
const NAIVE: &str = "\
import socket, struct
sock = socket.create_connection(('127.0.0.1', 9530))
sock.sendall(struct.pack('<i', 2) + b'me')
while data := sock.recv(1024):
    sock.sendall(struct.pack('<i', len(data) - 4) + data[4:])
";

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_played_again_and_its_verdict_is_the_exit_code() {
    let folder = Folder::new("challenge", &[("right.py", RIGHT), ("naive.py", NAIVE)]);
    let again = |client| ["--challenge", "42", "--case", "2", client];
    let (events, finished) = folder.events(&again("right.py")).await;
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(printed(&events, 0).contains("ok   2"), "{}", printed(&events, 0));
    let of_server = calls(&events, 0);
    assert!(of_server.iter().any(|call| call.starts_with("send(")), "{of_server:?}");

    let (events, after) = folder.events(&["right.py", "--challenge", "42", "--case", "2"]).await;
    assert_eq!((after.code, printed(&events, 0).contains("ok   2")), (Some(0), true));

    let (events, finished) = folder.events(&again("naive.py")).await;
    assert_eq!(finished.code, Some(1), "{}", finished.stderr);
    let verdict = printed(&events, 0);
    assert!(verdict.contains("!!   2") && verdict.contains("--case 2 --seed 42"), "{verdict}");
}
