//! Asks a proxy for a tunnel (RFC 9110, section 9.3.6).

use std::io;

use http::HeaderValue;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use zeroize::Zeroizing;

use super::connect_error::Problem;
use super::stream::Io;

/// The longest head of a proxy's response, in bytes.
const MAX_HEAD: usize = 8192;

/// Turns a connection to a proxy into one to `host:port`.
pub(super) async fn open(
    io: &mut dyn Io,
    authority: &str,
    authorization: Option<&HeaderValue>,
) -> Result<(), Problem> {
    let mut request = Zeroizing::new(
        format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n").into_bytes(),
    );
    if let Some(authorization) = authorization {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(authorization.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    io.write_all(&request).await.map_err(Problem::Proxy)?;
    io.flush().await.map_err(Problem::Proxy)?;
    match status(&read_head(io).await?) {
        Some(200..=299) => Ok(()),
        Some(status) => Err(Problem::ProxyStatus(status)),
        None => Err(Problem::NoProxy),
    }
}

/// Reads to the end of a head and no further: what follows belongs to the tunnel.
async fn read_head(io: &mut dyn Io) -> Result<Vec<u8>, Problem> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let is_http = b"HTTP/1.".starts_with(head.get(..7).unwrap_or(&head));
        if !is_http || head.len() >= MAX_HEAD {
            return Err(Problem::NoProxy);
        }
        let byte = io.read_u8().await.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof if !head.is_empty() => Problem::NoProxy,
            _ => Problem::Proxy(error),
        })?;
        head.push(byte);
    }
    Ok(head)
}

fn status(head: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(head.split(|&byte| byte == b'\r').next()?).ok()?;
    line.split(' ').nth(1)?.parse().ok().filter(|status| (100..=599).contains(status))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    async fn tunnel(response: &[u8]) -> Result<(), String> {
        let (mut near, mut far) = tokio::io::duplex(64 * 1024);
        far.write_all(response).await.unwrap();
        far.shutdown().await.unwrap();
        let opened = open(&mut near, "api.example.com:443", None).await;
        opened.map_err(|problem| problem.to_string())
    }

    #[tokio::test]
    async fn issue_12_30_what_a_proxy_says_to_a_tunnel() {
        assert_eq!(tunnel(b"HTTP/1.1 200 Connected\r\n\r\n").await, Ok(()));
        assert_eq!(tunnel(b"HTTP/1.0 200 OK\r\nvia: p\r\n\r\nrest").await, Ok(()));
        for (response, wanted) in [
            (&b"HTTP/1.1 407 No\r\n\r\n"[..], "credentials (407)"),
            (b"HTTP/1.1 403 No\r\n\r\n", "no tunnel to it (403)"),
            (b"HTTP/1.1 502 No\r\nx: y\r\n\r\n", "no tunnel to it (502)"),
            (b"HTTP/1.1 2000 OK\r\n\r\n", "does not speak HTTP"),
            (b"HTTP/1.1 ??? OK\r\n\r\n", "does not speak HTTP"),
            (b"SSH-2.0-x\r\n\r\n", "does not speak HTTP"),
            (b"HTTP/1.1 200 OK\r\n", "does not speak HTTP"),
            (b"", "closed the connection"),
        ] {
            let problem = tunnel(response).await.unwrap_err();
            assert!(problem.contains(wanted), "{response:?}: {problem}");
        }
        let endless = [b"HTTP/1.1 200 OK\r\nx: ".as_slice(), &[b'y'; 2 * MAX_HEAD]].concat();
        assert!(tunnel(&endless).await.is_err());
    }
}
