//! A Chromium with a laptop's window, driven over `WebDriver`.

use std::time::Duration;

use axum::http::Method;
use fantoccini::wd::{TimeoutConfiguration, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::process::Child;
use url::{ParseError, Url};

use crate::driver::Kind;
use crate::support::within;

/// The size of the window.
const WINDOW: (u32, u32) = (1366, 768);

/// The time limit of a script: longer than the slowest scene on a busy machine.
const SCRIPT: Duration = Duration::from_secs(50);

/// What is traced: tasks, frames, and the marks of a scene.
const CATEGORIES: &str =
    "devtools.timeline,disabled-by-default-devtools.timeline,blink.user_timing";

/// A browser with a new profile. [`Browser::close`] it: a browser whose driver is killed lives on.
pub(crate) struct Browser {
    client: Client,
    driver: Child,
}

impl Browser {
    /// Starts one in which nothing but the page takes time.
    pub(crate) async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// Starts one that traces its tasks, which takes some time too.
    pub(crate) async fn tracing() -> Self {
        Self::with(|capabilities| {
            capabilities["goog:loggingPrefs"] = json!({ "performance": "ALL" });
            capabilities["goog:chromeOptions"]["perfLoggingPrefs"] = json!({
                "enableNetwork": false,
                "enablePage": false,
                "traceCategories": CATEGORIES,
            });
        })
        .await
    }

    async fn with(change: impl FnOnce(&mut Value)) -> Self {
        let (driver, address) = Kind::Chromium.start_driver().await;
        let mut capabilities = Value::Object(Kind::Chromium.capabilities(&[]));
        change(&mut capabilities);
        let Value::Object(capabilities) = capabilities else {
            unreachable!("it was made of an object");
        };
        let connect = async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities).connect(&address).await
        };
        let client = within("the browser starts", connect).await.expect("the browser starts");
        let timeouts = TimeoutConfiguration::new(Some(SCRIPT), None, None);
        client.update_timeouts(timeouts).await.expect("a script has a time limit");
        let (width, height) = WINDOW;
        client.set_window_size(width, height).await.expect("a window has a size");
        Self { client, driver }
    }

    pub(crate) async fn close(mut self) {
        self.client.clone().close().await.expect("the browser closes");
        self.driver.kill().await.expect("the driver is ours to end");
    }

    /// Opens a document that is not this one with another fragment.
    pub(crate) async fn open(&self, url: &str) {
        self.client.goto("about:blank").await.expect("it is there");
        self.client.goto(url).await.expect("the page loads");
    }

    pub(crate) async fn read(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect("the script runs")
    }

    /// Waits until a script returns `true`; `what` says what did not happen when it does not.
    pub(crate) async fn until(&self, what: &str, script: &str) {
        within(what, async {
            while self.read(script).await != Value::Bool(true) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
    }

    /// Runs a script that calls its last argument with a number.
    pub(crate) async fn measure(&self, script: &str, arguments: Vec<Value>) -> f64 {
        let result = within("the script ends", self.client.execute_async(script, arguments)).await;
        result.expect("the script runs").as_f64().expect("it says a number")
    }

    /// Never fetches what has these addresses.
    pub(crate) async fn block(&self, urls: &[&str]) {
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.setBlockedURLs", json!({ "urls": urls })).await;
    }

    /// What has been traced since the start. The driver answers once.
    pub(crate) async fn trace(&self) -> Vec<Value> {
        let log = self.vendor("se/log", json!({ "type": "performance" })).await;
        let entries = log.as_array().expect("a log is a list").iter();
        let messages = entries.filter_map(|entry| {
            let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let message = &message["message"];
            (message["method"] == "Tracing.dataCollected").then(|| message["params"].clone())
        });
        messages.collect()
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.vendor("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await
    }

    async fn vendor(&self, path: &'static str, body: Value) -> Value {
        let answer = self.client.issue_cmd(VendorCommand { path, body }).await;
        answer.expect("the driver has the command")
    }
}

/// The name and version of the browser.
pub(crate) async fn version() -> String {
    let browser = Browser::start().await;
    let version = browser.devtools("Browser.getVersion", json!({})).await;
    browser.close().await;
    version["product"].as_str().unwrap_or_default().to_owned()
}

/// A command of chromedriver that `WebDriver` does not have.
#[derive(Debug)]
struct VendorCommand {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for VendorCommand {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        base_url.join(&format!("session/{}/{}", session_id.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
