//! The files in `deploy/` and the README name only options that the program has.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::http::get;
use crate::support::page::{replaced, snippet};
use crate::support::process::{RelayProcess, framescope, run};
use crate::support::skipped;
use crate::support::test_file::TestFile;

fn repository() -> PathBuf {
    let relay = Path::new(env!("CARGO_MANIFEST_DIR"));
    relay.parent().expect("the relay is in a workspace").to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).expect(path)
}

/// Every `--option` in a text.
fn options(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words.filter(|word| word.starts_with("--") && word.len() > 2).collect()
}

async fn help() -> String {
    let mut command = framescope();
    command.arg("--help");
    run(command).await.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn every_option_of_the_deployment_is_one_that_the_program_has() {
    let help = help().await;
    let unit = read("deploy/framescope.service");
    let started = unit.lines().filter(|line| line.starts_with("ExecStart="));
    let named: Vec<&str> = started.flat_map(options).collect();
    assert!(named.len() >= 2, "{named:?}");
    for option in named {
        assert!(options(&help).contains(option), "{option} is no option");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_variables_of_the_image_disturb_no_command_line() {
    let image = read("deploy/Dockerfile");
    let variables = image.lines().find_map(|line| line.strip_prefix("ENV ")).expect("it has some");
    let with_variables = || {
        let mut command = framescope();
        for variable in variables.split_whitespace() {
            let (name, value) = variable.split_once('=').expect("each has a value");
            let (_, port) = value.rsplit_once(':').expect("each is an address");
            assert_eq!(value, format!("0.0.0.0:{port}"));
            command.env(name, "127.0.0.1:0");
        }
        command
    };
    let relay = RelayProcess::of(with_variables()).await;
    assert_eq!(get(relay.http, "/healthz").await.body, "ok\n");
    let mut command = with_variables();
    command.args(["--listen", "127.0.0.1:0", "--max-sessions", "1"]);
    let relay = RelayProcess::of(command).await;
    assert_eq!(get(relay.http, "/healthz").await.body, "ok\n");
    let mut command = with_variables();
    command.args(["lesson", "list"]);
    assert_eq!(run(command).await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_image_is_the_program_alone_is_no_root_and_is_asked_how_it_is() {
    let image = read("deploy/Dockerfile");
    let last = image.split("\nFROM ").last().expect("it has stages");
    let has = |instruction: &str| last.lines().any(|line| line == instruction);
    assert!(last.starts_with("scratch\n") && has("ENTRYPOINT [\"/framescope\"]"), "{last}");
    // An empty image knows no names of users.
    assert!(has("USER 65532:65532"), "{last}");
    let check = last.lines().find_map(|line| line.split_once("CMD "));
    let (_, check) = check.filter(|(of, _)| of.starts_with("HEALTHCHECK ")).expect("it has one");
    let words: Vec<String> = serde_json::from_str(check).expect("it needs no shell");
    assert_eq!(words[0], "/framescope");
    let relay = RelayProcess::start(&[]).await;
    let mut command = framescope();
    command.args(&words[1..]).env("FRAMESCOPE_LISTEN", relay.http.to_string());
    assert_eq!(run(command).await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readme_lists_options_that_the_program_has() {
    let readme = read("README.md");
    for (table, arguments) in [
        ("| option | means | default |", &["--help"][..]),
        ("| option | does |", &["run", "--help"]),
    ] {
        let rows = readme.lines().skip_while(|line| *line != table);
        let rows = rows.skip(2).take_while(|line| line.starts_with("| "));
        let listed: BTreeSet<&str> = rows.flat_map(options).collect();
        let mut command = framescope();
        command.args(arguments);
        let help = run(command).await.stdout;
        let mut known = options(&help);
        known.retain(|option| !matches!(*option, "--help" | "--version"));
        assert!(!listed.is_empty() && listed.is_subset(&known), "{table}: {listed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_starts_with_the_configuration_file_of_the_deployment() {
    let file = repository().join("deploy/framescope.toml");
    let relay = RelayProcess::start(&["--config", file.to_str().expect("UTF-8")]).await;
    let info = get(relay.http, "/relay.json").await.body;
    assert!(info.contains("[\"demo\",\"demo-plain\",\"db\",\"cache\"]"), "{info}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_of_the_operators_page_can_be_used() {
    let tokens = TestFile::new("operating-tokens", "a-token-of-the-page\n");
    let page = replaced(&snippet("toml"), "/etc/framescope/tokens", tokens.path());
    let file = TestFile::new("operating.toml", &page);
    let mut command = framescope();
    command.args(["check", "--config", file.path()]);
    let checked = run(command).await;
    assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""));
}

/// Each metric of the dashboard is one that a relay has, and each that it has is on the dashboard.
#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_shows_the_metrics_that_there_are() {
    let dashboard: serde_json::Value =
        serde_json::from_str(&read("deploy/dashboard.json")).expect("it is JSON");
    let panels = dashboard["panels"].as_array().expect("it has panels");
    let queries = panels.iter().flat_map(|panel| panel["targets"].as_array().expect("queries"));
    let queries: Vec<&str> =
        queries.map(|query| query["expr"].as_str().expect("it is a text")).collect();
    let name = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
        let name = &text[..end];
        let of_family = ["_total", "_bucket"].iter().find_map(|suffix| name.strip_suffix(suffix));
        of_family.unwrap_or(name).to_owned()
    };
    let shown: BTreeSet<String> = queries
        .iter()
        .flat_map(|query| query.match_indices("framescope_").map(|(at, _)| name(&query[at..])))
        .collect();
    let relay = RelayProcess::start(&[]).await;
    let metrics = get(relay.http, "/metrics").await.body;
    let there: BTreeSet<String> = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next().map(str::to_owned))
        .collect();
    let page = read("docs/operating.md");
    for metric in shown.union(&there) {
        let short = metric.strip_prefix("framescope_").expect("it is ours");
        assert!(shown.contains(metric), "{metric} is not on the dashboard");
        assert!(page.contains(&format!("| `{short}")), "{metric} is not on the operator's page");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn systemd_finds_no_fault_with_the_unit() {
    let mut command = Command::new("systemd-analyze");
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    if !command.status().is_ok_and(|status| status.success()) {
        skipped("there is no systemd-analyze here");
        return;
    }
    let program = env!("CARGO_BIN_EXE_framescope");
    let unit = read("deploy/framescope.service").replace("/usr/local/bin/framescope", program);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("framescope.service");
    fs::write(&path, unit).expect("the folder is there");
    let drop_ins = path.with_extension("service.d");
    fs::create_dir_all(&drop_ins).expect("the folder is there");
    fs::write(drop_ins.join("wire.conf"), read("deploy/wire.conf")).expect("the folder is there");
    let mut command = Command::new("systemd-analyze");
    command.args(["verify", "--man=no"]).arg(&path);
    let finished = run(command).await;
    // Errors in other units of this machine do not count.
    let own: Vec<&str> = finished
        .stderr
        .lines()
        .filter(|line| line.contains("framescope.service") || line.contains("wire.conf"))
        .collect();
    assert_eq!(own, [""; 0]);
}
