//! A browser with the page open, driven over `WebDriver`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use fantoccini::actions::{InputSource as _, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use tokio::process::Child;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::driver::{Kind, Setting};
use crate::support::{TestRelay, within};

/// The fragment of the lists of the tab Live. The page sends nothing by itself.
pub(crate) const LISTS: &str = "view=list&send=";

/// Two browsers at a time: each takes a core and a few hundred megabytes. A test that opens a second one closes the first one
/// before: two tests with one each would wait for each other.
static TURN: std::sync::LazyLock<Arc<Semaphore>> =
    std::sync::LazyLock::new(|| Arc::new(Semaphore::new(2)));

/// Ctrl+A, as `WebDriver` spells it.
const SELECT_ALL: &str = "\u{e009}a\u{e000}";
const BACKSPACE: &str = "\u{e003}";
const ENTER: &str = "\u{e007}";

/// A page, open in a separate browser. [`Page::close`] it at the end of a test: a browser whose
/// driver is killed lives on.
pub(crate) struct Page {
    pub(crate) client: Client,
    driver: Child,
    _turn: OwnedSemaphorePermit,
}

impl Page {
    /// A relay, and the lists of its page with this fragment, connected. Nothing has been sent.
    pub(crate) async fn connected(fragment: &str) -> (TestRelay, Self) {
        let relay = TestRelay::start().await;
        let page = Self::open(relay.http, &format!("{LISTS}&{fragment}"), &[]).await;
        page.until("it is connected", IS_OPEN).await;
        (relay, page)
    }

    /// Opens the page in a new browser with these settings.
    pub(crate) async fn open(relay: SocketAddr, fragment: &str, settings: &[Setting]) -> Self {
        let page = Self::at(&format!("http://{relay}/#{fragment}"), settings).await;
        let started =
            "return window.page !== undefined || !document.querySelector('#failure').hidden";
        page.until("it has started", started).await;
        assert_eq!(page.texts("#failure").await, [""; 0], "what the page says if it cannot start");
        page
    }

    /// Opens any page in a new browser with these settings.
    pub(crate) async fn at(url: &str, settings: &[Setting]) -> Self {
        let turn = Arc::clone(&TURN).acquire_owned().await.expect("nobody closes the semaphore");
        let browser = Kind::of_environment();
        let (driver, address) = browser.start_driver().await;
        let connect = async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(browser.capabilities(settings)).connect(&address).await
        };
        let client = within("the browser starts", connect).await.expect("the browser starts");
        let page = Self { client, driver, _turn: turn };
        page.client.goto(url).await.expect("the page loads");
        page
    }

    pub(crate) async fn close(mut self) {
        self.client.clone().close().await.expect("the browser closes");
        self.driver.kill().await.expect("the driver is ours to end");
    }

    /// Runs a script that returns a value. In Firefox each script has its own global object: what is to outlive it is
    /// kept in `window`.
    pub(crate) async fn read(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect("the script runs")
    }

    /// Waits until what a script returns is right, and returns it; `what` says what did not happen when it is not.
    pub(crate) async fn until_right(
        &self,
        what: &str,
        script: &str,
        is_right: impl Fn(&Value) -> bool,
    ) -> Value {
        let mut last = Value::Null;
        let happens = tokio::time::timeout(Duration::from_mins(1), async {
            loop {
                last = self.read(script).await;
                if is_right(&last) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let in_time = happens.await.is_ok();
        assert!(in_time, "this did not happen within a minute: {what}; at last it was {last}");
        last
    }

    /// Waits until a script returns `true`.
    pub(crate) async fn until(&self, what: &str, script: &str) {
        self.until_right(what, script, |value| *value == Value::Bool(true)).await;
    }

    /// Waits until the browser has painted what the page knows now.
    pub(crate) async fn painted(&self) {
        let frames = "return new Promise(done =>
            requestAnimationFrame(() => requestAnimationFrame(() => done(true))))";
        self.until("the browser paints", frames).await;
    }

    /// The text of each visible element that the selector finds, in order.
    pub(crate) async fn texts(&self, selector: &str) -> Vec<String> {
        let found = self.read(&texts(selector)).await;
        serde_json::from_value(found).expect("texts are strings")
    }

    /// Waits until the visible elements that the selector finds have these texts.
    pub(crate) async fn until_texts(&self, selector: &str, wanted: &[&str]) {
        let (what, wanted) = (format!("{selector} shows {wanted:?}"), Value::from(wanted));
        self.until_right(&what, &texts(selector), |found| *found == wanted).await;
    }

    pub(crate) async fn find(&self, selector: &str) -> Element {
        self.client.find(Locator::Css(selector)).await.expect("the element is there")
    }

    pub(crate) async fn click(&self, selector: &str) {
        self.find(selector).await.click().await.expect("the element can be clicked");
    }

    /// Clicks on an entry of the menu.
    pub(crate) async fn choose_in_menu(&self, selector: &str) {
        self.click("#menu-open").await;
        self.click(selector).await;
    }

    /// Types into a field in place of what was there. A line's end is the Enter key.
    pub(crate) async fn fill(&self, selector: &str, text: &str) {
        // WebDriver's own command leaves the field after it has cleared it, and the page may write its text there again.
        // Firefox holds Ctrl until a command ends.
        let field = self.find(selector).await;
        for keys in [format!("{SELECT_ALL}{BACKSPACE}"), text.replace('\n', ENTER)] {
            field.send_keys(&keys).await.expect("the field takes text");
        }
    }

    /// Sends a message through the composer.
    pub(crate) async fn send(&self, text: &str) {
        self.fill("#composer-text", text).await;
        self.click("#send").await;
    }

    /// Presses keys with nothing focused.
    pub(crate) async fn press(&self, keys: &str) {
        self.read("document.activeElement.blur()").await;
        self.find("body").await.send_keys(keys).await.expect("the page takes keys");
    }

    /// Nothing runs off the side of a phone, a tablet or a projector, in projector mode or out of it.
    pub(crate) async fn fits_every_screen(&self) {
        for (width, height) in [(390, 844), (768, 1024), (1366, 768), (1920, 1080)] {
            self.client.set_window_size(width, height).await.expect("a window has a size");
            for _ in 0..2 {
                let overflow = "return document.documentElement.scrollWidth - innerWidth";
                let overflow = self.read(overflow).await.as_i64().expect("pixels are numbers");
                assert!(overflow <= 0, "{overflow} px too wide at {width}x{height}");
                // A phone has no such button.
                let is_there = "return document.querySelector('#projector').checkVisibility()";
                if self.read(is_there).await == true {
                    self.click("#projector").await;
                }
            }
        }
    }

    /// Moves the pointer onto an element.
    pub(crate) async fn point_at(&self, selector: &str) {
        let element = self.find(selector).await;
        let to = PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 };
        let moves = MouseActions::new("mouse".to_owned()).then(to);
        self.client.perform_actions(moves).await.expect("the pointer can be moved");
    }
}

/// Is the newest connection open?
pub(crate) const IS_OPEN: &str =
    "return document.querySelector('#source').dataset.state === 'open'";

/// A script that returns the text of each visible element that the selector finds, in order.
fn texts(selector: &str) -> String {
    format!(
        "return [...document.querySelectorAll('{selector}')]
            .filter(e => e.checkVisibility()).map(e => e.textContent)"
    )
}
