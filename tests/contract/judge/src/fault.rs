//! What goes wrong on the wire: bytes of any kind and number, at any pace, and connections that break.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;

/// Bytes that are sent as they are.
#[derive(Debug, Clone, Deserialize)]
pub struct Piece {
    /// What is sent.
    text: String,
    /// How many times.
    #[serde(default = "once")]
    repeat: usize,
    /// Waits this long after each time.
    #[serde(default)]
    pause_ms: u64,
    /// Sends all of it compressed, in one go.
    #[serde(default)]
    gzip: bool,
    /// Sends only so many bytes of what was compressed.
    #[serde(default)]
    cut: Option<usize>,
}

fn once() -> usize {
    1
}

/// How a connection ends after a response of pieces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// As it should.
    #[default]
    Close,
    /// With a reset.
    Reset,
}

/// Sends the pieces for as long as anybody reads them.
pub fn send(stream: &mut TcpStream, pieces: &[Piece], end: End) {
    // A client that has gone away has seen enough.
    let _ = pieces.iter().try_for_each(|piece| piece.send(stream));
    if end == End::Reset {
        reset(stream);
    }
}

/// Lets the connection end with a reset when it is dropped.
pub fn reset(stream: &TcpStream) {
    // What was sent before shall arrive before it.
    std::thread::sleep(Duration::from_millis(20));
    let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
}

impl Piece {
    fn send(&self, stream: &mut TcpStream) -> std::io::Result<()> {
        if self.gzip {
            let bytes = self.compressed()?;
            return stream
                .write_all(bytes.get(..self.cut.unwrap_or(bytes.len())).unwrap_or(&bytes));
        }
        for _ in 0..self.repeat {
            stream.write_all(self.text.as_bytes())?;
            std::thread::sleep(Duration::from_millis(self.pause_ms));
        }
        Ok(())
    }

    fn compressed(&self) -> std::io::Result<Vec<u8>> {
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        for _ in 0..self.repeat {
            out.write_all(self.text.as_bytes())?;
        }
        out.finish()
    }
}
