//! The folder of the page in a sub-path of web servers that a class has.

use std::future::ready;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use serde_json::Value;

use crate::browser::Page;
use crate::support::process::Running;
use crate::support::{skipped, until};

/// Where the page is on the site.
const FOLDER: &str = "course/net";

/// How often another port is tried. Another program may take one before the server does.
const ATTEMPTS: usize = 5;

/// A folder for one test that holds nothing yet.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("site-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder can be made");
    folder
}

fn page_folder() -> PathBuf {
    let folder = env::var_os("FRAMESCOPE_PAGE").expect("the page is built");
    fs::canonicalize(folder).expect("the page is built")
}

/// Opens the page, lets its first lesson move, and sends in Live.
async fn click_through(server: SocketAddr) {
    let page = Page::at(&format!("http://{server}/{FOLDER}/"), &[]).await;
    let moves = "return document.querySelector('[aria-current]') !== null";
    page.until("the first lesson goes step by step", moves).await;
    page.click("#tab-live").await;
    let sticks = "return [...document.querySelectorAll('#ribbons-shapes text')]
        .some(text => text.textContent.includes('→ 15 B'))";
    page.until("three sends stick together", sticks).await;
    let failed = "return performance.getEntriesByType('resource')
        .filter(entry => entry.responseStatus >= 400).map(entry => new URL(entry.name).pathname)";
    let asked_for_a_relay = Value::from(vec![format!("/{FOLDER}/relay.json")]);
    assert_eq!(page.read(failed).await, asked_for_a_relay, "all other files are there");
    page.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_sub_path_of_pythons_server_has_a_page_that_works() {
    let folder = folder("python");
    fs::create_dir_all(folder.join("course")).expect("the folder can be made");
    std::os::unix::fs::symlink(page_folder(), folder.join(FOLDER)).expect("a link can be made");
    let mut command = Command::new("python3");
    command.args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory"]);
    command.arg(&folder).stderr(Stdio::null());
    let mut server = Running::start(command);
    // Serving HTTP on 127.0.0.1 port 40123 (http://127.0.0.1:40123/) ...
    let line = server.line().await;
    let address = line.split_once("(http://").and_then(|(_, rest)| rest.split_once('/'));
    let address = address.and_then(|(address, _)| address.parse().ok());
    click_through(address.expect(&line)).await;
}

#[tokio::test]
async fn a_sub_path_of_nginx_has_a_page_that_works() {
    let types = Path::new("/etc/nginx/mime.types");
    let nginx = ["/usr/sbin/nginx", "/usr/bin/nginx"].into_iter().find(|it| Path::new(it).exists());
    let Some(nginx) = nginx.filter(|_| types.exists()) else {
        skipped("nginx is not here; install the package nginx-light");
        return;
    };
    let folder = folder("nginx");
    let (_running, address) = start_nginx(nginx, &folder).await;
    click_through(address).await;
}

async fn start_nginx(nginx: &str, folder: &Path) -> (Running, SocketAddr) {
    for _ in 0..ATTEMPTS {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let address = free.expect("a port is free");
        let _ = fs::remove_file(folder.join("pid"));
        let configuration = folder.join("nginx.conf");
        fs::write(&configuration, nginx_configuration(address)).expect("it can be written");
        let mut command = Command::new(nginx);
        command.arg("-c").arg(&configuration).arg("-p").arg(folder).stderr(Stdio::null());
        let mut running = Running::start(command);
        // It writes the file when it listens.
        until("nginx listens or ends", || {
            ready(folder.join("pid").exists() || running.has_ended())
        })
        .await;
        if !running.has_ended() {
            return (running, address);
        }
    }
    panic!("nginx does not start");
}

fn nginx_configuration(address: SocketAddr) -> String {
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary: Vec<_> = temporary.map(|one| format!("{one}_temp_path {one};")).into();
    format!(
        "daemon off; master_process off; pid pid; error_log stderr;
         events {{}}
         http {{
             include /etc/nginx/mime.types; access_log off; {}
             server {{
                 listen {address};
                 location /{FOLDER}/ {{ alias {}/; }}
             }}
         }}",
        temporary.join(" "),
        page_folder().display()
    )
}
