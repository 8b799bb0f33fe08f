//! What a relay's process holds, through proc(5).

use std::collections::BTreeSet;

use super::process::RelayProcess;

/// The resources that a process holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Holdings {
    pub(crate) descriptors: usize,
    threads: usize,
    listening: BTreeSet<u16>,
}

impl Holdings {
    pub(crate) fn of(relay: &RelayProcess) -> Self {
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
