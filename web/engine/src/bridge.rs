//! The page's bridge to a built-in server, on the simulated kernel.

use framescope_engine::bridge::{self, Given};
use framescope_framing::HeaderFormat;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::throw_str;

use super::{now, set_panic_hook};

/// A session of the bridge. `www/bridge_worker.js` passes its messages between the page and this, and calls
/// [`Bridge::go_on`] when it says.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Bridge {
    session: bridge::Bridge,
    /// When the session began, on the worker's clock.
    began: f64,
    closed: Option<(u16, String)>,
}

#[wasm_bindgen]
impl Bridge {
    /// Opens a session as a relay does for this path and query. The header of the server is the default. Throws a
    /// sentence if there is no such server.
    #[must_use]
    #[wasm_bindgen(constructor)]
    pub fn new(path: &str) -> Self {
        set_panic_hook();
        let session = bridge::Bridge::open(path, HeaderFormat::default())
            .unwrap_or_else(|error| throw_str(&error.to_string()));
        Self { session, began: now(), closed: None }
    }

    /// The client sends a message.
    pub fn send(&mut self, message: Vec<u8>) {
        self.session.send(message);
    }

    /// The client has got messages of this many bytes.
    pub fn confirm(&mut self, length: usize) {
        self.session.confirm(length);
    }

    /// Lets everything happen that has its time by now. Returns after how many milliseconds it wants to be called again.
    /// `None`: when the client has sent or confirmed something.
    #[wasm_bindgen(js_name = goOn)]
    pub fn go_on(&mut self) -> Option<f64> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the clock does not run backwards, and stays below 2^53"
        )]
        let at = ((now() - self.began) * 1000.0) as u64;
        let due = self.session.go_on(at)?;
        #[expect(clippy::cast_precision_loss, reason = "a pause is far below 2^53")]
        let wait = due.saturating_sub(at) as f64;
        Some(wait / 1000.0)
    }

    /// The next message of `framescope.reads.v1`. `None` if there is none.
    #[must_use]
    #[wasm_bindgen(js_name = takeReads)]
    pub fn take_reads(&mut self) -> Option<Vec<u8>> {
        match self.session.take_given()? {
            Given::Reads(message) => Some(message),
            Given::Closed { code, reason } => {
                self.closed = Some((code, reason));
                None
            }
        }
    }

    /// How many bytes of the client's messages the kernel has taken since the last call.
    #[must_use]
    #[wasm_bindgen(js_name = takeTaken)]
    pub fn take_taken(&mut self) -> usize {
        self.session.take_taken()
    }

    /// The close code, when the session is over and all reads were taken.
    #[must_use]
    #[wasm_bindgen(getter, js_name = closeCode)]
    pub fn close_code(&self) -> Option<u16> {
        self.closed.as_ref().map(|(code, _)| *code)
    }

    /// Why the session is over.
    #[must_use]
    #[wasm_bindgen(getter, js_name = closeReason)]
    pub fn close_reason(&self) -> Option<String> {
        self.closed.as_ref().map(|(_, reason)| reason.clone())
    }
}
