//! Removes what must not be in a log from texts that go into one.

/// The text with every long run of digits hidden: people paste card numbers into the wrong field.
pub(crate) fn without_card_numbers(text: &str) -> String {
    const SHORTEST: usize = 12;
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from_digits) = rest.split_at(start);
        let end = from_digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(from_digits.len());
        let (digits, after) = from_digits.split_at(end);
        // The last group of a UUID may be twelve digits; it follows a dash.
        let hidden =
            digits.len() > SHORTEST || (digits.len() == SHORTEST && !before.ends_with('-'));
        shown.push_str(before);
        shown.push_str(if hidden { "[digits]" } else { digits });
        rest = after;
    }
    shown.push_str(rest);
    shown
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
}
