//! Which path is answered by which function, and the checks for every request.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, Version, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use framescope_protocol::paths;
use memory_serve::CacheControl;
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
        .route(paths::RELAY_INFO, get(relay_json))
        .route(paths::CLASS, get(student))
        .route(paths::CLASS_CONSOLE, get(console))
        .merge(guarded)
        .merge(page)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard))
        .with_state(app)
}

/// Every request passes through here. Only our own hosts are served. Every answer gets the security headers.
/// Refusals are counted.
async fn guard(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let policy = app.policies.now();
    let (peer, not_believed) = peer.of_request(&policy.trust, request.headers());
    if let Some(header) = not_believed {
        app.metrics.not_believed(header);
    }
    let path = request.uri().path().to_owned();
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
    request.extensions_mut().insert(Asked { peer, policy });
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(refusal) if asks_for_health(&request, &refusal) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    if response.status() == StatusCode::NOT_FOUND && response.extensions().get::<Told>().is_none() {
        response = Refusal::NoPage.into_response();
    }
    for (name, value) in SECURITY_HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if let Some(told) = response.extensions_mut().remove::<Told>() {
        let peer = peer.address();
        app.metrics.refused(told.reason, response.status().as_u16());
        // A browser asks for more than there is.
        if told.reason == NO_PAGE {
            debug!(%peer, path, "request refused: {}", told.sentence);
        } else {
            app.refusals.log(peer, &path, response.status(), &told);
        }
    }
    response
}

/// A load balancer may ask how we are under any name, and with HTTP/1.0 without one. RFC 9112, section 3.2: with HTTP/1.1 it
/// names one.
fn asks_for_health(request: &Request, refusal: &Refusal) -> bool {
    let names_none =
        request.version() == Version::HTTP_10 && !request.headers().contains_key(header::HOST);
    let is_served =
        matches!(refusal, Refusal::Access(_)) || (names_none && matches!(refusal, Refusal::NoHost));
    is_served && request.uri().path() == paths::HEALTH
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

async fn relay_json(Extension(asked): Extension<Asked>) -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], Json(asked.policy.info.clone()))
}
