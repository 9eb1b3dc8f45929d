//! Authentication of a `reqwest::Request`, for those who send with reqwest by themselves.

use http::Uri;
use reqwest::{Request, Url};

use super::{Authenticator, Chosen, streaming_body};
use crate::error::Error;

impl Authenticator {
    /// Authenticates a request over the bytes that leave. Fails where the body is a stream, or where it would leave as
    /// plain text for another machine.
    #[cfg(feature = "reqwest-middleware")]
    pub(crate) fn authenticate_reqwest(&self, request: &mut Request) -> Result<(), Error> {
        self.authenticate_reqwest_by(self.default.unwrap_or_default(), request)
    }

    /// Authenticates it by the schemes that were chosen for it.
    pub(crate) fn authenticate_reqwest_by(
        &self,
        chosen: Chosen,
        request: &mut Request,
    ) -> Result<(), Error> {
        let body = match request.body() {
            Some(body) => body.as_bytes().ok_or_else(streaming_body)?,
            None => &[],
        };
        let unusable = || Error::invalid_request("url", "cannot be sent as it is");
        // As reqwest itself does it, so that path and query are those of the wire.
        let uri: Uri = request.url().as_str().parse().map_err(|_| unusable())?;
        self.check_needs_no_token(chosen)?;
        self.check_plain_http(&uri)?;
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.method = request.method().clone();
        parts.uri = uri.clone();
        parts.headers = request.headers().clone();
        self.authenticate_by(chosen, &mut parts, body);
        if parts.uri != uri {
            *request.url_mut() = Url::parse(&parts.uri.to_string()).map_err(|_| unusable())?;
        }
        *request.headers_mut() = parts.headers;
        Ok(())
    }
}
