//! Sets the network up, in its namespaces.

use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;

use super::device::Device;
use super::error::{SetupError, SetupStep};
use super::rtnetlink::{Rtnetlink, Rule};
use super::{capabilities, namespaces};

/// The name of the TUN device.
const TUN: &str = "tun0";
/// The table of routes that leads to the device.
const TABLE: u8 = 7;
/// The packets that wait in the device. The largest send buffer of Linux needs fewer.
const QUEUE: u32 = 10_000;

/// Where a kernel that has IPv6 has its settings.
const IPV6: &str = "/proc/sys/net/ipv6";

/// A network in the namespaces of this process, which still has its capabilities.
#[derive(Debug)]
pub struct Network {
    device: Device,
    rtnetlink: Rtnetlink,
}

impl Network {
    /// Enters new namespaces, and sets the network up in them.
    ///
    /// # Errors
    ///
    /// [`SetupError`] says which step failed. The process is of no more use then: it may be in a namespace that
    /// has no network.
    pub fn enter() -> Result<Self, SetupError> {
        namespaces::enter()?;
        let device = Device::open(TUN)?;
        set(&format!("net/ipv4/conf/{TUN}/route_localnet"), "1")?;
        set(&format!("net/ipv4/conf/{TUN}/accept_local"), "1")?;
        // Of the two values, the larger one holds.
        set(&format!("net/ipv4/conf/{TUN}/rp_filter"), "0")?;
        set("net/ipv4/conf/all/rp_filter", "0")?;
        // Every Linux has it, and lets anybody choose it. So a lesson looks the same on all of them.
        set("net/ipv4/tcp_congestion_control", "reno")?;
        let rtnetlink = Rtnetlink::open().map_err(SetupStep::Routes.failed())?;
        let network = Self { device, rtnetlink };
        network.rtnetlink.bring_up("lo").map_err(SetupStep::Routes.failed())?;
        network.close_ipv6()?;
        network.lead_to_device().map_err(SetupStep::Routes.failed())?;
        Ok(network)
    }

    /// Who looks `localhost` up uses 127.0.0.1. A server may listen on `::1`, and nobody reaches it.
    fn close_ipv6(&self) -> Result<(), SetupError> {
        if !Path::new(IPV6).exists() {
            return Ok(());
        }
        // An address of IPv6 would be the only one that is no loopback, and hide 127.0.0.1 from those who look a name up: see
        // `AI_ADDRCONFIG` in getaddrinfo(3).
        set(&format!("net/ipv6/conf/{TUN}/disable_ipv6"), "1")?;
        match self.rtnetlink.delete_route(Rule::LOCAL, (Ipv6Addr::LOCALHOST, 128)) {
            // There is no `::1` here.
            Err(error) if error.raw_os_error() == Some(libc::ESRCH) => Ok(()),
            deleted => deleted.map_err(SetupStep::Routes.failed()),
        }
    }

    /// What a program sends to 127.0.0.0/8 goes to the device, and what comes from the device is for this machine.
    fn lead_to_device(&self) -> std::io::Result<()> {
        let system = &self.rtnetlink;
        system.set_queue(TUN, QUEUE)?;
        system.bring_up(TUN)?;
        // Without a source address, a SYN would leave from 0.0.0.0.
        system.add_route(TABLE, (Ipv4Addr::new(127, 0, 0, 0), 8), TUN, Ipv4Addr::LOCALHOST)?;
        system.add_rule(&Rule { priority: 10, from: Some(TUN), table: Rule::LOCAL })?;
        system.add_rule(&Rule { priority: 20, from: Some("lo"), table: TABLE })?;
        system.add_rule(&Rule { priority: 30, from: None, table: Rule::LOCAL })?;
        system.delete_rule(&Rule { priority: 0, from: None, table: Rule::LOCAL })
    }

    /// Sets the largest packet, in bytes, and gives up every capability: from now on the network is as it is.
    ///
    /// # Errors
    ///
    /// [`SetupError`] says which step failed.
    pub fn finish(self, mtu: u16) -> Result<Device, SetupError> {
        self.rtnetlink.set_mtu(TUN, mtu.into()).map_err(SetupStep::Routes.failed())?;
        capabilities::drop_all()?;
        Ok(self.device)
    }
}

/// Changes a setting of the kernel: see proc(5).
fn set(name: &str, value: &str) -> Result<(), SetupError> {
    fs::write(format!("/proc/sys/{name}"), value).map_err(SetupStep::Settings.failed())
}
