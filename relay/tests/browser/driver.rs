//! The browser that the tests run in, and its `WebDriver`: Chromium, or Firefox if `FRAMESCOPE_BROWSER` says so.

use std::env;
use std::process::Stdio;

use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::support::within;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Chromium,
    Firefox,
}

/// How a browser is to differ from an ordinary one with a wide window, for somebody who reads English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// Its user reads Chinese.
    Chinese,
    /// Its user prefers dark pages.
    Dark,
    /// Its user prefers that little moves.
    LessMotion,
    /// Scroll bars take no place.
    NoScrollBars,
    /// It is one of a phone: 390x844, touched with fingers. Firefox has no window that is narrower than 500.
    Phone,
    /// It is one of a small phone: 320x568. Chromium only.
    SmallPhone,
}

impl Kind {
    /// The browser that the environment names.
    pub(crate) fn of_environment() -> Self {
        match env::var("FRAMESCOPE_BROWSER").as_deref() {
            Ok("firefox") => Self::Firefox,
            Ok("chromium") | Err(_) => Self::Chromium,
            Ok(other) => panic!("FRAMESCOPE_BROWSER is chromium or firefox, not {other}"),
        }
    }

    /// What a session asks its driver for.
    pub(crate) fn capabilities(self, settings: &[Setting]) -> Map<String, Value> {
        let capabilities = match self {
            Self::Chromium => chromium(settings),
            Self::Firefox => firefox(settings),
        };
        let Value::Object(capabilities) = capabilities else {
            unreachable!("the macro was given an object");
        };
        capabilities
    }

    /// Starts a driver on a port that it chooses. chromedriver takes a free port of `::1`, then the same port of
    /// `127.0.0.1`. A socket of another test may use that one. Then the driver ends, and another is started.
    pub(crate) async fn start_driver(self) -> (Child, String) {
        const ATTEMPTS: u32 = 10;
        let mut said = String::new();
        for _ in 0..ATTEMPTS {
            match self.try_to_start_driver().await {
                Ok(started) => return started,
                Err(output) => said = output,
            }
        }
        panic!("the driver ended {ATTEMPTS} times before it had a port, and said: {said}");
    }

    /// The driver and its address, or what it said before it ended.
    async fn try_to_start_driver(self) -> Result<(Child, String), String> {
        let program = match self {
            Self::Chromium => program("CHROMEDRIVER", "chromedriver"),
            Self::Firefox => program("GECKODRIVER", "geckodriver"),
        };
        let arguments: &[&str] = match self {
            Self::Chromium => &["--port=0"],
            Self::Firefox => &["--port=0", "--websocket-port=0"],
        };
        let mut driver = Command::new(&program)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {program}: {error}"));
        let stdout = driver.stdout.take().expect("its output was asked for");
        let mut lines = BufReader::new(stdout).lines();
        let mut said = String::new();
        let port = within("the driver says its port, or ends", async {
            while let Some(line) = lines.next_line().await.expect("its output is text") {
                if let Some(port) = port_in(&line) {
                    return Some(port.to_owned());
                }
                said.push_str(&line);
                said.push('\n');
            }
            None
        })
        .await;
        let Some(port) = port else { return Err(said) };
        // Its output must be read on, or it stops when the pipe is full.
        tokio::spawn(async move { while matches!(lines.next_line().await, Ok(Some(_))) {} });
        Ok((driver, format!("http://127.0.0.1:{port}")))
    }
}

/// The port in "`ChromeDriver` was started successfully on port 40123." or in "Listening on 127.0.0.1:40123".
fn port_in(line: &str) -> Option<&str> {
    let chromedriver =
        || line.strip_suffix('.')?.rsplit_once("successfully on port ").map(|(_, port)| port);
    let geckodriver = || line.rsplit_once("Listening on 127.0.0.1:").map(|(_, port)| port);
    chromedriver().or_else(geckodriver)
}

/// The program that a variable names, or this one.
fn program(variable: &str, default: &str) -> String {
    env::var(variable).unwrap_or_else(|_| default.to_owned())
}

fn chromium(settings: &[Setting]) -> Value {
    let mut arguments = vec![
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--window-size=1600,1400",
        "--lang=en-US",
        "--accept-lang=en-US",
    ];
    let mut options = Map::new();
    for setting in settings {
        match setting {
            Setting::Chinese => arguments.extend(["--lang=zh-CN", "--accept-lang=zh-CN"]),
            // 0 is dark (blink's `mojom::PreferredColorScheme`).
            Setting::Dark => arguments.push("--blink-settings=preferredColorScheme=0"),
            Setting::LessMotion => arguments.push("--force-prefers-reduced-motion"),
            Setting::NoScrollBars => arguments.push("--hide-scrollbars"),
            Setting::Phone | Setting::SmallPhone => {
                let is_small = settings.contains(&Setting::SmallPhone);
                let (width, height) = if is_small { (320, 568) } else { (390, 844) };
                let metrics =
                    json!({ "width": width, "height": height, "pixelRatio": 3, "touch": true });
                let emulation = json!({ "deviceMetrics": metrics });
                options.insert("mobileEmulation".to_owned(), emulation);
            }
        }
    }
    options.insert("args".to_owned(), json!(arguments));
    options.insert("binary".to_owned(), json!(program("CHROMIUM", "/usr/bin/chromium")));
    json!({ "goog:chromeOptions": options })
}

fn firefox(settings: &[Setting]) -> Value {
    let mut preferences = json!({ "intl.accept_languages": "en-US" });
    for setting in settings {
        match setting {
            Setting::Chinese => preferences["intl.accept_languages"] = json!("zh-CN"),
            Setting::Dark => preferences["ui.systemUsesDarkTheme"] = json!(1),
            Setting::LessMotion => preferences["ui.prefersReducedMotion"] = json!(1),
            Setting::NoScrollBars => {
                preferences["widget.gtk.overlay-scrollbars.enabled"] = json!(true);
            }
            Setting::Phone | Setting::SmallPhone => {
                // A finger, which is not exact and hovers over nothing.
                preferences["ui.primaryPointerCapabilities"] = json!(1);
                preferences["ui.allPointerCapabilities"] = json!(1);
                preferences["dom.w3c_touch_events.enabled"] = json!(1);
            }
        }
    }
    let (width, height) =
        if settings.contains(&Setting::Phone) { ("500", "930") } else { ("1600", "1400") };
    let arguments = ["-headless", "-width", width, "-height", height];
    json!({
        "moz:firefoxOptions": {
            "args": arguments,
            "binary": program("FIREFOX", "/usr/bin/firefox-esr"),
            "prefs": preferences,
        },
    })
}
