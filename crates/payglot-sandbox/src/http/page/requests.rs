//! The requests page: the last requests, each with the details of its signature check.

use serde_json::{Value, json};

use super::time;
use crate::app::App;
use crate::app::log::Entry;
use crate::model::HOSTED_PREFIX;

/// How many requests are shown.
const MOST: usize = 100;

/// Newest first.
pub(super) fn view(app: &App, only_failed: bool) -> Value {
    let entries = app.log.entries();
    let matching = entries.iter().rev().filter(|entry| !only_failed || has_failed(entry));
    let shown: Vec<_> = matching.take(MOST).map(request).collect();
    json!({ "requests": shown, "only_failed": only_failed })
}

fn has_failed(entry: &Entry) -> bool {
    entry.status.is_some_and(|status| status >= 400)
}

fn request(entry: &Entry) -> Value {
    let (expected, received) = entry.auth.canonical();
    let difference = expected.zip(received).map(|(expected, received)| {
        let (begin, expected, received, end) = split(expected, received);
        json!({ "begin": begin, "expected": expected, "received": received, "end": end })
    });
    json!({
        "id": entry.id,
        "time": time(entry.at),
        "method": entry.method,
        "path": entry.path,
        "what": match (entry.provider, entry.operation) {
            (Some(provider), Some(operation)) => format!("{provider}/{operation}"),
            _ if entry.path.starts_with(HOSTED_PREFIX) => "a hosted page".to_owned(),
            _ => "no operation".to_owned(),
        },
        "status": entry.status,
        "good": !has_failed(entry),
        "auth": entry.auth.result(),
        "reason": entry.auth.reason(),
        "canonical": expected,
        "difference": difference,
        "signature": entry.auth.signature(),
        "fault": entry.fault,
        "milliseconds": entry.duration_us.map(|us| format!("{}.{}", us / 1000, us / 100 % 10)),
    })
}

/// The common start of two texts, the part that differs in each, and their common end.
fn split<'a>(one: &'a str, other: &'a str) -> (&'a str, &'a str, &'a str, &'a str) {
    let alike = |pair: &(char, char)| pair.0 == pair.1;
    let length = |pair: (char, char)| pair.0.len_utf8();
    let begin: usize = one.chars().zip(other.chars()).take_while(alike).map(length).sum();
    let (same, one) = one.split_at_checked(begin).unwrap_or(("", one));
    let other = other.get(begin..).unwrap_or_default();
    let end: usize = one.chars().rev().zip(other.chars().rev()).take_while(alike).map(length).sum();
    let (one, tail) = one.split_at_checked(one.len() - end).unwrap_or((one, ""));
    (same, one, other.get(..other.len() - end).unwrap_or_default(), tail)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn texts_are_split_where_they_part_and_meet() {
        assert_eq!(split("GET/a?b=1ff", "GET/aff"), ("GET/a", "?b=1", "", "ff"));
        assert_eq!(split("GET/ä1", "GET/ä2"), ("GET/ä", "1", "2", ""));
        assert_eq!(split("GET", "GET/a"), ("GET", "", "/a", ""));
        assert_eq!(split("aa", "a"), ("a", "a", "", ""));
        assert_eq!(split("", ""), ("", "", "", ""));
        assert_eq!(split("same", "same"), ("same", "", "", ""));
    }
}
