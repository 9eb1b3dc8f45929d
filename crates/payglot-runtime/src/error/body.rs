//! What an error body says, read leniently: no vendor publishes a format.

use std::sync::Arc;

use crate::json::{Document, Kind, RawJson};

/// Longest piece of the vendor's words in a message, in characters.
const WORDS: usize = 200;
/// Most digits of a number that a message repeats: a date has eight.
const LONGEST_NUMBER: usize = 8;

/// The fields of an error body that are worth telling.
#[derive(Default)]
pub(crate) struct ErrorBody {
    pub message: Option<String>,
    pub code: Option<String>,
    pub detail: Option<String>,
}

impl ErrorBody {
    pub fn read(body: &Arc<Document>) -> Self {
        let Some(raw) = RawJson::root(body) else { return Self::default() };
        let text = |name: &str| {
            let value = raw.get(name)?;
            (value.kind() == Kind::Text).then(|| value.as_text())?.filter(|text| !text.is_empty())
        };
        let detail = raw.get("detail").filter(|detail| !detail.is_null());
        let message = ["message", "detail", "error"]
            .iter()
            .find_map(|name| text(name))
            .map(|text| shorten(&text));
        Self {
            message: message.or_else(|| detail.and_then(fields)),
            code: ["code", "error_code"]
                .iter()
                .find_map(|name| raw.get(name)?.as_text())
                .map(|code| shorten(&code)),
            detail: detail.map(|detail| detail.json().to_owned()),
        }
    }
}

/// The fields that a 422 names: where and what, not the values.
fn fields(detail: RawJson<'_>) -> Option<String> {
    let items = detail.as_items()?;
    let words = items.iter().filter_map(|item| {
        let location: Vec<_> =
            item.get("loc")?.as_items()?.iter().filter_map(|step| step.as_text()).collect();
        Some(format!("{}: {}", location.join("."), item.get("msg")?.as_text()?))
    });
    Some(shorten(&words.collect::<Vec<_>>().join("; "))).filter(|text| !text.is_empty())
}

/// The vendor's words, fit for a log: short, without line breaks, and without numbers that may be a card, an account or a
/// person's.
fn shorten(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut out = String::new();
    let mut rest = clean.as_str();
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let (number, after) = from.split_at(length_of_number(from));
        out.push_str(before);
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        let is_shown = digits <= LONGEST_NUMBER || is_bound(before);
        out.push_str(if is_shown { number } else { "[digits]" });
        rest = after;
    }
    out.push_str(rest);
    match out.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}…", out.get(..end).unwrap_or_default()),
        None => out,
    }
}

/// Whether the number that follows these words is a limit, which is nobody's.
fn is_bound(before: &str) -> bool {
    let before = before.to_ascii_lowercase();
    [
        "than ",
        "than or equal to ",
        "at least ",
        "at most ",
        "up to ",
        "exceed ",
        "maximum of ",
        "minimum of ",
    ]
    .iter()
    .any(|words| before.ends_with(words))
}

/// Bytes of the number that `text` begins with: digits, with single spaces or dashes between them.
fn length_of_number(text: &str) -> usize {
    let mut length = 0;
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((position, byte)) = bytes.next() {
        let goes_on = bytes.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        if byte.is_ascii_digit() {
            length = position + 1;
        } else if !(matches!(byte, b' ' | b'-') && goes_on) {
            break;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_no_number_that_may_be_somebodys() {
        for (text, shown) in [
            ("card 4242424242424242 declined", "card [digits] declined"),
            ("card 4242 4242 4242 4242 declined", "card [digits] declined"),
            ("ssn 123-45-6789", "ssn [digits]"),
            ("amount 10.10 of 2026-01-31", "amount 10.10 of 2026-01-31"),
            ("code 12345678, line 2", "code 12345678, line 2"),
            // issue 12.32
            (
                "Input should be less than or equal to 9999999999.99, not 4242424242424242",
                "Input should be less than or equal to 9999999999.99, not [digits]",
            ),
            ("must be greater than 1000000000000", "must be greater than 1000000000000"),
            ("account is equal to 1000000000000", "account is equal to [digits]"),
            ("7", "7"),
            ("", ""),
            ("a\nb\u{7}", "a b "),
            ("né 123456789é", "né [digits]é"),
        ] {
            assert_eq!(shorten(text), shown);
        }
        assert_eq!(shorten(&"é".repeat(300)).chars().count(), WORDS + 1);
    }
}
