//! A server on a real socket that takes every request, and keeps it byte for byte.

#![allow(dead_code)] // each test uses a part of it

use std::collections::BTreeMap;
use std::io::BufReader;
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use payglot_contract::{Request, send_response};

pub struct Recorder {
    pub url: String,
    received: Receiver<Request>,
}

/// What is answered to each request.
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Recorder {
    /// Answers with success to each request, on any number of connections one after the other.
    pub fn start() -> Self {
        let body = br#"{"success":true,"userId":"u"}"#.to_vec();
        Self::answering(Answer { status: 200, headers: BTreeMap::new(), body })
    }

    /// Answers so to each request.
    pub fn answering(reply: Answer) -> Self {
        let reply = std::sync::Arc::new(reply);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, received) = channel();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let (sender, reply) = (sender.clone(), reply.clone());
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(stream.try_clone().unwrap());
                    while let Some(request) = Request::read(&mut reader) {
                        let _ = sender.send(request);
                        let Answer { status, headers, body } = &*reply;
                        if !send_response(&mut stream, *status, headers, body) {
                            break;
                        }
                    }
                });
            }
        });
        Self { url, received }
    }

    /// The request that arrived next.
    pub fn next(&self) -> Request {
        self.received.recv().unwrap()
    }

    /// The request that has arrived, for a caller that knows that its call has ended.
    pub fn arrived(&self) -> Option<Request> {
        self.received.try_recv().ok()
    }

    /// Whether nothing arrived that was not asked for.
    pub fn is_empty(&self) -> bool {
        self.received.try_recv().is_err()
    }
}
