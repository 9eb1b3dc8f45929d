//! The wire: certificates, proxies, HTTP/2, connections that end, and a client made anew for a child of a fork.
//!
//! What goes wrong within a request or a response is in `tests/contract/faults.json`, for all languages.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::convert::Infallible;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use payglot::paywint_platform::{Client, ClientBuilder};
use payglot::{Error, ErrorKind};
use support::wire::{Seen, USER, WALLET, acceptor, listen, payment, pem};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Long enough for the other end to have seen something.
const MOMENT: Duration = Duration::from_millis(5);

fn client(url: &str) -> ClientBuilder {
    Client::builder().credentials("platform", "secret").base_url(url).max_retries(0)
}

async fn user_of(client: &Client) -> Option<String> {
    client.wallets().get(USER).await.unwrap().user_id
}

async fn pay(client: &Client) -> ErrorKind {
    payment_error(client).await.kind()
}

async fn payment_error(client: &Client) -> Error {
    client.payments().create(&payment()).await.unwrap_err()
}

/// Wallets over TLS, in the version that the client chooses; notes a version for each request, and connections.
async fn listen_tls(versions: Seen<Version>, connections: Seen<()>) -> u16 {
    let acceptor = acceptor("leaf.pem", &["h2", "http/1.1"]);
    listen(move |stream| {
        let (acceptor, versions, connections) =
            (acceptor.clone(), versions.clone(), connections.clone());
        async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            connections.lock().unwrap().push(());
            let response = hyper::service::service_fn(move |request: Request<Incoming>| {
                versions.lock().unwrap().push(request.version());
                async { Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(WALLET)))) }
            });
            let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            drop(server.serve_connection(TokioIo::new(stream), response).await);
        }
    })
    .await
}

async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

fn response(more: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{more}\r\n{WALLET}", WALLET.len())
}

#[tokio::test]
async fn http2_is_spoken_where_it_is_offered_over_one_connection() {
    let (versions, connections) = (Seen::default(), Seen::default());
    let port = listen_tls(versions.clone(), connections.clone()).await;
    let url = format!("https://localhost:{port}");
    let client = client(&url).ca_certificates(pem("ca.pem")).build().unwrap();
    assert_eq!(user_of(&client).await.as_deref(), Some("u"));
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { user_of(&client).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().as_deref(), Some("u"));
    }
    assert_eq!(*versions.lock().unwrap(), vec![Version::HTTP_2; 21]);
    assert_eq!(connections.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_reqwest_client_speaks_http2_too() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let versions = Seen::default();
    let port = listen_tls(versions.clone(), Seen::default()).await;
    let ca = reqwest::Certificate::from_pem(&pem("ca.pem")).unwrap();
    let http_client = reqwest::Client::builder().tls_certs_only([ca]).build().unwrap();
    let client = client(&format!("https://localhost:{port}")).http_client(http_client).build();
    assert_eq!(user_of(&client.unwrap()).await.as_deref(), Some("u"));
    assert_eq!(*versions.lock().unwrap(), [Version::HTTP_2]);
}

#[tokio::test]
async fn own_certificates_are_trusted_only_by_who_asked() {
    let connections = Seen::default();
    let port = listen_tls(Seen::default(), connections.clone()).await;
    let url = format!("https://localhost:{port}");
    // The handshake fails: nothing was sent, which is certain even of a payment.
    assert_eq!(pay(&client(&url).build().unwrap()).await, ErrorKind::ApiConnection);
    // A name that the certificate does not hold.
    let other = format!("https://127.0.0.2:{port}");
    let other = client(&other).ca_certificates(pem("ca.pem")).build().unwrap();
    assert_eq!(pay(&other).await, ErrorKind::ApiConnection);
    assert!(connections.lock().unwrap().is_empty());
}

