//! HTTP/2: bodies and other frames that are wrong, floods, and connections that end.

use crate::exchange::{
    BROKEN, End, FOREIGN, LATE, ODD, OWN, Outcomes, Scenario, TOKEN, drip_for, endless, honest,
    send, times, wait,
};
use crate::frames::{
    ACK, END_HEADERS, END_STREAM, PADDED, frame, head, header, kind, response, settings,
    with_length,
};
use crate::lengths::pieces;
use crate::streams::{EARLY, FIRST, exchange, own, rst};

/// The flood is noticed, or the time runs out.
const FLOOD: Outcomes =
    Outcomes { read: &["APIConnectionError", "APITimeoutError"], money: &["OutcomeUnknownError"] };

/// All of them.
pub fn exchanges() -> Vec<Scenario> {
    [bodies(), frames(), floods(), ends()].concat()
}

fn bodies() -> Vec<Scenario> {
    let data = |flags: u8, bytes: &[u8]| frame(kind::DATA, flags, FIRST, bytes);
    let body = honest(TOKEN).into_bytes();
    let open = || head(FIRST, "200", 0);
    let trailers = frame(kind::HEADERS, END_HEADERS | END_STREAM, FIRST, &header(b"a", b"b"));
    let odd_trailers =
        frame(kind::HEADERS, END_HEADERS | END_STREAM, FIRST, &header(b":status", b"200"));
    let endless_trailers = frame(kind::HEADERS, END_HEADERS, FIRST, &header(b"a", b"b"));
    let bytewise = pieces(&honest(TOKEN))
        .iter()
        .map(|piece| data(0, piece.as_bytes()))
        .collect::<Vec<_>>()
        .concat();
    let padded = [&[200][..], &body, &[0; 200]].concat();
    let with = |frames: &[Vec<u8>]| vec![send([&[open()][..], frames].concat().concat())];
    vec![
        exchange(
            "a body before its head",
            vec![send(data(0, &body)), send(open())],
            End::Hold,
            BROKEN,
        ),
        exchange(
            "a body of one byte a frame",
            with(&[bytewise, data(END_STREAM, &[])]),
            End::Serve,
            OWN,
        ),
        exchange("a padded body", with(&[data(END_STREAM | PADDED, &padded)]), End::Serve, OWN),
        exchange(
            "more padding than there is",
            with(&[data(END_STREAM | PADDED, &[255, 1, 2])]),
            End::Hold,
            BROKEN,
        ),
        exchange(
            "a body of another stream",
            with(&[frame(kind::DATA, END_STREAM, 3, &body)]),
            End::Hold,
            BROKEN,
        ),
        exchange("a body of no stream", with(&[frame(kind::DATA, 0, 0, &body)]), End::Hold, BROKEN),
        exchange(
            "a body that goes on after its end",
            with(&[data(END_STREAM, &body), data(0, &body)]),
            End::Serve,
            OWN,
        ),
        exchange("a body that is cut", with(&[data(END_STREAM, b"{\"success\"")]), End::Serve, ODD),
        exchange("trailers", with(&[data(0, &body), trailers]), End::Serve, OWN),
        exchange("trailers with a status", with(&[data(0, &body), odd_trailers]), End::Serve, OWN),
        exchange(
            "trailers that are not the end",
            with(&[data(0, &body), endless_trailers]),
            End::Serve,
            BROKEN,
        ),
        exchange(
            "a frame that is too large",
            with(&[data(END_STREAM, &vec![b' '; 20_000])]),
            End::Hold,
            BROKEN,
        ),
        exchange(
            "a frame that breaks off",
            with(&[with_length(100, kind::DATA, 0, FIRST, b"half")]),
            End::Close,
            BROKEN,
        ),
        exchange(
            "a body of 2 MB",
            vec![send(open()), times(80, data(0, &[b' '; 16_000]))],
            End::Serve,
            ODD,
        ),
        exchange(
            "a body that drips",
            vec![send(open()), drip_for(20, data(0, b" "))],
            End::Serve,
            LATE,
        ),
        exchange(
            "frames of nothing without end",
            vec![send(open()), endless(data(0, &[]))],
            End::Close,
            FLOOD,
        ),
    ]
}

