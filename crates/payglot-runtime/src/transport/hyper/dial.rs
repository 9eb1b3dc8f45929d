//! TCP to a host with any number of addresses (RFC 8305): the next one is tried while the one before is silent.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::connect_error::Problem;
use crate::transport::{Phase, SendProgress};

/// How long an address may be silent until the next one is tried beside it; RFC 8305, section 5.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Connects to a name or an address.
pub(super) async fn dial(
    host: &str,
    port: u16,
    progress: &SendProgress,
) -> Result<TcpStream, Problem> {
    let bare = without_brackets(host);
    let addresses = if let Ok(address) = bare.parse::<IpAddr>() {
        vec![SocketAddr::new(address, port)]
    } else {
        progress.enter(Phase::Lookup);
        let found = tokio::net::lookup_host((bare, port)).await.map_err(Problem::Lookup)?;
        interleave(found.collect())
    };
    progress.enter(Phase::Tcp);
    let stream = connect_any(addresses).await.map_err(Problem::Tcp)?;
    // What a socket does not take, it does without.
    let _ = stream.set_nodelay(true);
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(15))
        .with_interval(Duration::from_secs(15));
    let _ = SockRef::from(&stream).set_tcp_keepalive(&keepalive);
    Ok(stream)
}

/// An IPv6 address without the brackets that it has in a URL.
pub(super) fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host)
}

/// The families by turns, beginning with that of the first address, which the system prefers.
fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let is_first = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == is_first);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut mixed = Vec::new();
    loop {
        match (first.next(), second.next()) {
            (None, None) => return mixed,
            (one, other) => mixed.extend(one.into_iter().chain(other)),
        }
    }
}

/// The first address that accepts. What was begun with the others ends with it.
async fn connect_any(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut waiting = addresses.into_iter();
    if let (Some(only), 0) = (waiting.as_slice().first(), waiting.len().saturating_sub(1)) {
        return TcpStream::connect(only).await;
    }
    let mut attempts = JoinSet::new();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    loop {
        if let Some(address) = waiting.next() {
            attempts.spawn(TcpStream::connect(address));
        }
        tokio::select! {
            result = attempts.join_next() => match result {
                Some(Ok(Ok(stream))) => return Ok(stream),
                Some(Ok(Err(error))) => last = error,
                Some(Err(error)) => last = io::Error::other(error),
                None => return Err(last),
            },
            () = tokio::time::sleep(ATTEMPT_DELAY), if waiting.len() > 0 => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::net::Ipv4Addr;
    use std::time::Instant;

    use socket2::{Domain, Socket, Type};
    use tokio::net::TcpListener;

    use super::*;

    /// A listener with no room: the kernel drops what asks for a connection, as a black hole does.
    fn black_hole() -> (SocketAddr, Socket, Vec<std::net::TcpStream>) {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        socket.listen(0).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let mut waiting = Vec::new();
        while let Ok(stream) =
            std::net::TcpStream::connect_timeout(&address, Duration::from_millis(50))
        {
            waiting.push(stream);
        }
        (address, socket, waiting)
    }

    fn refusing() -> SocketAddr {
        std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
    }

    #[tokio::test]
    async fn issue_12_16_the_next_address_is_tried_while_the_first_is_silent() {
        let (hole, _socket, _waiting) = black_hole();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let good = listener.local_addr().unwrap();
        for addresses in [vec![hole, good], vec![hole, refusing(), good], vec![refusing(), good]] {
            let started = Instant::now();
            let stream = connect_any(addresses.clone()).await.unwrap();
            assert_eq!(stream.peer_addr().unwrap(), good, "{addresses:?}");
            assert!(started.elapsed() < Duration::from_secs(1), "{addresses:?}");
        }
    }

    #[tokio::test]
    async fn issue_12_16_where_no_address_accepts_the_last_error_is_told() {
        let started = Instant::now();
        let error = connect_any(vec![refusing(), refusing()]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(started.elapsed() < ATTEMPT_DELAY, "the next one is tried at once");
        assert_eq!(connect_any(Vec::new()).await.unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn issue_12_16_families_take_turns() {
        let parse = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let addresses: Vec<SocketAddr> =
            parse(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"]);
        let wanted: Vec<SocketAddr> =
            parse(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]);
        assert_eq!(interleave(addresses), wanted);
    }
}
