//! The requests that open a session: the bridge, the lab and the class.

use std::future::pending;
use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http;
use axum::response::Response;
use bytes::Bytes;
use framescope_class as class_protocol;
use framescope_lab::SUBPROTOCOL;
use framescope_protocol::{BRIDGE_SUBPROTOCOLS, READS_SUBPROTOCOL, ReadOptions};
use framescope_record::Bridge;
use tracing::{Span, debug, info, info_span};

use super::acceptor::Client;
use super::app::{App, Asked};
use super::authorization::Sent;
use super::handshake::Upgrade;
use super::headers::{NoneKnown, check_origin, subprotocol};
use super::refusal::Refusal;
use crate::bridge::{self, Messages, RecordingStream, Settings, recorded_bridge};
use crate::class::{self, Door, StudentDoor, TeacherDoor};
use crate::lab;
use crate::sessions::{Session, Sessions};
use crate::target::{ConnectSettings, TargetStream};

/// `GET /bridge/{target}`, on a connection that the library for HTTP has. A plain GET answers a question that a
/// browser's WebSocket leaves open: why was I refused?
pub(super) async fn bridge(
    State(app): State<Arc<App>>,
    Extension(asked): Extension<Asked>,
    Extension(sent): Extension<Sent>,
    Path(name): Path<String>,
    mut request: Request,
) -> Result<Response, Refusal> {
    let Opened { handshake: upgrade, subprotocol, span, session } =
        open_bridge(&app, &asked, &sent, &name, &mut request, Upgrade::of).await?;
    let Some(upgrade) = upgrade else {
        return Err(Refusal::NotAnUpgrade("the target can be reached; to talk to it"));
    };
    let session = |client, read| session.run(client, read);
    Ok(upgrade.accept(subprotocol.as_deref(), &app.tasks, span, session))
}

/// A session whose target is connected. Its client waits for the 101.
pub(super) struct Opened<H> {
    /// What the request asked with. `None`: it was a plain one.
    pub(super) handshake: Option<H>,
    pub(super) subprotocol: Option<String>,
    pub(super) span: Span,
    pub(super) session: BridgeSession,
}

/// The session, until its client is there.
pub(super) struct BridgeSession {
    app: Arc<App>,
    target: TargetStream,
    settings: Settings,
    /// What its recording says of it, if it is recorded.
    recorded: Option<Bridge>,
    permits: (Session, Session),
}

impl BridgeSession {
    /// Copies bytes until the session ends.
    pub(super) async fn run(self, client: Client, read: Bytes) {
        let Self { app, target, settings, recorded, permits } = self;
        let _counted = (permits, app.metrics.session("bridge"));
        let ReadOptions { recv, nodelay, .. } = settings.read_options;
        info!(recv, delay = ?settings.read_options.delay(), nodelay, "session opened");
        let recorder = app.recordings.as_ref().zip(recorded);
        let recorder =
            recorder.and_then(|(recordings, bridge)| recordings.begin(bridge, &app.tasks));
        let target = RecordingStream::new(target, recorder);
        let counters = app.metrics.byte_counters();
        // A token has a lock, which a session takes each time that it wakes. So each has its own token.
        let stop = app.stop.child_token();
        let report = bridge::run(client, read, target, settings, counters, &stop).await;
        info!(up = report.to_target, down = report.to_client, "session ended: {}", report.end);
    }
}

/// Connects to the target before the 101, so that the status tells a client why there is no connection.
pub(super) async fn open_bridge<B, H>(
    app: &Arc<App>,
    Asked { peer, policy }: &Asked,
    sent: &Sent,
    name: &str,
    request: &mut http::Request<B>,
    handshake: impl FnOnce(&mut http::Request<B>) -> Result<Option<H>, Refusal>,
) -> Result<Opened<H>, Refusal> {
    let target = policy.targets.get(name);
    let own_tokens = target.and_then(|target| target.tokens.as_ref());
    sent.opens(own_tokens.or(policy.tokens.as_ref()))?;
    let target = target.ok_or(Refusal::UnknownTarget)?;
    let read_options = ReadOptions::parse(request.uri().query().unwrap_or_default())?;
    check_origin(&policy.access, request.headers())?;
    let known = target.subprotocols.iter().map(String::as_str).chain(BRIDGE_SUBPROTOCOLS);
    let subprotocol = subprotocol(request.headers(), known)
        .map_err(|NoneKnown| Refusal::UnknownSubprotocol(target.subprotocols.clone()))?;
    let handshake = handshake(request)?;
    let permit = app.sessions.open(peer.address())?;
    let of_target = target.sessions.open(peer.address()).map_err(|_| Refusal::TargetFull)?;
    let began = Instant::now();
    let settings = ConnectSettings { limit: policy.connect_timeout, nodelay: read_options.nodelay };
    let stream = target.connector.connect(&app.resolver, settings, peer.ends()).await?;
    app.metrics.connected(began.elapsed());
    let settings = Settings {
        read_options,
        messages: match subprotocol {
            Some(READS_SUBPROTOCOL) => Messages::TimedReads,
            _ => Messages::OneRead,
        },
        max_message: policy.max_client_message,
        ping_interval: policy.ping_interval,
        close_timeout: policy.close_timeout,
        idle_timeout: policy.idle_timeout,
        vanishing: policy.vanishing,
    };
    let subprotocol = subprotocol.map(str::to_owned);
    let session = BridgeSession {
        app: Arc::clone(app),
        target: stream,
        settings,
        recorded: app
            .recordings
            .is_some()
            .then(|| recorded_bridge(read_options, name, policy.info.header)),
        permits: (permit, of_target),
    };
    let client_certificate = peer.certificate();
    let span = info_span!("bridge", target = name, client = %peer.address(), client_certificate);
    Ok(Opened { handshake, subprotocol, span, session })
}

