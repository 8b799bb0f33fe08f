//! The table of options in docs/operating.md, as the command line's grammar has them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clap::Arg;
use framescope::RelayHandle;

use crate::cli::command;

/// What is between these in the file is the table.
const BEGIN: &str = "<!-- options -->\n";
const END: &str = "<!-- end of options -->\n";

/// Options of the program and not of its relay.
const OF_THE_PROGRAM: [&str; 3] = ["config", "log-format", "open"];

fn table() -> String {
    let mut table = "| option | variable | key | default | SIGHUP | what it does |\n\
                     | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    let mut command = command();
    command.build();
    for arg in command.get_arguments() {
        let Some(long) = arg.get_long().filter(|long| !matches!(*long, "help" | "version")) else {
            continue;
        };
        let _ = writeln!(table, "{}", row(arg, long));
    }
    table
}

fn row(arg: &Arg, long: &str) -> String {
    let value = arg.get_value_names().filter(|_| arg.get_action().takes_values());
    let value = value.map_or_else(String::new, |names| format!(" {}", names.join(" ")));
    let variable = format!("FRAMESCOPE_{}", long.replace('-', "_").to_uppercase());
    let key = if long == "config" { String::new() } else { format!("`{long}`") };
    let default = arg.get_default_values().iter().map(|value| value.to_string_lossy());
    let default: String = default
        .filter(|_| !value.is_empty())
        .fold(String::new(), |all, one| all + "`" + &one + "`");
    let stays = RelayHandle::TAKES_RESTART.contains(&long) || OF_THE_PROGRAM.contains(&long);
    let reload = if stays { "" } else { "yes" };
    let help = arg.get_help().expect("each option has its sentence").to_string();
    format!("| `--{long}{value}` | `{variable}` | {key} | {default} | {reload} | {help} |")
}

#[test]
fn the_operators_page_has_the_table_of_options() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operating.md");
    let page = fs::read_to_string(path).expect("the page is there");
    let written = page.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END));
    let (written, _) = written.expect("the page has a place for the table");
    let table = table();
    assert_eq!(written, table, "the table is this:\n\n{table}");
}
