//! The wire: what becomes of segments, whatever kernel sends them.

use std::net::Ipv4Addr;

use framescope_engine::wire::{Crossed, Header, MAX_ON_WIRE, MAX_ON_WIRE_BYTES, Wire};
use framescope_lab::{
    Fate, Flags, Segment, SegmentClass, SynOptions, WireAction, WireCommand, WireDirection,
    WireRule, WireSetup,
};
use framescope_syscall::Address;

const CLIENT: Address = Address { ip: Ipv4Addr::LOCALHOST, port: 40_000 };
const SERVER: Address = Address { ip: Ipv4Addr::LOCALHOST, port: 9527 };

/// A segment of the client.
const fn header(flags: Flags, seq: u32, length: u32) -> Header {
    Header {
        from: CLIENT,
        to: SERVER,
        flags,
        seq,
        ack: 0,
        window: 1000,
        syn: SynOptions { mss: None, window_scale: None, sack_permitted: false },
        sack: Vec::new(),
        length,
    }
}

fn data(seq: u32) -> Header {
    header(Flags::ACK, seq, 5)
}

fn wire(rules: Vec<WireRule>) -> Wire<u32> {
    Wire::new(&WireSetup { rules, ..WireSetup::default() })
}

const fn rule(action: WireAction) -> WireRule {
    WireRule::for_all(action)
}

/// Sends a segment, whose sequence number is also what is delivered.
fn send(wire: &mut Wire<u32>, now: u64, header: &Header) -> (Segment, Option<Fate>) {
    let (sent, fate) = wire.send(now, header, header.seq);
    let Crossed::Sent(segment) = sent else { panic!("{sent:?}") };
    let fate = fate.map(|fate| match fate {
        Crossed::Fate { number, fate, .. } if number == segment.number => fate,
        other => panic!("{other:?}"),
    });
    (segment, fate)
}

/// What is delivered by now.
fn delivered(wire: &mut Wire<u32>, now: u64) -> Vec<u32> {
    std::iter::from_fn(|| wire.deliver(now)).map(|(packet, _)| packet).collect()
}

#[test]
fn segments_arrive_in_the_order_in_which_they_were_sent() {
    let mut wire = Wire::new(&WireSetup { latency_us: 100, ..WireSetup::default() });
    for seq in [1, 6, 11] {
        assert_eq!(send(&mut wire, u64::from(seq), &data(seq)).1, None);
    }
    assert_eq!(wire.next_delivery(), Some(101));
    assert!(delivered(&mut wire, 100).is_empty());
    assert_eq!(delivered(&mut wire, 106), [1, 6]);
    assert_eq!(delivered(&mut wire, 111), [11]);
    assert_eq!(wire.next_delivery(), None);
}

#[test]
fn numbers_are_relative_and_go_on_where_those_of_the_header_wrap() {
    let mut wire = wire(Vec::new());
    let initial = u32::MAX - 7;
    let seq = |number: u32| initial.wrapping_add(number);
    let (syn, _) = send(&mut wire, 0, &header(Flags::SYN, seq(0), 0));
    assert_eq!((syn.seq, syn.ack, syn.payload), (0, None, 0..0));
    let answer = Header {
        from: SERVER,
        to: CLIENT,
        ack: seq(1),
        syn: SynOptions { window_scale: Some(7), ..SynOptions::default() },
        ..header(Flags::SYN.with(Flags::ACK), 5000, 0)
    };
    let (answer, _) = send(&mut wire, 0, &answer);
    assert_eq!((answer.seq, answer.ack, answer.window), (0, Some(1), 1000));
    let mut start = 1;
    for _ in 0..4 {
        let (segment, _) = send(&mut wire, 0, &Header { ack: 5001, ..data(seq(start)) });
        let offset = u64::from(start);
        assert_eq!((segment.seq, segment.ack), (offset, Some(1)));
        assert_eq!(segment.payload, offset - 1..offset + 4);
        start += 5;
    }
    let sack = Header {
        from: SERVER,
        to: CLIENT,
        ack: seq(6),
        sack: vec![(seq(11), seq(21))],
        ..header(Flags::ACK, 5001, 0)
    };
    let (sack, _) = send(&mut wire, 0, &sack);
    assert_eq!((sack.ack, sack.sack.first(), sack.sack.len()), (Some(6), Some(&(11..21)), 1));
    assert_eq!(sack.window, 1000, "the client has not scaled windows, so the server does not");
}

