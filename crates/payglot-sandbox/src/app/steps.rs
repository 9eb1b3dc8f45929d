//! Steps of calls and deliveries, for somebody who holds the sandbox at one of them, such as the crash lab.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::stream;

use crate::operation::Route;

/// Where a call or a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// A request has arrived whole, and nothing is done yet.
    Arrived,
    /// What was asked for is done or refused, and nothing of the response has left.
    Committed,
    /// Half of the response has left.
    Responding,
    /// A webhook is about to be delivered.
    Delivering,
    /// The receiver of a webhook has responded, or has not.
    Delivered,
}

/// A step that is reached.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Step {
    /// `paywint-platform/payments.create`, or the name of an event.
    pub subject: String,
    /// Where it is.
    pub phase: Phase,
    /// From [`Phase::Committed`] on: whether it succeeded.
    pub succeeded: bool,
}

/// What becomes of a call or a delivery after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterStep {
    /// It goes on.
    GoOn,
    /// At [`Phase::Arrived`]: nothing is done, and the connection is reset, as if the request had never arrived.
    Lose,
}

/// Somebody who is told of each step; what is at the step waits until the future ends.
pub trait Watcher: Send + Sync + 'static {
    /// A step is reached.
    fn reached(&self, step: Step) -> Pin<Box<dyn Future<Output = AfterStep> + Send + '_>>;
}

/// A watcher, if there is one.
#[derive(Clone, Default)]
pub(crate) struct Watched(pub Option<Arc<dyn Watcher>>);

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watched").field(&self.0.is_some()).finish()
    }
}

impl Watched {
    /// A request has arrived.
    pub async fn arrived(&self, route: &Route) -> AfterStep {
        self.reached(subject(route), Phase::Arrived, false).await
    }

    /// A call is done. Gives its response in two halves, with a step between them.
    pub async fn committed(&self, route: &Route, response: Response) -> Response {
        let Some(watcher) = self.0.clone() else { return response };
        let (subject, succeeded) = (subject(route), response.status().is_success());
        let step = |phase| Step { subject: subject.clone(), phase, succeeded };
        watcher.reached(step(Phase::Committed)).await;
        let responding = step(Phase::Responding);
        let (parts, body) = response.into_parts();
        let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
            return Response::from_parts(parts, Body::empty());
        };
        let second = body.slice(body.len() / 2..);
        let first = body.slice(..body.len() / 2);
        let halves = [Some(first), Some(second)].into_iter().enumerate();
        let chunks =
            stream::unfold((halves, watcher, responding), |(mut halves, watcher, step)| async {
                let (number, half) = halves.next()?;
                if number == 1 {
                    watcher.reached(step.clone()).await;
                }
                Some((Ok::<Bytes, std::convert::Infallible>(half?), (halves, watcher, step)))
            });
        Response::from_parts(parts, Body::from_stream(chunks))
    }

    /// A step of a delivery.
    pub async fn delivery(&self, event: &str, phase: Phase, succeeded: bool) {
        self.reached(event.to_owned(), phase, succeeded).await;
    }

    async fn reached(&self, subject: String, phase: Phase, succeeded: bool) -> AfterStep {
        match &self.0 {
            Some(watcher) => watcher.reached(Step { subject, phase, succeeded }).await,
            None => AfterStep::GoOn,
        }
    }
}

fn subject(route: &Route) -> String {
    format!("{}/{}", route.provider.name, route.operation.name)
}
