//! How many digits after the decimal point the amounts of a currency have, by ISO 4217.

const NONE: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
];
const THREE: &[&str] = &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];
const FOUR: &[&str] = &["CLF", "UYW"];

/// Two, unless the standard says otherwise. The case of the code does not matter.
pub(super) fn digits(code: &str) -> u8 {
    let is_in = |codes: &[&str]| codes.iter().any(|known| known.eq_ignore_ascii_case(code));
    match code {
        _ if is_in(NONE) => 0,
        _ if is_in(THREE) => 3,
        _ if is_in(FOUR) => 4,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn most_currencies_have_two_digits() {
        let codes = ["USD", "jpy", "KWD", "CLF", "???"];
        assert_eq!(codes.map(super::digits), [2, 0, 3, 4, 2]);
    }
}
