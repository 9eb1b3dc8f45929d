//! HTTP/1.1: bodies that are no JSON, too much of it, or not what they are said to be.

use crate::exchange::{
    Act, BROKEN, End, NOTHING, ODD, OWN, Outcomes, Protocol, Scenario, TOKEN, honest, refused, send,
};

/// All of them.
pub fn exchanges() -> Vec<Scenario> {
    [texts(), encodings()].concat()
}

fn exchange(name: impl Into<String>, acts: Vec<Act>, end: End, outcomes: Outcomes) -> Scenario {
    Scenario::new(Protocol::Http1, name, acts, end, outcomes)
}

fn body(bytes: impl Into<Vec<u8>>) -> Vec<Act> {
    let bytes = bytes.into();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        bytes.len()
    );
    vec![send([head.into_bytes(), bytes].concat())]
}

/// A record beside which there is something else.
fn beside(fields: &str) -> String {
    honest(TOKEN).replace("{\"user_id\"", &format!("{{{fields},\"user_id\""))
}

fn texts() -> Vec<Scenario> {
    let own = honest(TOKEN);
    let fields = (0..20_000).map(|n| format!("\"unknown_{n}\":{n}")).collect::<Vec<_>>().join(",");
    let utf16 = own.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let deep = |depth: usize| format!("\"deep\":{}{}", "[".repeat(depth), "]".repeat(depth));
    let says_no = own.replace("\"success\":true", "\"success\":false");
    let mut all: Vec<_> = [
        ("behind a byte order mark", format!("\u{feff}{own}").into_bytes(), OWN),
        (
            "behind 100 kB of white space",
            format!("{}{own}", " \r\n\t".repeat(25_000)).into_bytes(),
            OWN,
        ),
        ("with 20,000 unknown fields", beside(&fields).into_bytes(), OWN),
        ("100 deep", beside(&deep(100)).into_bytes(), OWN),
        ("100,000 deep", beside(&deep(100_000)).into_bytes(), ODD),
        ("100,000 deep and open", format!("{{\"a\":{}", "[".repeat(100_000)).into_bytes(), ODD),
        (
            "with a number of 100,000 digits",
            beside(&format!("\"n\":{}", "9".repeat(100_000))).into_bytes(),
            OWN,
        ),
        ("with 1e400", beside("\"n\":1e400,\"m\":-1e-400").into_bytes(), OWN),
        (
            "with lone surrogates",
            beside("\"n\":\"\\ud83d\",\"m\":\"\\udc00\\ud83d\"").into_bytes(),
            OWN,
        ),
        ("with a field that comes twice", beside("\"user_id\":\"other\"").into_bytes(), OWN),
        ("with an escaped zero", beside("\"n\":\"\\u0000\"").into_bytes(), OWN),
        (
            "with __proto__",
            beside("\"__proto__\":{\"user_id\":\"x\"},\"constructor\":1").into_bytes(),
            OWN,
        ),
        ("with a zero within", beside("\"n\":\"\0\"").into_bytes(), ODD),
        ("that is no UTF-8", [own.as_bytes(), b"\xff"].concat(), ODD),
        ("in UTF-16", utf16, ODD),
        ("that is cut", own.as_bytes().get(..own.len() - 1).unwrap_or_default().to_vec(), ODD),
        ("twice", own.repeat(2).into_bytes(), ODD),
        ("with something behind", format!("{own}x").into_bytes(), ODD),
        ("with a comma too many", own.replace("}}", "},}").into_bytes(), ODD),
        ("with NaN", beside("\"n\":NaN").into_bytes(), ODD),
        ("in single quotes", own.replace('"', "'").into_bytes(), ODD),
        ("with a comment", beside("/* no */\"n\":1").into_bytes(), ODD),
        ("of zeros", vec![0; 1000], ODD),
        ("of 2 MB", vec![b' '; 2 << 20], ODD),
        ("that is a page", b"<html><body>Hello</body></html>".to_vec(), ODD),
        ("that is a text", b"OK".to_vec(), ODD),
        ("that is true", b"true".to_vec(), ODD),
        ("that is a list", b"[]".to_vec(), ODD),
        ("that is null", b"null".to_vec(), ODD),
        ("without data", b"{\"success\":true}".to_vec(), NOTHING),
        ("with data of null", b"{\"success\":true,\"data\":null}".to_vec(), NOTHING),
        ("with data of another kind", b"{\"success\":true,\"data\":7}".to_vec(), ODD),
        ("with a list for data", b"{\"success\":true,\"data\":[]}".to_vec(), ODD),
        ("of white space", b" \n".to_vec(), NOTHING),
        ("that says no", says_no.into_bytes(), refused(&["APIError"])),
    ]
    .into_iter()
    .map(|(name, bytes, outcomes)| {
        exchange(format!("a body {name}"), body(bytes), End::Serve, outcomes)
    })
    .collect();
    // A response that is too large is not read to its end.
    for too_large in all.iter_mut().filter(|exchange| exchange.name.ends_with("2 MB")) {
        too_large.end = End::Hold;
    }
    all
}

fn encodings() -> Vec<Scenario> {
    let gzip = |encoding: &str, text: &str, times: usize, keep: f64| {
        vec![Act::Gzip {
            head: format!(
                "HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\nconnection: close\r\n\r\n"
            ),
            text: text.to_owned(),
            times,
            keep,
        }]
    };
    let own = honest(TOKEN);
    let raw = |encoding: &str| {
        vec![send(format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: {}\r\n\r\n{own}",
            own.len()
        ))]
    };
    let padded = format!("{}{own}", " ".repeat(16 << 20));
    let mut all: Vec<_> = [
        ("gzip", &own, 1, 1.0, OWN),
        ("x-gzip", &own, 1, 1.0, OWN),
        ("GZIP", &own, 1, 1.0, OWN),
        ("gzip, identity", &own, 1, 1.0, OWN),
        ("gzip, gzip", &own, 2, 1.0, ODD),
        ("gzip", &own, 2, 1.0, ODD),
        ("gzip", &own, 1, 0.9, BROKEN),
        ("gzip", &own, 1, 0.5, BROKEN),
        ("gzip", &own, 1, 0.05, BROKEN),
        // A megabyte is read at most, of the 16 here.
        ("gzip", &padded, 1, 1.0, ODD),
    ]
    .into_iter()
    .map(|(encoding, text, times, keep, outcomes)| {
        let name = format!("{encoding}: {} bytes packed {times} times, {keep} of it", text.len());
        exchange(name, gzip(encoding, text, times, keep), End::Close, outcomes)
    })
    .collect();
    for (encoding, outcomes) in [
        ("gzip", BROKEN),
        ("br", ODD),
        ("deflate", ODD),
        ("zstd", ODD),
        ("compress", ODD),
        ("gzip, br", ODD),
        ("\u{fc}", ODD),
        ("identity", OWN),
        ("", OWN),
    ] {
        all.push(exchange(
            format!("{encoding:?} that is not packed"),
            raw(encoding),
            End::Serve,
            outcomes,
        ));
    }
    let nothing = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n";
    all.push(exchange("gzip of nothing", vec![send(nothing)], End::Serve, NOTHING));
    all
}
