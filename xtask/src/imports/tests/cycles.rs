use super::super::crates;
use super::super::graph::import_cycles;
use super::super::workspace::Kind;
use super::{cycles_in, package, workspace};

/// The report of a cycle between `src/a.rs` and `src/b.rs`: the line and the path of each import.
fn a_and_b(a: (usize, &str), b: (usize, &str)) -> Vec<String> {
    let ((a_line, a), (b_line, b)) = (a, b);
    vec![format!(
        "import cycle between files:\n  src/a.rs:{a_line} imports {a} (src/b.rs)\n  \
         src/b.rs:{b_line} imports {b} (src/a.rs)"
    )]
}

#[test]
fn two_files_that_import_each_other_are_a_cycle() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod a;\nmod b;"),
        ("src/a.rs", "use std::fmt;\nuse crate::b::B;\npub struct A(B);"),
        ("src/b.rs", "use super::a::{self, A as Other};\npub struct B(Box<Other>);"),
    ]);
    assert_eq!(found, a_and_b((2, "crate::b::B"), (1, "super::a")));
}

#[test]
fn the_methods_of_a_type_in_another_file_than_the_type_are_a_cycle() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod a;\nmod b;"),
        ("src/a.rs", "pub struct A;\nimpl A { pub fn f(&self) { self.g() } }\nimpl Clone for A {}"),
        ("src/b.rs", "use crate::a::A;\nimpl A { pub(crate) fn g(&self) {} }\nimpl Drop for A {}"),
    ]);
    assert_eq!(found, ["src/b.rs:2 has methods of A, which src/a.rs defines"]);
}

#[test]
fn a_chain_of_imports_is_not_a_cycle() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod a;\nmod b;\nmod c;"),
        ("src/a.rs", "use crate::b::B;\nuse crate::c::C;"),
        ("src/b.rs", "use crate::c::C;\npub struct B(C);"),
        ("src/c.rs", "pub struct C;"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_cycle_through_a_reexport_in_the_root_is_found() {
    let found = cycles_in(&[
        (
            "src/lib.rs",
            "mod a;\nmod b;\npub use a::{A, Unused};\npub(crate) use self::b::B as Bee;",
        ),
        ("src/a.rs", "use crate::Bee;\npub struct A(Bee);\npub struct Unused;"),
        ("src/b.rs", "pub struct B(Option<Box<crate::A>>);"),
    ]);
    assert_eq!(found, a_and_b((1, "crate::Bee"), (1, "crate::A")));
}

#[test]
fn a_cycle_through_a_reexport_of_a_reexport_is_found() {
    let found = cycles_in(&[
        (
            "src/lib.rs",
            "mod a;\nmod b;\nmod api { pub use crate::inner::*; }\nmod inner { pub use crate::b::B; }",
        ),
        ("src/a.rs", "use crate::api::B;\npub struct A(B);"),
        ("src/b.rs", "use crate::a::A;\npub struct B;"),
    ]);
    assert_eq!(found, a_and_b((1, "crate::api::B"), (1, "crate::a::A")));
}

#[test]
fn a_reexport_is_not_an_import() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod a;\npub use a::A;\npub const LIMIT: u8 = 1;"),
        ("src/a.rs", "mod deep;\npub(super) use self::deep::D;\npub struct A([u8; crate::LIMIT]);"),
        ("src/a/deep.rs", "use super::A;\npub struct D(A);"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_reexported_name_that_the_file_itself_uses_is_an_import() {
    let found = cycles_in(&[
        (
            "src/lib.rs",
            "mod a;\npub use a::A;\npub const LIMIT: u8 = 1;\npub fn f() -> A { todo!() }",
        ),
        ("src/a.rs", "pub struct A([u8; crate::LIMIT]);"),
    ]);
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("src/lib.rs:4 imports A (src/a.rs)"), "{}", found[0]);
}

#[test]
fn a_name_from_a_glob_is_an_import_of_the_file_that_defines_it() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod a;\nmod b;\nmod prelude;"),
        ("src/prelude.rs", "pub use crate::a::*;\npub use crate::b::{B, unused};"),
        ("src/a.rs", "pub struct A;\npub fn a() -> bool { crate::b::unused() }"),
        ("src/b.rs", "use crate::prelude::*;\npub struct B(A);\npub fn unused() -> bool { true }"),
    ]);
    assert_eq!(found, a_and_b((2, "crate::b::unused"), (2, "A")));
}

