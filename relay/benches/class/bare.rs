//! The reference: a server that writes the same messages to all its connections, and does nothing else.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread;

use framescope_class::{Follow, ToStudent, encode};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::sync::broadcast;

/// A server in its own thread. It ends with this value.
pub(crate) struct Bare {
    pub(crate) address: SocketAddr,
    frames: broadcast::Sender<Vec<u8>>,
}

impl Bare {
    pub(crate) fn start() -> Self {
        let (frames, _) = broadcast::channel::<Vec<u8>>(16);
        let (said, address) = mpsc::channel();
        let weak = frames.downgrade();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be made").block_on(async {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
                let listener = listener.expect("loopback has free ports");
                let own = listener.local_addr().expect("it is bound");
                said.send(own).expect("it is waited for");
                while let (Ok((mut follower, _)), Some(frames)) =
                    (listener.accept().await, weak.upgrade())
                {
                    let mut frames = frames.subscribe();
                    tokio::spawn(async move {
                        while let Ok(frame) = frames.recv().await {
                            if follower.write_all(&frame).await.is_err() {
                                break;
                            }
                        }
                    });
                }
            });
        });
        let address = address.recv().expect("the server starts");
        Self { address, frames }
    }

    /// Writes a report to all.
    pub(crate) fn step(&self, part: Vec<u8>) {
        let message = encode(&ToStudent::Follow(Follow::Part { run: 1, number: 0, part }));
        let length = u16::try_from(message.len()).expect("a step is short");
        // RFC 6455, section 5.2: a binary message in one frame, whose length has two bytes.
        let frame = [&[0x82, 126], &length.to_be_bytes()[..], &message].concat();
        self.frames.send(frame).expect("somebody follows");
    }
}
