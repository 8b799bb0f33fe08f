//! `framescope lesson`: the lessons in a terminal.

use std::path::PathBuf;
use std::process::Stdio;

use framescope_lab::{RunEnd, Trace, Variant, find_variant, variants};
use framescope_record::Source;
use futures_util::{StreamExt as _, stream};

use crate::support::process::{Finished, framescope, run};
#[cfg(target_os = "linux")]
use crate::support::tshark::Tshark;

/// The number of lessons that run at once. Most of the time they sleep.
const AT_ONCE: usize = 4;

async fn lesson(arguments: &[&str]) -> Finished {
    let mut command = framescope();
    command.arg("lesson").args(arguments);
    run(command).await
}

async fn printed(arguments: &[&str]) -> String {
    let Finished { code, stdout, stderr } = lesson(arguments).await;
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
    stdout
}

/// A file with a program.
fn file(name: &str, text: &str) -> PathBuf {
    let file = std::env::temp_dir().join(format!("framescope-{name}-{}.py", std::process::id()));
    std::fs::write(&file, text).expect("the folder for temporary files can be written");
    file
}

#[tokio::test]
async fn the_list_has_every_variant_in_both_languages() {
    let variants = variants().count();
    let (english, chinese) = (printed(&["list"]).await, printed(&["list", "--lang", "zh"]).await);
    assert_eq!((english.lines().count(), chinese.lines().count()), (variants, variants));
    assert!(english.contains("  4a  Sticky packets 1: sends merge\n"), "{english}");
    assert!(chinese.contains("  4a  粘包一：多次 send 合并\n"), "{chinese}");
}

#[tokio::test]
async fn the_programs_of_a_lesson_are_shown_with_the_names_of_their_files() {
    let text = printed(&["show", "15b"]).await;
    for file in ["server.py", "client.py", "server2.py", "client2.py"] {
        assert_eq!(text.matches(&format!("# {file}\nimport socket\n")).count(), 1, "{text}");
    }
}

#[tokio::test]
async fn a_run_prints_the_question_what_happened_and_why() {
    let text = printed(&["run", "4"]).await;
    assert!(text.starts_with("4a  Sticky packets 1: sends merge\nThe client sends"), "{text}");
    assert!(text.contains("measured on real sockets of this machine"), "{text}");
    let received = text.lines().find(|line| line.ends_with("| b'hellohellohello'"));
    assert!(received.is_some_and(|line| line.contains("  server   15  ")), "{text}");
    assert!(text.ends_with("says that the client has closed.\n"), "{text}");
    let simulated = printed(&["run", "4", "--simulated", "--lang", "zh-CN"]).await;
    assert!(simulated.starts_with("4a  粘包一：多次 send 合并\n"), "{simulated}");
    assert!(simulated.contains("\n模拟；时间单位为毫秒\n"), "{simulated}");
    let english = printed(&["run", "4", "--simulated"]).await;
    assert!(english.contains("\nsimulated; times in milliseconds\n"), "{english}");
}

#[tokio::test]
async fn a_run_that_refutes_the_explanation_does_not_print_it() {
    let open = "\n\nThis run does not answer the question.\n";
    let hint = "There was no wire. With --simulated there is one.\n";
    for name in ["1b", "16a", "17b"] {
        let text = lesson(&["run", name, "--no-wire"]).await.stdout;
        assert!(text.ends_with(hint) && !text.contains(explanation(name)), "{text}");
        let text = printed(&["run", name, "--simulated"]).await;
        assert!(text.ends_with(&format!("\n\n{}\n", explanation(name))), "{text}");
    }
    // Nothing is lost on this wire.
    for source in ["--simulated", "--wire"] {
        let text = lesson(&["run", "1b", source, "--on-wire", ""]).await.stdout;
        assert!(text.ends_with(open), "{text}");
    }
    let chinese = lesson(&["run", "1b", "--no-wire", "--lang", "zh-CN"]).await.stdout;
    assert!(chinese.contains("\n这次运行没有回答问题。\n"), "{chinese}");
}

fn explanation(name: &str) -> &'static str {
    find_variant(name).expect("it is a lesson").texts("en").explanation
}

#[tokio::test]
async fn input_is_answered_as_the_lesson_says() {
    let text = printed(&["run", "2a"]).await;
    for line in ["| say: hello, server\n", "| server says: hello, client\n"] {
        assert!(text.contains(line), "{text}");
    }
}

#[tokio::test]
async fn programs_that_wait_for_ever_are_named_and_the_exit_code_is_3() {
    let Finished { code, stdout, .. } = lesson(&["run", "2b"]).await;
    assert_eq!(code, Some(3));
    for sentence in ["server: it waits at line 8", "client: it waits at line 5"] {
        assert!(stdout.contains(sentence), "{stdout}");
    }
}

#[tokio::test]
async fn in_chinese_nothing_but_calls_and_programs_is_english() {
    let options = ["run", "2b", "--simulated", "--lang", "zh-CN"];
    let Finished { stdout, .. } = lesson(&options).await;
    for sentence in [
        "accept(3) 等待",
        "server：在第 8 行等待，不会再有新的事情发生，运行结束",
        "client：在第 5 行等待，不会再有新的事情发生，运行结束",
    ] {
        assert!(stdout.contains(sentence), "{stdout}");
    }
    assert!(!stdout.contains("wait"), "{stdout}");
}