#[test]
fn a_glob_imports_the_traits_of_its_module() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod a;\nmod b;\nmod prelude;"),
        ("src/prelude.rs", "pub use crate::a::Speak;"),
        ("src/a.rs", "pub trait Speak { fn speak(&self) {} }\nimpl Speak for crate::b::B {}"),
        ("src/b.rs", "use crate::prelude::*;\npub struct B;\nfn f(b: &B) { b.speak() }"),
    ]);
    assert_eq!(found, a_and_b((2, "crate::b::B"), (1, "crate::prelude::*")));
}

#[test]
fn a_variant_is_an_import_of_the_file_of_its_enum() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod a;\nmod b;\npub use a::Colour::*;\npub use a::Colour;"),
        ("src/a.rs", "pub enum Colour { Red, Green }\nuse crate::b::B;"),
        ("src/b.rs", "pub struct B;\nfn f() { crate::Green; }"),
    ]);
    assert_eq!(found, a_and_b((2, "crate::b::B"), (2, "crate::Green")));
}

#[test]
fn a_child_can_import_through_a_private_use_of_its_parent() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod a;\nmod b;"),
        ("src/a.rs", "pub struct A(crate::b::inner::B);"),
        ("src/b.rs", "use crate::a::A;\npub mod inner;"),
        ("src/b/inner.rs", "pub struct B(Box<super::A>);"),
    ]);
    assert_eq!(
        found[0],
        "import cycle between files:\n  src/a.rs:1 imports crate::b::inner::B (src/b/inner.rs)\n  \
         src/b/inner.rs:1 imports super::A (src/a.rs)"
    );
}

#[test]
fn paths_in_macro_calls_are_imports() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod a;\nmod b;"),
        (
            "src/a.rs",
            "pub fn a() {\n  tokio::select! {\n    _ = async { crate::b::b().await } => {}\n  }\n}",
        ),
        ("src/b.rs", "use crate::a;\npub async fn b() { println!(\"{}\", a::a()) }"),
    ]);
    assert_eq!(found, a_and_b((3, "crate::b::b"), (1, "crate::a")));
}

#[test]
fn fields_and_variables_in_macro_calls_are_not_imports() {
    let found = cycles_in(&[
        (
            "src/lib.rs",
            "mod a;\npub use a::a;\nfn f(x: X) { println!(\"{}\", x.a); m!(let a = 1, a: u8) }",
        ),
        ("src/a.rs", "pub fn a() { crate::f() }"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn paths_in_the_strings_of_attributes_are_imports() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod a;\nmod b;"),
        ("src/a.rs", "pub struct A {\n  #[serde(with = \"crate::b::hex\")]\n  x: u8\n}"),
        ("src/b.rs", "pub mod hex { use crate::a::A; }"),
    ]);
    assert_eq!(found, a_and_b((2, "crate::b::hex"), (1, "crate::a::A")));
}

#[test]
fn a_use_inside_a_function_is_an_import() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod a;\nmod b;"),
        ("src/a.rs", "pub fn a() {\n  use crate::b::b;\n  b()\n}"),
        ("src/b.rs", "pub fn b() {\n  use super::a as other;\n  other::a()\n}"),
    ]);
    assert_eq!(found, a_and_b((2, "crate::b::b"), (2, "super::a")));
}

#[test]
fn code_that_only_tests_see_is_left_out() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod a;\nmod b;\n#[cfg(all(test, unix))]\nmod missing;"),
        (
            "src/a.rs",
            "use crate::b::B;\npub struct A;\nimpl A {\n  #[cfg(test)] fn f() { crate::b::g() }\n}",
        ),
        (
            "src/b.rs",
            "#[cfg(test)]\nuse crate::a::A;\npub struct B;\n\
             #[cfg(test)]\nmod tests { use super::*; use crate::a::A; }",
        ),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn both_sides_of_a_cfg_other_than_test_are_read() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod a;\nmod b;"),
        ("src/a.rs", "#[cfg(unix)]\nuse crate::b::B;\n#[cfg(not(test))]\npub struct A;"),
        ("src/b.rs", "#[cfg(not(unix))]\nuse crate::a::A;\npub struct B;"),
    ]);
    assert_eq!(found, a_and_b((2, "crate::b::B"), (2, "crate::a::A")));
}

