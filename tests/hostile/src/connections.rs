//! HTTP/1.1: connections that end, and bytes that nobody asked for.

use crate::exchange::{
    Act, BROKEN, End, FOREIGN, LATE, NOTHING, ODD, OWN, Outcomes, Scenario, TOKEN, drip, endless,
    honest, refused, send, times, wait,
};
use crate::heads::{OK, exchange, under};
use crate::lengths::one_chunk;

/// All of them.
pub fn exchanges() -> Vec<Scenario> {
    [unasked(), ends()].concat()
}

/// A whole response with another's identifier.
pub fn foreign() -> String {
    let body = honest(FOREIGN);
    format!("{OK}content-length: {}\r\n\r\n{body}", body.len())
}

/// What nobody asked for must never be the response to what is asked next.
fn unasked() -> Vec<Scenario> {
    let own = || under(OK);
    let followed = |acts: Vec<Act>| [own(), acts].concat();
    let chunked = format!("transfer-encoding: chunked\r\n\r\n{}0\r\n\r\n", one_chunk());
    vec![
        exchange("a second response at once", followed(vec![send(foreign())]), End::Hold, OWN),
        exchange(
            "a second response a moment later",
            followed(vec![wait(30), send(foreign())]),
            End::Hold,
            OWN,
        ),
        exchange(
            "a second response in halves",
            followed(vec![send("HTTP/1.1 200"), wait(30), send(" OK\r\n\r\n")]),
            End::Hold,
            OWN,
        ),
        exchange("three responses", followed(vec![send(foreign().repeat(2))]), End::Hold, OWN),
        exchange(
            "a second response behind chunks",
            vec![send(format!("{OK}{chunked}{}", foreign()))],
            End::Hold,
            OWN,
        ),
        exchange("a line's end behind", followed(vec![send("\r\n")]), End::Serve, OWN),
        exchange("one byte behind", followed(vec![send("x")]), End::Hold, OWN),
        exchange(
            "a megabyte behind",
            followed(vec![times(1024, vec![b'x'; 1024])]),
            End::Hold,
            OWN,
        ),
        exchange(
            "a response behind a 204",
            vec![send(format!("HTTP/1.1 204 No Content\r\n\r\n{}", foreign()))],
            End::Hold,
            NOTHING,
        ),
        exchange(
            "a response behind a 304",
            vec![send(format!("HTTP/1.1 304 Not Modified\r\n\r\n{}", foreign()))],
            End::Hold,
            refused(&["APIError"]),
        ),
        exchange(
            "a 408 before anything was asked",
            own(),
            End::Hold,
            Outcomes {
                read: &["own", "APIError", "APIConnectionError"],
                money: &["own", "OutcomeUnknownError", "APIConnectionError"],
            },
        )
        .greeting(vec![send(
            "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        )]),
        exchange(
            "bytes before anything was asked",
            own(),
            End::Hold,
            Outcomes {
                read: &["own", "APIConnectionError"],
                money: &["own", "OutcomeUnknownError", "APIConnectionError"],
            },
        )
        .greeting(vec![send("220 mail.example.com ESMTP\r\n")]),
    ]
}

fn ends() -> Vec<Scenario> {
    let body = honest(TOKEN);
    let head = format!("{OK}content-length: {}\r\n\r\n", body.len());
    let half = body.get(..body.len() / 2).unwrap_or_default().to_owned();
    let told = format!("{OK}connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let mut all = Vec::new();
    for (what, bytes) in [
        ("nothing", String::new()),
        ("one byte", "H".to_owned()),
        ("half a status line", "HTTP/1.1 2".to_owned()),
        ("half a head", OK.to_owned()),
        ("a head", head.clone()),
        ("half a body", format!("{head}{half}")),
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
    all.extend([
        exchange(
            "a whole response, and a reset",
            under(OK),
            End::Reset,
            Outcomes {
                read: &["own", "APIConnectionError"],
                money: &["own", "OutcomeUnknownError"],
            },
        ),
        exchange("a response that says close and stays", vec![send(told)], End::Hold, OWN),
        exchange(
            "a body that drips",
            vec![send(format!("{OK}content-length: 1000\r\n\r\n")), drip(" ")],
            End::Close,
            LATE,
        ),
        exchange(
            "a body without end",
            vec![send(format!("{OK}\r\n")), endless([b' '; 1024])],
            End::Close,
            ODD,
        ),
        exchange(
            "a body that ends just in time",
            vec![send(head), wait(200), send(body)],
            End::Serve,
            OWN,
        ),
    ]);
    all
}
