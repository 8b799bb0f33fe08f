//! Files of version 1 that no run has written.

use std::fmt::Write as _;

use framescope_lab::version1::{self, translate_trace};
use framescope_lab::{Trace, TraceError};

use super::timeline;

const CALLS: [&str; 18] = [
    r#"{"Listen":{"backlog":2}}"#,
    r#""Accept""#,
    r#""Connect""#,
    r#"{"Send":"6161616161"}"#,
    r#"{"Send":""}"#,
    r#"{"SendMessage":"616161"}"#,
    r#"{"SendHeader":-9223372036854775808}"#,
    r#"{"Recv":3}"#,
    r#"{"RecvExact":4}"#,
    r#""RecvNaive""#,
    r#""RecvMessage""#,
    r#"{"Sleep":{"ms":60000}}"#,
    r#"{"SetNodelay":true}"#,
    r#"{"SetRecvBuffer":4294967295}"#,
    r#"{"SetSendBuffer":0}"#,
    r#""ShutdownWrite""#,
    r#""Close""#,
    r#""Reset""#,
];

const ENDS: [&str; 7] = [
    r#"{"Returned":"Nothing"}"#,
    r#"{"Returned":{"Bytes":"6161"}}"#,
    r#"{"Returned":{"Message":""}}"#,
    r#"{"Returned":"EndOfStream"}"#,
    r#"{"Returned":{"Error":{"Errno":"EPIPE"}}}"#,
    r#"{"Returned":{"Error":{"Negative":{"declared":-9223372036854775808}}}}"#,
    r#"{"Returned":{"Error":{"TooLong":{"declared":18446744073709551615,"limit":0}}}}"#,
];

const KINDS: [&str; 12] = [
    r#"{"Blocked":"room"}"#,
    r#"{"Blocked":"bytes"}"#,
    r#"{"Blocked":"client"}"#,
    r#"{"Accepted":null}"#,
    r#"{"Accepted":1}"#,
    r#"{"Sent":"616161"}"#,
    r#"{"Sent":""}"#,
    r#"{"Received":{"asked":1,"got":"61"}}"#,
    r#"{"Received":{"asked":4294967295,"got":""}}"#,
    r#"{"Received":{"asked":0,"got":""}}"#,
    r#"{"Failed":"ECONNRESET"}"#,
    r#"{"Failed":"EIO"}"#,
];

const FIGURES: [&str; 4] = [
    r#"{"state":null,"unread":null,"unacknowledged":null}"#,
    r#"{"state":"Listen","unread":null,"unacknowledged":null}"#,
    r#"{"state":"Established","unread":4294967295,"unacknowledged":0}"#,
    r#"{"state":"Established","unread":0,"unacknowledged":4294967295}"#,
];

fn one_of<'a>(random: &mut fastrand::Rng, all: &[&'a str]) -> &'a str {
    all[random.usize(..all.len())]
}

fn program(random: &mut fastrand::Rng, calls: usize) -> String {
    let calls: Vec<_> = (0..calls).map(|_| one_of(random, &CALLS)).collect();
    format!("[{}]", calls.join(","))
}

/// A file whose calls begin and return in order. What happens in between is arbitrary.
fn file(random: &mut fastrand::Rng) -> String {
    let lengths: Vec<usize> = (0..random.usize(2..5)).map(|_| random.usize(1..7)).collect();
    let programs: Vec<_> = lengths.iter().map(|length| program(random, *length)).collect();
    let mut calls = vec![(0, false); lengths.len()];
    let (mut events, mut at) = (Vec::new(), 0);
    for _ in 0..random.usize(..60) {
        let side = random.usize(..lengths.len());
        let (call, in_progress) = &mut calls[side];
        if *call == lengths[side] {
            continue;
        }
        let number = *call;
        let kind = if !std::mem::replace(in_progress, true) {
            "\"Began\""
        } else if random.u8(..3) == 0 {
            (*call, *in_progress) = (number + 1, false);
            one_of(random, &ENDS)
        } else {
            one_of(random, &KINDS)
        };
        at += random.u64(..20_000_000);
        let figures: Vec<_> = lengths.iter().map(|_| one_of(random, &FIGURES)).collect();
        let mut event = String::new();
        let _ = write!(event, r#"{{"at":{at},"side":{side},"call":{number},"#);
        let _ = write!(event, r#""happened":{kind},"figures":[{}]}}"#, figures.join(","));
        events.push(event);
    }
    let end = one_of(random, &["null", "\"finished\"", "\"record_full\"", "\"time_over\""]);
    format!(
        r#"{{"version":1,"source":"measured","experiment":{{"header":"!I","server":{},"clients":[{}],"order":[]}},"events":[{}],"end":{end}}}"#,
        programs[0],
        programs[1..].join(","),
        events.join(",")
    )
}

#[test]
fn whatever_the_checker_of_version_1_takes_is_translated_to_a_trace_that_is_valid() {
    let mut random = fastrand::Rng::with_seed(1);
    let mut taken = 0;
    for _ in 0..3000 {
        let json = file(&mut random);
        let Ok(old) = version1::Trace::from_json(&json) else { continue };
        taken += 1;
        let new = translate_trace(&old).expect("it is within bounds");
        timeline(&new);
        assert_eq!(Trace::from_json(&new.to_json()), Ok(new), "{json}");
    }
    assert!(taken > 500, "the checker took {taken}");
}

/// Of a send that waits again and again, a trace has only the bytes that were taken.
#[test]
fn a_file_does_not_grow_with_the_number_of_waits() {
    let payload = "61".repeat(65_536);
    let figures = [FIGURES[0]; 2].join(",");
    let event = |kind: &str| {
        format!(r#"{{"at":1,"side":1,"call":0,"happened":{kind},"figures":[{figures}]}}"#)
    };
    let mut events = vec![event("\"Began\"")];
    for outcome in [r#"{"Sent":"61"}"#, r#"{"Accepted":null}"#, r#"{"Failed":"EIO"}"#] {
        for _ in 0..2000 {
            events.extend([event(r#"{"Blocked":"room"}"#), event(outcome)]);
        }
    }
    let json = format!(
        r#"{{"version":1,"source":"measured","experiment":{{"header":"<i","server":[],"clients":[[{{"Send":"{payload}"}}]],"order":[]}},"events":[{}],"end":null}}"#,
        events.join(",")
    );
    let old = version1::Trace::from_json(&json).expect("the checker takes it");
    let new = translate_trace(&old).expect("it is within bounds");
    assert!(new.encode().len() < json.len());
}

#[test]
fn a_program_too_long_for_its_text_is_refused_with_its_bound() {
    let payload: String = (0..40_000_u32).fold(String::new(), |mut text, number| {
        let _ = write!(text, "{:02x}", number.wrapping_mul(2_654_435_761) >> 24);
        text
    });
    let json = format!(
        r#"{{"version":1,"source":"measured","experiment":{{"header":"<i","server":[],"clients":[[{{"Send":"{payload}"}}]],"order":[]}},"events":[],"end":null}}"#
    );
    let old = version1::Trace::from_json(&json).expect("the checker takes it");
    assert!(matches!(translate_trace(&old), Err(TraceError::OutOfBounds(_))));
}
