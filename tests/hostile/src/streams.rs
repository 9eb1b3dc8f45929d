//! HTTP/2: greetings and heads that are wrong, and streams that are refused.

use crate::exchange::{
    Act, BROKEN, End, FOREIGN, LATE, NOTHING, OWN, Outcomes, Protocol, Scenario, TOKEN, failed,
    honest, refused, send,
};
use crate::frames::{
    END_HEADERS, END_STREAM, frame, head, header, kind, response, settings, with_length,
};

/// The stream of the first request.
pub const FIRST: u32 = 1;

/// The connection breaks before the request can leave, so that another is taken, or just after.
pub const EARLY: Outcomes = Outcomes {
    read: &["own", "APIConnectionError"],
    money: &["own", "APIConnectionError", "OutcomeUnknownError"],
};

/// All of them.
pub fn exchanges() -> Vec<Scenario> {
    [greetings(), resets(), heads()].concat()
}

/// An exchange of HTTP/2.
pub fn exchange(name: impl Into<String>, acts: Vec<Act>, end: End, outcomes: Outcomes) -> Scenario {
    Scenario::new(Protocol::Http2, format!("h2: {}", name.into()), acts, end, outcomes)
}

/// An honest response to the first request.
pub fn own() -> Vec<u8> {
    response(FIRST, &honest(TOKEN))
}

fn goaway(last: u32, code: u32) -> Vec<u8> {
    frame(kind::GOAWAY, 0, 0, &[last.to_be_bytes(), code.to_be_bytes()].concat())
}

/// A frame that resets a stream.
pub fn rst(stream: u32, code: u32) -> Vec<u8> {
    frame(kind::RST_STREAM, 0, stream, &code.to_be_bytes())
}

/// What is said before anything is asked.
fn greetings() -> Vec<Scenario> {
    let before = |name: &str, greeting: Vec<u8>, outcomes| {
        exchange(format!("begins with {name}"), Vec::new(), End::Hold, outcomes)
            .greeting(vec![send(greeting)])
    };
    let responds = |name: &str, pairs: &[(u16, u32)], outcomes| {
        exchange(format!("settings: {name}"), vec![send(own())], End::Serve, outcomes)
            .greeting(vec![send(settings(pairs))])
    };
    vec![
        before("HTTP/1.1", b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec(), EARLY),
        before("zeros", vec![0; 100], EARLY),
        before("settings on a stream", frame(kind::SETTINGS, 0, 1, &[]), EARLY),
        before("settings of 5 bytes", frame(kind::SETTINGS, 0, 0, &[0; 5]), EARLY),
        before("a frame of 16 MB", with_length(0xff_ffff, kind::SETTINGS, 0, 0, &[]), EARLY),
        before("a window of 2^31", settings(&[(4, 1 << 31)]), EARLY),
        before("frames of at most 1 byte", settings(&[(5, 1)]), EARLY),
        before("a permission that is none", settings(&[(2, 7)]), EARLY),
        before("a GOAWAY", [settings(&[]), goaway(0, 0)].concat(), EARLY),
        before("a GOAWAY that blames", [settings(&[]), goaway(0, 11)].concat(), EARLY),
        before(
            "another's response",
            [settings(&[]), response(3, &honest(FOREIGN))].concat(),
            EARLY,
        ),
        before("silence", Vec::new(), LATE),
        responds("unknown ones", &[(0xff, 1), (0x7777, u32::MAX)], OWN),
        responds("a table of 4 GB", &[(1, u32::MAX)], OWN),
        responds("the smallest of all", &[(1, 0), (6, 0)], OWN),
        responds(
            "no streams",
            &[(3, 0)],
            Outcomes {
                read: &["own", "APITimeoutError"],
                money: &["own", "OutcomeUnknownError", "APITimeoutError"],
            },
        ),
        exchange(
            "settings: a window of nothing",
            vec![send(own())],
            End::Serve,
            Outcomes { read: &["own"], money: &["own", "OutcomeUnknownError"] },
        )
        .greeting(vec![send(settings(&[(4, 0)]))]),
    ]
}

