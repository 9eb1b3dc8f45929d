//! Removes what must not be in a log from texts that go into one.

/// As many digits as no id has in a row.
const SHORTEST: usize = 12;
/// Most separators between two digits of a number.
const MOST_SEPARATORS: usize = 3;

/// The text with every long run of digits hidden, also where they are grouped or percent-encoded: people paste card numbers
/// into the wrong field. UUIDs stay.
pub(crate) fn without_card_numbers(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = None;
    while let Some(next) = rest.chars().next() {
        let (kept, hidden) = if is_uuid(before, rest) {
            (UUID.len(), false)
        } else {
            match number(rest) {
                Some((digits, length)) => (length, digits >= SHORTEST),
                None => (next.len_utf8(), false),
            }
        };
        let (part, after) = rest.split_at_checked(kept).unwrap_or((rest, ""));
        shown.push_str(if hidden { "[digits]" } else { part });
        before = part.chars().next_back();
        rest = after;
    }
    shown
}

/// The form of a UUID.
const UUID: &str = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

fn is_uuid(before: Option<char>, text: &str) -> bool {
    let goes_on = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-');
    let fits = |(form, c): (char, char)| if form == '-' { c == '-' } else { c.is_ascii_hexdigit() };
    !goes_on(before)
        && text.chars().count() >= UUID.len()
        && UUID.chars().zip(text.chars()).all(fits)
        && !goes_on(text.chars().nth(UUID.len()))
}

/// How many digits the number at the start of the text has, and how long it is, separators included.
fn number(text: &str) -> Option<(usize, usize)> {
    let (mut digits, mut end) = (0, 0);
    let (mut at, mut separators) = (0, 0);
    while let Some((c, length)) = text.get(at..).and_then(unit) {
        at += length;
        if c.is_ascii_digit() {
            digits += 1;
            end = at;
            separators = 0;
        } else if digits > 0 && matches!(c, '-' | ' ' | '+' | '_') && separators < MOST_SEPARATORS {
            separators += 1;
        } else {
            break;
        }
    }
    (digits > 0).then_some((digits, end))
}

/// The next character, decoded if it is percent-encoded, and its length as it stands there.
fn unit(text: &str) -> Option<(char, usize)> {
    let hex = text.strip_prefix('%').and_then(|rest| rest.get(..2));
    let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(u8::is_ascii);
    match byte {
        Some(byte) => Some((byte.into(), 3)),
        None => text.chars().next().map(|c| (c, c.len_utf8())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_runs_of_digits_are_hidden_and_ids_are_not() {
        assert_eq!(without_card_numbers("/cards/4242424242424242/x"), "/cards/[digits]/x");
        assert_eq!(without_card_numbers("?pan=378282246310005"), "?pan=[digits]");
        let id = "/get/12345678-1234-4234-8234-123456789012";
        assert_eq!(without_card_numbers(id), id);
        assert_eq!(without_card_numbers(""), "");
    }

    #[test]
    fn issue_12_34_grouped_and_encoded_numbers_are_hidden_too() {
        for card in [
            "4242-4242-4242-4242",
            "4242 4242 4242 4242",
            "4242+4242+4242+4242",
            "4242_4242_4242_4242",
            "4242%204242%204242%204242",
            "4242%2D4242%2d4242-4242",
            "%34242-424%32-4242-4242",
            "3782-822463-10005",
            "42-42-42-42-42-42-42-42",
            "4242 - 4242 - 4242 - 4242",
        ] {
            let shown = without_card_numbers(&format!("/cards/{card}/x?a={card}&b=ä{card}"));
            assert_eq!(shown, "/cards/[digits]/x?a=[digits]&b=ä[digits]", "{card}");
        }
        for kept in [
            "/a1234567-1234-4234-8234-1234567890ab/12345678-1234-4234-8234-123456789012",
            "/2026-11-26/5551234567/%41%2F%zz%",
            "https://192.168.100.200/12/34",
        ] {
            assert_eq!(without_card_numbers(kept), kept);
        }
        // No UUID, though it looks like one.
        let longer = "/x12345678-1234-4234-8234-123456789012";
        assert_eq!(without_card_numbers(longer), "/x[digits]");
    }
}
