//! Does what an exchange says, on a connection of any kind.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::exchange::{Act, TOKEN};

/// Does all of it, for as long as anybody reads it.
pub fn perform(out: &mut impl Write, acts: &[Act], token: &str) -> io::Result<()> {
    for act in acts {
        match act {
            Act::Send(bytes) => out.write_all(&for_token(bytes, token))?,
            Act::Gzip { head, text, times, keep } => {
                out.write_all(head.as_bytes())?;
                let mut packed = for_token(text.as_bytes(), token);
                for _ in 0..*times {
                    packed = compressed(&packed)?;
                }
                out.write_all(part(&packed, *keep))?;
            }
            Act::Repeat { bytes, times, pause } => {
                let bytes = for_token(bytes, token);
                for _ in 0..*times {
                    out.write_all(&bytes)?;
                    out.flush()?;
                    std::thread::sleep(*pause);
                }
            }
            Act::Wait(time) => {
                out.flush()?;
                std::thread::sleep(*time);
            }
        }
    }
    out.flush()
}

fn compressed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes)?;
    out.finish()
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a part of something small"
)]
fn part(bytes: &[u8], keep: f64) -> &[u8] {
    bytes.get(..(bytes.len() as f64 * keep) as usize).unwrap_or(bytes)
}

/// The bytes with the identifier that was asked for.
fn for_token(bytes: &[u8], token: &str) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let mut from = 0;
    while let Some(found) = find(out.get(from..).unwrap_or_default(), TOKEN.as_bytes()) {
        let at = from + found;
        from = at + TOKEN.len();
        out.splice(at..from, token.bytes());
    }
    out
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