fn resets() -> Vec<Scenario> {
    let mut all: Vec<_> = (0..14_u32)
        // 7 is REFUSED_STREAM: provably not processed (RFC 9113, 8.7).
        .filter(|code| *code != 7)
        .map(|code| {
            exchange(format!("RST_STREAM {code}"), vec![send(rst(FIRST, code))], End::Serve, BROKEN)
        })
        .collect();
    let half = head(FIRST, "200", 0);
    let refused_stream = Outcomes { read: &["APIConnectionError"], money: &["APIConnectionError"] };
    all.extend([
        exchange("RST_STREAM 7", vec![send(rst(FIRST, 7))], End::Serve, refused_stream),
        exchange(
            "RST_STREAM behind a head",
            vec![send(half.clone()), send(rst(FIRST, 2))],
            End::Serve,
            BROKEN,
        ),
        exchange(
            "RST_STREAM 7 behind a head",
            vec![send(half.clone()), send(rst(FIRST, 7))],
            End::Serve,
            BROKEN,
        ),
        exchange(
            "RST_STREAM 0 behind a head",
            vec![send(half), send(rst(FIRST, 0))],
            End::Serve,
            BROKEN,
        ),
        exchange("RST_STREAM of no stream", vec![send(rst(0, 0))], End::Hold, BROKEN),
        exchange("RST_STREAM of an idle stream", vec![send(rst(101, 0))], End::Hold, BROKEN),
        exchange(
            "RST_STREAM of 3 bytes",
            vec![send(frame(kind::RST_STREAM, 0, FIRST, &[0; 3]))],
            End::Hold,
            BROKEN,
        ),
        exchange(
            "RST_STREAM behind a response",
            vec![send(own()), send(rst(FIRST, 0))],
            End::Serve,
            OWN,
        ),
        exchange("GOAWAY below the stream", vec![send(goaway(0, 0))], End::Close, refused_stream),
        exchange(
            "GOAWAY above the stream, and the response",
            vec![send(goaway(FIRST, 0)), send(own())],
            End::Close,
            OWN,
        ),
        exchange(
            "GOAWAY above the stream, and an end",
            vec![send(goaway(FIRST, 0))],
            End::Close,
            BROKEN,
        ),
        exchange(
            "GOAWAY that blames, and an end",
            vec![send(goaway(FIRST, 2))],
            End::Close,
            BROKEN,
        ),
        exchange(
            "GOAWAY twice, the second higher",
            vec![send(goaway(0, 0)), send(goaway(FIRST, 0))],
            End::Close,
            Outcomes {
                read: &["APIConnectionError"],
                money: &["APIConnectionError", "OutcomeUnknownError"],
            },
        ),
    ]);
    all
}

fn heads() -> Vec<Scenario> {
    let body = frame(kind::DATA, END_STREAM, FIRST, honest(TOKEN).as_bytes());
    let with = |block: &[Vec<u8>]| {
        let head = frame(kind::HEADERS, END_HEADERS, FIRST, &block.concat());
        vec![send([head, body.clone()].concat())]
    };
    let status = || header(b":status", b"200");
    let mut all: Vec<_> = [
        ("without a status", vec![header(b"a", b"b")], BROKEN),
        ("with two statuses", vec![status(), status()], BROKEN),
        ("with a status that is no number", vec![header(b":status", b"two")], BROKEN),
        ("with a status of 99", vec![header(b":status", b"99")], BROKEN),
        ("with a status of 2000", vec![header(b":status", b"2000")], BROKEN),
        ("with a status behind a header", vec![header(b"a", b"b"), status()], BROKEN),
        ("with a name in upper case", vec![status(), header(b"Name", b"b")], BROKEN),
        ("with a name of nothing", vec![status(), header(b"", b"b")], BROKEN),
        ("with a line's end in a value", vec![status(), header(b"a", b"b\r\nc: d")], BROKEN),
        ("with a line's end in a name", vec![status(), header(b"a\r\nb", b"c")], BROKEN),
        ("with a path", vec![status(), header(b":path", b"/")], OWN),
        ("with an unknown pseudo header", vec![status(), header(b":odd", b"b")], BROKEN),
        ("with a connection header", vec![status(), header(b"connection", b"close")], BROKEN),
        (
            "with a transfer-encoding",
            vec![status(), header(b"transfer-encoding", b"chunked")],
            BROKEN,
        ),
        (
            "with a length that is too short",
            vec![status(), header(b"content-length", b"5")],
            BROKEN,
        ),
        (
            "with a length that is too long",
            vec![status(), header(b"content-length", b"5000")],
            BROKEN,
        ),
        (
            "with a length that is no number",
            vec![status(), header(b"content-length", b"x")],
            BROKEN,
        ),
        ("with a header of 70 kB", vec![status(), header(b"a", &[b'b'; 12_000])], OWN),
        ("with an index of no table", vec![vec![0xff, 0xff, 0x7f]], BROKEN),
        ("with a compression that is cut", vec![status(), vec![0, 0x85, 0xff]], BROKEN),
    ]
    .into_iter()
    .map(|(name, block, outcomes)| {
        exchange(format!("a head {name}"), with(&block), End::Serve, outcomes)
    })
    .collect();
    let interim = |status: &str| head(FIRST, status, 0);
    all.extend([
        exchange("a 103 before", vec![send([interim("103"), own()].concat())], End::Serve, OWN),
        exchange(
            "a 100 that ends the stream",
            vec![send(head(FIRST, "100", END_STREAM))],
            End::Serve,
            BROKEN,
        ),
        exchange(
            "a 101",
            vec![send(interim("101")), send(own())],
            End::Serve,
            Outcomes {
                read: &["own", "APIConnectionError"],
                money: &["own", "OutcomeUnknownError"],
            },
        ),
        exchange("two heads", vec![send([interim("200"), own()].concat())], End::Serve, BROKEN),
        exchange("204", vec![send(head(FIRST, "204", END_STREAM))], End::Serve, NOTHING),
        exchange("200 of nothing", vec![send(head(FIRST, "200", END_STREAM))], End::Serve, NOTHING),
        exchange(
            "404",
            vec![send(head(FIRST, "404", END_STREAM))],
            End::Serve,
            refused(&["NotFoundError"]),
        ),
        exchange(
            "302",
            vec![send(head(FIRST, "302", END_STREAM))],
            End::Serve,
            refused(&["APIError"]),
        ),
        exchange(
            "503",
            vec![send(head(FIRST, "503", END_STREAM))],
            End::Serve,
            failed(&["InternalServerError"]),
        ),
    ]);
    all
}
