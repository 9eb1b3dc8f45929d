//! Serves one connection of HTTP/1.1.

use std::io::{BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use payglot_contract::Request;

use crate::act::perform;
use crate::exchange::{End, FOREIGN, Scenario, honest};

/// Serves a connection until it ends.
pub fn serve(mut stream: TcpStream, exchange: &Scenario, is_first: bool) {
    let Ok(copy) = stream.try_clone() else { return };
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(copy);
    let mut is_hostile = is_first;
    if is_hostile && perform(&mut stream, &exchange.greeting, FOREIGN).is_err() {
        return;
    }
    let mut is_poisoned = false;
    while let Some(request) = Request::read(&mut reader) {
        let token = request.target.rsplit('/').next().unwrap_or_default().to_owned();
        if is_hostile {
            is_hostile = false;
            // Who has gone has seen enough.
            let is_read = perform(&mut stream, &exchange.acts, &token).is_ok();
            match exchange.end {
                End::Close => return,
                End::Reset => return reset(&stream),
                End::Hold => is_poisoned = true,
                End::Serve => {}
            }
            if !is_read {
                return;
            }
            continue;
        }
        let body = honest(if is_poisoned { FOREIGN } else { &token });
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json";
        let response = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        if stream.write_all(response.as_bytes()).is_err() {
            return;
        }
    }
}

/// Lets the connection end with a reset when it is dropped.
pub fn reset(stream: &TcpStream) {
    // What was sent before shall arrive before it.
    std::thread::sleep(Duration::from_millis(20));
    let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
}
