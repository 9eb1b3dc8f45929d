//! Connections that can be cut on demand, as networks do, and that end where a request does not arrive.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Sleep};

/// Cuts the connection that a request came on.
#[derive(Clone, Default)]
pub(crate) struct Cut(Arc<Shared>);

/// What a connection and the requests on it share.
#[derive(Default)]
struct Shared {
    state: AtomicU8,
    /// Requests that arrived.
    arrived: AtomicU64,
    /// Requests that have their response.
    served: AtomicU64,
}

/// A request that is being served; its connection waits for it as long as it takes.
pub(crate) struct Serving(Arc<Shared>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.served.fetch_add(1, Ordering::Release);
    }
}

/// How long a connection may wait for its next request.
const IDLE_TIMEOUT: Duration = Duration::from_secs(600);
const OPEN: u8 = 0;
const CLOSED: u8 = 1;
const RESET: u8 = 2;

impl Cut {
    /// The head of a request arrived.
    pub fn serving(&self) -> Serving {
        self.0.arrived.fetch_add(1, Ordering::Release);
        Serving(Arc::clone(&self.0))
    }

    /// Sends nothing more and closes the connection.
    pub fn close(&self) {
        self.0.state.store(CLOSED, Ordering::Release);
    }

    /// Sends nothing more and resets the connection (RST).
    pub fn reset(&self) {
        self.0.state.store(RESET, Ordering::Release);
    }
}

/// A listener whose connections can be cut.
pub(crate) struct Listening {
    pub listener: TcpListener,
    /// How long the head of a request may take to arrive.
    pub read_timeout: Duration,
}

impl Listener for Listening {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Without it small responses may be delayed; an error here only makes them slower.
        let _ = stream.set_nodelay(true);
        (Connection::new(stream, self.read_timeout), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, Listening>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Listening>) -> Self {
        stream.io().cut.clone()
    }
}

/// A TCP connection.
pub(crate) struct Connection {
    stream: TcpStream,
    cut: Cut,
    read_timeout: Duration,
    /// Ends the connection while no request is served.
    end: Pin<Box<Sleep>>,
    /// How many requests had arrived when the part of a head began that is waited for; none where nothing came since the
    /// last request.
    head_after: Option<u64>,
    /// How many requests had arrived when the connection was last seen without one.
    idle_after: u64,
}

impl Connection {
    fn new(stream: TcpStream, read_timeout: Duration) -> Self {
        let end = Box::pin(tokio::time::sleep(IDLE_TIMEOUT));
        let cut = Cut::default();
        Self { stream, cut, read_timeout, end, head_after: None, idle_after: 0 }
    }

    /// Reads; fails where a head is half there for too long, or nothing comes at all.
    fn poll_request(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let served = self.cut.0.served.load(Ordering::Acquire);
        let arrived = self.cut.0.arrived.load(Ordering::Acquire);
        if arrived != served {
            return read;
        }
        if arrived != self.idle_after {
            self.idle_after = arrived;
            self.end.as_mut().reset(Instant::now() + IDLE_TIMEOUT);
        }
        if buffer.filled().len() > before && self.head_after != Some(arrived) {
            self.head_after = Some(arrived);
            self.end.as_mut().reset(Instant::now() + self.read_timeout);
        }
        if read.is_pending() && self.end.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }

    /// Fails once the connection was cut; the server then drops it.
    fn check(&self) -> io::Result<()> {
        match self.cut.0.state.load(Ordering::Acquire) {
            OPEN => Ok(()),
            RESET => {
                self.stream.set_zero_linger()?;
                Err(io::ErrorKind::ConnectionReset.into())
            }
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_request(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
