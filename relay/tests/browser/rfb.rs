//! A remote desktop: a server of the Remote Framebuffer Protocol 3.8, RFC 6143. It needs no password and
//! sends raw pixels.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::support::pattern::expect_bytes;
use crate::support::within;

/// The size of the picture. Its 192 KiB need more than one `recv()` of the bridge. Every pixel has a
/// different colour, so that a test notices each byte that moves.
pub(crate) const WIDTH: u16 = 256;
pub(crate) const HEIGHT: u16 = 192;

/// What the desktop is called; clients show it.
pub(crate) const NAME: &str = "a desktop of the test";

/// The blue of every pixel before a key is pressed. Then it is that key's keysym.
pub(crate) const FIRST_BLUE: u8 = 200;

/// The version of the protocol: RFC 6143, section 7.1.1.
const VERSION: &[u8; 12] = b"RFB 003.008\n";

/// One connected client.
pub(crate) struct Desktop {
    input: mpsc::UnboundedReceiver<Vec<u8>>,
}

impl Desktop {
    /// Does the handshake, then sends the picture whenever the client asks for it. `None` if the client speaks HTTP: the
    /// page of another test may look for its relay, which had this port before.
    pub(crate) async fn show_to(mut stream: TcpStream) -> Option<Self> {
        send(&mut stream, VERSION).await;
        let mut answer = [0; VERSION.len()];
        within("the client answers", stream.read_exact(&mut answer)).await.expect("it does");
        if answer.starts_with(b"GET /") {
            return None;
        }
        assert_eq!(answer, *VERSION);
        greet(&mut stream).await;
        let (tell, input) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let ended = show(stream, tell).await.expect_err("it shows until the client leaves");
            assert_eq!(ended.kind(), io::ErrorKind::UnexpectedEof, "{ended}");
        });
        Some(Self { input })
    }

    /// The next `KeyEvent` or `PointerEvent`, as its bytes arrived.
    pub(crate) async fn input(&mut self) -> Vec<u8> {
        let input = within("the client sends input", self.input.recv()).await;
        input.expect("the client is connected, and sends what the RFC allows")
    }
}

/// RFC 6143, sections 7.1.2 to 7.3.
async fn greet(stream: &mut TcpStream) {
    // The server offers one security type, None. The client chooses it. The result is OK.
    send(stream, &[1, 1]).await;
    expect_bytes(stream, &[1]).await;
    send(stream, &[0; 4]).await;
    let shared = within("ClientInit arrives", stream.read_u8()).await;
    assert!(matches!(shared, Ok(0 | 1)), "{shared:?}");
    let mut init = [WIDTH.to_be_bytes(), HEIGHT.to_be_bytes()].concat();
    // Red and blue are swapped compared with noVNC's format, so that the client must set its own.
    init.extend(PixelFormat::of([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]).0);
    init.extend(u32::try_from(NAME.len()).expect("it is short").to_be_bytes());
    init.extend(NAME.as_bytes());
    send(stream, &init).await;
}

async fn send(stream: &mut TcpStream, bytes: &[u8]) {
    within("the client reads", stream.write_all(bytes)).await.expect("it is connected");
}

/// Answers the messages of RFC 6143, section 7.5, until the connection ends.
async fn show(mut stream: TcpStream, tell: mpsc::UnboundedSender<Vec<u8>>) -> io::Result<()> {
    let mut format = None;
    let mut blue = FIRST_BLUE;
    // Has the client asked for a picture? Is there one that it has not received?
    let (mut is_awaited, mut is_new) = (false, false);
    loop {
        let kind = stream.read_u8().await?;
        // What follows the type, as far as its length is fixed.
        let mut rest = vec![0; rest_of(kind)];
        stream.read_exact(&mut rest).await?;
        match kind {
            SET_PIXEL_FORMAT => {
                let wanted = rest[3..].try_into().expect("the array is as long as the message");
                format = Some(PixelFormat::of(wanted));
            }
            SET_ENCODINGS => {
                let count = usize::from(u16::from_be_bytes([rest[1], rest[2]]));
                stream.read_exact(&mut vec![0; 4 * count]).await?;
            }
            FRAMEBUFFER_UPDATE_REQUEST => {
                is_awaited = true;
                let is_incremental = rest[0] != 0;
                is_new |= !is_incremental;
            }
            KEY_EVENT => {
                is_new |= blue != rest[6];
                blue = rest[6];
            }
            POINTER_EVENT => {}
            _ => panic!("the client was offered nothing that allows it message {kind}"),
        }
        if matches!(kind, KEY_EVENT | POINTER_EVENT) {
            // The receiver may be gone: the pointer can move at any time.
            let _ = tell.send([&[kind], &rest[..]].concat());
        }
        if is_awaited && is_new {
            let format = format.as_ref().expect("the client says how it wants its pixels");
            stream.write_all(&update(format, blue)).await?;
            (is_awaited, is_new) = (false, false);
        }
    }
}

const SET_PIXEL_FORMAT: u8 = 0;
const SET_ENCODINGS: u8 = 2;
const FRAMEBUFFER_UPDATE_REQUEST: u8 = 3;
pub(crate) const KEY_EVENT: u8 = 4;
pub(crate) const POINTER_EVENT: u8 = 5;

fn rest_of(kind: u8) -> usize {
    match kind {
        SET_PIXEL_FORMAT => 19,
        SET_ENCODINGS => 3,
        FRAMEBUFFER_UPDATE_REQUEST => 9,
        KEY_EVENT => 7,
        POINTER_EVENT => 5,
        _ => 0,
    }
}

/// One `FramebufferUpdate` of one rectangle, the whole picture: RFC 6143, section 7.6.1.
fn update(format: &PixelFormat, blue: u8) -> Vec<u8> {
    let mut message = vec![0, 0];
    for number in [1, 0, 0, WIDTH, HEIGHT, 0, 0] {
        message.extend(number.to_be_bytes());
    }
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let [red, green] = [x, y].map(|place| u8::try_from(place).expect("it is under 256"));
            message.extend(format.pixel([red, green, blue]));
        }
    }
    message
}

/// RFC 6143, section 7.4.
struct PixelFormat([u8; 16]);

impl PixelFormat {
    fn of(wire: [u8; 16]) -> Self {
        assert_eq!((wire[0], wire[3]), (32, 1), "true colours of 32 bits are all we have");
        assert_eq!(wire[4..10], [0, 255, 0, 255, 0, 255], "each has 8 bits");
        Self(wire)
    }

    /// Sets the bits that belong to no colour. The RFC gives them no meaning, but noVNC 1.3 reads them as
    /// the opacity if the picture arrives in pieces.
    fn pixel(&self, colour: [u8; 3]) -> [u8; 4] {
        let parts = colour.iter().zip(&self.0[10..13]);
        let pixel = parts.fold(u32::MAX, |pixel, (part, shift)| {
            pixel & !(0xff << shift) | u32::from(*part) << shift
        });
        if self.0[2] == 0 { pixel.to_le_bytes() } else { pixel.to_be_bytes() }
    }
}
