//! `framescope watch`: programs as they are.

mod bounds;
mod challenge;
mod languages;
mod pairs;
mod reach;
mod steps;
mod terminal;
mod waiting;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use framescope_lab::{Event, EventKind};

use crate::support::process::{Finished, framescope, run};

/// A client that tries again until there is a server.
const TRIES_AGAIN: &str = "\
import socket, time
while True:
    try:
        sock = socket.create_connection(('127.0.0.1', 9527))
        break
    except ConnectionRefusedError:
        time.sleep(0.05)
print(sock.recv(10))
";

/// A folder for one test, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let path = std::env::temp_dir().join(format!("framescope-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("the folder for temporary files can be written");
        for (file, text) in files {
            fs::write(path.join(file), text).expect("the folder can be written");
        }
        Self(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }

    /// Watches programs in it.
    async fn watch(&self, arguments: &[&str]) -> Finished {
        let mut command = framescope();
        command.current_dir(&self.0).arg("watch").args(arguments);
        run(command).await
    }

    /// Watches programs in it, and returns what happened.
    async fn events(&self, arguments: &[&str]) -> (Vec<Event>, Finished) {
        let finished = self.watch(&[&["--json"], arguments].concat()).await;
        let events = finished.stdout.lines().map(serde_json::from_str);
        let events = events.collect::<Result<_, _>>();
        let events: Vec<Event> = events.unwrap_or_else(|error| panic!("{error}: {finished:?}"));
        check_calls(&events);
        (events, finished)
    }
}

/// One call at a time is under way under each number of a thread, and what returns was called.
fn check_calls(events: &[Event]) {
    let mut open = HashMap::new();
    for event in events {
        let of = (event.program, event.thread);
        match &event.kind {
            EventKind::Called(call, _) => {
                let other = open.insert(of, call.clone());
                assert_eq!(other, None, "{event:?} while another is under way: {events:?}");
            }
            EventKind::Returned(_) => {
                assert!(open.remove(&of).is_some(), "{event:?} of no call: {events:?}");
            }
            _ => {}
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The calls of a program, as the terminal shows them.
fn calls(events: &[Event], program: usize) -> Vec<String> {
    let own = events.iter().filter(|event| event.program == program);
    own.filter_map(|event| match &event.kind {
        EventKind::Called(call, _) => Some(call.to_string()),
        _ => None,
    })
    .collect()
}

/// What a program has printed.
fn printed(events: &[Event], program: usize) -> String {
    let own = events.iter().filter(|event| event.program == program);
    own.filter_map(|event| match &event.kind {
        EventKind::Printed(output) => Some(output.text.as_str()),
        _ => None,
    })
    .collect()
}
