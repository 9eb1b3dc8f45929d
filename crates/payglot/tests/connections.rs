//! Issue 12, items 6, 19, 20 and 21: what is known of a payment while there is no connection or after a host refused it, which
//! connections are used again, how many are open, and who waits for whom.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use payglot::ErrorKind;
use payglot::paywint_platform::Client;
use support::http2::{self, Reply};
use support::wire::{
    Seen, acceptor, black_hole, client, is_unknown, listen, mute, not_sent, pay, read,
    read_request, response,
};
use tokio::io::AsyncWriteExt as _;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Makes `count` reads at once; gives how many succeeded.
async fn burst(client: &Client, count: usize) -> usize {
    let calls: Vec<_> = (0..count)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { read(&client).await.is_ok() })
        })
        .collect();
    let mut succeeded = 0;
    for call in calls {
        succeeded += usize::from(call.await.unwrap());
    }
    succeeded
}

#[tokio::test]
async fn issue_12_6_a_payment_without_a_connection_was_not_sent() {
    let (hole, _socket, _waiting) = black_hole();
    let mute = mute().await;
    let cases = [
        (format!("http://127.0.0.1:{hole}"), None, "did not accept the connection"),
        (format!("https://127.0.0.1:{mute}"), None, "did not finish the TLS handshake"),
        ("https://api.invalid".to_owned(), Some(mute), "the proxy did not respond"),
        ("https://api.invalid".to_owned(), Some(hole), "did not accept the connection"),
    ];
    for (url, proxy, reason) in cases {
        for (connect_timeout, timeout) in [(ms(100), ms(30_000)), (ms(30_000), ms(100))] {
            let mut builder = client(&url).connect_timeout(connect_timeout).timeout(timeout);
            if let Some(port) = proxy {
                builder = builder.proxy(format!("http://user:hidden@127.0.0.1:{port}"));
            }
            let text = not_sent(&builder.build().unwrap(), ErrorKind::ApiTimeout).await;
            assert!(text.contains(reason) && text.contains("nothing was sent"), "{url}: {text}");
            assert!(text.contains("within 0.1 s") && !text.contains("hidden"), "{url}: {text}");
        }
    }
}

/// RFC 9113, section 8.7: only these two prove that a request was not processed.
#[tokio::test]
async fn issue_12_6_what_an_http2_host_refused_unprocessed_was_not_done() {
    let refusals: [fn(u32) -> Reply; 3] = [
        |stream| Reply::Send(http2::reset(stream, 7)),
        |stream| Reply::Send(http2::go_away(stream - 1, 0)),
        |stream| Reply::Final(http2::go_away(stream - 1, 0xb)),
    ];
    for (number, refuse) in refusals.into_iter().enumerate() {
        let refuses = move |count, stream| match count {
            1 | 2 => refuse(stream),
            _ => Reply::Send(http2::success(stream)),
        };
        let (url, log) = http2::host(&[], refuses).await;
        let once = client(&url).build().unwrap();
        let text = not_sent(&once, ErrorKind::ApiConnection).await;
        assert!(text.contains("refused the request"), "{number}: {text}");
        // It is tried again where it may be, a payment too.
        let again = client(&url).max_retries(1).build().unwrap();
        pay(&again).await.unwrap();
        assert_eq!(log.requests(), 3, "{number}");
    }
}

#[tokio::test]
async fn issue_12_6_what_an_http2_host_may_have_processed_is_unknown() {
    let endings: [fn(u32) -> Reply; 7] = [
        // Any other reason: PROTOCOL_ERROR, INTERNAL_ERROR, CANCEL, NO_ERROR.
        |stream| Reply::Send(http2::reset(stream, 1)),
        |stream| Reply::Send(http2::reset(stream, 2)),
        |stream| Reply::Send(http2::reset(stream, 8)),
        |stream| Reply::Send(http2::reset(stream, 0)),
        // A GOAWAY that does not leave the stream out.
        |stream| Reply::Final(http2::go_away(stream, 0)),
        |_| Reply::Final(http2::go_away(0x7fff_ffff, 2)),
        // What the client refuses is no word of the host's: a frame that cannot be.
        |_| Reply::Final(http2::frame(http2::PING, 0, 0, b"odd")),
    ];
    for (number, end) in endings.into_iter().enumerate() {
        let (url, log) = http2::host(&[], move |_, stream| end(stream)).await;
        let text = is_unknown(&client(&url).max_retries(5).build().unwrap()).await;
        assert_eq!(log.requests(), 1, "{number}: {text}");
    }
}