/// `GET /lab`: experiments on real sockets, one at a time. A plain GET learns whether one more may be
/// opened.
pub(super) async fn experiment(
    State(app): State<Arc<App>>,
    Extension(Asked { peer, policy }): Extension<Asked>,
    Extension(sent): Extension<Sent>,
    mut request: Request,
) -> Result<Response, Refusal> {
    // A class has tokens, and its teacher may let students run without one.
    let opened = sent.opens(policy.tokens.as_ref());
    let is_granted = opened.is_err() && app.class.as_ref().is_some_and(|class| class.grants_runs());
    opened.or_else(|refusal| if is_granted { Ok(()) } else { Err(refusal) })?;
    check_origin(&policy.access, request.headers())?;
    let subprotocol = subprotocol(request.headers(), [SUBPROTOCOL])
        .map_err(|NoneKnown| Refusal::NoLabSubprotocol)?;
    let upgrade = Upgrade::of(&mut request)?;
    if upgrade.is_some() && subprotocol.is_none() {
        return Err(Refusal::NoLabSubprotocol);
    }
    let permit = app.experiments.open(peer.address())?;
    let Some(upgrade) = upgrade else {
        return Err(Refusal::NotAnUpgrade("experiments can be run here; to run one"));
    };
    let session = {
        let app = Arc::clone(&app);
        async move |client, read| {
            let _counted = (permit, app.metrics.session("lab"));
            info!("session opened");
            let (ping_interval, close_timeout) = (policy.ping_interval, policy.close_timeout);
            let (workers, stop) = (&app.workers, app.stop.child_token());
            // A student's session ends when the teacher grants it no longer.
            let revoked = async {
                match app.class.as_ref().filter(|_| is_granted) {
                    Some(class) => class.until_no_runs().await,
                    None => pending().await,
                }
                stop.cancel();
                pending::<()>().await;
            };
            let run = lab::run(client, read, ping_interval, close_timeout, workers, &stop);
            tokio::select! {
                end = run => info!("session ended: {end}"),
                () = revoked => {}
            }
        }
    };
    let span = info_span!("lab", client_certificate = peer.certificate());
    Ok(upgrade.accept(subprotocol, &app.tasks, span, session))
}

/// `GET /class`: a student's page. A plain GET learns whether a class is going on.
pub(super) async fn student(
    State(app): State<Arc<App>>,
    Extension(asked): Extension<Asked>,
    request: Request,
) -> Result<Response, Refusal> {
    // Those who have joined are not counted by their address: a school has one.
    let span = info_span!("class", client_certificate = asked.peer.certificate());
    page_of_class(&app, &app.arrivals, asked, request, span, StudentDoor)
}

/// `GET /class/console`: a teacher's page.
pub(super) async fn console(
    State(app): State<Arc<App>>,
    Extension(asked): Extension<Asked>,
    request: Request,
) -> Result<Response, Refusal> {
    let span = info_span!("console", client_certificate = asked.peer.certificate());
    page_of_class(&app, &app.consoles, asked, request, span, TeacherDoor)
}

/// A page of the class that is going on, which comes in through this door with its permit of these places.
fn page_of_class<D, F>(
    app: &Arc<App>,
    places: &Sessions,
    Asked { peer, policy }: Asked,
    mut request: Request,
    span: Span,
    door: F,
) -> Result<Response, Refusal>
where
    D: for<'a> Door<'a> + Send + 'static,
    F: FnOnce(Session) -> D,
{
    let class = app.class.clone().ok_or(Refusal::NoClass)?;
    check_origin(&policy.access, request.headers())?;
    let subprotocol = subprotocol(request.headers(), [class_protocol::SUBPROTOCOL])
        .map_err(|NoneKnown| Refusal::NoClassSubprotocol)?;
    let upgrade = Upgrade::of(&mut request)?;
    let upgrade = match (upgrade, subprotocol) {
        (Some(upgrade), Some(_)) => upgrade,
        (Some(_), None) => return Err(Refusal::NoClassSubprotocol),
        (None, _) => {
            let what = "a class is going on here; to take part in it";
            return Err(Refusal::NotAnUpgrade(what));
        }
    };
    let door = door(places.open(peer.address())?);
    let session = {
        let app = Arc::clone(app);
        async move |client, read| {
            let _counted = app.metrics.session("class");
            let (ping_interval, close_timeout) = (policy.ping_interval, policy.close_timeout);
            let end =
                class::run(client, read, ping_interval, close_timeout, &class, door, &app.stop);
            let end = end.await;
            debug!("session ended: {end}");
        }
    };
    Ok(upgrade.accept(subprotocol, &app.tasks, span, session))
}
