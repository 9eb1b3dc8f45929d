//! The requests page: the last requests, one line each, why some were refused, and how to make them again.

use serde_json::{Value, json};

use super::{Asked, code, time};
use crate::app::App;
use crate::app::log::Entry;
use crate::model::HOSTED_PREFIX;

/// How many requests are shown.
const MOST: usize = 100;
/// Longest path on one line, in characters.
const LONGEST_PATH: usize = 44;

/// Newest first, alone or in groups by operation.
pub(super) fn view(app: &App, asked: &Asked) -> Value {
    let entries = app.log.entries();
    let only_failed = asked.only == "failed";
    let text = asked.q.to_lowercase();
    let newest = entries.iter().rev();
    let matching = newest.filter(|entry| (!only_failed || has_failed(entry)) && fits(entry, &text));
    let shown: Vec<_> = matching.take(MOST).collect();
    let is_grouped = asked.by == "operation";
    let mut groups: Vec<(String, Vec<&Entry>)> = Vec::new();
    for entry in &shown {
        let name = if is_grouped { operation(entry) } else { String::new() };
        match groups.iter_mut().find(|(other, _)| *other == name) {
            Some((_, members)) => members.push(entry),
            None => groups.push((name, vec![entry])),
        }
    }
    let groups = groups.into_iter().map(|(name, members)| {
        json!({
            "name": name,
            "key": name.replace(|c: char| !c.is_ascii_alphanumeric(), "-"),
            "failed": members.iter().filter(|entry| has_failed(entry)).count(),
            "requests": members.into_iter().map(request).collect::<Vec<_>>(),
        })
    });
    json!({
        "groups": groups.collect::<Vec<_>>(),
        "is_grouped": is_grouped,
        "only_failed": only_failed,
        "q": asked.q,
        "is_first_visit": entries.is_empty(),
    })
}

fn has_failed(entry: &Entry) -> bool {
    entry.status.is_some_and(|status| status >= 400)
}

/// Whether each word stands somewhere in what the line shows.
fn fits(entry: &Entry, text: &str) -> bool {
    let line = format!(
        "{} {} {} {} {} {} {}",
        entry.request_id(),
        entry.method,
        entry.path,
        operation(entry),
        entry.status.map(|status| status.to_string()).unwrap_or_default(),
        entry.caller,
        reason(entry).unwrap_or_default(),
    );
    let line = line.to_lowercase();
    text.split_whitespace().all(|word| line.contains(word))
}

fn operation(entry: &Entry) -> String {
    match (entry.provider, entry.operation) {
        (Some(provider), Some(operation)) => format!("{provider}/{operation}"),
        _ if entry.path.starts_with(HOSTED_PREFIX) => "a hosted page".to_owned(),
        _ => "no operation".to_owned(),
    }
}

fn reason(entry: &Entry) -> Option<&str> {
    let reason = entry.auth.reason().or(entry.reason.as_deref());
    let has_no_operation = entry.status == Some(404) && entry.operation.is_none();
    reason.map(|reason| if has_no_operation { "no operation has this path" } else { reason })
}

fn request(entry: &Entry) -> Value {
    let (expected, received) = entry.auth.canonical();
    let difference = expected.zip(received).map(|(expected, received)| {
        let (begin, expected, received, end) = split(expected, received);
        json!({ "begin": begin, "expected": expected, "received": received, "end": end })
    });
    let at = time(entry.at);
    let name = operation(entry);
    let caller = short_caller(&entry.caller);
    let (product, version) = caller.split_at(caller.find('/').unwrap_or(caller.len()));
    json!({
        "id": entry.id,
        "time": at,
        "clock": at.split_once(' ').map_or("", |(_, clock)| clock),
        "method": entry.method,
        "path": entry.path,
        "short_path": shortened(&entry.path, LONGEST_PATH),
        "what": name,
        "short_what": name.split_once('/').map_or(name.as_str(), |(_, operation)| operation),
        "request_id": entry.request_id(),
        "caller": entry.caller,
        "product": product,
        "version": version,
        "status": entry.status,
        "good": !has_failed(entry),
        "auth": entry.auth.result(),
        "reason": reason(entry),
        "canonical": expected,
        "difference": difference,
        "signature": entry.auth.signature(),
        "fault": entry.fault,
        "milliseconds": entry.duration_us.map(|us| format!("{}.{}", us / 1000, us / 100 % 10)),
        "samples": code::samples(entry),
    })
}

/// The text with a sign for its middle where it is too long.
fn shortened(text: &str, longest: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= longest {
        return text.to_owned();
    }
    let tail = longest / 2;
    let head = longest.saturating_sub(tail + 1);
    let begin: String = letters.iter().take(head).collect();
    let end: String = letters.iter().skip(letters.len() - tail).collect();
    format!("{begin}…{end}")
}

/// The first product of a user agent, without what browsers claim to be.
fn short_caller(agent: &str) -> String {
    let product = agent.split_whitespace().next().unwrap_or_default();
    let name = if product.starts_with("Mozilla/") { "a browser" } else { product };
    shortened(name, 24)
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
    use super::{short_caller, shortened, split};

    #[test]
    fn texts_are_split_where_they_part_and_meet() {
        assert_eq!(split("GET/a?b=1ff", "GET/aff"), ("GET/a", "?b=1", "", "ff"));
        assert_eq!(split("GET/ä1", "GET/ä2"), ("GET/ä", "1", "2", ""));
        assert_eq!(split("GET", "GET/a"), ("GET", "", "/a", ""));
        assert_eq!(split("aa", "a"), ("a", "a", "", ""));
        assert_eq!(split("", ""), ("", "", "", ""));
        assert_eq!(split("same", "same"), ("same", "", "", ""));
    }

    #[test]
    fn issue_15_11_a_long_path_loses_its_middle() {
        assert_eq!(shortened("/api/users", 10), "/api/users");
        assert_eq!(shortened("/api/users/list", 9), "/api…list");
        assert_eq!(short_caller("payglot-python/0.1.0 CPython/3.12"), "payglot-python/0.1.0");
        assert_eq!(short_caller("Mozilla/5.0 (X11)"), "a browser");
        assert_eq!(short_caller(""), "");
    }
}
