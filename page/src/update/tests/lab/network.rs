//! What the page says of the network that the programs run on.

use framescope_lab::{Network, NoWire, NoWireReason, Report};

use super::Page;
use crate::msg::LabMsg;
use crate::screen::network::{ladder_note, missing_wire};

#[test]
fn the_page_says_why_no_segment_is_seen_and_what_helps() {
    let mut page = Page::with_lab("lesson=4a");
    page.lab(LabMsg::StepNext);
    page.lab(LabMsg::ChannelOpened(1));
    page.report(&Report::Loaded(Vec::new()));
    assert_eq!(missing_wire(&page.state), None);
    let why = NoWire {
        remedy: Some("sudo modprobe tun".to_owned()),
        ..NoWire::new(NoWireReason::Tun, "/dev/net/tun cannot be opened")
    };
    page.report(&Report::Network(Network::Loopback(why)));
    let missing = missing_wire(&page.state).expect("there is no wire");
    let expected = "No segment is seen: /dev/net/tun of the relay's machine is missing, or closed \
                    to its user.";
    assert_eq!(missing.reason, expected);
    assert_eq!(missing.remedy.as_deref(), Some("sudo modprobe tun"));
    assert!(ladder_note(&page.state).contains("not captured"));
    page.report(&Report::Network(Network::Wire));
    assert_eq!(missing_wire(&page.state), None);
    assert!(ladder_note(&page.state).contains("every segment was captured"));
}
