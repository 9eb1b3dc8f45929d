//! Server-sent events and downloads with the client that is generated for `tests/providers/returns`.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use payglot_runtime::{ErrorKind, dec};
use payglot_witness::returns::{Client, types};

/// A server that sends these pieces to each request, and then does not close. Gives the requests, and a message when a client
/// is gone.
fn server(pieces: Vec<Vec<u8>>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, received) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let (sender, pieces) = (sender.clone(), pieces.clone());
            std::thread::spawn(move || {
                let mut request = Vec::new();
                while !request.windows(4).any(|window| window == b"\r\n\r\n") {
                    read(&mut stream, &mut request);
                }
                let _ = sender.send(String::from_utf8_lossy(&request).into_owned());
                for piece in pieces {
                    if piece == b"break" {
                        return;
                    }
                    let _ = stream.write_all(&piece);
                    std::thread::sleep(Duration::from_millis(20));
                }
                while read(&mut stream, &mut Vec::new()) > 0 {}
                let _ = sender.send("gone".to_owned());
            });
        }
    });
    (url, received)
}

fn read(stream: &mut TcpStream, into: &mut Vec<u8>) -> usize {
    let mut bytes = [0; 4096];
    let count = stream.read(&mut bytes).unwrap_or(0);
    into.extend_from_slice(&bytes[..count]);
    count
}

const HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

fn chunk(text: &str) -> Vec<u8> {
    format!("{:x}\r\n{text}\r\n", text.len()).into_bytes()
}

fn client(url: &str) -> Client {
    Client::builder().base_url(url).max_retries(0).build().unwrap()
}

fn order() -> types::NewOrder {
    types::NewOrder::builder().amount(dec!(10.10)).build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_read_while_they_come() {
    let (url, received) = server(vec![
        HEAD.to_vec(),
        chunk("id: 1\ndata: {\"name\":\"a\",\"amo"),
        chunk("unt\":0.10}\n\nevent: x\ndata: [DONE]\n\n"),
        b"0\r\n\r\n".to_vec(),
    ]);
    let client = client(&url);
    let mut events = client.chats().create_stream(&order()).await.unwrap();
    assert_eq!(events.status(), 200);
    let first = events.next().await.unwrap().unwrap();
    let data = first.data.clone().unwrap();
    assert_eq!((first.event.as_str(), first.id.as_str()), ("message", "1"));
    assert_eq!(
        (data.name.unwrap().as_str(), data.amount.unwrap().to_string().as_str()),
        ("a", "0.10")
    );
    assert!(!format!("{first:?}").contains("name"), "{first:?}");
    let done = events.next().await.unwrap().unwrap();
    assert_eq!((done.event.as_str(), done.text.as_str(), done.data), ("x", "[DONE]", None));
    assert!(events.next().await.is_none() && events.next().await.is_none());
    let request = received.recv().unwrap();
    assert!(request.contains("accept: text/event-stream\r\n"), "{request}");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_several_types_are_read_as_what_they_are() {
    let (url, _received) = server(vec![
        HEAD.to_vec(),
        chunk("data: {\"type\":\"made\",\"amount\":0.10}\n\ndata: [DONE]\n\n"),
        b"0\r\n\r\n".to_vec(),
    ]);
    let mut events = client(&url).feed().kinds().await.unwrap();
    let first = events.next().await.unwrap().unwrap();
    let Some(types::FeedKindsEvent::Made(made)) = first.data else { panic!("{:?}", first.data) };
    assert_eq!(made.amount.unwrap().to_string(), "0.10");
    let last = events.next().await.unwrap().unwrap();
    assert_eq!((last.text.as_str(), last.data.is_none()), ("[DONE]", true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_dropped_closes_its_response() {
    let (url, received) = server(vec![HEAD.to_vec(), chunk("data: a\n\n")]);
    let client = client(&url);
    let mut events = client.feed().get().await.unwrap();
    assert_eq!(events.next().await.unwrap().unwrap().data.as_deref(), Some("a"));
    received.recv().unwrap();
    drop(events);
    assert_eq!(received.recv_timeout(Duration::from_secs(5)).as_deref(), Ok("gone"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_breaks_or_falls_silent_ends_in_an_error() {
    let (url, _received) = server(vec![HEAD.to_vec(), chunk("data: {}\n\n"), b"break".to_vec()]);
    let client = client(&url);
    let mut events = client.chats().create_stream(&order()).await.unwrap();
    events.next().await.unwrap().unwrap();
    let error = events.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.may_have_happened()), (ErrorKind::OutcomeUnknown, true));
    assert!(events.next().await.is_none());
    let mut events = client.feed().get().await.unwrap();
    events.next().await.unwrap().unwrap();
    let error = events.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.may_have_happened()), (ErrorKind::ApiConnection, false));

    let (url, _received) = server(vec![HEAD.to_vec(), chunk("data: a\n\n")]);
    let client = self::client(&url);
    let mut events = client.feed().get().timeout(Duration::from_millis(300)).await.unwrap();
    events.next().await.unwrap().unwrap();
    assert_eq!(events.next().await.unwrap().unwrap_err().kind(), ErrorKind::ApiTimeout);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_instead_of_events_is_one_event() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n";
    let (url, _received) = server(vec![head.to_vec(), br#"{"name":"a"}"#.to_vec()]);
    let client = client(&url);
    let mut events = client.chats().create_stream(&order()).await.unwrap();
    let event = events.next().await.unwrap().unwrap();
    assert_eq!(event.data.unwrap().name.as_deref(), Some("a"));
    assert!(events.next().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_its_name_when_it_is_complete() {
    let folder = std::env::temp_dir().join(format!("payglot-streams-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("export.pdf");
    let large: Vec<u8> = (0..=255).cycle().take(1024 * 1024).collect();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", large.len()).into_bytes();
    let (url, received) =
        server(vec![head.clone(), large[..1000].to_vec(), large[1000..].to_vec()]);
    let client = Client::builder().base_url(&url).max_response_bytes(10).build().unwrap();
    let query = types::ExportsGetPdfQuery::default();
    assert_eq!(client.exports().get_pdf(&query).download_to(&path).await.unwrap(), 1024 * 1024);
    assert_eq!(std::fs::read(&path).unwrap(), large);
    let nowhere = folder.join("none").join("export.pdf");
    let error = client.exports().get_pdf(&query).download_to(&nowhere).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    received.recv().unwrap();

    let (url, _received) = server(vec![head, large[..1000].to_vec(), b"break".to_vec()]);
    let client = self::client(&url);
    let error = client.exports().get_pdf(&query).download_to(&path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ApiConnection);
    assert_eq!(std::fs::read(&path).unwrap(), large);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    std::fs::remove_dir_all(&folder).unwrap();
}
