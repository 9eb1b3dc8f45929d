//! One attempt on the wire: the hook that executes a request, and the reading of what comes back.
//!
//! The generated clients call [`execute`] from their `exec` hook. Authentication goes on here, last, over the
//! bytes that leave; progenitor's own error type, which prints bodies and headers, ends here too.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream as _;
use futures_core::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue};
use progenitor_client::{ByteStream, Error as ProgenitorError, ResponseValue};
use reqwest::header::ACCEPT;

use crate::auth::Authorizer;
use crate::config::Config;
use crate::error::Error;
use crate::tls;

/// What a generated client's method returns: the answer as a stream, or progenitor's error.
pub type WireResult = Result<ResponseValue<ByteStream>, ProgenitorError<ByteStream>>;

/// A generated provider's dispatcher: sends the operation with this index.
pub type Dispatch =
    for<'a> fn(&'a Wire, usize, &'a crate::encode::Args) -> BoxFuture<'a, WireResult>;

/// What one attempt needs; the inner value of a generated client.
#[derive(Clone, Debug)]
pub struct Wire {
    pub(crate) http: reqwest::Client,
    pub(crate) base_url: Arc<reqwest::Url>,
    pub(crate) authorizer: Arc<Authorizer>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Wire {
    /// The URL of a path of the host; the leading path of the base URL stays before it.
    pub fn url(&self, path: &str) -> reqwest::Url {
        let mut url = reqwest::Url::clone(&self.base_url);
        match url.path().trim_end_matches('/') {
            "" => url.set_path(path),
            leading => {
                let whole = format!("{leading}{path}");
                url.set_path(&whole);
            }
        }
        url
    }

    /// The connection pool.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Authenticates and sends a request, once.
    pub async fn execute(
        &self,
        mut request: reqwest::Request,
    ) -> reqwest::Result<reqwest::Response> {
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        self.authorizer.authorize(&mut request);
        self.http.execute(request).await
    }
}

/// An answer as it came: the whole body in memory.
#[derive(Debug)]
pub(crate) struct WireAnswer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Why an attempt gave no answer.
#[derive(Debug)]
pub(crate) enum WireError {
    /// It ended before a byte of the request was sent.
    NotSent(reqwest::Error),
    /// The request may have arrived.
    Lost(Option<reqwest::Error>),
    /// An answer came, but was larger than the limit.
    TooLarge { status: u16, headers: HeaderMap },
    /// The answer began, and broke off.
    CutOff { status: u16, headers: HeaderMap, source: reqwest::Error },
    /// The request could not be made at all.
    Refused,
}

/// Reads what a generated client returned, up to `limit` bytes.
pub(crate) async fn read(result: WireResult, limit: usize) -> Result<WireAnswer, WireError> {
    let response = match result {
        Ok(response) | Err(ProgenitorError::ErrorResponse(response)) => response,
        Err(ProgenitorError::UnexpectedResponse(response)) => {
            return read_response(response, limit).await;
        }
        Err(
            ProgenitorError::CommunicationError(error)
            | ProgenitorError::InvalidUpgrade(error)
            | ProgenitorError::ResponseBodyError(error),
        ) => return Err(transport_error(error)),
        Err(
            ProgenitorError::InvalidRequest(_)
            | ProgenitorError::InvalidResponsePayload(..)
            | ProgenitorError::Custom(_),
        ) => return Err(WireError::Refused),
    };
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let mut stream = response.into_inner_stream();
    collect(status, headers, limit, move |context| Pin::new(&mut stream).poll_next(context)).await
}

/// Reads a plain response, up to `limit` bytes.
pub(crate) async fn read_response(
    response: reqwest::Response,
    limit: usize,
) -> Result<WireAnswer, WireError> {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let mut stream = Box::pin(response.bytes_stream());
    collect(status, headers, limit, move |context| stream.as_mut().poll_next(context)).await
}

async fn collect(
    status: u16,
    headers: HeaderMap,
    limit: usize,
    mut next: impl FnMut(
        &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<reqwest::Result<bytes::Bytes>>>,
) -> Result<WireAnswer, WireError> {
    let mut body = Vec::new();
    while let Some(chunk) = poll_fn(&mut next).await {
        match chunk {
            Ok(chunk) if body.len().saturating_add(chunk.len()) > limit => {
                return Err(WireError::TooLarge { status, headers });
            }
            Ok(chunk) => body.extend_from_slice(&chunk),
            Err(source) => {
                return Err(WireError::CutOff { status, headers, source: source.without_url() });
            }
        }
    }
    Ok(WireAnswer { status, headers, body })
}

/// Tells "not sent" from "may have arrived". When in doubt, it may have arrived.
pub(crate) fn transport_error(error: reqwest::Error) -> WireError {
    // The URL may carry a key in its query.
    let error = error.without_url();
    if error.is_builder() {
        WireError::Refused
    } else if error.is_connect() {
        WireError::NotSent(error)
    } else {
        WireError::Lost(Some(error))
    }
}

/// The connection pool of one client.
pub(crate) fn http_client(
    config: &Config,
    base_url: &reqwest::Url,
) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config(config, base_url)?)
        .user_agent(config.user_agent.as_str())
        .connect_timeout(config.connect_timeout)
        // Credentials never follow a redirect: the answer is given to the caller as it is.
        .redirect(reqwest::redirect::Policy::none())
        // The one place that decides about sending again is `retry`.
        .retry(reqwest::retry::never())
        .tcp_nodelay(true);
    if let Some(url) = &config.proxy {
        // The URL is not repeated in the message: it may hold a password.
        let proxy = reqwest::Proxy::all(url.as_str())
            .map_err(|_| Error::configuration("`proxy` is not a URL such as http://host:3128"))?;
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|error| {
        Error::configuration("the HTTP client could not be made").with_source(error.without_url())
    })
}
