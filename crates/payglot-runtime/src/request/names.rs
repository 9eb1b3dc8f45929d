//! Names of arguments: as the caller knows them, and what one that nobody knows was meant to be.

use crate::error::Error;
use crate::json::FloatMoney;
use crate::schema::Field;

/// The name by which the caller knows a field: JavaScript has those of the wire.
pub(super) fn name_of(field: &Field, floats: FloatMoney) -> &'static str {
    if floats == FloatMoney::TwoDigits { field.wire } else { field.name }
}

/// The name by which the caller knows a path parameter, which JavaScript's signatures have in camel case.
pub(super) fn path_name(field: &Field, floats: FloatMoney) -> String {
    let mut name = String::with_capacity(field.name.len());
    for letter in field.name.chars() {
        match (floats, name.strip_suffix('_')) {
            (FloatMoney::TwoDigits, Some(_)) => {
                name.pop();
                name.push(letter.to_ascii_uppercase());
            }
            _ => name.push(letter),
        }
    }
    name
}

/// The error for an argument that a call does not have.
pub(super) fn unknown(at: &str, known: &[&'static str]) -> Error {
    let name = at.rsplit('.').next().unwrap_or(at);
    let hint = closest(name, known.iter().copied());
    let hint = hint.map(|known| format!("; did you mean `{known}`?")).unwrap_or_default();
    Error::invalid_request(at.to_owned(), format!("is not an argument of this call{hint}"))
}

/// The known name that was most likely meant.
pub fn closest<'n>(given: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let plain = |name: &str| -> Vec<char> {
        let letters = name.chars().filter(|letter| !matches!(letter, '_' | '-'));
        letters.flat_map(char::to_lowercase).take(64).collect()
    };
    let given = plain(given);
    let most = (given.len() / 3).max(1);
    let distances = known.map(|name| (distance(&given, &plain(name)), name));
    distances.filter(|(distance, _)| *distance <= most).min().map(|(_, name)| name)
}

/// How many letters must be put in, left out or exchanged to make one name of the other (Levenshtein).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.iter().enumerate() {
        let mut before = line;
        let mut left = line + 1;
        let mut next = vec![left];
        for (above, wanted) in row.iter().skip(1).zip(other) {
            let exchanged = before + usize::from(letter != wanted);
            left = exchanged.min(above + 1).min(left + 1);
            next.push(left);
            before = *above;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// issue 12.32
    #[test]
    fn the_name_that_was_meant() {
        let known = ["amount", "user_id", "recipient_phone", "memo"];
        for (given, meant) in [
            ("amuont", Some("amount")),
            ("userId", Some("user_id")),
            ("recipient-phon", Some("recipient_phone")),
            ("mem", Some("memo")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(closest(given, known.into_iter()), meant, "{given}");
        }
    }
}
