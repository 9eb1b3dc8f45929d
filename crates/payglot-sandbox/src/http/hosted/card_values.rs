//! Reads and checks what people type into the fields of a card.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The text without the spaces and dashes people put between digits.
pub(super) fn digits(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

/// The last month in which a card is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expiry {
    pub month: i8,
    pub year: i16,
}

impl Expiry {
    pub fn is_past(self, now: Timestamp) -> bool {
        let today = now.to_zoned(TimeZone::UTC);
        (self.year, self.month) < (today.year(), today.month())
    }
}

/// Reads `MM/YY` and `MM/YYYY`; the slash may be missing, because numeric keyboards have none.
pub(super) fn read_expiry(text: &str) -> Option<Expiry> {
    let text = digits(text);
    let (month, year) = text.split_once('/').or_else(|| text.split_at_checked(2))?;
    let only_digits =
        [month, year].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    let year = match year.len() {
        2 => year.parse::<i16>().ok()?.checked_add(2000)?,
        4 => year.parse().ok()?,
        _ => return None,
    };
    only_digits.then_some(Expiry { month, year })
}

pub(super) fn is_cvv(text: &str) -> bool {
    matches!(text.len(), 3 | 4) && text.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Whether this is 12 to 19 digits whose last one is right for the others.
pub(super) fn passes_luhn(number: &str) -> bool {
    let digits: Option<Vec<u32>> = number.chars().map(|c| c.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| (12..=19).contains(&digits.len())) else {
        return false;
    };
    let weigh = |(position, digit): (usize, &u32)| match position % 2 {
        0 => *digit,
        _ => digit * 2 / 10 + digit * 2 % 10,
    };
    digits.iter().rev().enumerate().map(weigh).sum::<u32>().is_multiple_of(10)
}

pub(super) fn brand(number: &str) -> &'static str {
    match number.as_bytes() {
        [b'4', ..] => "Visa",
        [b'5' | b'2', ..] => "Mastercard",
        [b'3', b'4' | b'7', ..] => "American Express",
        [b'6', ..] => "Discover",
        _ => "Card",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_read_as_people_write_it() {
        let august = Some(Expiry { month: 8, year: 2031 });
        for text in ["08/31", "8/31", "08/2031", " 08 / 31 ", "0831", "082031", "08-31"] {
            assert_eq!(read_expiry(text), august, "{text}");
        }
        for text in ["", "08", "13/31", "00/31", "08/311", "aa/31", "08/+1", "8/3/1"] {
            assert_eq!(read_expiry(text), None, "{text}");
        }
    }

    #[test]
    fn a_card_is_good_to_the_end_of_its_month() {
        let now: Timestamp = "2026-08-31T23:59:59Z".parse().unwrap();
        assert!(!Expiry { month: 8, year: 2026 }.is_past(now));
        assert!(Expiry { month: 7, year: 2026 }.is_past(now));
        assert!(Expiry { month: 12, year: 2025 }.is_past(now));
    }

    #[test]
    fn luhn_tells_good_numbers_from_bad() {
        assert!(passes_luhn("4242424242424242"));
        assert!(!passes_luhn("4242424242424241"));
        assert!(!passes_luhn("42"));
        assert!(!passes_luhn("424242424242424a"));
        assert!(!passes_luhn(""));
    }
}
