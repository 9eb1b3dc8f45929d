//! A scripted server on a real socket: says exactly what a test tells it, and keeps what it received.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// What the server does with one request.
pub enum Step {
    /// Answers with a status, header lines and a body.
    Answer(u16, &'static [&'static str], String),
    /// Reads the request and closes the connection.
    Drop,
    /// Reads the request, sends these raw bytes and closes the connection.
    Bytes(String),
    /// Reads the request and says nothing for this long.
    Silence(Duration),
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct ReceivedRequest {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl ReceivedRequest {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "header {name} came twice");
        value
    }
}

pub struct Server {
    pub url: String,
    received: Receiver<ReceivedRequest>,
}

impl Server {
    /// Serves these steps, one request each, then refuses.
    pub fn start(steps: Vec<Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, received) = channel();
        std::thread::spawn(move || {
            let mut steps = steps.into_iter();
            let mut next = steps.next();
            while next.is_some() {
                let Ok((stream, _)) = listener.accept() else { return };
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut stream = stream;
                while let Some(step) = next.take() {
                    let Some(request) = read(&mut reader) else {
                        next = Some(step);
                        break;
                    };
                    let _ = sender.send(request);
                    next = steps.next();
                    if !play(&mut stream, step) {
                        break;
                    }
                }
            }
        });
        Self { url, received }
    }

    /// One response with a JSON body.
    pub fn answering(status: u16, body: &str) -> Self {
        Self::start(vec![Step::Answer(status, &[], body.to_owned())])
    }

    /// Everything that has arrived so far.
    pub fn received(&self) -> Vec<ReceivedRequest> {
        std::thread::sleep(Duration::from_millis(20));
        self.received.try_iter().collect()
    }

    /// The only request that has arrived.
    pub fn only(&self) -> ReceivedRequest {
        let mut received = self.received();
        assert_eq!(received.len(), 1, "{received:?}");
        received.remove(0)
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<ReceivedRequest> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, length)| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(ReceivedRequest {
        line: line.trim_end().to_owned(),
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}

/// Whether the connection stays open.
fn play(stream: &mut TcpStream, step: Step) -> bool {
    match step {
        Step::Answer(status, headers, body) => {
            let mut text = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
            for header in headers {
                text.push_str(header);
                text.push_str("\r\n");
            }
            text.push_str("\r\n");
            text.push_str(&body);
            stream.write_all(text.as_bytes()).is_ok()
        }
        Step::Drop => false,
        Step::Bytes(text) => {
            let _ = stream.write_all(text.as_bytes());
            false
        }
        Step::Silence(time) => {
            std::thread::sleep(time);
            false
        }
    }
}
