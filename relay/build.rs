//! Embeds the page: the folder named by `FRAMESCOPE_PAGE`, or a note that says how to build it.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=FRAMESCOPE_PAGE");
    let page = env::var("FRAMESCOPE_PAGE").unwrap_or_else(|_| "page-not-built".to_owned());
    memory_serve::load_directory(page);
}
