//! What may be said of a target: TLS, subprotocols, the PROXY protocol, a token, a limit.

use std::process::{Command, Stdio};

use framescope::{MAX_TARGETS, Target};
use framescope_framing::HeaderFormat;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::certificate::Certificate;
use crate::support::framed_client::FramedClient;
use crate::support::http::{get, request, upgrade};
use crate::support::process::{Finished, RelayProcess, Running, framescope, run};
use crate::support::target::{TestTarget, unused};
use crate::support::test_file::TestFile;
use crate::support::websocket::Client;
use crate::support::{TestRelay, skipped, until, within};

/// A relay with these targets, as the command line writes them.
async fn relay(targets: &[String]) -> TestRelay {
    let targets: Vec<Target> = targets.iter().map(|target| target.parse().expect(target)).collect();
    TestRelay::start_with(|config| config.targets = targets).await
}

/// `openssl s_server`, which sends each line back in reverse, and its port. `None`: there is no openssl here.
async fn openssl(certificate: &Certificate) -> Option<(Running, u16)> {
    if Command::new("openssl").arg("version").stdout(Stdio::null()).status().is_err() {
        skipped("there is no openssl here");
        return None;
    }
    let mut command = Command::new("openssl");
    command.args(["s_server", "-rev", "-accept", "127.0.0.1:0", "-cert"]);
    command.arg(&certificate.cert).arg("-key").arg(&certificate.key).stderr(Stdio::null());
    let mut running = Running::start(command);
    loop {
        assert!(!running.has_ended(), "openssl has ended");
        let line = running.line().await;
        let port = line.trim_end().strip_prefix("ACCEPT 127.0.0.1:").map(str::parse);
        if let Some(Ok(port)) = port {
            return Some((running, port));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_with_tls_proves_who_it_is() {
    let certificate = Certificate::new("target");
    let Some((_running, port)) = openssl(&certificate).await else { return };
    let ca = certificate.cert.display();
    let relay = relay(&[
        format!("good=localhost:{port},tls=on,ca={ca}"),
        format!("address=127.0.0.1:{port},tls=on,ca={ca}"),
        format!("named=127.0.0.1:{port},tls=on,ca={ca},sni=localhost"),
        format!("other=127.0.0.1:{port},tls=on,ca={ca},sni=other.example"),
    ])
    .await;
    for name in ["good", "address", "named"] {
        let mut client = Client::open(relay.http, &format!("/bridge/{name}")).await;
        client.send(&b"hello\n"[..]).await;
        let mut answer = Vec::new();
        while answer.len() < 6 {
            answer.extend_from_slice(&client.receive_bytes().await);
        }
        assert_eq!(answer, b"olleh\n", "{name}");
    }
    let refused = get(relay.http, "/bridge/other").await;
    assert_eq!(refused.status, 502);
    let why = "the target \"other\" cannot be reached: its certificate is for another name";
    assert!(refused.body.starts_with(why), "{}", refused.body);
    assert!(!refused.body.contains("localhost"), "{}", refused.body);
}

/// `openssl req -x509` makes a certificate that is marked as that of a CA.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_itself_in_the_file_is_its_target_s() {
    // Its files are overwritten.
    let (own, expired) = (Certificate::new("pinned"), Certificate::new("expired"));
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]);
    command.args(["-addext", "subjectAltName=DNS:localhost", "-out"]).arg(&own.cert);
    command.arg("-keyout").arg(&own.key).stderr(Stdio::null());
    if !command.status().is_ok_and(|made| made.success()) {
        return skipped("there is no openssl here");
    }
    let key = rcgen::KeyPair::generate().unwrap();
    let mut of_the_past = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    of_the_past.not_before = rcgen::date_time_ymd(2020, 1, 1);
    of_the_past.not_after = rcgen::date_time_ymd(2020, 1, 2);
    std::fs::write(&expired.cert, of_the_past.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(&expired.key, key.serialize_pem()).unwrap();
    let (_running, port) = openssl(&own).await.expect("openssl is here");
    let (_old, old_port) = openssl(&expired).await.expect("openssl is here");
    let (own, expired) = (own.cert.display(), expired.cert.display());
    let relay = relay(&[
        format!("good=localhost:{port},tls=on,ca={own}"),
        format!("name=localhost:{port},tls=on,ca={own},sni=other.example"),
        format!("stranger=localhost:{port},tls=on,ca={expired}"),
        format!("time=localhost:{old_port},tls=on,ca={expired}"),
    ])
    .await;
    let mut client = Client::open(relay.http, "/bridge/good").await;
    client.send(&b"hello\n"[..]).await;
    assert!(client.receive_bytes().await.starts_with(b"o"));
    // openssl serves one at a time.
    drop(client);
    for (target, why) in [
        ("name", "its certificate is for another name"),
        ("stranger", "its certificate is"),
        ("time", "its certificate has expired"),
    ] {
        let refused = get(relay.http, &format!("/bridge/{target}")).await;
        assert_eq!(refused.status, 502);
        let said = format!("the target \"{target}\" cannot be reached: {why}");
        assert!(refused.body.starts_with(&said), "{}", refused.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_whose_certificate_nobody_vouches_for_is_a_502_that_says_so() {
    let [certificate, stranger] = ["shown", "trusted"].map(Certificate::new);
    let Some((_running, port)) = openssl(&certificate).await else { return };
    let relay =
        relay(&[format!("mine=localhost:{port},tls=on,ca={}", stranger.cert.display())]).await;
    let refused = get(relay.http, "/bridge/mine").await;
    assert_eq!(refused.status, 502);
    let why = "its certificate is signed by nobody who is trusted";
    assert!(refused.body.contains(why), "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_speaks_no_tls_does_not_hold_up_the_client_for_ever() {
    let listener = TestTarget::listen().await;
    let ca = Certificate::new("silent");
    let port = listener.address().port();
    let target = format!("mine=localhost:{port},tls=on,ca={}", ca.cert.display());
    let relay = TestRelay::start_with(|config| {
        config.targets = vec![target.parse().unwrap()];
        config.connect_timeout = std::time::Duration::from_millis(300);
    })
    .await;
    let asked = get(relay.http, "/bridge/mine");
    let (refused, _silent) = tokio::join!(asked, listener.accept());
    assert_eq!(refused.status, 504, "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_names_the_subprotocols_that_are_passed_on_to_it() {
    let listener = TestTarget::listen().await;
    let address = listener.address();
    let relay = relay(&[
        format!("mq={address},subprotocol=mqtt,subprotocol=mqttv3.1"),
        format!("db={address}"),
    ])
    .await;
    for (name, offered, chosen) in [
        ("mq", "mqtt", Ok("mqtt")),
        ("mq", "binary, mqttv3.1", Ok("mqttv3.1")),
        ("mq", "binary", Ok("binary")),
        ("mq", "amqp", Err("the subprotocols here are \"mqtt\", \"mqttv3.1\", \"binary\" and")),
        ("db", "mqtt", Err("the subprotocols here are \"binary\" and")),
    ] {
        let offer = format!("Sec-WebSocket-Protocol: {offered}");
        let (answer, _) = upgrade(relay.http, &format!("/bridge/{name}"), &[&offer]).await;
        match chosen {
            Ok(chosen) => {
                assert_eq!(answer.status, 101, "{name} {offered}: {}", answer.body);
                assert_eq!(answer.header("Sec-WebSocket-Protocol"), Some(chosen));
            }
            Err(why) => {
                assert_eq!(answer.status, 400, "{name} {offered}");
                assert!(answer.body.starts_with(why), "{}", answer.body);
            }
        }
    }
}

/// A browser's MQTT client publishes through the bridge to Mosquitto, and hears itself.
#[tokio::test(flavor = "multi_thread")]
async fn mqtt_over_websocket_reaches_mosquitto() {
    let address = unused();
    let configuration = TestFile::new(
        "mosquitto.conf",
        &format!("listener {} 127.0.0.1\nallow_anonymous true\n", address.port()),
    );
    let mut command = Command::new("/usr/sbin/mosquitto");
    if !std::path::Path::new("/usr/sbin/mosquitto").exists() {
        return skipped(
            "mosquitto is not here; install the packages mosquitto and python3-paho-mqtt",
        );
    }
    command.args(["-c", configuration.path()]).stderr(Stdio::null());
    let _broker = Running::start(command);
    until("mosquitto listens", || async { tokio::net::TcpStream::connect(address).await.is_ok() })
        .await;
    let relay = relay(&[format!("mq={address},subprotocol=mqtt")]).await;
    let script = format!(
        "import paho.mqtt.client as mqtt\n\
         client = mqtt.Client(transport='websockets')\n\
         client.ws_set_options(path='/bridge/mq')\n\
         client.on_connect = lambda c, u, f, rc: c.subscribe('class')\n\
         client.on_subscribe = lambda c, u, m, q: c.publish('class', 'hello' * 1000)\n\
         def heard(c, u, m):\n    print(len(m.payload), flush=True)\n    c.disconnect()\n\
         client.on_message = heard\n\
         client.connect('127.0.0.1', {})\n\
         client.loop_forever()\n",
        relay.http.port()
    );
    let mut python = Command::new("/usr/bin/python3");
    python.args(["-c", &script]).stderr(Stdio::null());
    let mut python = Running::start(python);
    let (said, code) = python.rest().await;
    if said.is_empty() && code == Some(1) {
        return skipped("the library paho-mqtt is not here; install the package python3-paho-mqtt");
    }
    assert_eq!((said.as_str(), code), ("5000\n", Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_is_told_first_who_the_client_is() {
    let listener = TestTarget::listen().await;
    let relay = relay(&[format!("mine={},proxy-protocol=v2", listener.address())]).await;
    let mut client = Client::open(relay.http, "/bridge/mine").await;
    client.send(&b"hello"[..]).await;
    let mut target = listener.accept().await;
    let own = client.0.get_ref().local_addr().unwrap();
    let mut expected = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x01".to_vec();
    expected.extend_from_slice(&own.port().to_be_bytes());
    expected.extend_from_slice(&relay.http.port().to_be_bytes());
    expected.extend_from_slice(b"hello");
    let mut read = vec![0; expected.len()];
    within("the header comes", target.read_exact(&mut read)).await.unwrap();
    assert_eq!(read, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_may_have_tokens_of_its_own() {
    let listener = TestTarget::listen().await;
    let address = listener.address();
    let file = TestFile::new("tokens", "first-of-the-file\nsecond-of-the-file\n");
    let targets = [
        format!("open={address}"),
        format!("own={address},token=a-token-of-its-own"),
        format!("file={address},token-file={}", file.path()),
    ];
    let targets = targets.map(|target| target.parse().unwrap());
    let relay = TestRelay::start_with(|config| {
        config.targets = targets.to_vec();
        config.token = Some("the-relays-own-token".parse().unwrap());
    })
    .await;
    for (name, token, status) in [
        ("open", "the-relays-own-token", 426),
        ("open", "a-token-of-its-own", 401),
        ("own", "a-token-of-its-own", 426),
        ("own", "the-relays-own-token", 401),
        ("own", "", 401),
        // The same name, written otherwise.
        ("%6Fwn", "the-relays-own-token", 401),
        ("%6Fwn", "a-token-of-its-own", 426),
        ("file", "first-of-the-file", 426),
        ("file", "second-of-the-file", 426),
        ("file", "first-of-the-file%0Asecond-of-the-file", 401),
        // Who has no token does not learn which targets there are.
        ("none", "", 401),
        ("none", "the-relays-own-token", 404),
    ] {
        let answer = get(relay.http, &format!("/bridge/{name}?token={token}")).await;
        assert_eq!(answer.status, status, "{name} {token}: {}", answer.body);
    }
    assert_eq!(get(relay.http, "/metrics?token=a-token-of-its-own").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_full_is_a_503_and_the_others_are_not() {
    let listener = TestTarget::listen().await;
    let address = listener.address();
    let relay =
        relay(&[format!("small={address},max-sessions=2"), format!("large={address}")]).await;
    let first = Client::open(relay.http, "/bridge/small").await;
    let _second = Client::open(relay.http, "/bridge/small").await;
    let full = get(relay.http, "/bridge/small").await;
    assert_eq!(full.status, 503);
    assert_eq!(
        full.body,
        "the target has reached its limit of sessions; try again when one has closed\n"
    );
    let _other = Client::open(relay.http, "/bridge/large").await;
    drop(first);
    until("the place is free", || async { get(relay.http, "/bridge/small").await.status == 426 })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_built_in_server_the_relay_has_its_targets_alone() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("mine={}", listener.local_addr().unwrap());
    let mut command = crate::support::process::framescope();
    command.args(["--listen", "127.0.0.1:0", "--tcp-listen", "off", "--target", &target]);
    let mut running = Running::start(command);
    let page = running.line().await;
    assert_eq!(running.line().await, "stop with   Ctrl-C");
    let http = page.trim_end_matches('/').rsplit('/').next().unwrap().parse().unwrap();
    let info: serde_json::Value =
        serde_json::from_str(&get(http, "/relay.json").await.body).unwrap();
    assert_eq!(info["targets"], serde_json::json!(["mine"]));
    assert_eq!(info["tcp_address"], serde_json::Value::Null);
    assert_eq!(get(http, "/bridge/demo").await.status, 404);
    let _client = Client::open(http, "/bridge/mine").await;
}

/// The options of a target in a list, from the command line of the real program.
#[tokio::test(flavor = "multi_thread")]
async fn targets_in_one_list_have_their_own_options() {
    let listener = TestTarget::listen().await;
    let address = listener.address();
    let list = format!("one={address},max-sessions=1, two={address},token=a-token-of-its-own");
    let relay = RelayProcess::start(&["--target", &list]).await;
    assert_eq!(get(relay.http, "/bridge/one").await.status, 426);
    assert_eq!(get(relay.http, "/bridge/two").await.status, 401);
    let mut framed = FramedClient::connect(relay.tcp, HeaderFormat::default()).await;
    framed.send(b"hello").await;
    assert_eq!(framed.receive().await, b"hello");
    let bearer = format!(
        "GET /bridge/two HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer a-token-of-its-own\r\n\r\n",
        relay.http
    );
    assert_eq!(request(relay.http, &bearer).await.status, 426);
    let (answer, mut session) =
        upgrade(relay.http, "/bridge/one", &["Sec-WebSocket-Protocol: binary"]).await;
    assert_eq!(answer.status, 101);
    session.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn more_targets_than_a_relay_may_have_are_refused_with_a_sentence() {
    let one = |number| format!("'t{number}=target{number}.example:1',");
    let most: String = (0..MAX_TARGETS).map(one).collect();
    let file = TestFile::new("many-targets.toml", &format!("target = [{most}]"));
    let check = async || {
        let mut command = framescope();
        command.args(["check", "--config", file.path()]);
        let Finished { code, stderr, .. } = run(command).await;
        (code, stderr)
    };
    assert_eq!(check().await, (Some(0), String::new()));
    file.write(&format!("target = [{most}{}]", one(MAX_TARGETS)));
    let said = "framescope: there are 10001 targets, over the limit of 10000\n";
    assert_eq!(check().await, (Some(2), said.to_owned()));
}
