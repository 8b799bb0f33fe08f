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
fn a_file_that_is_missing_or_no_rust_is_named() {
    let manifest = ("Cargo.toml", "[package]\nname = \"one\"\nedition = \"2024\"");
    let found = checked(&[manifest, ("src/lib.rs", "\nmod a;")]).unwrap_err();
    assert_eq!(found, "src/lib.rs:2: neither src/a.rs nor src/a/mod.rs exists");
    let found = checked(&[manifest, ("src/lib.rs", "\n\nfn (")]).unwrap_err();
    assert!(found.starts_with("src/lib.rs:3: "), "{found}");
}

#[test]
fn this_workspace_is_seen_with_its_binaries_tests_and_benches() {
    let packages = workspace::read(root()).unwrap().packages;
    for kind in [Kind::Library, Kind::Binary, Kind::Development] {
        assert!(packages.iter().flat_map(|one| &one.targets).any(|one| one.kind == kind));
    }
    assert!(packages.iter().any(|one| one.manifest == "xtask/Cargo.toml"));
}