#[tokio::test]
async fn tls_goes_through_a_tunnel_that_sees_no_credentials() {
    let port = listen_tls(Seen::default(), Seen::default()).await;
    let heads: Seen<String> = Seen::default();
    let noted = heads.clone();
    let proxy = listen(move |mut stream| {
        let noted = noted.clone();
        async move {
            let head = read_head(&mut stream).await.unwrap();
            let target = head.split(' ').nth(1).unwrap().to_owned();
            noted.lock().unwrap().push(head);
            let mut far = TcpStream::connect(target).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
            drop(tokio::io::copy_bidirectional(&mut stream, &mut far).await);
        }
    })
    .await;
    let client = client(&format!("https://localhost:{port}"))
        .proxy(format!("http://user:pass@127.0.0.1:{proxy}"))
        .ca_certificates(pem("ca.pem"))
        .build()
        .unwrap();
    assert_eq!(user_of(&client).await.as_deref(), Some("u"));
    let heads = heads.lock().unwrap();
    let head = heads[0].to_ascii_lowercase();
    assert!(head.starts_with(&format!("connect localhost:{port} http/1.1\r\n")), "{head}");
    assert!(head.contains("proxy-authorization: basic dxnlcjpwyxnz"), "{head}");
    assert!(!head.contains("x-platform-id") && !head.contains("x-signature"), "{head}");
    assert_eq!(heads.len(), 1);
}

#[tokio::test]
async fn plain_calls_go_to_the_proxy_and_none_means_that_nothing_was_sent() {
    let heads: Seen<String> = Seen::default();
    let noted = heads.clone();
    let proxy = listen(move |mut stream| {
        let noted = noted.clone();
        async move {
            let head = read_head(&mut stream).await;
            noted.lock().unwrap().extend(head);
            stream.write_all(response("").as_bytes()).await.unwrap();
        }
    })
    .await;
    let url = "http://api.example.invalid";
    let reached = client(url)
        .allow_insecure_http(true)
        .proxy(format!("http://user:pass@127.0.0.1:{proxy}"))
        .build()
        .unwrap();
    assert_eq!(user_of(&reached).await.as_deref(), Some("u"));
    assert!(heads.lock().unwrap()[0].starts_with("GET http://api.example.invalid/api/"));
    let not_reached = client(url)
        .allow_insecure_http(true)
        .proxy("http://user:pass@127.0.0.1:1")
        .build()
        .unwrap();
    assert_eq!(pay(&not_reached).await, ErrorKind::ApiConnection);
}

