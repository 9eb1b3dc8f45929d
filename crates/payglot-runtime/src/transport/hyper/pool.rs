//! The connections of a client: those that wait for the next call, and how many may be open.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::AbortHandle;

use super::connect_error::ConnectError;
use super::http1::Http1;
use super::http2::Http2;
use super::lifetime::{Lifetime, is_usable};
use crate::transport::{Phase, SendProgress};

/// How often unused connections are checked.
const SWEEP: Duration = Duration::from_secs(5);
/// An idle connection that takes a request says something about its host only if it is older than this.
const TELLING: Duration = Duration::from_millis(200);

/// Why the connection that others wait for was not made; nothing until it is decided.
type Opening = Option<Arc<ConnectError>>;

/// By which way a call gets a connection.
pub(super) enum Route {
    /// One of HTTP/2, which calls share.
    Shared(Http2),
    /// One of HTTP/1.1 for itself.
    Own,
    /// Another call is making the connection that all may share.
    Wait(watch::Receiver<Opening>),
    /// Make the connection; others wait for it.
    Open(watch::Sender<Opening>),
}

pub(super) struct Pool {
    state: Mutex<State>,
    /// Whether the host speaks HTTP/1.1 alone.
    is_http1: AtomicBool,
    /// One permit for each connection of HTTP/1.1 that a call holds.
    turns: Arc<Semaphore>,
    max_connections: usize,
}

#[derive(Default)]
struct State {
    /// With the time since when each waits, the latest last.
    http1: VecDeque<(Instant, Box<Http1>)>,
    /// Carries any number of calls at once.
    http2: Option<Http2>,
    opening: Option<watch::Receiver<Opening>>,
    lifetime: Lifetime,
    /// Closes what is too old while there are no calls.
    sweeper: Option<AbortHandle>,
}

impl Pool {
    /// No connections yet. `is_http1`: HTTP/2 is out of the question.
    pub fn new(max_connections: usize, is_http1: bool) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            is_http1: AtomicBool::new(is_http1),
            turns: Arc::new(Semaphore::new(max_connections)),
            max_connections,
        })
    }

    /// A pool for the same host.
    pub fn renew(&self, is_http1: bool) -> Arc<Self> {
        Self::new(self.max_connections, is_http1)
    }

    /// By which way a call gets a connection, as far as is known of the host.
    pub fn route(&self) -> Route {
        if self.is_http1.load(Ordering::Relaxed) {
            return Route::Own;
        }
        let mut state = self.lock();
        if let Some(shared) = &state.http2 {
            if shared.is_open() && shared.is_quiet() {
                return Route::Shared(shared.clone());
            }
            state.http2 = None;
        }
        // Where the call that made it was given up, this one does it.
        if let Some(opening) = state.opening.clone().filter(|opening| opening.has_changed().is_ok())
        {
            return Route::Wait(opening);
        }
        let (sender, receiver) = watch::channel(None);
        state.opening = Some(receiver);
        Route::Open(sender)
    }

    /// Lets other calls use a connection of HTTP/2.
    pub fn share(&self, http2: Http2) {
        self.lock().http2 = Some(http2);
        self.is_http1.store(false, Ordering::Relaxed);
    }

    /// The host speaks HTTP/1.1 alone: calls need not wait for each other.
    pub fn found_http1(&self) {
        self.is_http1.store(true, Ordering::Relaxed);
    }

    /// The next call makes a connection.
    pub fn unshare(&self, http2: &Http2) {
        let mut state = self.lock();
        if state.http2.as_ref().is_some_and(|shared| shared.is(http2)) {
            state.http2 = None;
        }
    }

    /// Waits until there may be one connection more.
    pub async fn turn(&self, progress: &SendProgress) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = self.turns.clone().try_acquire_owned() {
            return Some(permit);
        }
        progress.enter(Phase::Turn);
        let permit = self.turns.clone().acquire_owned().await;
        progress.connecting();
        permit.ok()
    }

    /// An idle connection that is open as far as is known, or the permit back.
    pub async fn take(
        &self,
        permit: OwnedSemaphorePermit,
        prefers_fresh: bool,
    ) -> Result<Box<Http1>, OwnedSemaphorePermit> {
        loop {
            let Some((idle, mut connection)) = self.latest(prefers_fresh) else {
                return Err(permit);
            };
            if connection.is_ready().await {
                connection.was_idle = Some(idle);
                connection.permit = Some(permit);
                return Ok(connection);
            }
            self.lock().lifetime.closed_at(idle);
        }
    }

    /// The one that was used last: it has had the least time to be closed.
    fn latest(&self, prefers_fresh: bool) -> Option<(Duration, Box<Http1>)> {
        let mut state = self.lock();
        loop {
            let (since, connection) = state.http1.pop_back()?;
            let idle = since.elapsed();
            if !is_usable(idle, connection.keep_alive) {
                continue;
            }
            if prefers_fresh && !state.lifetime.is_fresh(idle, connection.keep_alive) {
                // Good enough for a call that may be repeated; the others are older still.
                state.http1.push_back((since, connection));
                return None;
            }
            return Some((idle, connection));
        }
    }

    /// Closes the connection that has been idle longest, where one more would be too many.
    pub fn make_room(&self) {
        let held = self.max_connections.saturating_sub(self.turns.available_permits());
        let mut state = self.lock();
        while state.http1.len().saturating_add(held) > self.max_connections {
            if state.http1.pop_front().is_none() {
                return;
            }
        }
    }

    /// What became of a request that was sent by an idle connection.
    pub fn learn(&self, was_idle: Option<Duration>, is_open: bool) {
        let Some(idle) = was_idle.filter(|idle| *idle > TELLING) else { return };
        let lifetime = &mut self.lock().lifetime;
        if is_open {
            lifetime.open_at(idle);
        } else {
            lifetime.closed_at(idle);
        }
    }

    /// Returns a connection to the pool.
    pub fn put(self: &Arc<Self>, mut connection: Box<Http1>) {
        connection.permit = None;
        let mut state = self.lock();
        state.http1.push_back((Instant::now(), connection));
        // One that ended with its runtime is finished too.
        if state.sweeper.as_ref().is_none_or(AbortHandle::is_finished) {
            state.sweeper = Some(tokio::spawn(sweep(Arc::downgrade(self))).abort_handle());
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes connections that are too old or were closed by the host, until none is left.
async fn sweep(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut state = pool.lock();
        // Nobody is to be woken by what this finds.
        let mut context = Context::from_waker(Waker::noop());
        let State { http1, lifetime, .. } = &mut *state;
        http1.retain_mut(|(since, connection)| {
            let idle = since.elapsed();
            let is_open = connection.poll_ready(&mut context);
            if !is_open {
                lifetime.closed_at(idle);
            }
            is_open && is_usable(idle, connection.keep_alive)
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