#[test]
fn numbers_are_relative_if_both_sides_begin_the_connection_at_once() {
    let scaled = SynOptions { window_scale: Some(7), ..SynOptions::default() };
    let (both, initials) = (Flags::SYN.with(Flags::ACK), [u32::MAX - 2, 5000]);
    // A socket that has connected to itself is both sides.
    for (server, initials) in [(SERVER, initials), (CLIENT, [initials[0]; 2])] {
        let mut wire = wire(Vec::new());
        let ends = [(CLIENT, server), (server, CLIENT)];
        let sent = |side: usize, flags, offset: u32, acked: u32| Header {
            from: ends[side].0,
            to: ends[side].1,
            ack: initials[1 - side].wrapping_add(acked),
            syn: if Flags::has(flags, Flags::SYN) { scaled } else { SynOptions::default() },
            ..header(flags, initials[side].wrapping_add(offset), if offset > 0 { 5 } else { 0 })
        };
        for (flags, ack) in [(Flags::SYN, None), (both, Some(1))] {
            for side in [0, 1] {
                let (syn, _) = send(&mut wire, 0, &sent(side, flags, 0, 1));
                assert_eq!((syn.seq, syn.ack, syn.window), (0, ack, 1000));
            }
        }
        for side in [0, 1] {
            let sack =
                vec![(initials[1 - side].wrapping_add(11), initials[1 - side].wrapping_add(21))];
            let data = Header { sack, ..sent(side, Flags::ACK, 1, 6) };
            let (data, _) = send(&mut wire, 0, &data);
            assert_eq!((data.seq, data.ack, data.window), (1, Some(6), 128_000));
            assert_eq!((data.sack.first(), data.payload), (Some(&(11..21)), 0..5));
        }
    }
}

#[test]
fn a_syn_with_another_number_begins_at_0_again_and_what_it_answers_goes_on() {
    let mut wire = wire(Vec::new());
    let answer = |ack, seq| Header {
        from: SERVER,
        to: CLIENT,
        ack,
        ..header(Flags::SYN.with(Flags::ACK), seq, 0)
    };
    // The client has given up, and its port is used again.
    for initial in [100, 7_000_000] {
        assert_eq!(send(&mut wire, 0, &header(Flags::SYN, initial, 0)).0.seq, 0);
    }
    for seq in [5000, 90_000] {
        let (answer, _) = send(&mut wire, 0, &answer(7_000_001, seq));
        assert_eq!((answer.seq, answer.ack, answer.repeats), (0, Some(1), None));
    }
    let (data, _) = send(&mut wire, 0, &Header { ack: 90_001, ..data(7_000_001) });
    assert_eq!((data.seq, data.ack), (1, Some(1)));
}

#[test]
fn what_is_sent_again_names_the_first_segment_that_had_it() {
    let mut wire = wire(Vec::new());
    let syn = header(Flags::SYN, 100, 0);
    assert_eq!(send(&mut wire, 0, &syn).0.repeats, None);
    assert_eq!(send(&mut wire, 0, &syn).0.repeats, Some(0));
    for (number, header, repeats) in [
        (2, data(101), None),
        (3, data(106), None),
        // Both in one segment, and more.
        (4, header(Flags::ACK, 101, 15), Some(2)),
        (5, data(106), Some(3)),
        (6, data(111), Some(4)),
        (7, header(Flags::ACK, 116, 0), None),
        (8, header(Flags::FIN.with(Flags::ACK), 116, 0), None),
        (9, header(Flags::FIN.with(Flags::ACK), 116, 0), Some(8)),
    ] {
        let (segment, _) = send(&mut wire, 0, &header);
        assert_eq!((segment.number, segment.repeats), (number, repeats));
    }
    // A new connection between the same addresses begins at 0 again.
    let (syn, _) = send(&mut wire, 0, &header(Flags::SYN, 7_000_000, 0));
    assert_eq!((syn.seq, syn.repeats), (0, None));
}

