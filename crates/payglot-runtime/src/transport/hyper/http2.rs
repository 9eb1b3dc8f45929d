//! One connection of HTTP/2, which any number of calls share, and which runs as a task.
//!
//! Of the library `h2` itself: it tells which streams a host refused without looking at them, and how many it allows.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::client::{Connection, ResponseFuture, SendRequest};
use h2::{Ping, PingPong, Reason, RecvStream};
use http::{HeaderValue, Request, Response, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::SendFailure;
use super::lifetime::MAX_IDLE;
use super::pool::Pool;
use super::request_body::RequestBody;
use super::stream::{Meter, Stream};
use crate::transport::{BoxError, SendProgress};

/// A connection by which nothing came for so long is asked whether it is alive.
const PING_AFTER: Duration = Duration::from_secs(10);
/// Without a response to that it is given up.
const PING_TIMEOUT: Duration = Duration::from_secs(5);
/// Streams at once until the host says how many.
const STREAMS: usize = 100;
/// Bytes of bodies that may be on their way: for one call, and for all.
const WINDOW: u32 = 2 * 1024 * 1024;
const CONNECTION_WINDOW: u32 = 5 * 1024 * 1024;
/// Longest head of a response, in bytes.
const MAX_HEAD: u32 = 64 * 1024;
/// Responses before the response (1xx).
const MAX_INFORMATIONAL: usize = 32;
/// Bytes that may come beside bodies: after a call has begun, for each that is on its way, and for each part of a body.
const SLACK: u64 = 512 * 1024;
const SLACK_OF_CALL: u64 = 128 * 1024;
const SLACK_OF_CHUNK: u64 = 64;
/// Bytes that may come while there are no calls: settings and pings.
const CHATTER: u64 = 16 * 1024;
/// A call that is given up after so long without a sign of life from the host takes the connection out of use.
const SILENCE: Duration = Duration::from_millis(100);

/// A connection that calls share. Clones are the same connection; without any it closes.
#[derive(Clone)]
pub(super) struct Http2(Arc<Shared>);

struct Shared {
    sender: SendRequest<Bytes>,
    meter: Arc<Meter>,
    turns: Arc<Semaphore>,
    /// Streams that the host allowed when it was asked last; those in use count.
    granted: AtomicUsize,
    used: Mutex<Instant>,
    /// Bytes that had come by then.
    heard: AtomicU64,
}

impl Http2 {
    /// Begins HTTP/2; the connection ends by itself once no call and no pool has it.
    pub async fn start(stream: Stream, pool: &Arc<Pool>) -> Result<Self, h2::Error> {
        let meter = stream.meter();
        meter.allow(SLACK);
        let (sender, mut connection) = h2::client::Builder::new()
            .initial_window_size(WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .initial_max_send_streams(STREAMS)
            .max_header_list_size(MAX_HEAD)
            .enable_push(false)
            .handshake(stream)
            .await?;
        let ping = connection.ping_pong();
        let this = Self(Arc::new(Shared {
            sender,
            meter: meter.clone(),
            turns: Arc::new(Semaphore::new(STREAMS)),
            granted: AtomicUsize::new(STREAMS),
            used: Mutex::new(Instant::now()),
            heard: AtomicU64::new(0),
        }));
        let shared = Arc::downgrade(&this.0);
        tokio::spawn(run(connection, ping, meter, shared, Arc::downgrade(pool)));
        Ok(this)
    }

    /// Whether it takes requests, as far as is known.
    pub fn is_open(&self) -> bool {
        let mut sender = self.0.sender.clone();
        let mut context = Context::from_waker(Waker::noop());
        // A host that allows no streams has no turn for anybody.
        matches!(sender.poll_ready(&mut context), Poll::Ready(Ok(())))
            && sender.current_max_send_streams() > 0
    }

    /// Whether the host says no more than it has to while nobody asks. By a connection that it floods nothing else comes.
    pub fn is_quiet(&self) -> bool {
        let heard = self.0.heard.load(Ordering::Relaxed);
        self.0.idle().is_none() || self.0.meter.received().saturating_sub(heard) < CHATTER
    }

    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Waits until the host allows one more stream; `None` once the connection has ended.
    pub async fn turn(self) -> Option<Turn> {
        self.0.follow_limit();
        let permit = self.0.turns.clone().acquire_owned().await.ok()?;
        self.is_open().then_some(Turn { http2: self, _permit: permit })
    }
}

impl Shared {
    /// Allows as many streams as the host does now.
    fn follow_limit(&self) {
        let limit = self.sender.current_max_send_streams().min(Semaphore::MAX_PERMITS / 2);
        let granted = self.granted.load(Ordering::Relaxed);
        if limit > granted {
            if self.granted.compare_exchange(granted, limit, Ordering::Relaxed, Ordering::Relaxed)
                == Ok(granted)
            {
                self.turns.add_permits(limit - granted);
            }
        } else if limit < granted {
            // Those in use are forgotten when they come back.
            let forgotten = self.turns.forget_permits(granted - limit);
            self.granted.fetch_sub(forgotten, Ordering::Relaxed);
        }
    }

    /// How many calls use it.
    fn in_use(&self) -> usize {
        self.granted.load(Ordering::Relaxed).saturating_sub(self.turns.available_permits())
    }

    /// How long no call has used it; `None` while one does.
    fn idle(&self) -> Option<Duration> {
        let is_used = self.in_use() > 0;
        let used = *self.used.lock().unwrap_or_else(PoisonError::into_inner);
        (!is_used).then(|| used.elapsed())
    }
}

/// Writes and reads, and watches over the host.
async fn run(
    connection: Connection<Stream, Bytes>,
    ping: Option<PingPong>,
    meter: Arc<Meter>,
    shared: Weak<Shared>,
    pool: Weak<Pool>,
) {
    let mut connection = pin!(connection);
    if let Some(ping) = ping {
        tokio::select! {
            _ = &mut connection => {}
            () = watch(ping, &meter, &shared, &pool) => {}
        }
    } else {
        drop(connection.await);
    }
    // Who waits for a turn looks for another connection.
    if let Some(shared) = shared.upgrade() {
        shared.turns.close();
    }
}

/// Ends when the host is not there any more.
async fn watch(mut ping: PingPong, meter: &Meter, shared: &Weak<Shared>, pool: &Weak<Pool>) {
    loop {
        let heard = meter.received();
        tokio::time::sleep(PING_AFTER).await;
        if let (Some(shared), Some(pool)) = (shared.upgrade(), pool.upgrade()) {
            shared.follow_limit();
            if shared.idle().is_some_and(|idle| idle > MAX_IDLE) {
                pool.unshare(&Http2(shared));
            }
        }
        if meter.received() != heard {
            continue;
        }
        if ping.send_ping(Ping::opaque()).is_err() {
            return;
        }
        let response = poll_fn(|context| ping.poll_pong(context));
        match tokio::time::timeout(PING_TIMEOUT, response).await {
            Ok(Ok(_)) => {}
            _ => return,
        }
    }
}

/// The right to send one request by a connection.
pub(super) struct Turn {
    http2: Http2,
    _permit: OwnedSemaphorePermit,
}

impl Turn {
    /// Sends a request, and waits for the head of its response.
    pub async fn send(
        self,
        request: Box<Request<RequestBody>>,
        progress: &SendProgress,
        pool: &Arc<Pool>,
    ) -> Result<Response<Http2Body>, SendFailure> {
        let mut sender = self.http2.0.sender.clone();
        if !self.http2.is_open() {
            return Err(SendFailure::Unsent(request, None));
        }
        let (mut head, RequestBody(body)) = request.into_parts();
        let headers = &mut head.headers;
        for name in NOT_IN_HTTP2 {
            headers.remove(name);
        }
        if !body.is_empty() {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        let call = OfCall::new(self, pool.clone());
        let (response, mut stream) = sender
            .send_request(Request::from_parts(head, ()), body.is_empty())
            .map_err(|error| SendFailure::NotSent(error.into()))?;
        if !body.is_empty() {
            // Where the host has ended the stream by now, the response says how.
            let _ = stream.send_data(body, true);
        }
        let mut guard = Expiring { call: Some(call), progress };
        let response = respond(response, guard.call.as_ref()).await?;
        let mut call = guard.call.take();
        if let Some(call) = &mut call {
            // From here on silence is counted anew.
            call.received();
        }
        Ok(response.map(|body| Http2Body { body, call }))
    }
}

/// What frames or routes a message of HTTP/1.1, and has no meaning here (RFC 9113, section 8.2.2).
const NOT_IN_HTTP2: [&str; 6] =
    ["host", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

/// Waits for the head of a response.
async fn respond(
    mut response: ResponseFuture,
    call: Option<&OfCall>,
) -> Result<Response<RecvStream>, SendFailure> {
    let mut informational = 0;
    poll_fn(|context| {
        while let Poll::Ready(Some(Ok(_))) = response.poll_informational(context) {
            informational += 1;
            if informational > MAX_INFORMATIONAL {
                // There is more of it on the way, and other calls would wait for that.
                call.inspect(|call| call.give_up_connection());
                let flood = "the host sends informational responses (1xx) without end";
                return Poll::Ready(Err(SendFailure::Unknown(flood.into())));
            }
        }
        Pin::new(&mut response).poll(context).map_err(of_stream)
    })
    .await
}

/// What is known of a request whose stream has ended without a response.
///
/// RFC 9113, section 8.7: a stream that is reset with `REFUSED_STREAM`, and one above the last of a GOAWAY, was not
/// processed. h2 ends a stream by an error of the other end's GOAWAY only where its number is above that last one; an
/// error of its own making is none of the other end's.
fn of_stream(error: h2::Error) -> SendFailure {
    let is_refused = error.is_remote()
        && (error.is_go_away()
            || error.is_reset() && error.reason() == Some(Reason::REFUSED_STREAM));
    if is_refused {
        SendFailure::Unprocessed(error.into())
    } else {
        SendFailure::Unknown(error.into())
    }
}

/// A call on a connection: ends its turn, and takes the connection out of use where it seems dead.
struct OfCall {
    turn: Turn,
    pool: Arc<Pool>,
    heard: u64,
    since: Instant,
    is_complete: bool,
}

impl OfCall {
    fn new(turn: Turn, pool: Arc<Pool>) -> Self {
        let meter = &turn.http2.0.meter;
        let calls = u64::try_from(turn.http2.0.in_use()).unwrap_or(u64::MAX);
        meter.allow(SLACK.saturating_add(SLACK_OF_CALL.saturating_mul(calls)));
        let heard = meter.received();
        Self { turn, pool, heard, since: Instant::now(), is_complete: false }
    }

    /// The host has sent a part of the response.
    fn received(&mut self) {
        let meter = &self.turn.http2.0.meter;
        meter.allow_more(SLACK_OF_CHUNK);
        self.heard = meter.received();
        self.since = Instant::now();
    }

    fn give_up_connection(&self) {
        self.pool.unshare(&self.turn.http2);
    }
}

impl Drop for OfCall {
    fn drop(&mut self) {
        let shared = &self.turn.http2.0;
        *shared.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        shared.heard.store(shared.meter.received(), Ordering::Relaxed);
        if self.is_complete {
            return;
        }
        if shared.meter.received() == self.heard && self.since.elapsed() >= SILENCE {
            self.give_up_connection();
        }
    }
}

/// Until the head of a response is there: a call whose time runs out takes the connection out of use.
struct Expiring<'a> {
    call: Option<OfCall>,
    progress: &'a SendProgress,
}

impl Drop for Expiring<'_> {
    fn drop(&mut self) {
        if let Some(call) = &self.call
            && self.progress.is_expired()
        {
            call.give_up_connection();
        }
    }
}

/// The body of a response.
pub(super) struct Http2Body {
    body: RecvStream,
    call: Option<OfCall>,
}

impl Http2Body {
    /// The time for the call has run out: the next one has a connection of its own.
    pub fn expire(&mut self) {
        if let Some(call) = &self.call {
            call.give_up_connection();
        }
    }

    /// The next bytes; `None` after the last.
    pub async fn next_chunk(&mut self) -> Option<Result<Bytes, BoxError>> {
        let chunk = self.body.data().await;
        match chunk {
            Some(Ok(bytes)) => {
                // The room is free again; a stream that has ended meanwhile needs none.
                let _ = self.body.flow_control().release_capacity(bytes.len());
                if let Some(call) = &mut self.call {
                    call.received();
                }
                Some(Ok(bytes))
            }
            Some(Err(error)) => Some(Err(error.into())),
            None => {
                if let Some(mut call) = self.call.take() {
                    call.is_complete = true;
                }
                None
            }
        }
    }
}
