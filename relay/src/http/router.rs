//! Which path is answered by which function, and the checks for every request.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::{Request, State};
use axum::http::{self, HeaderValue, StatusCode, Version, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use framescope_lab::Trace;
use framescope_protocol::paths;
use framescope_record::Source;
use memory_serve::CacheControl;
use tokio::task::spawn_blocking;
use tracing::{debug, warn};

use super::app::{App, Asked};
use super::authorization::{Sent, take_sent};
use super::headers::host;
use super::open_session::{bridge, console, experiment, student};
use super::peer::Peer;
use super::refusal::{NO_PAGE, Refusal, Told};
use super::security_headers::SECURITY_HEADERS;
use crate::metrics;

pub(super) fn router(app: Arc<App>) -> Router {
    let page = memory_serve::load!()
        .index_file(Some("/index.html"))
        .html_cache_control(CacheControl::NoCache)
        .cache_control(CacheControl::NoCache)
        .enable_brotli(true)
        .enable_gzip(true)
        .into_router();
    let guarded = Router::new()
        .route(&format!("{}{{target}}", paths::BRIDGE), get(bridge))
        .route(paths::LAB, get(experiment))
        .route("/metrics", get(metrics))
        .route_layer(middleware::from_fn(take_sent));
    // Who types the address of a class joins it. The page of the lab is at its file's name.
    let page = match &app.class {
        Some(_) => {
            let to_class = get(|| async { Redirect::temporary(paths::CLASS_PAGE) });
            Router::new().route("/", to_class).fallback_service(page)
        }
        None => Router::new().fallback_service(page),
    };
    Router::new()
        .route(paths::HEALTH, get(|| async { "ok\n" }))
        .route(paths::READY, get(ready))
        .route(paths::RELAY_INFO, get(relay_json))
        .route(paths::WATCHED, get(watched))
        .route(paths::CLASS, get(student))
        .route(paths::CLASS_CONSOLE, get(console))
        .merge(guarded)
        .merge(page)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard))
        .with_state(app)
}

/// Every request that the library for HTTP has passes through here.
async fn guard(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let (asked, checked) = admit(&app, peer, &request);
    request.extensions_mut().insert(asked.clone());
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(refusal) if asks_for_health(&request, &refusal) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    if response.status() == StatusCode::NOT_FOUND && response.extensions().get::<Told>().is_none() {
        response = Refusal::NoPage.into_response();
    }
    finish(&app, &asked, &path, &mut response);
    response
}

/// Who asks, and whether the request names a host that is ours. Only those are served.
pub(super) fn admit<B>(
    app: &App,
    peer: Peer,
    request: &http::Request<B>,
) -> (Asked, Result<(), Refusal>) {
    let policy = app.policies.now();
    let (peer, not_believed) = peer.of_request(&policy.trust, request.headers());
    if let Some(header) = not_believed {
        app.metrics.not_believed(header);
    }
    let checked = host(request.headers()).and_then(|host| {
        // RFC 9112, section 3.2.2: if there are two names, the one in the request's target counts. A client
        // that sends two different names wants to be misunderstood.
        match request.uri().authority() {
            Some(authority) if !authority.as_str().eq_ignore_ascii_case(host) => {
                Err(Refusal::TwoHosts)
            }
            _ => Ok(policy.access.check_host(host)?),
        }
    });
    (Asked { peer, policy }, checked)
}

/// Gives every answer that a browser shows its headers, and counts and logs a refusal.
pub(super) fn finish<B>(app: &App, asked: &Asked, path: &str, response: &mut http::Response<B>) {
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        for (name, value) in SECURITY_HEADERS {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        if let Some(hsts) = &asked.policy.hsts {
            response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, hsts.clone());
        }
    }
    if let Some(told) = response.extensions_mut().remove::<Told>() {
        let peer = &asked.peer;
        app.metrics.refused(told.reason, response.status().as_u16());
        // A browser asks for more than there is.
        if told.reason == NO_PAGE {
            debug!(peer = %peer.address(), path, "request refused: {}", told.sentence);
        } else {
            app.refusals.log(peer, path, response.status(), &told);
        }
    }
}

/// A load balancer may ask how we are under any name, and with HTTP/1.0 without one. RFC 9112, section 3.2: with HTTP/1.1 it
/// names one.
fn asks_for_health(request: &Request, refusal: &Refusal) -> bool {
    let names_none =
        request.version() == Version::HTTP_10 && !request.headers().contains_key(header::HOST);
    let is_served =
        matches!(refusal, Refusal::Access(_)) || (names_none && matches!(refusal, Refusal::NoHost));
    is_served && [paths::HEALTH, paths::READY].contains(&request.uri().path())
}

async fn metrics(
    State(app): State<Arc<App>>,
    Extension(asked): Extension<Asked>,
    Extension(sent): Extension<Sent>,
) -> Result<Response, Refusal> {
    sent.opens(asked.policy.tokens.as_ref())?;
    Ok(match app.metrics.encode() {
        Ok(text) => {
            let headers =
                [(header::CONTENT_TYPE, metrics::MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")];
            (headers, text).into_response()
        }
        Err(error) => {
            warn!(%error, "the metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    })
}

/// Whether a load balancer should send more clients.
async fn ready(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    if app.is_leaving.load(Ordering::Relaxed) || app.retire.is_cancelled() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

/// The programs that are watched.
async fn watched(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    let run = app.workers.work().watched().ok_or(Refusal::NoPage)?.clone();
    // A disk may be slow.
    let read = spawn_blocking(move || Trace::new(Source::Measured, run.now())).await;
    let trace = read.unwrap_or_else(|error| resume_unwind(error.into_panic()));
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, trace.to_json()).into_response())
}

async fn relay_json(Extension(asked): Extension<Asked>) -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], Json(asked.policy.info.clone()))
}
