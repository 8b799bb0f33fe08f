//! wasm-bindgen's test runner, in the version that `Cargo.lock` fixes. cargo runs wasm32 test binaries
//! with it.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