fn frames() -> Vec<Scenario> {
    let before = |name: &str, bytes: Vec<u8>, outcomes: Outcomes| {
        let end = if outcomes == OWN || name.contains("itself") { End::Serve } else { End::Hold };
        exchange(name, vec![send([bytes, own()].concat())], end, outcomes)
    };
    let promise = [&2_u32.to_be_bytes()[..], &header(b":path", b"/")].concat();
    let itself = [&FIRST.to_be_bytes()[..], &[16]].concat();
    vec![
        before("an unknown frame", frame(0xbe, 0xff, FIRST, b"odd"), OWN),
        before("an unknown frame of no stream", frame(0xbe, 0xff, 0, b"odd"), OWN),
        before("a ping", frame(kind::PING, 0, 0, &[7; 8]), OWN),
        before("a ping of 7 bytes", frame(kind::PING, 0, 0, &[7; 7]), BROKEN),
        before("a ping on a stream", frame(kind::PING, 0, FIRST, &[7; 8]), BROKEN),
        before("a response to no ping", frame(kind::PING, ACK, 0, &[7; 8]), OWN),
        before("settings in between", settings(&[(3, 100)]), OWN),
        before(
            "settings that are acknowledged and full",
            frame(kind::SETTINGS, ACK, 0, &[0; 6]),
            BROKEN,
        ),
        before("a window of nothing more", frame(kind::WINDOW_UPDATE, 0, 0, &[0; 4]), BROKEN),
        before(
            "a stream's window of nothing more",
            frame(kind::WINDOW_UPDATE, 0, FIRST, &[0; 4]),
            BROKEN,
        ),
        before(
            "a window that overflows",
            frame(kind::WINDOW_UPDATE, 0, 0, &[0x7f, 255, 255, 255]),
            BROKEN,
        ),
        before(
            "a window of an idle stream",
            frame(kind::WINDOW_UPDATE, 0, 101, &[0, 0, 0, 1]),
            BROKEN,
        ),
        before("a priority", frame(kind::PRIORITY, 0, FIRST, &[0, 0, 0, 3, 16]), OWN),
        before("a stream that depends on itself", frame(kind::PRIORITY, 0, FIRST, &itself), BROKEN),
        before(
            "a promise that was not allowed",
            frame(kind::PUSH_PROMISE, END_HEADERS, FIRST, &promise),
            BROKEN,
        ),
        before(
            "a continuation of nothing",
            frame(kind::CONTINUATION, END_HEADERS, FIRST, &header(b"a", b"b")),
            BROKEN,
        ),
        before("a response to what nobody asked", response(3, &honest(FOREIGN)), BROKEN),
        before("a response of a server's stream", response(2, &honest(FOREIGN)), BROKEN),
        before("a response of no stream", response(0, &honest(FOREIGN)), BROKEN),
        exchange(
            "another's response behind",
            vec![send(own()), wait(20), send(response(3, &honest(FOREIGN)))],
            End::Hold,
            OWN,
        ),
        exchange(
            "another frame within a head",
            vec![send(
                [
                    frame(kind::HEADERS, 0, FIRST, &header(b":status", b"200")),
                    frame(kind::PING, 0, 0, &[0; 8]),
                ]
                .concat(),
            )],
            End::Hold,
            BROKEN,
        ),
    ]
}

fn floods() -> Vec<Scenario> {
    let flood = |name: &str, first: Vec<u8>, again: Vec<u8>, outcomes| {
        exchange(
            format!("{name} without end"),
            vec![send(first), endless(again)],
            End::Close,
            outcomes,
        )
    };

    let block = [header(b":status", b"200"), header(b"a", b"b")].concat();
    vec![
        flood("pings", Vec::new(), frame(kind::PING, 0, 0, &[0; 8]), FLOOD),
        flood("settings", Vec::new(), settings(&[(3, 100)]), FLOOD),
        flood("unknown frames", Vec::new(), frame(0xbe, 0, 0, &[0; 100]), FLOOD),
        flood(
            "continuations",
            frame(kind::HEADERS, 0, FIRST, &block),
            frame(kind::CONTINUATION, 0, FIRST, &header(b"a", b"b")),
            FLOOD,
        ),
        flood(
            "empty continuations",
            frame(kind::HEADERS, 0, FIRST, &block),
            frame(kind::CONTINUATION, 0, FIRST, &[]),
            FLOOD,
        ),
        flood("heads of 103", Vec::new(), head(FIRST, "103", 0), FLOOD),
        flood("windows", Vec::new(), frame(kind::WINDOW_UPDATE, 0, FIRST, &[0, 0, 0, 1]), FLOOD),
        flood("priorities", Vec::new(), frame(kind::PRIORITY, 0, FIRST, &[0, 0, 0, 3, 16]), FLOOD),
        flood(
            "resets of a stream that was",
            own(),
            rst(FIRST, 0),
            Outcomes {
                read: &["own", "APIConnectionError"],
                money: &["own", "OutcomeUnknownError"],
            },
        ),
    ]
}

fn ends() -> Vec<Scenario> {
    let mut all = Vec::new();
    for (what, bytes) in [
        ("nothing", Vec::new()),
        ("half a frame", vec![0, 0, 100]),
        ("a head", head(FIRST, "200", 0)),
        (
            "half a body",
            [head(FIRST, "200", 0), frame(kind::DATA, 0, FIRST, b"{\"success\":")].concat(),
        ),
    ] {
        for (how, end) in [("an end", End::Close), ("a reset", End::Reset), ("silence", End::Hold)]
        {
            let outcomes = if end == End::Hold { LATE } else { BROKEN };
            all.push(exchange(
                format!("{what}, and {how}"),
                vec![send(bytes.clone())],
                end,
                outcomes,
            ));
        }
    }
    all.push(
        exchange("an end before anything was asked", Vec::new(), End::Close, EARLY)
            .greeting(vec![wait(1)]),
    );
    all
}