#[test]
fn the_first_rule_that_is_for_a_segment_decides() {
    let skips = WireRule { skip: 1, count: Some(1), ..rule(WireAction::Drop) };
    let data_only = WireRule { class: SegmentClass::Data, ..rule(WireAction::Hold) };
    let other_way = WireRule { direction: Some(WireDirection::ToClient), ..rule(WireAction::Drop) };
    let mut wire = wire(vec![other_way, skips, data_only]);
    let fates: Vec<_> =
        [header(Flags::SYN, 0, 0), header(Flags::ACK, 1, 0), data(1), header(Flags::ACK, 6, 0)]
            .iter()
            .map(|header| send(&mut wire, 0, header).1)
            .collect();
    assert_eq!(fates, [None, Some(Fate::Dropped), Some(Fate::Held), None]);
}

#[test]
fn a_rule_counts_the_segments_that_another_one_decides_and_those_of_before_it_was_sent_again() {
    let second = WireRule { skip: 1, count: Some(1), ..rule(WireAction::Drop) };
    let hold = rule(WireAction::Hold);
    let mut wire = wire(vec![hold, second]);
    assert_eq!(send(&mut wire, 0, &data(1)).1, Some(Fate::Held));
    wire.command(0, WireCommand::Rules(vec![second]));
    assert_eq!(send(&mut wire, 0, &data(6)).1, Some(Fate::Dropped));
    wire.command(0, WireCommand::Rules(vec![hold, second]));
    wire.command(0, WireCommand::Rules(vec![second]));
    assert_eq!(send(&mut wire, 0, &data(11)).1, None, "it was for one segment");
}

#[test]
fn a_probability_is_kept_and_a_seed_repeats_its_choices() {
    let half = WireRule { permille: 500, ..rule(WireAction::Drop) };
    let lost = |seed: u64| -> Vec<bool> {
        let mut wire = Wire::new(&WireSetup { seed, rules: vec![half], ..WireSetup::default() });
        let seqs = (0..1000).map(|number| 1 + 5 * number);
        seqs.map(|seq| send(&mut wire, 0, &data(seq)).1 == Some(Fate::Dropped)).collect()
    };
    let first = lost(1);
    let count = first.iter().filter(|lost| **lost).count();
    assert!((400..600).contains(&count), "{count}");
    assert_eq!(first, lost(1));
    assert_ne!(first, lost(2));
}

#[test]
fn a_segment_is_held_until_a_command_says_what_becomes_of_it() {
    let mut wire = wire(vec![rule(WireAction::Hold)]);
    for seq in [1, 6, 11, 16, 21] {
        assert_eq!(send(&mut wire, 0, &data(seq)).1, Some(Fate::Held));
    }
    assert_eq!(wire.next_delivery(), None);
    assert_eq!(wire.command(10, WireCommand::Deliver(2)), None);
    assert_eq!(delivered(&mut wire, 10), [11]);
    wire.command(10, WireCommand::Delay(0, 5));
    wire.command(10, WireCommand::Duplicate(1));
    let (packet, copied) = wire.deliver(10).expect("a copy is delivered");
    let expected = Crossed::Fate { number: 1, from: CLIENT, to: SERVER, fate: Fate::Copied };
    assert_eq!((packet, copied), (6, expected));
    assert_eq!(delivered(&mut wire, 15), [1]);
    let dropped = wire.command(20, WireCommand::Drop(3)).expect("it is on the wire");
    let expected = Crossed::Fate { number: 3, from: CLIENT, to: SERVER, fate: Fate::Dropped };
    assert_eq!(dropped, expected);
    for gone in [WireCommand::Drop(3), WireCommand::Deliver(3), WireCommand::Duplicate(99)] {
        assert_eq!(wire.command(20, gone), None);
    }
    wire.command(20, WireCommand::DeliverAll);
    assert_eq!(delivered(&mut wire, 20), [6, 21]);
    wire.command(30, WireCommand::Rules(Vec::new()));
    assert_eq!(send(&mut wire, 30, &data(26)).1, None);
}

