use super::super::check;
use super::super::workspace::{self, Kind};
use super::{Files, write};
use crate::cargo::root;

fn checked(files: Files) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    check(folder.path()).map_err(|error| error.to_string())
}

#[test]
fn a_workspace_that_follows_the_rules_passes_and_one_that_breaks_them_fails() {
    let mut files = [
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"one\", \"two\"]"),
        (
            "one/Cargo.toml",
            "[package]\nname = \"framescope-one\"\nedition = \"2024\"\n\
             [dependencies]\nother = { package = \"framescope-two\", path = \"../two\" }",
        ),
        ("one/src/lib.rs", "//! May use: `two`.\npub use other::Two;"),
        ("one/src/main.rs", "fn main() { framescope_one::Two; }"),
        (
            "two/Cargo.toml",
            "[package]\nname = \"framescope-two\"\nedition = \"2024\"\n\
             [dev-dependencies]\nframescope-one = { path = \"../one\" }",
        ),
        ("two/src/lib.rs", "//! May use: nothing.\nmod a;\npub use a::Two;"),
        ("two/src/a.rs", "pub struct Two;"),
        ("two/tests/it.rs", "use framescope_one as _;"),
        ("two/build.rs", "fn main() { not parsed }"),
    ];
    assert_eq!(checked(&files), Ok(()));
    files[6].1 = "pub struct Two;\nuse super::X;";
    files[5].1 = "mod a;\npub struct X(a::Two);";
    let found = checked(&files).unwrap_err();
    assert!(found.contains("import cycle between files:"), "{found}");
    assert!(found.contains("two/src/lib.rs has no line"), "{found}");
}

#[test]
fn the_error_names_a_file_that_is_missing_or_is_not_rust() {
    let manifest = ("Cargo.toml", "[package]\nname = \"one\"\nedition = \"2024\"");
    let found = checked(&[manifest, ("src/lib.rs", "\nmod a;")]).unwrap_err();
    assert_eq!(found, "src/lib.rs:2: neither src/a.rs nor src/a/mod.rs exists");
    let found = checked(&[manifest, ("src/lib.rs", "\n\nfn (")]).unwrap_err();
    assert!(found.starts_with("src/lib.rs:3: "), "{found}");
}

#[test]
fn the_binaries_tests_and_benches_of_this_workspace_are_read() {
    let packages = workspace::read(root()).unwrap().packages;
    for kind in [Kind::Library, Kind::Binary, Kind::Development] {
        assert!(packages.iter().flat_map(|one| &one.targets).any(|one| one.kind == kind));
    }
    assert!(packages.iter().any(|one| one.manifest == "xtask/Cargo.toml"));
}
