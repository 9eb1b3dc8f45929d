//! HTTP/1.1: heads that are wrong, responses before the response, and every status.

use crate::connections::foreign;
use crate::exchange::{
    Act, BROKEN, End, LATE, NOTHING, ODD, OWN, Outcomes, Protocol, Scenario, TOKEN, drip, endless,
    failed, honest, refused, send,
};

/// Begins a head.
pub const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

/// The flood is noticed, or the time runs out.
const FLOOD: Outcomes =
    Outcomes { read: &["APIConnectionError", "APITimeoutError"], money: &["OutcomeUnknownError"] };

/// All of them.
pub fn exchanges() -> Vec<Scenario> {
    [status_lines(), headers(), interim(), statuses()].concat()
}

/// An exchange of HTTP/1.1.
pub fn exchange(name: impl Into<String>, acts: Vec<Act>, end: End, outcomes: Outcomes) -> Scenario {
    Scenario::new(Protocol::Http1, name, acts, end, outcomes)
}

/// An honest response under a head of its own making; `head` ends with a line's end.
pub fn under(head: &str) -> Vec<Act> {
    let body = honest(TOKEN);
    vec![send(format!("{head}content-length: {}\r\n\r\n{body}", body.len()))]
}

fn status_lines() -> Vec<Scenario> {
    let lines: [(&str, Outcomes, End); 17] = [
        ("HTTP/1.1 200", OWN, End::Serve),
        ("HTTP/1.1 200 ", OWN, End::Serve),
        ("HTTP/1.1 200 K\u{f6}nnte sein", OWN, End::Serve),
        ("HTTP/1.0 200 OK", OWN, End::Close),
        ("\r\n\r\nHTTP/1.1 200 OK", OWN, End::Serve),
        ("HTTP/1.1  200 OK", BROKEN, End::Hold),
        ("HTTP/1.1\t200 OK", BROKEN, End::Hold),
        ("HTTP/1.1 20 OK", BROKEN, End::Hold),
        ("HTTP/1.1 2000 OK", BROKEN, End::Hold),
        ("HTTP/1.1 099 OK", BROKEN, End::Hold),
        ("HTTP/1.1 -20 OK", BROKEN, End::Hold),
        ("HTTP/1.1 2OO OK", BROKEN, End::Hold),
        ("HTTP/2.0 200 OK", BROKEN, End::Hold),
        ("http/1.1 200 OK", BROKEN, End::Hold),
        ("ICY 200 OK", BROKEN, End::Hold),
        ("SSH-2.0-OpenSSH_9.6", BROKEN, End::Hold),
        ("{\"success\":true}", BROKEN, End::Hold),
    ];
    let named = |(line, outcomes, end): (&str, Outcomes, End)| {
        exchange(format!("status line {line:?}"), under(&format!("{line}\r\n")), end, outcomes)
    };
    lines.into_iter().map(named).collect()
}

fn headers() -> Vec<Scenario> {
    let mut all: Vec<_> = [
        ("without a colon", "no colon here", BROKEN),
        ("without a name", ": value", BROKEN),
        ("with a space in its name", "na me: value", BROKEN),
        ("with a space before its colon", "name : value", BROKEN),
        ("with a byte of zero", "name: a\0b", BROKEN),
        ("with a control character", "name: a\u{1}b", BROKEN),
        ("with a lone carriage return", "name: a\rb", BROKEN),
        ("that is folded", "name: a\r\n b", BROKEN),
        ("with a name that is no ASCII", "n\u{e4}me: value", BROKEN),
    ]
    .into_iter()
    .map(|(name, line, outcomes)| {
        exchange(format!("a header {name}"), under(&format!("{OK}{line}\r\n")), End::Hold, outcomes)
    })
    .collect();
    let long = "x".repeat(70_000);
    let many =
        |count: usize| (0..count).map(|n| format!("x-{n}: {n}\r\n")).collect::<Vec<_>>().concat();
    let lines_of_their_own = under(OK);
    let Some(Act::Send(bytes)) = lines_of_their_own.first() else { return all };
    let bare: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != b'\r').collect();
    all.extend([
        exchange("a header of 70 kB", under(&format!("{OK}x: {long}\r\n")), End::Serve, OWN),
        exchange("90 headers", under(&format!("{OK}{}", many(90))), End::Serve, OWN),
        exchange("5000 headers", under(&format!("{OK}{}", many(5000))), End::Hold, BROKEN),
        exchange("headers without end", vec![send(OK), endless("x: y\r\n")], End::Close, BROKEN),
        exchange(
            "one header without end",
            vec![send(format!("{OK}x: ")), endless("yyyyyyyyyyyyyyyy")],
            End::Close,
            BROKEN,
        ),
        exchange("lines that end in a line feed alone", vec![send(bare)], End::Serve, OWN),
        exchange("a head that drips", vec![send(OK), drip("x: y\r\n")], End::Close, LATE),
        exchange(
            "a status line that drips",
            vec![send("HTTP/1.1 200 "), drip("O")],
            End::Close,
            LATE,
        ),
    ]);
    all
}

