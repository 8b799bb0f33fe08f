//! The token that a request brings, and whether it opens what is asked for.

use axum::http::{HeaderMap, Request, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use url::form_urlencoded;

use super::refusal::Refusal;
use crate::token::Tokens;

/// The token of a request, if it has one.
#[derive(Clone)]
pub(super) struct Sent(Option<String>);

impl Sent {
    /// Does it open what these tokens are for? Without tokens everybody gets in.
    pub(super) fn opens(&self, tokens: Option<&Tokens>) -> Result<(), Refusal> {
        let is_open =
            tokens.is_none_or(|tokens| self.0.as_ref().is_some_and(|sent| tokens.take(sent)));
        if is_open { Ok(()) } else { Err(Refusal::NoToken) }
    }

    /// Takes the token out of a request, from `Authorization` or from the query: a browser's WebSocket can set no
    /// header. So nothing after this sees or logs it, and where none is asked for it is no option of what it was
    /// sent to.
    pub(super) fn take<B>(request: &mut Request<B>) -> Result<Self, Refusal> {
        let in_query = take_token(request.uri_mut())?;
        Ok(Self(bearer(request.headers()).map(str::to_owned).or(in_query)))
    }
}

/// The same for the handlers behind it.
pub(super) async fn take_sent(
    mut request: axum::extract::Request,
    next: Next,
) -> Result<Response, Refusal> {
    let sent = Sent::take(&mut request)?;
    request.extensions_mut().insert(sent);
    Ok(next.run(request).await)
}

/// The token after `Bearer` in `Authorization`, RFC 6750, section 2.1.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The value of `token` in the query, which is removed from it.
fn take_token(uri: &mut Uri) -> Result<Option<String>, Refusal> {
    let Some(query) = uri.query() else { return Ok(None) };
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
    if token.is_some() {
        let without = Uri::builder().path_and_query(format!("{}?{}", uri.path(), rest.finish()));
        *uri = without.build().expect("the path was in a URI, and the query is encoded");
    }
    Ok(token)
}