#[test]
fn a_module_and_its_child_that_import_each_other_are_a_cycle() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod net;"),
        ("src/net/mod.rs", "mod tcp;\npub struct Address;\nfn f() { tcp::open() }"),
        ("src/net/tcp.rs", "use super::Address;\npub fn open() {}"),
    ]);
    assert_eq!(
        found,
        ["import cycle between files:\n  src/net/mod.rs:3 imports tcp::open (src/net/tcp.rs)\n  \
          src/net/tcp.rs:1 imports super::Address (src/net/mod.rs)"]
    );
}

#[test]
fn inline_modules_belong_to_their_file() {
    let found = cycles_in(&[(
        "src/lib.rs",
        "mod a { pub struct A(super::b::B); }\nmod b { pub struct B(Box<super::a::A>); }",
    )]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn modules_with_a_path_attribute_and_inline_modules_are_found() {
    let found = cycles_in(&[
        ("src/lib.rs", "#[path = \"elsewhere/first.rs\"]\nmod a;\nmod b { pub mod c; }"),
        ("src/elsewhere/first.rs", "pub mod d;\npub use d::D;"),
        ("src/elsewhere/d.rs", "pub struct D(crate::b::c::C);"),
        ("src/b/c.rs", "pub struct C(Box<crate::a::D>);"),
    ]);
    assert_eq!(
        found[0].lines().next_back(),
        Some("  src/elsewhere/d.rs:1 imports crate::b::c::C (src/b/c.rs)")
    );
}

#[test]
fn a_cycle_between_folders_without_a_cycle_between_files_is_found() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod left;\nmod right;"),
        ("src/left.rs", "pub mod one;\npub mod two;"),
        ("src/left/one.rs", "use crate::right::three::Three;"),
        ("src/left/two.rs", "pub struct Two;"),
        ("src/right/mod.rs", "pub mod three;\npub mod four;"),
        ("src/right/three.rs", "pub struct Three;"),
        ("src/right/four.rs", "use crate::left::two::Two;"),
    ]);
    assert_eq!(
        found,
        ["import cycle between the entries of src:\n  \
          src/left/one.rs:1 imports crate::right::three::Three (src/right/three.rs)\n  \
          src/right/four.rs:1 imports crate::left::two::Two (src/left/two.rs)"]
    );
}

#[test]
fn a_cycle_between_folders_is_not_reported_if_a_cycle_between_files_is_its_cause() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod left;\nmod right;"),
        ("src/left.rs", "pub mod one;"),
        ("src/left/one.rs", "use crate::right::two::Two;\npub struct One;"),
        ("src/right.rs", "pub mod two;"),
        ("src/right/two.rs", "use crate::left::one::One;\npub struct Two;"),
    ]);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("import cycle between files:"));
}

#[test]
fn a_report_shows_a_short_cycle_and_names_the_other_files() {
    let found = cycles_in(&[
        ("src/lib.rs", "mod a;\nmod b;\nmod c;"),
        ("src/a.rs", "use crate::{b, c};"),
        ("src/b.rs", "use crate::{c};"),
        ("src/c.rs", "use crate::a;"),
    ]);
    assert_eq!(
        found,
        ["import cycle between files:\n  src/a.rs:1 imports crate::c (src/c.rs)\n  \
          src/c.rs:1 imports crate::a (src/a.rs)\n  in cycles with these: src/b.rs"]
    );
}

#[test]
fn libraries_that_import_each_other_are_a_cycle_and_tests_that_import_them_are_not() {
    let targets = [(Kind::Library, "src/lib.rs"), (Kind::Development, "tests/it.rs")];
    let packages = || {
        let one = package("framescope-one", "one/", &targets, &["framescope-two"]);
        let two = package("framescope-two", "two/", &targets, &["framescope-one"]);
        vec![one, two]
    };
    let mut files = [
        ("one/src/lib.rs", "pub use framescope_two::Two;"),
        ("one/tests/it.rs", ""),
        ("two/src/lib.rs", "pub struct Two;"),
        ("two/tests/it.rs", "use framescope_one::One;\nuse framescope_two::Two;"),
    ];
    let (_folder, tested) = workspace(&files, packages());
    assert_eq!(import_cycles(&crates::read(&tested).unwrap()), [""; 0]);
    files[2].1 = "fn f() { framescope_one::f() }";
    let (_folder, imported) = workspace(&files, packages());
    assert_eq!(
        import_cycles(&crates::read(&imported).unwrap()),
        ["import cycle between crates:\n  \
          one/src/lib.rs:1 imports framescope_two::Two (framescope-two)\n  \
          two/src/lib.rs:1 imports framescope_one::f (framescope-one)"]
    );
}
