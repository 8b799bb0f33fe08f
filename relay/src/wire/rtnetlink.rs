//! Changes interfaces, routes and rules: rtnetlink(7).

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage,
    NetlinkPayload,
};
use netlink_packet_route::link::{LinkAttribute, LinkFlags, LinkMessage};
use netlink_packet_route::route::{
    RouteAttribute, RouteMessage, RouteProtocol, RouteScope, RouteType,
};
use netlink_packet_route::rule::{RuleAction, RuleAttribute, RuleMessage};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use netlink_sys::Socket;
use netlink_sys::protocols::NETLINK_ROUTE;

/// The buffer for one answer, in bytes.
const ANSWER: usize = 4096;

/// A connection to the part of the kernel that has the network.
#[derive(Debug)]
pub(super) struct Rtnetlink(Socket);

/// A rule that says which table of routes a packet is looked up in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule<'a> {
    /// Rules are tried in this order.
    pub(super) priority: u32,
    /// Only for packets that come from this interface. `lo` are those that a program of this machine sends.
    pub(super) from: Option<&'a str>,
    pub(super) table: u8,
}

impl Rule<'_> {
    /// The table of the addresses of this machine.
    pub(super) const LOCAL: u8 = 255;

    fn message(&self) -> RuleMessage {
        let mut message = RuleMessage::default();
        message.header.family = AddressFamily::Inet;
        message.header.table = self.table;
        message.header.action = RuleAction::ToTable;
        message.attributes.push(RuleAttribute::Priority(self.priority));
        let from = self.from.map(|interface| RuleAttribute::Iifname(interface.to_owned()));
        message.attributes.extend(from);
        message
    }
}

impl Rtnetlink {
    pub(super) fn open() -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.bind_auto()?;
        socket.connect(&netlink_sys::SocketAddr::new(0, 0))?;
        Ok(Self(socket))
    }

    pub(super) fn bring_up(&self, interface: &str) -> io::Result<()> {
        let mut message = link(interface);
        message.header.flags = LinkFlags::Up;
        message.header.change_mask = LinkFlags::Up;
        self.change(RouteNetlinkMessage::NewLink(message), 0)
    }

    pub(super) fn set_mtu(&self, interface: &str, bytes: u32) -> io::Result<()> {
        self.set(interface, LinkAttribute::Mtu(bytes))
    }

    /// Sets how many packets wait for a reader of a TUN device.
    pub(super) fn set_queue(&self, interface: &str, packets: u32) -> io::Result<()> {
        self.set(interface, LinkAttribute::TxQueueLen(packets))
    }

    fn set(&self, interface: &str, attribute: LinkAttribute) -> io::Result<()> {
        let mut message = link(interface);
        message.attributes.push(attribute);
        self.change(RouteNetlinkMessage::NewLink(message), 0)
    }

    /// Adds a route: what goes to the addresses leaves by the interface. A socket that has no address gets `source`.
    pub(super) fn add_route(
        &self,
        table: u8,
        (to, prefix): (Ipv4Addr, u8),
        interface: &str,
        source: Ipv4Addr,
    ) -> io::Result<()> {
        let mut message = RouteMessage::default();
        message.header.address_family = AddressFamily::Inet;
        message.header.destination_prefix_length = prefix;
        message.header.table = table;
        message.header.protocol = RouteProtocol::Static;
        message.header.scope = RouteScope::Link;
        message.header.kind = RouteType::Unicast;
        message.attributes = vec![
            RouteAttribute::Destination(to.into()),
            RouteAttribute::PrefSource(source.into()),
            RouteAttribute::Oif(index_of(interface)?),
        ];
        self.change(RouteNetlinkMessage::NewRoute(message), NLM_F_CREATE | NLM_F_EXCL)
    }

    /// Deletes the route to these addresses.
    pub(super) fn delete_route(&self, table: u8, (to, prefix): (Ipv6Addr, u8)) -> io::Result<()> {
        let mut message = RouteMessage::default();
        message.header.address_family = AddressFamily::Inet6;
        message.header.destination_prefix_length = prefix;
        message.header.table = table;
        message.attributes = vec![RouteAttribute::Destination(to.into())];
        self.change(RouteNetlinkMessage::DelRoute(message), 0)
    }

    pub(super) fn add_rule(&self, rule: &Rule<'_>) -> io::Result<()> {
        self.change(RouteNetlinkMessage::NewRule(rule.message()), NLM_F_CREATE | NLM_F_EXCL)
    }

    pub(super) fn delete_rule(&self, rule: &Rule<'_>) -> io::Result<()> {
        self.change(RouteNetlinkMessage::DelRule(rule.message()), 0)
    }

    /// Asks for a change, and waits until it is made.
    fn change(&self, change: RouteNetlinkMessage, flags: u16) -> io::Result<()> {
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | NLM_F_ACK | flags;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::from(change));
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        self.0.send(&bytes, 0)?;
        let mut answer = Vec::with_capacity(ANSWER);
        self.0.recv(&mut answer, 0)?;
        let answer = <NetlinkMessage<RouteNetlinkMessage>>::deserialize(&answer);
        match answer.map(|answer| answer.payload) {
            Ok(NetlinkPayload::Error(error)) => error.code.map_or(Ok(()), |_| Err(error.to_io())),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

fn link(interface: &str) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.attributes.push(LinkAttribute::IfName(interface.to_owned()));
    message
}

/// The number of an interface.
fn index_of(interface: &str) -> io::Result<u32> {
    let socket = rustix::net::socket(
        rustix::net::AddressFamily::INET,
        rustix::net::SocketType::DGRAM,
        None,
    )?;
    Ok(rustix::net::netdevice::name_to_index(&socket, interface)?)
}
