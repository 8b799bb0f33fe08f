//! A segment as tcpdump prints it.

use framescope_lab::{Fate, Flags, Segment, SegmentHistory};

/// The line that tcpdump prints of a segment.
pub(super) fn tcpdump(segment: &Segment) -> String {
    let Segment { from, to, seq, window, payload, .. } = segment;
    let length = payload.end - payload.start;
    let mut parts = vec![format!("Flags [{}]", flags(segment.flags))];
    let takes = length + u64::from(segment.flags.has(Flags::SYN) || segment.flags.has(Flags::FIN));
    match length {
        0 if takes == 0 && segment.ack.is_some() && !segment.flags.has(Flags::RST) => {}
        0 => parts.push(format!("seq {seq}")),
        _ => parts.push(format!("seq {seq}:{}", seq + length)),
    }
    parts.extend(segment.ack.map(|ack| format!("ack {ack}")));
    parts.push(format!("win {window}"));
    let syn = segment.syn.unwrap_or_default();
    let mut options: Vec<_> = syn.mss.iter().map(|mss| format!("mss {mss}")).collect();
    options.extend(syn.sack_permitted.then(|| "sackOK".to_owned()));
    options.extend(syn.window_scale.map(|scale| format!("wscale {scale}")));
    if !segment.sack.is_empty() {
        let ranges = segment.sack.iter().map(|range| format!("{{{}:{}}}", range.start, range.end));
        let ranges: String = ranges.collect();
        options.push(format!("sack {} {ranges}", segment.sack.len()));
    }
    if !options.is_empty() {
        parts.push(format!("options [{}]", options.join(",")));
    }
    parts.push(format!("length {length}"));
    let (from, to) = (format!("{}.{}", from.ip, from.port), format!("{}.{}", to.ip, to.port));
    format!("{from} > {to}: {}", parts.join(", "))
}

/// What names a segment: its ends, its flags, and its numbers.
pub(super) fn name(segment: &Segment) -> String {
    let line = tcpdump(segment);
    line.split_once(", win").map_or(line.clone(), |(name, _)| name.to_owned())
}

/// What has become of a segment, in a few words. `None` if it has arrived, as expected.
pub(super) fn fate_text(
    history: &SegmentHistory,
    fate: Fate,
    event: usize,
) -> Option<&'static str> {
    match fate {
        Fate::Held => Some("is held"),
        Fate::Copied => Some("arrives as a copy, and is held still"),
        Fate::Dropped => Some("is lost"),
        Fate::Overflowed => Some("is lost: too much is on the wire"),
        Fate::Delivered if history.is_doubled(event + 1) => Some("arrives again"),
        Fate::Delivered if history.is_overtaken(event + 1) => Some("arrives late"),
        Fate::Delivered => None,
    }
}

/// tcpdump's letters. The dot is ACK.
fn flags(flags: Flags) -> String {
    let letters = [
        (Flags::FIN, 'F'),
        (Flags::SYN, 'S'),
        (Flags::RST, 'R'),
        (Flags::PSH, 'P'),
        (Flags::ACK, '.'),
    ];
    letters.into_iter().filter(|(flag, _)| flags.has(*flag)).map(|(_, letter)| letter).collect()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use framescope_lab::SynOptions;
    use framescope_syscall::Address;

    use super::*;

    const fn at(port: u16) -> Address {
        Address { ip: Ipv4Addr::LOCALHOST, port }
    }

    fn segment(flags: Flags) -> Segment {
        Segment {
            number: 0,
            from: at(40_000),
            to: at(9527),
            flags,
            seq: 1,
            ack: Some(1),
            window: 64_256,
            sack: Vec::new(),
            syn: None,
            payload: 0..0,
            repeats: None,
        }
    }

    #[test]
    fn a_segment_is_printed_as_tcpdump_prints_it() {
        let way = "127.0.0.1.40000 > 127.0.0.1.9527:";
        let options = SynOptions { mss: Some(1460), window_scale: Some(7), sack_permitted: true };
        let syn = Segment { seq: 0, ack: None, syn: Some(options), ..segment(Flags::SYN) };
        let options = "options [mss 1460,sackOK,wscale 7]";
        assert_eq!(
            tcpdump(&syn),
            format!("{way} Flags [S], seq 0, win 64256, {options}, length 0")
        );
        let data = Segment { payload: 0..5, ..segment(Flags::PSH.with(Flags::ACK)) };
        assert_eq!(
            tcpdump(&data),
            format!("{way} Flags [P.], seq 1:6, ack 1, win 64256, length 5")
        );
        assert_eq!(
            tcpdump(&segment(Flags::ACK)),
            format!("{way} Flags [.], ack 1, win 64256, length 0")
        );
        let gap = Segment { sack: vec![6..11, 16..21], ..segment(Flags::ACK) };
        let options = "options [sack 2 {6:11}{16:21}]";
        assert_eq!(
            tcpdump(&gap),
            format!("{way} Flags [.], ack 1, win 64256, {options}, length 0")
        );
        let fin = segment(Flags::FIN.with(Flags::ACK));
        assert_eq!(tcpdump(&fin), format!("{way} Flags [F.], seq 1, ack 1, win 64256, length 0"));
    }
}