/// Responds once to each request; closes a connection that has been idle for so long, as servers do.
async fn closing(after: Duration, header: &'static str, connections: Seen<()>) -> String {
    let port = listen(move |mut stream| {
        let connections = connections.clone();
        async move {
            connections.lock().unwrap().push(());
            while let Ok(Some(_)) = tokio::time::timeout(after, read_request(&mut stream)).await {
                stream.write_all(response(header).as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    format!("http://127.0.0.1:{port}")
}

#[tokio::test]
async fn issue_12_6_a_payment_takes_no_connection_that_the_host_is_about_to_close() {
    for (header, after, idle) in [
        ("keep-alive: timeout=1\r\n", ms(1000), ms(990)),
        ("keep-alive: timeout=1, max=100\r\n", ms(1000), ms(600)),
        ("keep-alive: timeout=0\r\n", ms(400), ms(10)),
        // It says nothing.
        ("", ms(1100), ms(1090)),
    ] {
        let connections = Seen::default();
        let client = client(&closing(after, header, connections.clone()).await).build().unwrap();
        for _ in 0..2 {
            pay(&client).await.unwrap();
            tokio::time::sleep(idle).await;
        }
        assert_eq!(connections.lock().unwrap().len(), 2, "{header:?}");
    }
}

#[tokio::test]
async fn issue_12_6_how_early_a_host_closes_is_learned() {
    let connections = Seen::default();
    let client = client(&closing(ms(500), "", connections.clone()).await).build().unwrap();
    pay(&client).await.unwrap();
    tokio::time::sleep(ms(600)).await;
    // Found closed, at an age of 0.6 s: payments take only connections that are half as old at most.
    pay(&client).await.unwrap();
    tokio::time::sleep(ms(400)).await;
    pay(&client).await.unwrap();
    assert_eq!(connections.lock().unwrap().len(), 3);
    // A younger one is used again, and a read takes what a payment does not.
    pay(&client).await.unwrap();
    tokio::time::sleep(ms(350)).await;
    read(&client).await.unwrap();
    assert_eq!(connections.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn issue_12_19_a_first_burst_shares_one_handshake() {
    let (url, log) = http2::host(&[], |_, stream| Reply::Send(http2::success(stream))).await;
    let client = client(&url).build().unwrap();
    assert_eq!(burst(&client, 50).await, 50);
    assert_eq!((log.connections(), log.requests()), (1, 50));
}

#[tokio::test]
async fn issue_12_19_a_first_burst_to_a_host_of_http1_does_not_wait_for_one_connection() {
    let (connections, tls) = (Seen::default(), acceptor("leaf.pem", &["http/1.1"]));
    let noted = connections.clone();
    let port = listen(move |stream| {
        let (connections, tls) = (noted.clone(), tls.clone());
        async move {
            let mut stream = tls.accept(stream).await.unwrap();
            connections.lock().unwrap().push(());
            while read_request(&mut stream).await.is_some() {
                tokio::time::sleep(ms(300)).await;
                stream.write_all(response("").as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    let client = client(&format!("https://localhost:{port}")).build().unwrap();
    let started = Instant::now();
    assert_eq!(burst(&client, 10).await, 10);
    assert!(started.elapsed() < ms(1500), "{:?}", started.elapsed());
    assert_eq!(connections.lock().unwrap().len(), 10);
}

/// A call that is given up leaves the handshake to another; one that fails tells all that wait for it.
#[tokio::test]
async fn issue_12_19_who_waits_for_a_handshake_is_not_left_alone() {
    let connections = Arc::new(AtomicUsize::new(0));
    let (noted, tls) = (connections.clone(), acceptor("leaf.pem", &["http/1.1"]));
    let port = listen(move |mut stream| {
        let (count, tls) = (noted.fetch_add(1, Ordering::SeqCst), tls.clone());
        async move {
            if count == 0 {
                drop(tokio::io::copy(&mut stream, &mut tokio::io::sink()).await);
                return;
            }
            let mut stream = tls.accept(stream).await.unwrap();
            while read_request(&mut stream).await.is_some() {
                stream.write_all(response("").as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    let client = client(&format!("https://localhost:{port}")).build().unwrap();
    let first = tokio::spawn({
        let client = client.clone();
        async move { read(&client).await }
    });
    tokio::time::sleep(ms(50)).await;
    let second = tokio::spawn({
        let client = client.clone();
        async move { read(&client).await }
    });
    tokio::time::sleep(ms(50)).await;
    first.abort();
    second.await.unwrap().unwrap();

    let silent = support::wire::client(&format!("https://localhost:{}", mute().await))
        .connect_timeout(ms(200))
        .build()
        .unwrap();
    let started = Instant::now();
    assert_eq!(burst(&silent, 20).await, 0);
    assert!(started.elapsed() < ms(900), "{:?}", started.elapsed());
}

#[tokio::test]
async fn issue_12_19_a_connection_that_went_silent_is_not_used_again() {
    let silent_once = |number, stream| match number {
        2 => Reply::Silence,
        _ => Reply::Send(http2::success(stream)),
    };
    let (url, log) = http2::host(&[], silent_once).await;
    let client = client(&url).timeout(ms(300)).build().unwrap();
    read(&client).await.unwrap();
    assert_eq!(read(&client).await.unwrap_err().kind(), ErrorKind::ApiTimeout);
    for _ in 0..3 {
        read(&client).await.unwrap();
    }
    assert_eq!(log.connections(), 2);

    // The same where the caller gives the call up, not its time.
    let (url, log) = http2::host(&[], silent_once).await;
    let client = support::wire::client(&url).build().unwrap();
    read(&client).await.unwrap();
    assert!(tokio::time::timeout(ms(200), read(&client)).await.is_err());
    read(&client).await.unwrap();
    assert_eq!(log.connections(), 2);
}

#[tokio::test]
async fn issue_12_19_a_silent_connection_is_asked_and_given_up() {
    let (url, log) = http2::host(&[], |number, stream| match number {
        1 => Reply::Send(http2::success(stream)),
        _ => Reply::Silence,
    })
    .await;
    let client = client(&url).timeout(Duration::from_secs(300)).build().unwrap();
    read(&client).await.unwrap();
    let call = tokio::spawn(async move { read(&client).await });
    tokio::time::sleep(ms(100)).await;
    // From here on time passes as soon as nothing else is to be done.
    tokio::time::pause();
    let started = tokio::time::Instant::now();
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ApiConnection, "{error}");
    assert!(started.elapsed() < Duration::from_secs(40), "{:?}", started.elapsed());
    tokio::time::resume();
    tokio::time::sleep(ms(50)).await;
    assert_eq!(log.pings.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn issue_12_19_floods_end_the_connection_and_not_the_next_call() {
    let informational = |stream| {
        // `:status: 103` as a literal that is not indexed.
        http2::frame(http2::HEADERS, http2::END_HEADERS, stream, &[0x08, 3, b'1', b'0', b'3'])
    };
    let floods: [Box<dyn Fn(u32) -> Reply + Send + Sync>; 4] = [
        Box::new(move |stream| Reply::Flood(Vec::new(), informational(stream))),
        Box::new(|stream| {
            // A field without end: its name, and more and more of its value.
            let begun = http2::frame(http2::HEADERS, 0, stream, &[0x88]);
            Reply::Flood(begun, http2::frame(http2::CONTINUATION, 0, stream, &[0x88; 64]))
        }),
        Box::new(|_| Reply::Flood(Vec::new(), http2::frame(http2::PING, 1, 0, &[0; 8]))),
        Box::new(|_| Reply::Flood(Vec::new(), http2::frame(http2::SETTINGS, 1, 0, &[]))),
    ];
    for (kind, flood) in floods.into_iter().enumerate() {
        let flood = Arc::new(flood);
        let (url, log) = http2::host(&[], move |number, stream| match number {
            301 => flood(stream),
            _ => Reply::Send(http2::success(stream)),
        })
        .await;
        let client = client(&url).timeout(Duration::from_secs(20)).build().unwrap();
        // What calls before were allowed is not left for the flood.
        assert_eq!(burst(&client, 300).await, 300);
        let started = Instant::now();
        let error = read(&client).await.unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(5), "{kind}: {:?}", started.elapsed());
        assert_eq!(error.kind(), ErrorKind::ApiConnection, "{kind}: {error}");
        let started = Instant::now();
        read(&client).await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(1), "{kind}: {:?}", started.elapsed());
        assert_eq!((log.requests(), log.connections()), (302, 2), "{kind}");
    }
}

#[tokio::test]
async fn issue_12_19_informational_responses_without_end_end_the_call() {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = requests.clone();
    let port = listen(move |mut stream| {
        let count = count.clone();
        async move {
            while read_request(&mut stream).await.is_some() {
                if count.fetch_add(1, Ordering::SeqCst) == 0 {
                    let flood = "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".repeat(100);
                    while stream.write_all(flood.as_bytes()).await.is_ok() {}
                    return;
                }
                // A few are fine.
                let few = "HTTP/1.1 100 Continue\r\n\r\n".repeat(20) + &response("");
                stream.write_all(few.as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    let client = client(&format!("http://127.0.0.1:{port}")).build().unwrap();
    let started = Instant::now();
    let text = is_unknown(&client).await;
    assert!(started.elapsed() < Duration::from_secs(5), "{text}");
    for _ in 0..3 {
        pay(&client).await.unwrap();
    }
}

/// Responds after a while; counts connections that are open at once.
async fn slow(wait: Duration, most: Arc<AtomicUsize>) -> String {
    let open = Arc::new(AtomicUsize::new(0));
    let port = listen(move |mut stream| {
        let (open, most) = (open.clone(), most.clone());
        async move {
            most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            while read_request(&mut stream).await.is_some() {
                tokio::time::sleep(wait).await;
                if stream.write_all(response("").as_bytes()).await.is_err() {
                    break;
                }
            }
            open.fetch_sub(1, Ordering::SeqCst);
        }
    })
    .await;
    format!("http://127.0.0.1:{port}")
}

#[tokio::test]
async fn issue_12_20_no_more_connections_than_allowed() {
    let most = Arc::new(AtomicUsize::new(0));
    let url = slow(ms(5), most.clone()).await;
    assert_eq!(burst(&client(&url).max_connections(3).build().unwrap(), 60).await, 60);
    assert_eq!(most.load(Ordering::SeqCst), 3);
    most.store(0, Ordering::SeqCst);
    assert_eq!(burst(&client(&url).build().unwrap(), 400).await, 400);
    assert!(most.load(Ordering::SeqCst) <= 100, "{most:?}");
}

#[tokio::test]
async fn issue_12_20_a_payment_whose_turn_does_not_come_was_not_sent() {
    let url = slow(ms(60_000), Arc::default()).await;
    let client = client(&url).max_connections(1).timeout(ms(300)).build().unwrap();
    let blocking = tokio::spawn({
        let client = client.clone();
        async move { is_unknown(&client).await }
    });
    tokio::time::sleep(ms(100)).await;
    let waiting = tokio::time::timeout(ms(100), pay(&client)).await;
    assert!(waiting.is_err(), "given up while it waits");
    let waits = client.clone();
    let waits = tokio::spawn(async move {
        let error = waits.wallets().get(support::wire::USER).timeout(ms(50)).await.unwrap_err();
        error.to_string()
    });
    let text = waits.await.unwrap();
    assert!(text.contains("`max_connections`") && text.contains("nothing was sent"), "{text}");
    blocking.await.unwrap();
    // The connection of a call that timed out is gone, and another may be opened.
    is_unknown(&client).await;
    for wrong in [0, 65_536] {
        let error = support::wire::client(&url).max_connections(wrong).build().unwrap_err();
        assert!(error.to_string().contains("`max_connections` must be 1 to 65535"), "{error}");
    }
}

/// Idle connections count: a payment that wants a fresh one closes one of them first.
#[tokio::test]
async fn issue_12_20_idle_connections_make_room() {
    let most = Arc::new(AtomicUsize::new(0));
    let url = slow(ms(5), most.clone()).await;
    let client = client(&url).max_connections(2).build().unwrap();
    assert_eq!(burst(&client, 10).await, 10);
    tokio::time::sleep(ms(1100)).await;
    for _ in 0..2 {
        pay(&client).await.unwrap();
        tokio::time::sleep(ms(50)).await;
    }
    assert!(most.load(Ordering::SeqCst) <= 3, "one may not be closed yet at the host: {most:?}");
}

/// Where a host allows so many streams at once: further calls wait, and were not sent.
#[tokio::test]
async fn issue_12_20_streams_wait_for_their_turn() {
    let one_stream = [0, 3, 0, 0, 0, 1];
    let (url, log) = http2::host(&one_stream, |number, stream| match number {
        1 => Reply::Send(http2::success(stream)),
        _ => Reply::Send(Vec::new()),
    })
    .await;
    let client = client(&url).build().unwrap();
    read(&client).await.unwrap();
    let blocking = tokio::spawn({
        let client = client.clone();
        async move { is_unknown(&client).await }
    });
    tokio::time::sleep(ms(50)).await;
    let error = client.wallets().get(support::wire::USER).timeout(ms(100)).await.unwrap_err();
    assert!(error.to_string().contains("nothing was sent"), "{error}");
    assert_eq!(log.requests(), 2);
    blocking.abort();
}

fn gzip(bytes: usize) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..bytes / 65_536 {
        packed.write_all(&vec![b' '; 65_536]).unwrap();
    }
    packed.finish().unwrap()
}

/// Sends a body to calls by one user, and a record to others.
async fn sends(body: Vec<u8>, header: &'static str) -> String {
    let body = Arc::new(body);
    let port = listen(move |mut stream| {
        let body = body.clone();
        async move {
            while let Some(head) = read_request(&mut stream).await {
                if head.starts_with("post ") {
                    let length = body.len();
                    let head =
                        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n{header}\r\n");
                    stream.write_all(head.as_bytes()).await.unwrap();
                    drop(stream.write_all(&body).await);
                } else {
                    stream.write_all(response("").as_bytes()).await.unwrap();
                }
            }
        }
    })
    .await;
    format!("http://127.0.0.1:{port}")
}

/// The longest of the calls that are made beside `large`, all on one thread.
async fn longest_beside(client: &Client, large: impl Future<Output = ()>) -> Duration {
    let mut longest = Duration::ZERO;
    let mut large = std::pin::pin!(large);
    loop {
        let started = Instant::now();
        let call = read(client);
        let mut call = std::pin::pin!(call);
        let is_over = tokio::select! {
            () = &mut large => true,
            result = &mut call => {
                result.unwrap();
                false
            }
        };
        if is_over {
            return longest;
        }
        longest = longest.max(started.elapsed());
    }
}

#[tokio::test(flavor = "current_thread")]
async fn issue_12_21_a_gzip_bomb_stops_at_the_limit_and_holds_up_nobody() {
    let url = sends(gzip(100_000_000), "content-encoding: gzip\r\n").await;
    let client = client(&url).max_response_bytes(20_000_000).build().unwrap();
    read(&client).await.unwrap();
    let bomb = async {
        let text = is_unknown(&client).await;
        assert!(text.contains("max_response_bytes"), "{text}");
    };
    let longest = longest_beside(&client, bomb).await;
    assert!(longest < ms(400), "{longest:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn issue_12_21_a_gzip_bomb_stops_at_the_deadline() {
    let url = sends(gzip(300_000_000), "content-encoding: gzip\r\n").await;
    let limit = usize::MAX;
    let client = client(&url).max_response_bytes(limit).timeout(ms(300)).build().unwrap();
    let started = Instant::now();
    is_unknown(&client).await;
    assert!(started.elapsed() < ms(900), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "current_thread")]
async fn issue_12_21_a_large_response_holds_up_nobody() {
    let mut body = br#"{"success":true,"data":{"payment_id":"p","list":["#.to_vec();
    for _ in 0..1_500_000 {
        body.extend_from_slice(b"{\"a\":[1,2]},");
    }
    body.extend_from_slice(b"0]}}");
    assert!(body.len() > 16_000_000);
    let client = client(&sends(body, "").await).build().unwrap();
    read(&client).await.unwrap();
    let longest = longest_beside(&client, async { pay(&client).await.unwrap() }).await;
    assert!(longest < ms(600), "{longest:?}");
}
