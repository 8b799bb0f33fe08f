//! Writing an answer to a connection that the library for HTTP does not have.

use std::io::{self, Write as _};
use std::time::SystemTime;

use axum::http::{Response, StatusCode};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

/// Writes the 101 that is the last of HTTP on a connection, RFC 9110, section 7.8.
pub(super) async fn write_upgrade(
    stream: &mut (impl AsyncWrite + Unpin),
    answer: &Response<()>,
) -> io::Result<()> {
    let mut head = head_of(answer);
    head.extend_from_slice(b"\r\n");
    stream.write_all(&head).await
}

/// Writes an answer with its text, after which the connection closes.
pub(super) async fn write_last(
    stream: &mut (impl AsyncWrite + Unpin),
    answer: &Response<String>,
) -> io::Result<()> {
    let mut bytes = head_of(answer);
    let date = httpdate::fmt_http_date(SystemTime::now());
    let (text, length) = (answer.body(), answer.body().len());
    let _ = write!(
        bytes,
        "date: {date}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{text}"
    );
    stream.write_all(&bytes).await
}

/// The status line and the headers, RFC 9112, section 4.
fn head_of<T>(answer: &Response<T>) -> Vec<u8> {
    let mut head = Vec::with_capacity(1024);
    let status = answer.status();
    let reason = status.canonical_reason().unwrap_or_default();
    debug_assert!(status != StatusCode::OK, "whole answers are the library's");
    // Writing to a vector does not fail.
    let _ = write!(head, "HTTP/1.1 {} {reason}\r\n", status.as_str());
    for (name, value) in answer.headers() {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head
}
