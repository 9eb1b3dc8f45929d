//! Says what was probably signed when a signature does not match, by trying the usual mistakes. Only the
//! holder of the secret key can make a signature that fits one, so the hint reveals nothing.

use super::ReceivedRequest;
use super::canonical::{Signed, body_hash};
use super::signature_check::SignatureCheck;

/// What was probably done instead of what the scheme says.
pub(super) struct Guess {
    /// For a person to read.
    pub reason: String,
    /// What was signed, if the signature proves it.
    pub signed: Option<Signed>,
}

pub(super) fn guess(
    check: &SignatureCheck<'_>,
    received: &ReceivedRequest<'_>,
    signed: &[Signed],
) -> Guess {
    let found = signed.first().and_then(|signed| mistake(check, received, signed));
    let (hint, signed) = match found {
        Some((hint, signed)) => (hint, Some(signed)),
        None if check.is_well_formed() => (
            "check the secret key, and that the signed path, query and body are the bytes that were sent",
            None,
        ),
        None => (
            "it is not written as the scheme wants it (a SHA-256 is 64 lower-case hex characters)",
            None,
        ),
    };
    Guess { reason: format!("signature does not match: {hint}"), signed }
}

fn mistake(
    check: &SignatureCheck<'_>,
    received: &ReceivedRequest<'_>,
    signed: &Signed,
) -> Option<(&'static str, Signed)> {
    let with_body = |body: &[u8]| Signed { body: body_hash(body), ..signed.clone() };
    let with_query = |query: &str| Signed { query: query.to_owned(), ..signed.clone() };
    let raw_body = String::from_utf8_lossy(received.body).into_owned();
    let mut with_line_break = received.body.to_vec();
    with_line_break.push(b'\n');

    let mistakes = [
        ("it was made without the query", with_query("")),
        (
            "it was made without the question mark of the query",
            with_query(signed.query.trim_start_matches('?')),
        ),
        (
            "it was made over the body itself instead of its SHA-256",
            Signed { body: raw_body, ..signed.clone() },
        ),
        (
            "it was made with nothing for the body's SHA-256",
            Signed { body: String::new(), ..signed.clone() },
        ),
        ("it was made with the SHA-256 of an empty body", with_body(b"")),
        (
            "it was made over the compact form of the JSON that was sent",
            with_body(&compact(received.body)),
        ),
        ("it was made over the body and a line break after it", with_body(&with_line_break)),
        (
            "it was made over the body without the line break at its end",
            with_body(received.body.trim_ascii_end()),
        ),
        (
            "it was made with the method in lower case",
            Signed { method: signed.method.to_lowercase(), ..signed.clone() },
        ),
    ];
    mistakes.into_iter().find(|(_, signed)| check.verify(&signed.canonical(check.scheme)))
}

/// The JSON without the white space between its tokens.
fn compact(json: &[u8]) -> Vec<u8> {
    let (mut in_text, mut escaped) = (false, false);
    let is_needed = |byte: &u8| {
        let needed = in_text || !byte.is_ascii_whitespace();
        in_text ^= *byte == b'"' && !escaped;
        escaped = in_text && *byte == b'\\' && !escaped;
        needed
    };
    json.iter().copied().filter(is_needed).collect()
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn white_space_goes_only_between_tokens() {
        let pretty = b"{\n  \"a b\": \"c \\\" d\\\\\" ,\t\"e\" : [ 1, 2 ]\n}\n";
        assert_eq!(compact(pretty), b"{\"a b\":\"c \\\" d\\\\\",\"e\":[1,2]}");
    }
}
