//! Checks single values against their limits and writes them, amounts with the digits given.

use std::str::FromStr as _;

use rust_decimal::Decimal;

use super::values::Encoder;
use crate::error::Error;
use crate::json::{self, decimal};
use crate::json::{FloatMoney, Value};
use crate::schema::Limits;

impl Encoder {
    pub(super) fn text(&self, out: &mut String, text: &str, limits: &Limits) -> Result<(), Error> {
        let length = text.chars().count();
        if limits.min_length.is_some_and(|least| length < least as usize) {
            let least = limits.min_length.unwrap_or_default();
            return Err(self.invalid(format_args!("must have at least {least} characters")));
        }
        if limits.max_length.is_some_and(|most| length > most as usize) {
            let most = limits.max_length.unwrap_or_default();
            return Err(self.invalid(format_args!("must have at most {most} characters")));
        }
        json::write_text(out, text);
        Ok(())
    }

    pub(super) fn integer(
        &self,
        out: &mut String,
        digits: &str,
        limits: &Limits,
    ) -> Result<(), Error> {
        let number = digits
            .parse::<i64>()
            .map_err(|_| self.invalid("must be a whole number within 64 bits"))?;
        if !limits.one_of.is_empty() && !limits.one_of.contains(&number) {
            let known: Vec<_> = limits.one_of.iter().map(i64::to_string).collect();
            return Err(self.invalid(format_args!("must be one of {}", known.join(", "))));
        }
        self.range(&Decimal::from(number), limits)?;
        out.push_str(digits);
        Ok(())
    }

    pub(super) fn number(
        &self,
        out: &mut String,
        digits: &str,
        limits: &Limits,
    ) -> Result<(), Error> {
        if serde_json::from_str::<f64>(digits).is_err() {
            return Err(self.invalid("must be a finite number"));
        }
        if let Some(number) = decimal(digits) {
            self.range(&number, limits)?;
            self.fraction(&number, limits)?;
        }
        out.push_str(digits);
        Ok(())
    }

    pub(super) fn money(
        &self,
        out: &mut String,
        value: &Value<'_>,
        limits: &Limits,
    ) -> Result<(), Error> {
        let digits = match value {
            Value::Integer(digits) | Value::Decimal(digits) => digits,
            Value::Text(digits) if is_plain_number(digits) => digits,
            Value::Text(_) => {
                return Err(self.invalid("must be a decimal number such as \"150.75\""));
            }
            Value::Float(digits) if self.floats == FloatMoney::TwoDigits => {
                let fraction = digits.split_once('.').map_or("", |(_, fraction)| fraction);
                if fraction.len() > 2 || !is_plain_number(digits) {
                    return Err(self.invalid(
                        "is a number with more than two fraction digits; pass exact money as text, such as \"150.75\"",
                    ));
                }
                digits
            }
            Value::Float(_) => {
                return Err(self.invalid("must not be a float, which is not exact; pass Decimal(\"150.75\") or \"150.75\""));
            }
            other => {
                return Err(self.invalid(format_args!(
                    "must be {}, not {}",
                    "an amount",
                    other.describe()
                )));
            }
        };
        let amount = decimal(digits)
            .ok_or_else(|| self.invalid("must be an amount of at most 28 digits"))?;
        self.range(&amount, limits)?;
        self.fraction(&amount, limits)?;
        if is_plain_number(digits) {
            out.push_str(digits);
        } else {
            out.push_str(&amount.to_string());
        }
        Ok(())
    }

    pub(super) fn range(&self, number: &Decimal, limits: &Limits) -> Result<(), Error> {
        let bound = |text: Option<&'static str>| {
            text.and_then(|text| Some((Decimal::from_str(text).ok()?, text)))
        };
        if let Some((_, text)) = bound(limits.minimum).filter(|(least, _)| number < least) {
            return Err(self.invalid(format_args!("must be at least {text}")));
        }
        if let Some((_, text)) = bound(limits.more_than).filter(|(least, _)| number <= least) {
            return Err(self.invalid(format_args!("must be more than {text}")));
        }
        if let Some((_, text)) = bound(limits.maximum).filter(|(most, _)| number > most) {
            return Err(self.invalid(format_args!("must be at most {text}")));
        }
        Ok(())
    }

    /// Zeros at the end count as nothing: `5.100` is `5.10`.
    fn fraction(&self, number: &Decimal, limits: &Limits) -> Result<(), Error> {
        match limits.digits {
            Some(most) if number.normalize().scale() > u32::from(most) => {
                let what = match most {
                    0 => "no digits".to_owned(),
                    1 => "at most 1 digit".to_owned(),
                    most => format!("at most {most} digits"),
                };
                let beside = limits.currency.map(|field| format!(" in the currency of `{field}`"));
                let beside = beside.unwrap_or_default();
                Err(self.invalid(format_args!("must have {what} after the decimal point{beside}")))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn most_items(&self, items: usize, limits: &Limits) -> Result<(), Error> {
        match limits.max_items {
            Some(most) if items > most as usize => {
                Err(self.invalid(format_args!("must have at most {most} items")))
            }
            _ => Ok(()),
        }
    }
}

/// Whether `text` is a JSON number without an exponent, such as `-10.10`.
fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(fraction) && (whole == "0" || !whole.starts_with('0'))
}
