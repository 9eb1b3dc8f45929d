//! Authentication as a layer of a `tower` stack, for programs that have an HTTP client of their own.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::{Authenticator, streaming_body};
use crate::error::Error;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A `tower` layer that authenticates each request, over the bytes that leave.
///
/// It belongs last in a stack, right above the HTTP client: below retries, so that each attempt is signed by itself, and
/// below all that changes a request. The client must follow no redirects: credentials in headers of the vendor's own
/// would go along to any host.
///
/// A signature covers the whole body, so the body must be in memory: one of known size that is ready at once, such as
/// `http_body_util::Full<Bytes>`. For any other the service gives an [`Error`] of the kind
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest), and sends nothing; so it does for `http://` to another machine,
/// unless [`Authenticator::allow_insecure_http`] allows it.
#[derive(Debug, Clone)]
pub struct AuthLayer(Arc<Authenticator>);

impl AuthLayer {
    /// A layer that authenticates with these keys.
    pub fn new(authenticator: impl Into<Arc<Authenticator>>) -> Self {
        Self(authenticator.into())
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthService { inner, authenticator: self.0.clone() }
    }
}

/// The service of an [`AuthLayer`].
#[derive(Debug, Clone)]
pub struct AuthService<S> {
    inner: S,
    authenticator: Arc<Authenticator>,
}

impl<S, B> Service<Request<B>> for AuthService<S>
where
    S: Service<Request<B>, Error: Into<BoxError>>,
    B: Body + From<Bytes>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = AuthFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let Some(body) = buffered(body) else {
            return AuthFuture(State::Invalid(Some(streaming_body())));
        };
        if let Err(refused) = self.authenticator.check_destination(&parts.uri) {
            return AuthFuture(State::Invalid(Some(refused)));
        }
        self.authenticator.authenticate(&mut parts, &body);
        let request = Request::from_parts(parts, B::from(body));
        AuthFuture(State::Sent(Box::pin(self.inner.call(request))))
    }
}

/// All of a body that is in memory. Nothing waits for one that is not, and one of unknown size is not read at all.
fn buffered<B: Body>(body: B) -> Option<Bytes> {
    let size = body.size_hint().exact()?;
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(Ok(collected)) = pin!(body.collect()).poll(&mut context) else { return None };
    let is_whole = collected.trailers().is_none();
    let bytes = collected.to_bytes();
    (is_whole && bytes.len() as u64 == size).then_some(bytes)
}

/// The response to a request of an [`AuthService`].
#[derive(Debug)]
#[must_use = "a request is sent when its future is polled"]
pub struct AuthFuture<F>(State<F>);

#[derive(Debug)]
enum State<F> {
    Sent(Pin<Box<F>>),
    Invalid(Option<Error>),
}

impl<F, R, E> Future for AuthFuture<F>
where
    F: Future<Output = Result<R, E>>,
    E: Into<BoxError>,
{
    type Output = Result<R, BoxError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Sent(sent) => {
                Poll::Ready(ready!(sent.as_mut().poll(context)).map_err(Into::into))
            }
            // As with any future, whoever polls on after the end waits for ever.
            State::Invalid(error) => {
                error.take().map_or(Poll::Pending, |error| Poll::Ready(Err(error.into())))
            }
        }
    }
}
