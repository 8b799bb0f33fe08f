//! Lessons 6 to 9 and 20: headers, those who read them, and lengths that cannot be trusted.

use framescope_syscall::Syscall;

use crate::lessons::calls::{Call, chunks, ended, is_blocked, printed, raised, recvs, sends};
use crate::trace::{Ended, Trace};

pub(in crate::lessons) fn two_messages(trace: &Trace) -> Option<usize> {
    let printed = printed(trace, "server");
    let lines: Vec<&str> = printed.lines().collect();
    match lines[..] {
        ["5 hello", second, ..] if second.starts_with("9 ") => Some(1),
        ["5 hello", "13 你好, world", ..] => Some(2),
        [_] => ended(trace, "server").map(|_| 0),
        _ => None,
    }
}

pub(in crate::lessons) fn first_recv(trace: &Trace) -> Option<usize> {
    match recvs(trace, "server").first()?.received()?.len() {
        9 => Some(0),
        4 => Some(1),
        _ => Some(2),
    }
}

pub(in crate::lessons) fn payload_of_one_recv(trace: &Trace) -> Option<usize> {
    let (recvs, sends) = (recvs(trace, "server"), sends(trace, "client"));
    let recv = recvs.get(1)?;
    // Of the header and the two pieces of the payload, the last is sent after this `recv`.
    if sends.get(2).is_some_and(|last| last.began.0 < recv.ended.0) {
        return None;
    }
    match recv.received() {
        Some(b"hello world!") => Some(0),
        Some(b"hello ") => Some(1),
        Some(_) => None,
        None => recv.failed().map(|_| 2),
    }
}

pub(in crate::lessons) fn whole_message(trace: &Trace) -> Option<usize> {
    let printed = printed(trace, "server");
    match printed.lines().next() {
        Some(line) if line.contains("b'hello '") => Some(0),
        Some(line) if line.contains("b'hello world!'") => Some(1),
        Some(_) => None,
        None => matches!(ended(trace, "server"), Some((_, Ended::Exception(_)))).then_some(2),
    }
}

/// The index among `choices` of the text after `before` in the first line that has it.
fn index_of(printed: &str, before: &str, choices: &[&str]) -> Option<usize> {
    let number = printed.lines().find_map(|line| Some(line.split_once(before)?.1))?;
    choices.iter().position(|choice| *choice == number)
}

pub(in crate::lessons) fn byte_order(trace: &Trace) -> Option<usize> {
    index_of(&printed(trace, "server"), "read as !I: ", &["5", "83886080", "1280"])
}

pub(in crate::lessons) fn text_as_length(trace: &Trace) -> Option<usize> {
    index_of(&printed(trace, "server"), " is ", &["4", "5", "1819043176"])
}

pub(in crate::lessons) fn negative_length(trace: &Trace) -> Option<usize> {
    if raised(trace, "server", "ValueError") {
        return Some(2);
    }
    let recvs = recvs(trace, "server");
    let recv = recvs.get(1)?;
    if recv.received() == Some(&[]) {
        Some(1)
    } else {
        (recv.waits() && is_blocked(trace, "server")).then_some(0)
    }
}

pub(in crate::lessons) fn huge_length(trace: &Trace) -> Option<usize> {
    let recvs = recvs(trace, "server");
    let Some(recv) = recvs.get(1) else {
        return raised(trace, "server", "MemoryError").then_some(2);
    };
    if recv.waits() {
        Some(0)
    } else if recv.received() == Some(&[]) {
        Some(1)
    } else {
        recv.failed().map(|_| 2)
    }
}

pub(in crate::lessons) fn refused_lengths(trace: &Trace) -> Option<usize> {
    ended(trace, "server")?;
    Some(printed(trace, "server").lines().filter(|line| line.starts_with("refused:")).count())
}

pub(in crate::lessons) fn end_of_content(trace: &Trace) -> Option<usize> {
    let size_of = |send: &Call| {
        if let Syscall::Send { bytes, .. } = send.syscall { Some(bytes.0.len()) } else { None }
    };
    let sent: Vec<usize> = sends(trace, "client").iter().filter_map(size_of).collect();
    let [length, header, content] = sent[..] else { return None };
    let mut read = 0;
    for recv in recvs(trace, "server") {
        let asked =
            if let Syscall::Recv { length, .. } = recv.syscall { *length as usize } else { 0 };
        let got = recv.received()?.len();
        if asked == content && read == length {
            return Some(0);
        }
        if asked == content && read == length + header {
            return Some(1);
        }
        if got == 0 {
            return (chunks(trace, "server").concat().len() == length + header + content)
                .then_some(2);
        }
        read += got;
    }
    None
}
