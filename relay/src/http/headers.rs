//! What the headers of a request say of its origin and its wishes.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::access::Access;
use super::refusal::Refusal;

/// The one `Host` of a request.
pub(super) fn host(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next().map(HeaderValue::to_str), hosts.next()) {
        (Some(Ok(host)), None) => Ok(host),
        _ => Err(Refusal::NoHost),
    }
}

/// May a page of this origin use the relay?
pub(super) fn check_origin(access: &Access, headers: &HeaderMap) -> Result<(), Refusal> {
    let texts = |name| headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?"));
    let mut origins = texts(header::ORIGIN);
    match (origins.next(), origins.next()) {
        (None, _) => {
            let site = texts(HeaderName::from_static("sec-fetch-site")).next();
            Ok(Access::check_fetch_site(site)?)
        }
        (Some(_), Some(_)) => Err(Refusal::ManyOrigins),
        (origin, None) => Ok(access.check_origin(origin, host(headers)?)?),
    }
}

/// Subprotocols are offered, and none of them is known here.
pub(super) struct NoneKnown;

/// The first of the known subprotocols that is offered. `None`: none is offered. The list may be on several header
/// lines, with or without spaces.
pub(super) fn subprotocol<'k>(
    headers: &HeaderMap,
    known: impl IntoIterator<Item = &'k str>,
) -> Result<Option<&'k str>, NoneKnown> {
    let offered: Vec<&str> = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .flat_map(|line| line.to_str().unwrap_or("?").split(','))
        .map(str::trim)
        .filter(|token| !token.is_empty())
        .collect();
    if offered.is_empty() {
        return Ok(None);
    }
    let chosen = known.into_iter().find(|known| offered.contains(known));
    chosen.map(Some).ok_or(NoneKnown)
}