#[test]
fn segments_are_duplicated_delayed_and_reordered() {
    let once = |action| WireRule { count: Some(1), ..rule(action) };
    let mut twice = wire(vec![once(WireAction::Duplicate)]);
    send(&mut twice, 0, &data(1));
    assert_eq!(delivered(&mut twice, 0), [1, 1]);

    let mut late = wire(vec![once(WireAction::Delay(50))]);
    send(&mut late, 0, &data(1));
    send(&mut late, 0, &data(6));
    assert_eq!(delivered(&mut late, 49), [6]);
    assert_eq!(delivered(&mut late, 50), [1]);

    let mut swapped = wire(vec![once(WireAction::Reorder)]);
    send(&mut swapped, 0, &data(1));
    assert!(delivered(&mut swapped, 10).is_empty());
    let other_way = Header { from: SERVER, to: CLIENT, ..data(900) };
    send(&mut swapped, 10, &other_way);
    assert_eq!(delivered(&mut swapped, 10), [900], "that goes the other way");
    send(&mut swapped, 10, &data(6));
    send(&mut swapped, 10, &data(11));
    assert_eq!(delivered(&mut swapped, 10), [6, 1, 11]);

    let mut pairs = wire(vec![rule(WireAction::Reorder)]);
    for seq in [1, 6, 11, 16] {
        send(&mut pairs, 0, &data(seq));
    }
    assert_eq!(delivered(&mut pairs, 0), [6, 1, 16, 11]);

    let then_late = WireRule { skip: 1, ..once(WireAction::Delay(50)) };
    let mut behind = wire(vec![once(WireAction::Reorder), then_late]);
    send(&mut behind, 0, &data(1));
    send(&mut behind, 0, &data(6));
    assert!(delivered(&mut behind, 49).is_empty());
    assert_eq!(delivered(&mut behind, 50), [6, 1]);

    let mut alone = wire(vec![once(WireAction::Reorder)]);
    send(&mut alone, 0, &data(1));
    let late = alone.next_delivery().expect("it arrives though nothing follows");
    assert_eq!(delivered(&mut alone, late), [1]);
}

#[test]
fn a_wire_that_is_full_loses_what_comes_and_says_so() {
    let mut wire = wire(vec![rule(WireAction::Hold)]);
    let seqs = (0..).map(|number| 1 + 5 * number);
    for seq in seqs.clone().take(MAX_ON_WIRE) {
        assert_eq!(send(&mut wire, 0, &data(seq)).1, Some(Fate::Held));
    }
    assert_eq!(send(&mut wire, 0, &data(1)).1, Some(Fate::Overflowed));
    assert_eq!(wire.command(0, WireCommand::Duplicate(0)), None);
    wire.command(0, WireCommand::DeliverAll);
    assert!(delivered(&mut wire, 0).into_iter().eq(seqs.take(MAX_ON_WIRE)));
    assert_eq!(send(&mut wire, 0, &data(1)).1, Some(Fate::Held));
}

#[test]
fn copies_that_a_command_asks_for_are_bounded_in_bytes_too() {
    let mut wire = wire(vec![rule(WireAction::Hold)]);
    let length = 65_000;
    send(&mut wire, 0, &header(Flags::ACK, 1, length));
    for _ in 0..1000 {
        wire.command(0, WireCommand::Duplicate(0));
    }
    wire.command(0, WireCommand::DeliverAll);
    let bytes = delivered(&mut wire, 0).len() * length as usize;
    assert!(bytes <= MAX_ON_WIRE_BYTES && bytes + length as usize > MAX_ON_WIRE_BYTES, "{bytes}");
}
