//! Runs Python programs on the simulated kernel, and a bridge to the built-in servers, in Web Workers of the page.
//!
//! What comes in: encoded commands, as a relay's `/lab` takes them, messages as its bridge takes them, and the time. What
//! goes out: encoded reports, and the bridge's messages. `www/engine_worker.js` passes those of [`Engine`], and calls
//! [`Engine::go_on`] as long as something moves. `www/bridge_worker.js` is the one of [`Bridge`].
//!
//! The interpreter is six times as large as the page, and not every visit needs it. So it is a separate
//! module. It is in a worker, because a program that computes would make the page stand still.
//!
//! May use: `framing`, `lab`, `engine`.

mod bridge;
mod runner;

use std::panic;

use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::throw_str;

pub use bridge::Bridge;
use runner::Runner;

/// The longest time that programs run until the worker looks for commands again, in milliseconds.
const SLICE_MS: f64 = 10.0;

#[wasm_bindgen]
extern "C" {
    /// The worker's clock, in milliseconds.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// Runs the programs of one experiment after the other.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine {
    runner: Runner,
}

#[wasm_bindgen]
impl Engine {
    /// An engine without an experiment.
    #[must_use]
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        set_panic_hook();
        Self { runner: Runner::new() }
    }

    /// Begins what an encoded command says. Nothing happens before [`Engine::go_on`].
    pub fn obey(&mut self, command: &[u8]) {
        self.runner.obey(command);
    }

    /// Lets programs run for some milliseconds. Returns whether anything moves still.
    #[wasm_bindgen(js_name = goOn)]
    pub fn go_on(&mut self) -> bool {
        let end = now() + SLICE_MS;
        self.runner.go_on(|| now() >= end)
    }

    /// The next encoded report. `None` if there is none.
    #[must_use]
    #[wasm_bindgen(js_name = takeReport)]
    pub fn take_report(&mut self) -> Option<Vec<u8>> {
        self.runner.take_report().map(|report| report.encode())
    }
}

/// After a panic nothing runs any more. The worker's `error` event tells the page why.
fn set_panic_hook() {
    panic::set_hook(Box::new(|panic| throw_str(&format!("the engine failed: {panic}"))));
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}