fn interim() -> Vec<Scenario> {
    let before = |interim: &str| {
        let mut acts = vec![send(interim)];
        acts.extend(under(OK));
        acts
    };
    let hint = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    let with_a_body = format!("HTTP/1.1 100 Continue\r\n\r\n{}", foreign());
    vec![
        exchange("a 100 before", before("HTTP/1.1 100 Continue\r\n\r\n"), End::Serve, OWN),
        exchange("a 103 before", before(hint), End::Serve, OWN),
        exchange("a 199 before", before("HTTP/1.1 199 Odd\r\n\r\n"), End::Serve, OWN),
        exchange("20 times 103 before", before(&hint.repeat(20)), End::Serve, OWN),
        exchange("103 without end", vec![endless(hint)], End::Close, FLOOD),
        exchange("103 that drip", vec![drip(hint)], End::Close, LATE),
        exchange(
            "a 100, and silence",
            vec![send("HTTP/1.1 100 Continue\r\n\r\n")],
            End::Hold,
            LATE,
        ),
        exchange(
            "a switch to what nobody asked for",
            before(
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: odd\r\nconnection: upgrade\r\n\r\n",
            ),
            End::Hold,
            failed(&["APIError"]),
        ),
        exchange(
            "control: the suite sees another's response",
            vec![send(with_a_body)],
            End::Serve,
            Outcomes { read: &["foreign"], money: &["foreign"] },
        ),
    ]
}

fn statuses() -> Vec<Scenario> {
    let with = |status: u16, headers: &str, body: &str| {
        vec![send(format!(
            "HTTP/1.1 {status} Status\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len()
        ))]
    };
    let page = "<html><body>No</body></html>";
    let mut all = vec![
        exchange("204", vec![send("HTTP/1.1 204 No Content\r\n\r\n")], End::Serve, NOTHING),
        exchange("205", with(205, "", ""), End::Serve, NOTHING),
        exchange(
            "206 of a part",
            with(206, "content-range: bytes 0-9/100\r\n", "{\"success\""),
            End::Serve,
            ODD,
        ),
        exchange("200 of nothing", with(200, "", ""), End::Serve, NOTHING),
        exchange(
            "304",
            vec![send("HTTP/1.1 304 Not Modified\r\n\r\n")],
            End::Serve,
            refused(&["APIError"]),
        ),
        exchange(
            "407",
            with(407, "proxy-authenticate: Basic\r\n", ""),
            End::Serve,
            refused(&["APIError"]),
        ),
        exchange(
            "429",
            with(429, "retry-after: 100000\r\n", "{}"),
            End::Serve,
            refused(&["RateLimitError"]),
        ),
        exchange("408", with(408, "", ""), End::Serve, failed(&["APIError"])),
    ];
    for status in [301, 302, 303, 307, 308] {
        let headers = "location: http://127.0.0.1:1/\r\n";
        all.push(exchange(
            format!("{status}"),
            with(status, headers, ""),
            End::Serve,
            refused(&["APIError"]),
        ));
    }
    for (status, class) in [
        (400, &["BadRequestError"]),
        (401, &["AuthenticationError"]),
        (403, &["PermissionDeniedError"]),
        (404, &["NotFoundError"]),
        (409, &["ConflictError"]),
        (422, &["UnprocessableEntityError"]),
        (418, &["APIError"]),
    ] {
        all.push(exchange(
            format!("{status} with a page"),
            with(status, "", page),
            End::Serve,
            refused(class),
        ));
    }
    for status in [500, 501, 502, 503, 504, 511, 599, 600, 999] {
        let class: &[&str] = if status < 600 {
            &["InternalServerError"]
        } else {
            &["APIError", "InternalServerError"]
        };
        all.push(exchange(
            format!("{status} with a page"),
            with(status, "", page),
            End::Serve,
            failed(class),
        ));
    }
    all
}
