//! Programs as they are, stepped on the page.

use std::fs;

use framescope::{WatchWays, WatchedRun};
use framescope_lab::{Experiment, Program, Start, When};

use super::{CLIENT, SERVER, of, step, until_line, until_printed};
use crate::browser::Page;
use crate::support::TestRelay;

const ENTER: &str = "\u{e007}";

#[tokio::test]
async fn programs_as_they_are_are_stepped_answered_and_begun_again() {
    let folder = std::env::temp_dir().join(format!("framescope-watched-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the folder for temporary files can be written");
    let files = [("server.py", SERVER), ("client.py", CLIENT)].map(|(name, text)| {
        let file = folder.join(name);
        fs::write(&file, text).expect("it is written");
        file
    });
    let program = |name: &str| Program {
        name: name.to_owned(),
        file: format!("{name}.py"),
        ..Program::default()
    };
    let programs = ["server", "client"].map(program).to_vec();
    let starts = (0..2).map(|program| Start { program, when: When::Settled }).collect();
    let python = |file: &std::path::PathBuf| vec!["/usr/bin/python3".into(), file.into()];
    let run = WatchedRun {
        experiment: Experiment { programs, starts, watched: true, ..Experiment::default() },
        texts: files.iter().cloned().map(Some).collect(),
        commands: files.iter().map(python).collect(),
        ways: WatchWays::default(),
    };
    let relay = TestRelay::start_with(|config| config.watched = Some(run)).await;
    let page = Page::open(relay.http, "", &[]).await;
    let source = "measured · your programs as they are";
    page.until_texts("#source-text", &[source]).await;
    let may_edit = "return !document.querySelector('#lab-edit').disabled";
    assert_eq!(page.read(may_edit).await, false, "they are edited where they are");

    step(&page, 0).await;
    until_line(&page, 0, "server.bind(('127.0.0.1', 8080))").await;
    step(&page, 0).await;
    until_line(&page, 0, "server.listen(5)").await;
    page.click("#lab-run").await;
    page.until_texts(&of(1, ".program-state"), &["‖ waits for your input"]).await;
    page.find(&of(1, ".typed")).await.send_keys(&format!("世界{ENTER}")).await.unwrap();
    until_printed(&page, 1, "name: 世界\nhello, 世界\n").await;
    page.until_texts(&of(1, ".program-state"), &["ended"]).await;

    fs::write(&files[1], format!("# changed\n{CLIENT}")).expect("it is written");
    page.click("#lab-reset").await;
    page.until(
        "the file is read again",
        &format!(
            "return document.querySelector(`{}`)?.textContent === '# changed'",
            of(1, ".line code")
        ),
    )
    .await;
    page.client.refresh().await.unwrap();
    page.until_texts("#source-text", &[source]).await;
    step(&page, 0).await;
    until_line(&page, 0, "server.bind(('127.0.0.1', 8080))").await;
    page.close().await;
    let _ = fs::remove_dir_all(folder);
}
