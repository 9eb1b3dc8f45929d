//! HTTP/1.1: lengths and chunks that are wrong.

use crate::exchange::{
    Act, BROKEN, End, LATE, NOTHING, ODD, OWN, Scenario, TOKEN, drip, endless, honest, send,
};
use crate::heads::{OK, exchange};

/// All of them.
pub fn exchanges() -> Vec<Scenario> {
    [lengths(), codings(), chunks()].concat()
}

fn lengths() -> Vec<Scenario> {
    let body = honest(TOKEN);
    let whole = body.len();
    let with = |length: &str| vec![send(format!("{OK}content-length: {length}\r\n\r\n{body}"))];
    let twice = |second: usize| {
        vec![send(format!("{OK}content-length: {whole}\r\ncontent-length: {second}\r\n\r\n{body}"))]
    };
    let wrong = [
        format!("+{whole}"),
        format!("-{whole}"),
        format!("0x{whole:x}"),
        format!("{whole} {whole}"),
        String::new(),
        "1e2".to_owned(),
        "18446744073709551616".to_owned(),
    ];
    let named = |length: &String| {
        exchange(format!("content-length: {length:?}"), with(length), End::Hold, BROKEN)
    };
    let mut all: Vec<_> = wrong.iter().map(named).collect();
    let most = i64::MAX.to_string();
    let chunked = format!("transfer-encoding: chunked\r\n\r\n{whole:x}\r\n{body}\r\n0\r\n\r\n");
    all.extend([
        exchange("two lengths that agree", twice(whole), End::Serve, OWN),
        exchange("two lengths that do not agree", twice(whole - 1), End::Hold, BROKEN),
        exchange(
            "a length given twice in one line",
            with(&format!("{whole}, {whole}")),
            End::Serve,
            OWN,
        ),
        exchange("a length that is too short", with(&(whole - 1).to_string()), End::Hold, ODD),
        exchange("a length of 0 before a body", with("0"), End::Hold, NOTHING),
        exchange(
            "a length that is too long, and an end",
            with(&(whole + 10).to_string()),
            End::Close,
            BROKEN,
        ),
        exchange(
            "a length that is too long, and silence",
            with(&(whole + 10).to_string()),
            End::Hold,
            LATE,
        ),
        exchange("the longest length there is, and an end", with(&most), End::Close, BROKEN),
        exchange("the longest length there is, and silence", with(&most), End::Hold, LATE),
        exchange(
            "a length beside chunks",
            vec![send(format!("{OK}content-length: 5\r\n{chunked}"))],
            End::Serve,
            OWN,
        ),
        exchange("no length, and an end", vec![send(format!("{OK}\r\n{body}"))], End::Close, OWN),
        exchange("no length, and silence", vec![send(format!("{OK}\r\n{body}"))], End::Hold, LATE),
    ]);
    all
}

/// A response in chunks under this `transfer-encoding`.
fn coded(coding: &str, chunks: &str) -> Vec<Act> {
    vec![send(format!("{OK}transfer-encoding: {coding}\r\n\r\n{chunks}"))]
}

/// An honest body as one chunk.
pub fn one_chunk() -> String {
    let body = honest(TOKEN);
    format!("{:x}\r\n{body}\r\n", body.len())
}

fn codings() -> Vec<Scenario> {
    let whole = format!("{}0\r\n\r\n", one_chunk());
    [
        ("chunked", OWN, End::Serve),
        ("Chunked", OWN, End::Serve),
        ("chunked, chunked", OWN, End::Serve),
        ("xchunked", ODD, End::Close),
        ("chunked, identity", ODD, End::Close),
        ("identity", ODD, End::Close),
        ("gzip, chunked", OWN, End::Serve),
        ("\tchunked", OWN, End::Serve),
        ("chunked;q=1", ODD, End::Close),
        ("", ODD, End::Close),
    ]
    .into_iter()
    .map(|(coding, outcomes, end)| {
        exchange(format!("transfer-encoding: {coding:?}"), coded(coding, &whole), end, outcomes)
    })
    .collect()
}

