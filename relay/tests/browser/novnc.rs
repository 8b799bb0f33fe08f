//! noVNC as it is published, in a browser, through the bridge to a desktop.

use std::env;
use std::net::SocketAddr;
use std::path::PathBuf;

use axum::response::Html;
use axum::routing::get;
use fantoccini::actions::{
    InputSource as _, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};

use crate::browser::Page;
use crate::file_server;
use crate::rfb::{Desktop, FIRST_BLUE, HEIGHT, KEY_EVENT, NAME, POINTER_EVENT, WIDTH};
use crate::support::target::TestTarget;
use crate::support::{TestRelay, http, skipped, until};

/// A page of noVNC's own library that offers `binary`, as noVNC's pages did up to version 1.2 and
/// as those of many programs that embed it do.
const BINARY_PAGE: &str = "<!doctype html><title>noVNC</title>
<p id=status>Loading</p><div id=screen></div>
<script type=module>
    import RFB from './core/rfb.js';
    const query = new URLSearchParams(location.search);
    const url = `ws://${query.get('host')}:${query.get('port')}/${query.get('path')}`;
    const status = document.querySelector('#status');
    const rfb = new RFB(document.querySelector('#screen'), url, { wsProtocols: ['binary'] });
    let name;
    rfb.addEventListener('desktopname', event => name = event.detail.name);
    rfb.addEventListener('connect', () => status.textContent = `Connected to ${name}`);
    rfb.addEventListener('disconnect', () => status.textContent = 'Disconnected');
</script>";

/// Serves noVNC if it is installed.
async fn serve_novnc() -> Option<SocketAddr> {
    let folder = env::var_os("NOVNC").map_or_else(|| "/usr/share/novnc".into(), PathBuf::from);
    if !folder.join("vnc_lite.html").is_file() {
        skipped("noVNC is not here; install the package novnc, or name its folder in NOVNC");
        return None;
    }
    let binary_page = get(|| async { Html(BINARY_PAGE) });
    let router = file_server::files_of(folder).route("/binary.html", binary_page);
    Some(file_server::serve(router).await)
}

/// The query that makes noVNC's page connect to the bridge.
fn query(relay: SocketAddr) -> String {
    format!("host={}&port={}&path=bridge/desktop", relay.ip(), relay.port())
}

/// Is the whole picture drawn, each pixel in its place and colour?
fn is_drawn(blue: u8) -> String {
    format!(
        "const canvas = document.querySelector('#screen canvas');
         if (canvas?.width !== {WIDTH} || canvas.height !== {HEIGHT}) return false;
         const drawn = canvas.getContext('2d').getImageData(0, 0, {WIDTH}, {HEIGHT}).data;
         return drawn.every((part, at) => {{
             const pixel = at >> 2;
             return part === [pixel % {WIDTH}, Math.floor(pixel / {WIDTH}), {blue}, 255][at & 3];
         }})"
    )
}

/// Clicks on the picture and types a letter; the desktop must get the bytes that mean just that.
async fn click_and_type(page: &Page, desktop: &mut Desktop, letter: u8) {
    // A canvas in the middle of a page may begin in the middle of a pixel.
    let corner = "const {x, y} = document.querySelector('#screen canvas').getBoundingClientRect();
        return [Math.ceil(x), Math.ceil(y)]";
    let corner: (f64, f64) =
        serde_json::from_value(page.read(corner).await).expect("the place is two numbers");
    let (x, y) = (corner.0 + 200.0, corner.1 + 100.0);
    let click = MouseActions::new("mouse".to_owned())
        .then(PointerAction::MoveTo { duration: None, x, y })
        .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
        .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
    page.client.perform_actions(click).await.expect("the picture can be clicked");
    let strike = KeyActions::new("keyboard".to_owned())
        .then(KeyAction::Down { value: letter.into() })
        .then(KeyAction::Up { value: letter.into() });
    page.client.perform_actions(strike).await.expect("keys can be pressed");

    // RFC 6143, sections 7.5.4 and 7.5.5. The keysym of a letter is its Latin-1 code.
    let pointer = |buttons| vec![POINTER_EVENT, buttons, 0, 200, 0, 100];
    let key = |is_down| vec![KEY_EVENT, is_down, 0, 0, 0, 0, 0, letter];
    let mut input = desktop.input().await;
    while input == pointer(0) {
        input = desktop.input().await;
    }
    assert_eq!(input, pointer(1));
    assert_eq!(desktop.input().await, pointer(0));
    assert_eq!(desktop.input().await, key(1));
    assert_eq!(desktop.input().await, key(0));
}

async fn shows_and_moves_a_desktop(file: &str) {
    let Some(files) = serve_novnc().await else { return };
    let listener = TestTarget::listen().await;
    let relay = TestRelay::start_with(|config| {
        config.targets.push(listener.named("desktop"));
        config.allow_origins.push(format!("http://{files}").parse().expect("it is an origin"));
    })
    .await;
    let url = format!("http://{files}/{file}?{}", query(relay.http));
    let page = Page::at(&url, &[]).await;
    let mut desktop = loop {
        if let Some(desktop) = Desktop::show_to(listener.accept().await).await {
            break desktop;
        }
    };
    page.until_texts("#status", &[&format!("Connected to {NAME}")]).await;
    page.until("the picture is drawn", &is_drawn(FIRST_BLUE)).await;

    for letter in *b"az" {
        click_and_type(&page, &mut desktop, letter).await;
        page.until("the picture has changed", &is_drawn(letter)).await;
    }
    drop(relay);
    page.until_texts("#status", &["Disconnected"]).await;
    page.close().await;
}

#[tokio::test]
async fn the_published_page_of_novnc_shows_a_desktop_and_moves_it() {
    shows_and_moves_a_desktop("vnc_lite.html").await;
}

#[tokio::test]
async fn novnc_shows_a_desktop_over_the_binary_subprotocol() {
    shows_and_moves_a_desktop("binary.html").await;
}

#[tokio::test]
async fn novnc_of_an_origin_that_was_not_named_reaches_no_desktop() {
    let Some(files) = serve_novnc().await else { return };
    let listener = TestTarget::listen().await;
    let relay =
        TestRelay::start_with(|config| config.targets.push(listener.named("desktop"))).await;
    let url = format!("http://{files}/vnc_lite.html?{}", query(relay.http));
    let page = Page::at(&url, &[]).await;
    until("the page is refused", || async {
        let metrics = http::get(relay.http, "/metrics").await.body;
        metrics.contains("framescope_refusals_total{reason=\"origin\",status=\"403\"} 1")
    })
    .await;
    page.until_texts("#status", &["Something went wrong, connection is closed"]).await;
    page.close().await;
}
