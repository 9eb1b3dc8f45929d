//! Sends through a [`reqwest::Client`] of the user's.
//!
//! Which of the client's errors prove that nothing was sent depends on who built it. A client whose policies are not
//! known may have followed a redirect: then an error about an address or a connection can be that of the second
//! request, after the first has been acted on.

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::Full;
use reqwest::redirect::Policy;

use super::{
    Delivery, ResponseBody, SendProgress, SharedTransport, Transport, TransportError,
    TransportErrorKind,
};

/// Sends through a [`reqwest::Client`].
///
/// One made by [`ReqwestTransport::build`] knows a connection that could not be made from a request that may have
/// arrived. One made from a finished client cannot, since its policies do not show: a payment that fails while
/// connecting then ends in [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown), although it may not have been sent.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use payglot_runtime::transport::ReqwestTransport;
///
/// let builder = reqwest::Client::builder().tcp_nodelay(true).pool_max_idle_per_host(16);
/// let transport = ReqwestTransport::build(builder)?;
/// // payglot::linora::Client::builder().http_client(transport)
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    /// Whether it follows no redirect and tries nothing again, so that an error is about the one request there is.
    sends_once: bool,
}

impl ReqwestTransport {
    /// Builds the client, without redirects and without retries: payglot decides what is sent again.
    pub fn build(builder: reqwest::ClientBuilder) -> Result<Self, reqwest::Error> {
        let client = builder.redirect(Policy::none()).retry(reqwest::retry::never()).build()?;
        Ok(Self { client, sends_once: true })
    }

    fn error(&self, source: reqwest::Error) -> TransportError {
        let delivery = if self.sends_once && (source.is_builder() || source.is_connect()) {
            Delivery::NotSent
        } else {
            Delivery::Unknown
        };
        TransportError::new(kind(&source), delivery, source)
    }
}

impl From<reqwest::Client> for ReqwestTransport {
    fn from(client: reqwest::Client) -> Self {
        Self { client, sends_once: false }
    }
}

impl Transport for ReqwestTransport {
    async fn send(
        &self,
        request: Request<Bytes>,
        _: &SendProgress,
    ) -> Result<Response<ResponseBody>, TransportError> {
        let request = if self.sends_once || request.method().is_safe() {
            into_request(request)?
        } else {
            // A retry policy of the client's, or a redirect, could send a payment twice. Neither can copy this body.
            into_request(request.map(|body| reqwest::Body::wrap(Full::new(body))))?
        };
        let response = self.client.execute(request).await.map_err(|source| self.error(source))?;
        Ok(into_response(response))
    }
}

impl From<ReqwestTransport> for SharedTransport {
    fn from(transport: ReqwestTransport) -> Self {
        Self::new(transport)
    }
}

impl From<reqwest::Client> for SharedTransport {
    fn from(client: reqwest::Client) -> Self {
        Self::new(ReqwestTransport::from(client))
    }
}

/// The request as reqwest wants it. What fails here has not been handed on.
pub(super) fn into_request(
    mut request: Request<impl Into<reqwest::Body>>,
) -> Result<reqwest::Request, TransportError> {
    // reqwest names the host by itself, and differently for HTTP/2 and for proxies.
    request.headers_mut().remove(header::HOST);
    let signed = request.uri().clone();
    let unsendable = TransportErrorKind::Request;
    let request = reqwest::Request::try_from(request)
        .map_err(|source| TransportError::new(unsendable, Delivery::NotSent, source))?;
    let is_same = request.url().path() == signed.path() && request.url().query() == signed.query();
    if is_same {
        Ok(request)
    } else {
        let problem = "reqwest would change the path or the query, which have been signed";
        Err(TransportError::new(unsendable, Delivery::NotSent, problem))
    }
}

pub(super) fn into_response(response: reqwest::Response) -> Response<ResponseBody> {
    Response::<reqwest::Body>::from(response).map(ResponseBody::new)
}

pub(super) fn kind(error: &reqwest::Error) -> TransportErrorKind {
    if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if error.is_builder() {
        TransportErrorKind::Request
    } else if error.is_connect() {
        TransportErrorKind::Connect
    } else {
        TransportErrorKind::Io
    }
}