fn chunks() -> Vec<Scenario> {
    let body = honest(TOKEN);
    let size = format!("{:x}", body.len());
    let chunked = |name: &str, chunks: String, end, outcomes| {
        exchange(format!("chunks: {name}"), coded("chunked", &chunks), end, outcomes)
    };
    let before = |act| vec![send(format!("{OK}transfer-encoding: chunked\r\n\r\n")), act];
    let tiny = pieces(&body)
        .iter()
        .map(|piece| format!("{:x}\r\n{piece}\r\n", piece.len()))
        .collect::<Vec<_>>()
        .concat();
    let last = "0\r\n\r\n";
    let mut all: Vec<_> = ["-1", "0x24", "fffffffffffffffff", "zz", "", "2 4"]
        .into_iter()
        .map(|size| {
            chunked(
                &format!("a size of {size:?}"),
                format!("{size}\r\n{body}\r\n{last}"),
                End::Hold,
                BROKEN,
            )
        })
        .collect();
    all.extend([
        chunked("a space after the size", format!("{size} \r\n{body}\r\n{last}"), End::Serve, OWN),
        chunked(
            "zeros before the size",
            format!("0000{size}\r\n{body}\r\n{last}"),
            End::Serve,
            OWN,
        ),
        chunked("an extension", format!("{size};a=b\r\n{body}\r\n{last}"), End::Serve, OWN),
        chunked(
            "an extension of 70 kB",
            format!("{size};{}\r\n{body}\r\n{last}", "x".repeat(70_000)),
            End::Hold,
            BROKEN,
        ),
        chunked("no line's end behind", format!("{size}\r\n{body}{last}"), End::Hold, BROKEN),
        chunked("a size that is too small", format!("5\r\n{body}\r\n{last}"), End::Hold, BROKEN),
        chunked(
            "a size that is too large, and an end",
            format!("ffff\r\n{body}\r\n{last}"),
            End::Close,
            BROKEN,
        ),
        chunked(
            "a size that is too large, and silence",
            format!("ffff\r\n{body}\r\n{last}"),
            End::Hold,
            LATE,
        ),
        chunked("no last one, and an end", format!("{size}\r\n{body}\r\n"), End::Close, BROKEN),
        chunked("no last one, and silence", format!("{size}\r\n{body}\r\n"), End::Hold, LATE),
        chunked(
            "no last line, and an end",
            format!("{size}\r\n{body}\r\n0\r\n"),
            End::Close,
            BROKEN,
        ),
        chunked("trailers", format!("{size}\r\n{body}\r\n0\r\nx: y\r\n\r\n"), End::Serve, OWN),
        chunked(
            "a trailer that is a status",
            format!("{size}\r\n{body}\r\n0\r\nHTTP/1.1 200 OK\r\n\r\n"),
            End::Hold,
            BROKEN,
        ),
        chunked("of one byte", format!("{tiny}{last}"), End::Serve, OWN),
        exchange(
            "chunks without end",
            before(endless(format!("400\r\n{}\r\n", " ".repeat(1024)))),
            End::Close,
            ODD,
        ),
        exchange("chunks that drip", before(drip("1\r\n \r\n")), End::Close, LATE),
        exchange(
            "an extension without end",
            before(endless("1;xxxxxxxxxxxxxxx")),
            End::Close,
            BROKEN,
        ),
        exchange(
            "trailers without end",
            vec![
                send(format!("{OK}transfer-encoding: chunked\r\n\r\n{size}\r\n{body}\r\n0\r\n")),
                endless("x: y\r\n"),
            ],
            End::Close,
            BROKEN,
        ),
    ]);
    all
}

/// A body in pieces as small as can be; what is replaced in it stays whole.
pub fn pieces(body: &str) -> Vec<&str> {
    let (mut pieces, mut rest) = (Vec::new(), body);
    while !rest.is_empty() {
        let length = if rest.starts_with(TOKEN) { TOKEN.len() } else { 1 };
        let (piece, behind) = rest.split_at(length);
        pieces.push(piece);
        rest = behind;
    }
    pieces
}