/// The trace that `--json` prints.
pub(crate) async fn trace(variant: &Variant, options: &[&str]) -> Trace {
    let Finished { stdout, .. } =
        lesson(&[&["run", variant.name, "--json"], options].concat()).await;
    Trace::from_json(&stdout).unwrap_or_else(|error| panic!("lesson {}: {error}", variant.name))
}

#[tokio::test]
async fn each_lesson_confirms_the_expected_choice_on_real_sockets() {
    let wrong = stream::iter(variants()).map(|variant| async move {
        let trace = trace(variant, &[]).await;
        assert_eq!((trace.source, trace.end), (Source::Measured, Some(RunEnd::Finished)));
        let outcome = variant.outcome(&trace);
        let is_right = match outcome {
            Some(choice) => variant.varies != (choice == variant.expected),
            None => false,
        };
        (!is_right).then(|| format!("lesson {}: {outcome:?}", variant.name))
    });
    let wrong: Vec<_> = wrong.buffer_unordered(AT_ONCE).filter_map(async |it| it).collect().await;
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test]
async fn json_is_a_trace_of_the_lesson() {
    let variant = find_variant("4b").unwrap();
    let simulated = trace(variant, &["--simulated"]).await;
    assert_eq!(simulated.source, Source::Simulated);
    assert_eq!(simulated.experiment, variant.experiment());
    assert_eq!(variant.outcome(&simulated), Some(variant.expected));
}

#[tokio::test]
async fn a_changed_program_runs_in_place_of_the_lessons_own_and_without_its_texts() {
    let file = file(
        "mine",
        "import socket
client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.sendall(input().encode())
client.close()
",
    );
    let path = file.to_str().expect("the folder for temporary files has a name");
    let ended = lesson(&["run", "4", "--client", path]).await;
    assert_eq!(ended.code, Some(1));
    assert!(ended.stdout.contains(&format!("File \"{path}\", line 4")), "{}", ended.stdout);

    std::fs::write(&file, "import socket\nprint('mine')\n").expect("it is a file of this test");
    let text = lesson(&["run", "0a", "--simulated", "--client", path]).await.stdout;
    assert!(text.starts_with("simulated; times in milliseconds\n\n"), "{text}");
    assert!(text.ends_with("| mine\n"), "{text}");

    let refused = lesson(&["run", "0a", "--server", path]).await;
    std::fs::remove_file(&file).expect("it is a file of this test");
    let expected = "framescope: cannot run lesson 0a so: it has no server\n";
    assert_eq!((refused.code, refused.stderr.as_str()), (Some(2), expected));
}

#[tokio::test]
async fn a_lesson_that_does_not_exist_is_one_line_and_exit_code_2() {
    let refused = lesson(&["run", "22"]).await;
    assert_eq!(refused.code, Some(2));
    assert_eq!(
        refused.stderr,
        "framescope: there is no lesson \"22\"; `framescope lesson list` has them\n"
    );
}

#[test]
fn a_run_whose_output_nobody_reads_ends_without_a_word() {
    let (reader, writer) = std::io::pipe().expect("there is a descriptor");
    drop(reader);
    let mut command = framescope();
    command.args(["lesson", "run", "4a", "--simulated"]).stdout(writer).stderr(Stdio::piped());
    let output = command.output().expect("it starts");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(141), &b""[..]));
}

/// Nagle's algorithm: while the first five bytes are not acknowledged, the others wait, and go out together.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_three_sends_of_lesson_4_are_two_segments_on_the_wire() {
    let mut text = String::new();
    // On a busy machine the acknowledgement may come between two sends, so one of several runs must show it.
    for _ in 0..5 {
        text = printed(&["run", "4a", "--wire"]).await;
        if text.contains("seq 1:6,") && text.contains("seq 6:16,") {
            return;
        }
    }
    panic!("{text}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_capture_file_of_a_lesson_is_read_by_tshark() {
    // Merged sends, a reset, a closed window, a bad wire.
    let (real, simulated): (&[&str], &[&str]) = (&[], &["--simulated"]);
    for (name, kernel) in
        [("4a", real), ("13b", real), ("14c", simulated), ("20b", real), ("20b", simulated)]
    {
        let process = std::process::id();
        let file = std::env::temp_dir().join(format!("framescope-lesson-{name}-{process}.pcapng"));
        let path = file.to_str().expect("the folder for temporary files has a name");
        lesson(&[&["run", name, "--pcap", path], kernel].concat()).await;
        let Some(tshark) = Tshark::reads(file.clone()) else { return };
        assert_eq!(tshark.wrong().await, "", "lesson {name}");
        let data = tshark.fields("tcp.len > 0", &["tcp.payload", "frame.comment"]).await;
        std::fs::remove_file(&file).expect("the lesson has written it");
        assert!(!data.is_empty(), "lesson {name}");
        for line in data.lines() {
            let comment = line.split_once('\t').map_or("", |(_, comment)| comment);
            assert!(comment.contains(".py:") && comment.contains("send"), "lesson {name}: {line}");
        }
    }
}
