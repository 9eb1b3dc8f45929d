//! Issue 12.30: an error about a connection names host, port and reason in one line, in its text and in the log.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use payglot::ErrorKind;
use payglot::paywint_platform::ClientBuilder;
use support::wire::{acceptor, client, listen, not_sent, pem, read_request, refusing, response};
use tokio::io::AsyncWriteExt as _;

async fn says(builder: ClientBuilder, wanted: &str) {
    let text = not_sent(&builder.build().unwrap(), ErrorKind::ApiConnection).await;
    let wanted = format!("payments.create: no connection to {wanted}; nothing was sent");
    assert_eq!(text, wanted);
}

/// TLS with a certificate; whatever else it says, the client does not get there.
async fn tls_host(certificate: &'static str) -> u16 {
    let tls = acceptor(certificate, &["http/1.1"]);
    listen(move |stream| {
        let tls = tls.clone();
        async move { drop(tls.accept(stream).await) }
    })
    .await
}

#[tokio::test]
async fn issue_12_30_the_host_cannot_be_reached() {
    let (port, _socket) = refusing();
    let refused = format!("http://127.0.0.1:{port}");
    says(client(&refused), &format!("127.0.0.1:{port}: connection refused")).await;
    let name = "https://payglot-test.invalid";
    says(client(name), "payglot-test.invalid:443: the name was not found").await;
}

#[tokio::test]
async fn issue_12_30_tls() {
    let port = tls_host("leaf.pem").await;
    let other = format!("https://127.0.0.2:{port}");
    let wanted = format!("127.0.0.2:{port}: its certificate is for another host");
    says(client(&other), &wanted).await;

    let wanted = format!(
        "localhost:{port}: its certificate is from an authority that is not trusted here (trust it by `ca_certificates` or SSL_CERT_FILE)"
    );
    let url = format!("https://localhost:{port}");
    says(client(&url).ca_certificates(pem("expired-ca.pem")), &wanted).await;

    let port = tls_host("expired.pem").await;
    let url = format!("https://localhost:{port}");
    let wanted = format!("localhost:{port}: its certificate has expired");
    says(client(&url).ca_certificates(pem("expired-ca.pem")), &wanted).await;

    let port = listen(|mut stream| async move {
        drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await);
        read_request(&mut stream).await;
    })
    .await;
    let url = format!("https://localhost:{port}");
    let wanted =
        format!("localhost:{port}: it does not speak TLS on this port (is its URL http://?)");
    says(client(&url), &wanted).await;

    let port = listen(|stream| async move { drop(stream) }).await;
    let url = format!("https://localhost:{port}");
    let wanted = format!("localhost:{port}: it closed the connection during the TLS handshake");
    says(client(&url), &wanted).await;
}

#[tokio::test]
async fn issue_12_30_a_proxy() {
    let url = "https://api.invalid";
    let by = |port: u16| client(url).proxy(format!("http://user:hidden@127.0.0.1:{port}"));
    let (refused, _socket) = refusing();
    let cases = [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            "the proxy wants other credentials (407)",
        ),
        ("HTTP/1.1 503 Unavailable\r\n\r\n", "the proxy makes no tunnel to it (503)"),
        ("220 smtp.invalid ESMTP\r\n", "the proxy does not speak HTTP"),
        ("", "the proxy broke off: it closed the connection"),
    ];
    for (reply, reason) in cases {
        let port = listen(move |mut stream| async move {
            read_request(&mut stream).await;
            stream.write_all(reply.as_bytes()).await.unwrap();
        })
        .await;
        let wanted = format!("api.invalid:443 by the proxy 127.0.0.1:{port}: {reason}");
        says(by(port), &wanted).await;
    }
    let wanted = format!("api.invalid:443 by the proxy 127.0.0.1:{refused}: connection refused");
    says(by(refused), &wanted).await;
}

/// A host that closes every connection as soon as it is there.
#[tokio::test]
async fn issue_12_30_a_retry_does_not_hide_that_nothing_was_sent() {
    let (port, _socket) = refusing();
    let url = format!("http://127.0.0.1:{port}");
    let core = client(&url).max_retries(2).build().unwrap();
    let text = not_sent(&core, ErrorKind::ApiConnection).await;
    assert!(text.contains("connection refused; nothing was sent"), "{text}");
    // What once worked tells what is wrong now.
    let port = listen(|mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(response("connection: close\r\n").as_bytes()).await.unwrap();
    })
    .await;
    let fine = client(&format!("http://127.0.0.1:{port}")).build().unwrap();
    support::wire::pay(&fine).await.unwrap();
}
