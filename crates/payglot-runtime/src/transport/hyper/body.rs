//! The body of a response, with the connection that it comes by.

use std::sync::Arc;

use bytes::Bytes;
use http::{Response, header};
use hyper::body::{Body as _, Incoming};

use super::http1::{self, Http1};
use super::http2::Http2Body;
use super::pool::Pool;
use crate::transport::BoxError;

/// The body of a response, on its way.
pub(in crate::transport) struct PooledBody(Inner);

enum Inner {
    Http1 {
        body: Incoming,
        /// The connection to poll while the body is read, and the pool it returns to unless the host closes it.
        owner: Option<(Box<Http1>, Option<Arc<Pool>>)>,
    },
    Http2 {
        body: Box<Http2Body>,
        length: u64,
    },
}

impl PooledBody {
    /// The body of a response by HTTP/1.1; the connection returns to `pool`, if there is one.
    pub(super) fn http1(
        response: Response<Incoming>,
        connection: Box<Http1>,
        pool: Option<Arc<Pool>>,
    ) -> Response<Self> {
        response.map(|body| Self(Inner::Http1 { body, owner: Some((connection, pool)) }))
    }

    /// The body of a response by HTTP/2.
    pub(super) fn http2(response: Response<Http2Body>) -> Response<Self> {
        let length = response.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|text| text.to_str().ok()?.parse().ok()).unwrap_or(0);
        response.map(|body| Self(Inner::Http2 { body: Box::new(body), length }))
    }

    /// The time for the call has run out.
    pub fn expire(&mut self) {
        // A connection of HTTP/1.1 is closed with its body.
        if let Inner::Http2 { body, .. } = &mut self.0 {
            body.expire();
        }
    }

    /// How long the body says it is, in bytes; 0 where it does not.
    pub fn size_hint(&self) -> u64 {
        match &self.0 {
            Inner::Http1 { body, .. } => body.size_hint().lower(),
            Inner::Http2 { length, .. } => *length,
        }
    }

    /// The next bytes of the body. After the last ones the connection is free for other calls.
    pub async fn next_chunk(&mut self) -> Option<Result<Bytes, BoxError>> {
        match &mut self.0 {
            Inner::Http1 { body, owner } => {
                if !body.is_end_stream()
                    && let Some((connection, _)) = owner
                {
                    let chunk = http1::next_chunk(body, connection).await;
                    if chunk.is_some() {
                        return chunk;
                    }
                }
                if let Some((connection, Some(pool))) = owner.take() {
                    pool.put(connection);
                }
                None
            }
            Inner::Http2 { body, .. } => body.next_chunk().await,
        }
    }
}
