//! Exact amounts of dollars: never a float, always two digits, on the wire a JSON number.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Digits after the point.
const SCALE: u32 = 2;

/// An amount in dollars, or in another currency with hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Money(Decimal);

impl Money {
    pub const ZERO: Self = Self(Decimal::ZERO);
    /// The largest amount that is accepted: far below what a decimal can hold.
    pub const MOST: Self = Self(Decimal::from_parts(1_410_065_408, 2, 0, false, 0));

    /// An amount from its hundredths.
    pub fn cents(cents: i64) -> Self {
        Self(Decimal::new(cents, SCALE))
    }

    /// An amount with at most two digits after the point.
    pub fn exact(value: Decimal) -> Option<Self> {
        (value.normalize().scale() <= SCALE).then_some(Self(value))
    }

    /// This share of the amount in hundredths of a per cent, rounded to whole cents, halves up.
    pub fn basis_points(self, points: i64) -> Self {
        let share = self.0 * Decimal::new(points, 4);
        Self(share.round_dp_with_strategy(SCALE, RoundingStrategy::MidpointAwayFromZero))
    }

    pub fn times(self, count: u32) -> Self {
        Self(self.0 * Decimal::from(count))
    }

    /// In hundredths, as a number without a point.
    pub fn in_cents(self) -> Digits {
        Digits((self.0 * Decimal::ONE_HUNDRED).trunc())
    }

    pub fn is_negative(self) -> bool {
        self < Self::ZERO
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.0)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        number(self.to_string(), serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        parse(raw.get())
            .and_then(Self::exact)
            .ok_or_else(|| D::Error::custom("not an amount of money"))
    }
}

/// A decimal that goes out as a JSON number with all its digits.
pub(crate) struct Digits(pub Decimal);

impl Serialize for Digits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        number(self.0.normalize().to_string(), serializer)
    }
}

fn number<S: Serializer>(digits: String, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(digits).map_err(S::Error::custom)?.serialize(serializer)
}

/// The exact value of a JSON number's text.
pub(crate) fn parse(text: &str) -> Option<Decimal> {
    let text = text.trim();
    Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_two_digits_on_the_wire_and_are_read_back() {
        for (text, wire) in
            [("10", "10.00"), ("0.1", "0.10"), ("150.75", "150.75"), ("1e2", "100.00")]
        {
            let money = parse(text).and_then(Money::exact).unwrap();
            assert_eq!(serde_json::to_string(&money).unwrap(), wire);
            assert_eq!(serde_json::from_str::<Money>(wire).unwrap(), money);
        }
        assert_eq!(parse("0.125").and_then(Money::exact), None);
        assert_eq!(parse("ten"), None);
    }

    #[test]
    fn shares_are_rounded_to_cents() {
        assert_eq!(Money::cents(10_000).basis_points(290), Money::cents(290));
        assert_eq!(Money::cents(50).basis_points(100), Money::cents(1));
        assert_eq!(Money::cents(49).basis_points(100), Money::cents(0));
    }
}
