//! A connection of any kind, plain, TLS, or TLS through a proxy, and a count of what came by it.

use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::frames::Frames;

/// An open connection, and what is known of it.
pub(super) struct Stream {
    io: Box<dyn Io>,
    meter: Arc<Meter>,
    busy: Busy,
    is_forwarded: bool,
    /// Only of HTTP/2.
    frames: Option<Frames>,
}

pub(super) trait Io: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

impl Stream {
    pub fn new(io: Box<dyn Io>, is_http2: bool, is_forwarded: bool) -> Self {
        let frames = is_http2.then(Frames::default);
        Self { io, meter: Arc::default(), busy: Busy::default(), is_forwarded, frames }
    }

    /// Whether it leads to a proxy that forwards, and must be told the host with each request.
    pub fn is_forwarded(&self) -> bool {
        self.is_forwarded
    }

    /// Whether both ends agreed on HTTP/2.
    pub fn is_http2(&self) -> bool {
        self.frames.is_some()
    }

    /// What comes by it, and how much may.
    pub fn meter(&self) -> Arc<Meter> {
        self.meter.clone()
    }
}

/// Bytes that came by a connection, and how many may: a host that floods it with what is no response loses it. Of HTTP/2
/// the bodies do not count.
pub(super) struct Meter {
    received: AtomicU64,
    counted: AtomicU64,
    allowed: AtomicU64,
}

impl Default for Meter {
    fn default() -> Self {
        let [received, counted] = [AtomicU64::new(0), AtomicU64::new(0)];
        Self { received, counted, allowed: AtomicU64::new(u64::MAX) }
    }
}

impl Meter {
    /// Bytes until now.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// From now on so many bytes may come.
    pub fn allow(&self, bytes: u64) {
        let counted = self.counted.load(Ordering::Relaxed);
        self.allowed.store(counted.saturating_add(bytes), Ordering::Relaxed);
    }

    /// So many bytes more may come.
    pub fn allow_more(&self, bytes: u64) {
        let _ = self.allowed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |allowed| {
            Some(allowed.saturating_add(bytes))
        });
    }

    /// Any number of bytes may come: who reads them counts them.
    pub fn allow_all(&self) {
        self.allowed.store(u64::MAX, Ordering::Relaxed);
    }

    fn count(&self, received: usize, counted: usize) -> io::Result<()> {
        let [received, more] = [received, counted].map(|bytes| u64::try_from(bytes).unwrap_or(0));
        self.received.fetch_add(received, Ordering::Relaxed);
        let counted = self.counted.fetch_add(more, Ordering::Relaxed).saturating_add(more);
        if counted > self.allowed.load(Ordering::Relaxed) {
            return Err(io::Error::other("the host sends more than belongs to a response"));
        }
        Ok(())
    }
}

/// How long a connection has read without a break. One that a host floods would keep all others, and every timer, from
/// their turns: what HTTP makes of the bytes costs far more than to read them.
#[derive(Default)]
struct Busy {
    reads: u32,
    since: Option<Instant>,
}

impl Busy {
    /// Reads that cost less than a look at the clock.
    const FEW: u32 = 8;
    /// Longest time without a break.
    const SLICE: Duration = Duration::from_millis(1);

    /// After a read; `is_idle`: nothing had come.
    fn note(&mut self, is_idle: bool) {
        if is_idle {
            *self = Self::default();
            return;
        }
        self.reads = self.reads.saturating_add(1);
        if self.reads == Self::FEW {
            self.since = Some(Instant::now());
        }
    }

    /// Whether it is the turn of others.
    fn is_over(&mut self) -> bool {
        let is_over = self.since.is_some_and(|since| since.elapsed() > Self::SLICE);
        if is_over {
            *self = Self::default();
        }
        is_over
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.busy.is_over() {
            // Woken when timers and all others have had their turns.
            return pin!(tokio::task::yield_now()).poll(context).map(Ok);
        }
        let this = &mut *self;
        let before = buffer.filled().len();
        let result = Pin::new(&mut *this.io).poll_read(context, buffer);
        this.busy.note(result.is_pending());
        if let Poll::Ready(Ok(())) = &result {
            let new = buffer.filled().get(before..).unwrap_or_default();
            let counted =
                this.frames.as_mut().map_or(new.len(), |frames| frames.beside_bodies(new));
            this.meter.count(new.len(), counted)?;
        }
        result
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.io).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.io).poll_write_vectored(context, buffers)
    }
}
