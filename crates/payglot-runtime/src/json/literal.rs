//! Amounts written in a program: `dec!(150.75)`, checked while it is compiled.

use rust_decimal::Decimal;

/// Most digits after the decimal point.
const MAX_SCALE: u32 = 28;
/// What the digits of an amount stay below, 2^96.
const LIMIT: u128 = 1 << 96;

/// An exact amount from its digits: `dec!(150.75)`, `dec!(-0.10)`, `dec!(1_000)`. What is none does not compile.
#[macro_export]
macro_rules! dec {
    ($($digits:tt)+) => {
        const { $crate::json::decimal_literal(stringify!($($digits)+)) }
    };
}

/// The amount of a literal. It runs while a program is compiled, where a panic is an error of the compiler.
#[doc(hidden)]
#[allow(clippy::panic, clippy::cast_possible_truncation, clippy::cast_lossless)] // see above; halves of a number are cut out of it
pub const fn decimal_literal(text: &str) -> Decimal {
    let (mut rest, mut negative) = (text.as_bytes(), false);
    let (mut digits, mut scale, mut count, mut has_point) = (0_u128, 0, 0, false);
    while let [byte, others @ ..] = rest {
        match *byte {
            b'-' if count == 0 && !has_point && !negative => negative = true,
            b'0'..=b'9' => {
                digits = digits * 10 + (*byte - b'0') as u128;
                scale += has_point as u32;
                count += 1;
                assert!(digits < LIMIT && scale <= MAX_SCALE, "an amount has at most 28 digits");
            }
            b'.' if count > 0 && !has_point => has_point = true,
            b'_' | b' ' => {}
            _ => panic!("an amount is digits, with a decimal point: dec!(150.75)"),
        }
        rest = others;
    }
    assert!(count > 0, "an amount has digits: dec!(150.75)");
    Decimal::from_parts(
        digits as u32,
        (digits >> 32) as u32,
        (digits >> 64) as u32,
        negative,
        scale,
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn issue_15_9_an_amount_in_a_program_keeps_its_digits() {
        for (amount, digits) in [
            (dec!(150.75), "150.75"),
            (dec!(10.10), "10.10"),
            (dec!(-0.50), "-0.50"),
            (dec!(1_000), "1000"),
            (dec!(0), "0"),
            (dec!(79228162514264337593543950335), "79228162514264337593543950335"),
            (dec!(0.0000000000000000000000000001), "0.0000000000000000000000000001"),
        ] {
            assert_eq!(amount.to_string(), digits);
        }
    }
}
