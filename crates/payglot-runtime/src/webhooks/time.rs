//! When an event arose, in whichever form the vendor says it.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

/// A time as the vendor wrote it, parsed when asked: Unix seconds, with or without a fraction, or milliseconds where as seconds
/// it would be after the year 5000; or a text such as `2026-01-31T09:30:00Z`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnixTime(String);

/// From here on a number is no count of seconds.
const MILLISECONDS: i64 = 100_000_000_000;

impl UnixTime {
    #[doc(hidden)]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The vendor's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The instant; `None` where the text is not a time.
    pub fn parsed(&self) -> Option<jiff::Timestamp> {
        let Some(given) = crate::json::decimal(&self.0) else { return self.0.parse().ok() };
        let is_milliseconds = given.abs() >= Decimal::from(MILLISECONDS);
        let seconds = if is_milliseconds { given / Decimal::ONE_THOUSAND } else { given };
        let whole = seconds.floor();
        let nanoseconds = ((seconds - whole) * Decimal::from(1_000_000_000)).trunc();
        jiff::Timestamp::new(whole.to_i64()?, nanoseconds.to_i32()?).ok()
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_keeps_its_text_and_every_digit() {
        for (text, expected) in [
            ("1718006400", "2024-06-10T08:00:00Z"),
            ("1756450000.125", "2025-08-29T06:46:40.125Z"),
            ("-0.5", "1969-12-31T23:59:59.5Z"),
            ("1756450000125", "2025-08-29T06:46:40.125Z"),
            ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00Z"),
        ] {
            let time = UnixTime::new(text);
            assert_eq!(time.as_str(), text);
            assert_eq!(time.parsed(), Some(expected.parse().unwrap()), "{text}");
        }
        assert_eq!(UnixTime::new("soon").parsed(), None);
        assert_eq!(UnixTime::new("99999999999999999999").parsed(), None);
    }
}