#[tokio::test]
async fn a_connection_that_closes_after_100_requests_is_replaced() {
    let served: Seen<usize> = Seen::default();
    let noted = served.clone();
    let port = listen(move |mut stream| {
        let noted = noted.clone();
        async move {
            let number = {
                let mut noted = noted.lock().unwrap();
                noted.push(0);
                noted.len() - 1
            };
            for count in 1..=100 {
                if read_head(&mut stream).await.is_none() {
                    return;
                }
                noted.lock().unwrap()[number] = count;
                let close = if count == 100 { "connection: close\r\n" } else { "" };
                stream.write_all(response(close).as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    let client = client(&format!("http://127.0.0.1:{port}")).build().unwrap();
    for _ in 0..250 {
        assert_eq!(user_of(&client).await.as_deref(), Some("u"));
    }
    assert_eq!(*served.lock().unwrap(), [100, 100, 50]);
}

/// Answers each connection's requests, after `closes_after` of them no more; notes connections, and their ends as the
/// host sees them.
async fn listen_and_close(closes_after: usize, connections: Seen<()>, ends: Seen<()>) -> u16 {
    listen(move |mut stream| {
        let (connections, ends) = (connections.clone(), ends.clone());
        async move {
            connections.lock().unwrap().push(());
            for _ in 0..closes_after {
                if read_head(&mut stream).await.is_none() {
                    break;
                }
                stream.write_all(response("").as_bytes()).await.unwrap();
            }
            // Not together with the response: the client has had what it waits for.
            tokio::time::sleep(MOMENT).await;
            stream.shutdown().await.unwrap();
            while stream.read_u8().await.is_ok() {}
            ends.lock().unwrap().push(());
        }
    })
    .await
}

/// Waits for something that other tasks do.
async fn until(what: impl Fn() -> bool) {
    for _ in 0..1000 {
        if what() {
            return;
        }
        tokio::time::sleep(MOMENT).await;
    }
    panic!("it does not happen");
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_takes_no_request() {
    let (connections, ends) = (Seen::default(), Seen::default());
    let port = listen_and_close(1, connections.clone(), ends.clone()).await;
    let client = client(&format!("http://127.0.0.1:{port}")).build().unwrap();
    for count in 1..=5 {
        assert_eq!(user_of(&client).await.as_deref(), Some("u"), "call {count}");
        assert_eq!(connections.lock().unwrap().len(), count);
        tokio::time::sleep(8 * MOMENT).await;
    }
}

/// hyper hands a request back that it has not begun to send. That proves as much on a new connection as on an old one.
#[tokio::test]
async fn a_new_connection_that_is_closed_already_takes_no_payment() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    // Keeps the client, which runs in this thread, from its connection until the host has closed it.
    let delay = tokio::spawn(async {
        loop {
            std::thread::sleep(4 * MOMENT);
            tokio::task::yield_now().await;
        }
    });
    let client = client(&format!("http://127.0.0.1:{port}")).build().unwrap();
    let error = payment_error(&client).await;
    delay.abort();
    assert_eq!(error.kind(), ErrorKind::ApiConnection);
    assert!(error.to_string().contains("nothing was sent"), "{error}");
}

#[tokio::test]
async fn connections_that_nobody_uses_are_given_up() {
    let (connections, ends) = (Seen::default(), Seen::default());
    let port = listen_and_close(1, connections.clone(), ends.clone()).await;
    let client = client(&format!("http://127.0.0.1:{port}")).build().unwrap();
    assert_eq!(user_of(&client).await.as_deref(), Some("u"));
    tokio::time::sleep(8 * MOMENT).await;
    assert_eq!(ends.lock().unwrap().len(), 0, "nobody has looked yet");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(6)).await;
    tokio::time::resume();
    until(|| ends.lock().unwrap().len() == 1).await;
}

#[tokio::test]
async fn a_client_that_is_gone_leaves_no_connection() {
    let (connections, ends) = (Seen::default(), Seen::default());
    let port = listen_and_close(100, connections.clone(), ends.clone()).await;
    let client = client(&format!("http://127.0.0.1:{port}")).build().unwrap();
    for _ in 0..3 {
        assert_eq!(user_of(&client).await.as_deref(), Some("u"));
    }
    assert_eq!((connections.lock().unwrap().len(), ends.lock().unwrap().len()), (1, 0));
    drop(client);
    until(|| ends.lock().unwrap().len() == 1).await;
}

/// A connection ends with the runtime that made it; a client does not.
#[test]
fn a_client_outlives_its_runtime() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (connections, host) = (Seen::default(), runtime());
    let port = host.block_on(listen_and_close(100, connections.clone(), Seen::default()));
    let client = client(&format!("http://127.0.0.1:{port}")).build().unwrap();
    for count in 1..=3 {
        let runtime = runtime();
        for _ in 0..2 {
            assert_eq!(runtime.block_on(user_of(&client)).as_deref(), Some("u"));
        }
        assert_eq!(connections.lock().unwrap().len(), count);
    }
}

#[tokio::test]
async fn a_client_made_anew_has_connections_of_its_own() {
    use payglot::runtime::client::{CallOptions, Config, Core};
    use payglot::runtime::json::FloatMoney;
    use payglot::runtime::request::prepare;

    let connections = Seen::default();
    let port = listen_tls(Seen::default(), connections.clone()).await;
    let provider = payglot::providers::find("linora").unwrap();
    let mut config = Config::new(provider);
    config.credential("api_key", "key");
    config.base_url(format!("https://localhost:{port}"));
    config.ca_certificates(pem("ca.pem"));
    let parent = Core::new(config).unwrap();
    let list = provider.operations.iter().find(|known| known.path_params.is_empty()).unwrap();
    let child = parent.reconnect_after_fork();
    for core in [&parent, &child, &parent, &child] {
        let request = prepare(list, &[], &[], FloatMoney::Refuse).unwrap();
        drop(core.call(list, &request, &CallOptions::default()).await);
    }
    assert_eq!(connections.lock().unwrap().len(), 2);
}
