//! Checking the token.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use framescope_protocol::paths;
use url::form_urlencoded;

use super::refusal::Refusal;
use super::token::Token;
use crate::class::Classroom;

/// Who gets in.
#[derive(Clone)]
pub(super) struct Guard {
    pub(super) token: Token,
    /// A class whose teacher may let students run without the token.
    pub(super) class: Option<Arc<Classroom>>,
}

/// A request without the token, which the teacher of a class lets through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Granted;

impl Guard {
    fn is_granted(&self, uri: &Uri) -> bool {
        let is_lab = uri.path() == paths::LAB;
        is_lab && self.class.as_ref().is_some_and(|class| class.grants_runs())
    }
}

/// Lets a request through if it has the token, in `Authorization` or in the query: a browser's WebSocket can
/// set no header. The token is removed from the query, so nothing after this sees or logs it.
pub(super) async fn check_token(
    State(guard): State<Guard>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let token = &guard.token;
    let (in_query, uri) = take_token(request.uri())?;
    let is_sent = match bearer(request.headers()) {
        Some(sent) => token.is(sent),
        None => in_query.is_some_and(|sent| token.is(&sent)),
    };
    if !is_sent {
        if !guard.is_granted(&uri) {
            return Err(Refusal::NoToken);
        }
        request.extensions_mut().insert(Granted);
    }
    *request.uri_mut() = uri;
    Ok(next.run(request).await)
}

/// Takes a token out of the query where none is asked for, so that it is no option of what it was sent to.
pub(super) async fn ignore_token(mut request: Request, next: Next) -> Result<Response, Refusal> {
    let (_, uri) = take_token(request.uri())?;
    *request.uri_mut() = uri;
    Ok(next.run(request).await)
}

/// The token after `Bearer` in `Authorization`, RFC 6750, section 2.1.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The value of `token` in the query, and the same URI without it.
fn take_token(uri: &Uri) -> Result<(Option<String>, Uri), Refusal> {
    let query = uri.query().unwrap_or_default();
    let (mut token, mut rest) = (None, form_urlencoded::Serializer::new(String::new()));
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name == "token" {
            if token.replace(value.into_owned()).is_some() {
                return Err(Refusal::ManyTokens);
            }
        } else {
            rest.append_pair(&name, &value);
        }
    }
    let uri = Uri::builder().path_and_query(format!("{}?{}", uri.path(), rest.finish())).build();
    Ok((token, uri.expect("the path was in a URI, and the query is encoded")))
}
