//! Connections that wait for the next call.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use hyper::client::conn::http2;
use tokio::task::{AbortHandle, yield_now};

use super::Body;
use super::http1::Http1;

/// How long an unused connection stays open.
const MAX_IDLE: Duration = Duration::from_secs(90);
/// How often unused connections are checked.
const SWEEP: Duration = Duration::from_secs(5);

/// A connection that can take a request.
pub(super) enum PooledConnection {
    Http1(Box<Http1>),
    Http2(http2::SendRequest<Body>),
}

#[derive(Default)]
pub(super) struct Idle(Mutex<State>);

#[derive(Default)]
struct State {
    /// With the time since when each waits, the latest last.
    http1: Vec<(Instant, Box<Http1>)>,
    /// Carries any number of calls at once.
    http2: Option<http2::SendRequest<Body>>,
    /// Closes what is too old while there are no calls.
    sweeper: Option<AbortHandle>,
}

impl Idle {
    /// A connection that is open as far as is known.
    pub async fn take(&self) -> Option<PooledConnection> {
        if self.shared().is_some() {
            // It runs by itself: a turn for it to learn that it was closed.
            yield_now().await;
            if let Some(shared) = self.shared() {
                return Some(PooledConnection::Http2(shared));
            }
        }
        loop {
            // The one that was used last has had the least time to be closed.
            let (since, mut connection) = self.lock().http1.pop()?;
            if since.elapsed() < MAX_IDLE && connection.is_ready().await {
                return Some(PooledConnection::Http1(connection));
            }
        }
    }

    /// Returns a connection to the pool.
    pub fn put(self: &Arc<Self>, connection: Box<Http1>) {
        let mut state = self.lock();
        state.http1.push((Instant::now(), connection));
        // One that ended with its runtime is finished too.
        if state.sweeper.as_ref().is_none_or(AbortHandle::is_finished) {
            state.sweeper = Some(tokio::spawn(sweep(Arc::downgrade(self))).abort_handle());
        }
    }

    /// Lets other calls use a connection of HTTP/2.
    pub fn share(&self, sender: http2::SendRequest<Body>) {
        self.lock().http2 = Some(sender);
    }

    /// The next call makes a connection.
    pub fn unshare(&self) {
        self.lock().http2 = None;
    }

    fn shared(&self) -> Option<http2::SendRequest<Body>> {
        let mut state = self.lock();
        if state.http2.as_ref().is_some_and(|shared| !shared.is_ready()) {
            state.http2 = None;
        }
        state.http2.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes connections that are too old or were closed by the host, until none is left.
async fn sweep(idle: Weak<Idle>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let Some(idle) = idle.upgrade() else { return };
        let mut state = idle.lock();
        // Nobody is to be woken by what this finds.
        let mut context = Context::from_waker(Waker::noop());
        state.http1.retain_mut(|(since, connection)| {
            since.elapsed() < MAX_IDLE && connection.poll_ready(&mut context)
        });
        if state.http1.is_empty() {
            state.sweeper = None;
            return;
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(sweeper) = &self.sweeper {
            sweeper.abort();
        }
    }
}
