//! `framescope lesson`: the lessons in a terminal.

use framescope_engine::simulate;
use framescope_lab::{Trace, find_variant, variants};
use framescope_record::Source;

use crate::support::process::{Finished, framescope, run};

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

#[tokio::test]
async fn the_list_has_every_variant_in_both_languages() {
    let variants = variants().count();
    let (english, chinese) = (printed(&["list"]).await, printed(&["list", "--lang", "zh"]).await);
    assert_eq!((english.lines().count(), chinese.lines().count()), (variants, variants));
    assert!(english.contains("  4a  Sticky packets 1: sends merge\n"), "{english}");
    assert!(chinese.contains("  4a  粘包一：多次 send 合并\n"), "{chinese}");
}

#[tokio::test]
async fn a_run_prints_who_called_what_and_what_came_of_it() {
    let text = printed(&["run", "4"]).await;
    assert!(text.starts_with("4a  Sticky packets 1: sends merge\n"), "{text}");
    assert!(text.contains("measured on real sockets of this machine"), "{text}");
    let received = text.lines().find(|line| line.contains("15 b'hellohellohello'"));
    let received = received.unwrap_or_else(|| panic!("{text}"));
    assert!(received.contains("server    conn.recv(1024)"), "{received}");
    assert!(received.ends_with("CLOSE_WAIT"), "{received}");
    let simulated = printed(&["run", "4", "--simulated"]).await;
    assert!(simulated.contains("\nsimulated; times in milliseconds\n"), "{simulated}");
}

#[tokio::test]
async fn a_call_that_never_returns_is_printed_as_one() {
    let text = printed(&["run", "2b"]).await;
    assert_eq!(text.matches("recv(1024) never returned").count(), 2, "{text}");
}

#[tokio::test]
async fn json_is_a_trace_of_the_lesson() {
    let measured = Trace::from_json(&printed(&["run", "4b", "--json"]).await).unwrap();
    assert_eq!(measured.source, Source::Measured);
    let simulated = Trace::from_json(&printed(&["run", "4b", "--simulated", "--json"]).await);
    assert_eq!(simulated, Ok(simulate(&find_variant("4b").unwrap().experiment()).unwrap()));
}

#[tokio::test]
async fn a_changed_program_runs_in_place_of_the_lessons_own() {
    let file = std::env::temp_dir().join(format!("framescope-{}.py", std::process::id()));
    let path = file.to_str().expect("the folder for temporary files has a name");
    std::fs::write(&file, "client.connect(ADDRESS)\nclient.sendall(b'mine')\nclient.close()\n")
        .unwrap();
    let text = printed(&["run", "4", "--client", path]).await;
    assert!(text.contains("4 b'mine'") && !text.contains("hello"), "{text}");

    std::fs::write(&file, "client.connect(ADDRESS)\nclient.recv(0.5)\n").unwrap();
    let refused = lesson(&["run", "4", "--client", path]).await;
    std::fs::remove_file(&file).unwrap();
    assert_eq!(refused.code, Some(2));
    let expected =
        "is not a program: line 2, column 13: expected a number of bytes from 1 to 1048576\n";
    assert!(refused.stderr.ends_with(expected), "{}", refused.stderr);
}

#[tokio::test]
async fn a_lesson_that_does_not_exist_is_one_line_and_exit_code_2() {
    let refused = lesson(&["run", "15"]).await;
    assert_eq!(refused.code, Some(2));
    assert_eq!(
        refused.stderr,
        "framescope: there is no lesson \"15\"; `framescope lesson list` has them\n"
    );
}
