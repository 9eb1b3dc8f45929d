//! Just enough HTTP/1.1 to see every byte that a client sends.

use std::collections::BTreeMap;
use std::io::{BufRead, Write as _};
use std::net::TcpStream;

/// A request as it arrived.
#[derive(Debug)]
pub struct Request {
    /// Method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Request {
    /// Reads one; `None` when the connection ends.
    pub fn read(reader: &mut impl BufRead) -> Option<Self> {
        let mut request = Self::head(reader)?;
        request.read_body(reader)?;
        Some(request)
    }

    /// Reads one without its body; `None` when the connection ends.
    pub fn head(reader: &mut impl BufRead) -> Option<Self> {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let mut words = line.split_whitespace();
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut headers = Vec::new();
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            let Some((name, value)) = header.trim_end().split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Some(Self { method, target, headers, body: Vec::new() })
    }

    /// Reads the body after the head; `None` when the connection ends.
    pub fn read_body(&mut self, reader: &mut impl BufRead) -> Option<()> {
        let length = self.headers.iter().find(|(name, _)| name == "content-length");
        let length = length.and_then(|(_, length)| length.parse().ok()).unwrap_or(0);
        self.body = vec![0; length];
        reader.read_exact(&mut self.body).ok()
    }
}

/// Sends a response; whether that worked.
pub fn send_response(
    stream: &mut TcpStream,
    status: u16,
    headers: &BTreeMap<String, String>,
    body: impl AsRef<[u8]>,
) -> bool {
    let body = body.as_ref();
    let mut text = format!("HTTP/1.1 {status} Response\r\ncontent-length: {}\r\n", body.len());
    if !headers.contains_key("content-type") {
        text.push_str("content-type: application/json\r\n");
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    let mut response = text.into_bytes();
    response.extend_from_slice(body);
    stream.write_all(&response).is_ok()
}
