//! Frames of HTTP/2 as bytes (RFC 9113), right and wrong.

/// Types of frames.
pub mod kind {
    pub const DATA: u8 = 0;
    pub const HEADERS: u8 = 1;
    pub const PRIORITY: u8 = 2;
    pub const RST_STREAM: u8 = 3;
    pub const SETTINGS: u8 = 4;
    pub const PUSH_PROMISE: u8 = 5;
    pub const PING: u8 = 6;
    pub const GOAWAY: u8 = 7;
    pub const WINDOW_UPDATE: u8 = 8;
    pub const CONTINUATION: u8 = 9;
}

/// The stream is over, or a frame of settings or a ping is acknowledged.
pub const END_STREAM: u8 = 1;
pub const ACK: u8 = 1;
pub const END_HEADERS: u8 = 4;
pub const PADDED: u8 = 8;

/// A frame. Its length is that of its payload.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    with_length(length, kind, flags, stream, payload)
}

/// A frame that lies about its length.
pub fn with_length(length: u32, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = length.to_be_bytes();
    [&length[..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A header as literals without indexing or compression (RFC 7541, 6.2.2).
pub fn header(name: &[u8], value: &[u8]) -> Vec<u8> {
    [&[0][..], &text(name), &text(value)].concat()
}

fn text(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes.len();
    if rest < 127 {
        out.push(u8::try_from(rest).unwrap_or(0));
    } else {
        out.push(127);
        rest -= 127;
        while rest >= 128 {
            out.push(u8::try_from(rest % 128).unwrap_or(0) | 128);
            rest /= 128;
        }
        out.push(u8::try_from(rest).unwrap_or(0));
    }
    out.extend(bytes);
    out
}

/// A head of a response with this status.
pub fn head(stream: u32, status: &str, flags: u8) -> Vec<u8> {
    let block =
        [header(b":status", status.as_bytes()), header(b"content-type", b"application/json")];
    frame(kind::HEADERS, END_HEADERS | flags, stream, &block.concat())
}

/// The settings that a server begins with.
pub fn settings(pairs: &[(u16, u32)]) -> Vec<u8> {
    let payload =
        pairs.iter().flat_map(|(id, value)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat());
    frame(kind::SETTINGS, 0, 0, &payload.collect::<Vec<_>>())
}

/// A whole response.
pub fn response(stream: u32, body: &str) -> Vec<u8> {
    [head(stream, "200", 0), frame(kind::DATA, END_STREAM, stream, body.as_bytes())].concat()
}
