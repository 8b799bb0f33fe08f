use super::super::crates;
use super::super::rules::broken_rules;
use super::super::workspace::Kind;
use super::{broken_in, package, workspace};

/// The broken rules of two packages: `one` with a library and a binary, and `two` with a library that
/// `one` can use.
fn two_crates(library: &str, binary: &str, dependencies: &[&str]) -> Vec<String> {
    let targets = [
        (Kind::Library, "src/lib.rs"),
        (Kind::Binary, "src/main.rs"),
        (Kind::Development, "tests/it.rs"),
    ];
    let mut one = package("framescope-one", "one/", &targets, &["framescope-two"]);
    one.dependencies = dependencies.iter().map(ToString::to_string).collect();
    let two = package("framescope-two", "two/", &[(Kind::Library, "src/lib.rs")], &[]);
    let files = [
        ("one/src/lib.rs", library),
        ("one/src/main.rs", binary),
        ("one/tests/it.rs", "use framescope_two::Two;"),
        ("two/src/lib.rs", "//! May use: nothing.\npub struct Two;"),
    ];
    let (_folder, workspace) = workspace(&files, vec![one, two]);
    broken_rules(&crates::read(&workspace).unwrap())
}

#[test]
fn a_crate_and_a_module_with_a_folder_must_have_a_may_use_line() {
    let found = broken_in(&[
        ("src/lib.rs", "//! A library.\nmod net;\nmod leaf;"),
        ("src/net.rs", "mod tcp;\nmod inline { }"),
        ("src/net/tcp.rs", ""),
        ("src/leaf.rs", "mod inline { }\n#[cfg(test)]\nmod tests;"),
    ]);
    assert_eq!(
        found,
        ["src/lib.rs has no line `//! May use: ...`", "src/net.rs has no line `//! May use: ...`"]
    );
}

#[test]
fn a_binary_without_a_library_and_tests_need_no_may_use_line() {
    let targets = [(Kind::Binary, "src/main.rs"), (Kind::Development, "tests/it/main.rs")];
    let files = [
        ("src/main.rs", "fn main() {}"),
        ("tests/it/main.rs", "mod support;"),
        ("tests/it/support/mod.rs", "mod target;"),
        ("tests/it/support/target.rs", ""),
    ];
    let (_folder, workspace) = workspace(&files, vec![package("xtask", "", &targets, &[])]);
    assert_eq!(broken_rules(&crates::read(&workspace).unwrap()), [""; 0]);
}

#[test]
fn a_listed_module_and_the_modules_in_it_may_be_used() {
    let found = broken_in(&[
        ("src/lib.rs", "//! May use: nothing.\nmod net;\nmod lab;\nmod record;\npub struct Root;"),
        (
            "src/net.rs",
            "//! Sockets.\n//!\n//! May use: `crate`, `lab::process`,\n//! `record`. No more.\n//! \n\
             mod tcp;\nuse tcp::Tcp;",
        ),
        (
            "src/net/tcp.rs",
            "use crate::lab::process::deep::D;\nuse crate::{Root, record::R};\npub struct Tcp;",
        ),
        ("src/lab/mod.rs", "//! May use: nothing.\npub mod process;"),
        ("src/lab/process.rs", "pub mod deep { pub struct D; }"),
        ("src/record.rs", "pub struct R;"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_module_that_is_not_listed_may_not_be_used_or_reexported() {
    let found = broken_in(&[
        (
            "src/lib.rs",
            "//! May use: nothing.\nmod net;\nmod record;\nmod recorder;\npub use record::R;",
        ),
        ("src/net.rs", "//! May use: `record`.\nmod tcp;"),
        (
            "src/net/tcp.rs",
            "use crate::R;\nuse crate::recorder::Q;\nuse super::super::X;\npub use crate::recorder::other;",
        ),
        ("src/record.rs", "pub struct R;"),
        ("src/recorder.rs", "pub struct Q;"),
    ]);
    assert_eq!(
        found,
        [
            "src/net/tcp.rs:2 imports crate::recorder::Q (src/recorder.rs), \
             but src/net.rs:1 does not list `recorder`",
            "src/net/tcp.rs:3 imports super::super::X (src/lib.rs), \
             but src/net.rs:1 does not list `crate`",
            "src/net/tcp.rs:4 imports crate::recorder::other (src/recorder.rs), \
             but src/net.rs:1 does not list `recorder`",
        ]
    );
}

#[test]
fn a_listed_module_must_be_used() {
    let found = broken_in(&[
        ("src/lib.rs", "//! May use: `lab`.\nmod net;\nmod record;"),
        ("src/net.rs", "//! May use: `record`, `nowhere`.\nmod tcp;"),
        ("src/net/tcp.rs", ""),
        ("src/record.rs", ""),
    ]);
    assert_eq!(
        found,
        [
            "src/lib.rs:1: `lab` is listed and not used",
            "src/net.rs:1: `nowhere` is listed and not used",
            "src/net.rs:1: `record` is listed and not used",
        ]
    );
}

#[test]
fn a_line_that_cannot_be_read_is_an_error() {
    for line in ["May use: `net`", "May use: net.", "May use: `net` `lab`.", "May use: ."] {
        let found = broken_in(&[("src/lib.rs", &format!("//! {line}"))]);
        assert_eq!(found.len(), 1, "{line}");
        assert!(found[0].starts_with("src/lib.rs:1: after `May use:` come"), "{}", found[0]);
    }
}

#[test]
fn a_crate_may_use_the_crates_that_it_lists() {
    let lists = "//! May use: `two`.";
    let library = format!("{lists}\npub use framescope_two::Two;");
    assert_eq!(two_crates(&library, "use framescope_one::Two;", &["framescope-two"]), [""; 0]);
    assert_eq!(two_crates(lists, "use framescope_two::Two;", &["framescope-two"]), [""; 0]);
    assert_eq!(
        two_crates(lists, "", &["framescope-two"]),
        ["one/src/lib.rs:1: `two` is listed and not used"]
    );
}

#[test]
fn a_crate_may_use_and_depend_on_no_other_crate() {
    let lists = "//! May use: nothing.";
    let not_listed = "but one/src/lib.rs:1 does not list `two`";
    assert_eq!(
        two_crates(lists, "fn f(_: framescope_two::Two) {}", &[]),
        [format!("one/src/main.rs:1 imports framescope_two::Two, {not_listed}")]
    );
    assert_eq!(
        two_crates(lists, "", &["framescope-two"]),
        [format!("one/Cargo.toml depends on framescope-two, {not_listed}")]
    );
}

#[test]
fn dev_dependencies_need_not_be_listed() {
    assert_eq!(two_crates("//! May use: nothing.", "", &[]), [""; 0]);
}
