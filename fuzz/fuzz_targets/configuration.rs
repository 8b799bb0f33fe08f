//! Any bytes are a configuration, or are refused with an error of one line. A configuration means the
//! same after it was printed as TOML and read again, and when it is given on a command line.
#![no_main]

// Modules of the program. They are not in its library, because the library reads no command line.
#[path = "../../relay/src/bin/framescope/address.rs"]
mod address;
#[allow(dead_code, reason = "the target uses a part of it")]
#[path = "../../relay/src/bin/framescope/arguments.rs"]
mod arguments;
#[allow(dead_code, reason = "cli.rs imports it, and the target challenges nobody")]
#[path = "../../relay/src/bin/framescope/challenge/mod.rs"]
mod challenge;
#[allow(dead_code, reason = "cli.rs imports it, and the target begins no class")]
#[path = "../../relay/src/bin/framescope/class/mod.rs"]
mod class;
#[allow(dead_code, reason = "the target uses only a part of it")]
#[path = "../../relay/src/bin/framescope/cli.rs"]
mod cli;
#[path = "../../relay/src/bin/framescope/config_file.rs"]
mod config_file;
#[allow(dead_code, reason = "cli.rs imports it, and the target opens no browser")]
#[path = "../../relay/src/bin/framescope/desktop.rs"]
mod desktop;
#[allow(dead_code, reason = "cli.rs imports it, and the target asks for nothing")]
#[path = "../../relay/src/bin/framescope/doctor/mod.rs"]
mod doctor;
#[allow(dead_code, reason = "cli.rs imports it, and the target starts no worker")]
#[path = "../../relay/src/bin/framescope/lab_worker.rs"]
mod lab_worker;
#[allow(dead_code, reason = "cli.rs imports what imports it, and the target says nothing")]
#[path = "../../relay/src/bin/framescope/language.rs"]
mod language;
#[allow(dead_code, reason = "cli.rs imports it, and the target runs no lesson")]
#[path = "../../relay/src/bin/framescope/lesson.rs"]
mod lesson;
#[allow(dead_code, reason = "lesson.rs imports it, and the target runs no lesson")]
#[path = "../../relay/src/bin/framescope/lesson_words.rs"]
mod lesson_words;
#[allow(dead_code, reason = "cli.rs imports it, and the target runs no program")]
#[path = "../../relay/src/bin/framescope/run/mod.rs"]
mod run;
#[allow(dead_code, reason = "cli.rs imports it, and the target prints nothing")]
#[path = "../../relay/src/bin/framescope/shell.rs"]
mod shell;
#[allow(dead_code, reason = "cli.rs imports it, and the target watches no program")]
#[path = "../../relay/src/bin/framescope/watch/mod.rs"]
mod watch;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::{env, fs, process};

use config_file::FileOption;
use framescope::{Address, Origin, Target, Token};
use framescope_framing::HeaderFormat;
use libfuzzer_sys::fuzz_target;

/// The file for the bytes, because `--config` takes a file.
static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| env::temp_dir().join(format!("framescope-fuzz-{}.toml", process::id())));

/// A file that sets many options.
const DEPLOYED: &str = include_str!("../../deploy/framescope.toml");

static COMMAND: LazyLock<clap::Command> = LazyLock::new(cli::command);

fuzz_target!(|input: (u8, &[u8])| {
    let (way, bytes) = input;
    let Ok(text) = str::from_utf8(bytes) else {
        assert_eq!(read(bytes, "UTF-8"), None);
        return;
    };
    values(text);
    // The bytes are the value of one option, a whole file, or the end of a file.
    let keys: Vec<&str> = COMMAND.get_arguments().filter_map(clap::Arg::get_long).collect();
    let way = usize::from(way) % (keys.len() + 2);
    match keys.get(way) {
        Some(key) => file(&format!("{key} = {}", toml::Value::from(text)), key),
        None if way == keys.len() => file(text, ""),
        None => file(&format!("{DEPLOYED}{text}"), ""),
    }
});

/// Reads a file. If it is refused, the error contains `named`. If not, the file gives the same options
/// after it was printed and read again.
fn file(text: &str, named: &str) {
    let Some(options) = read(text.as_bytes(), named) else { return };
    let table: toml::Table = text.parse().expect("a file that is not TOML is refused");
    let printed = table.to_string();
    assert_eq!(read(printed.as_bytes(), "").as_ref(), Some(&options), "{printed}");
    for argument in options.iter().flat_map(|option| &option.arguments) {
        let said = argument.to_str().and_then(|argument| argument.split_once('='));
        said.iter().for_each(|(_, value)| values(value));
    }
    start(options);
}

/// Reads the bytes as the file of `--config`.
fn read(bytes: &[u8], named: &str) -> Option<Vec<FileOption>> {
    fs::write(&*FILE, bytes).expect("the file can be written");
    let error = match config_file::read(&FILE) {
        Ok(options) => return Some(options),
        Err(error) => error.to_string(),
    };
    in_one_line(&error);
    assert!(error.starts_with(FILE.to_str().expect("the name is ASCII")), "{error}");
    assert!(error.contains(named), "{error}");
    None
}

/// Makes a configuration of the options: once from the file, and once from a command line.
fn start(options: Vec<FileOption>) {
    // Skip certificates: they are files of this machine, and the fuzzer must not read any file.
    if options.iter().any(|option| option.id.as_str().starts_with("tls")) {
        return;
    }
    let said = options.into_iter().flat_map(|option| option.arguments).collect();
    let file = vec!["--config".into(), FILE.as_path().into()];
    let [from_file, said] = [file, said].map(|arguments: Vec<OsString>| {
        let program = OsString::from("framescope");
        let cli = arguments::parse(std::iter::once(program).chain(arguments));
        let cli = cli.unwrap_or_else(|error| panic!("checked options are accepted: {error}"));
        // `into_config` refuses two targets with one name, and invalid tokens.
        cli.into_config().map(|config| format!("{config:?}")).map_err(|error| format!("{error:#}"))
    });
    assert_eq!(from_file, said);
    if let Err(error) = said {
        in_one_line(&error);
    }
}

/// Parses a text as each kind of value: alone, and after the beginning of a valid value.
fn values(text: &str) {
    for text in [text, &format!("a={text}"), &format!("a=unix:/{text}")] {
        match text.parse::<Target>() {
            Ok(target) => {
                let address = match &target.address {
                    Address::Tcp(address) => address.clone(),
                    Address::Unix(path) => format!("unix:{}", path.display()),
                    _ => unreachable!("there are no other kinds of address"),
                };
                assert_eq!(format!("{}={address}", target.name), text);
            }
            Err(error) => in_one_line(&error.to_string()),
        }
    }
    match text.parse::<HeaderFormat>() {
        Ok(format) => assert_eq!(format.to_string().parse(), Ok(format)),
        Err(error) => in_one_line(&error.to_string()),
    }
    for text in [text, &format!("https://{text}")] {
        if let Err(error) = text.parse::<Origin>() {
            in_one_line(&error.to_string());
        }
    }
    if let Err(error) = text.parse::<Token>() {
        in_one_line(&error.to_string());
    }
}

fn in_one_line(error: &str) {
    assert!(!error.is_empty() && !error.chars().any(char::is_control), "{error:?}");
}
