//! Sends through a user's stack of `reqwest_middleware`.

use bytes::Bytes;
use http::{Request, Response};
use reqwest_middleware::{ClientWithMiddleware, Error};

use super::reqwest::{into_request, into_response, kind};
use super::{
    Delivery, ResponseBody, SendProgress, SharedTransport, Transport, TransportError,
    TransportErrorKind,
};

/// No error of a stack proves that nothing was sent: a middleware may have sent a first request, or have failed after
/// the response came. Middlewares that send a request again do so for payments too, and do not belong into a stack that
/// is used here; payglot has retries of its own.
impl Transport for ClientWithMiddleware {
    async fn send(
        &self,
        request: Request<Bytes>,
        _: &SendProgress,
    ) -> Result<Response<ResponseBody>, TransportError> {
        let request = into_request(request)?;
        match self.execute(request).await {
            Ok(response) => Ok(into_response(response)),
            Err(error) => {
                let kind = match &error {
                    Error::Reqwest(error) => kind(error),
                    Error::Middleware(_) => TransportErrorKind::Io,
                };
                Err(TransportError::new(kind, Delivery::Unknown, error))
            }
        }
    }
}

impl From<ClientWithMiddleware> for SharedTransport {
    fn from(client: ClientWithMiddleware) -> Self {
        Self::new(client)
    }
}
