//! Rules of values that the documents state in prose alone.

use crate::answer::Refusal;
use crate::call::Call;

/// Text of an optional field that must be a public link.
pub(crate) fn https(call: &Call, name: &str) -> Result<Option<String>, Refusal> {
    let Some(link) = call.kept(name) else { return Ok(None) };
    let host = link.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
    let public = host.is_some_and(|host| {
        let last = host.rsplit('.').next().unwrap_or_default();
        host.contains('.') && !host.starts_with("127.") && last != "local"
    });
    if public && link.len() < 2048 {
        return Ok(Some(link));
    }
    Err(Refusal::field(name, "url_parsing", "Input should be a public HTTPS link to a file"))
}

/// The last four characters.
pub(crate) fn last_four(number: &str) -> String {
    let count = number.chars().count();
    number.chars().skip(count.saturating_sub(4)).collect()
}

/// A number with its middle hidden.
pub(crate) fn masked(number: &str, start: usize) -> String {
    let count = number.chars().count();
    let first: String = number.chars().take(start.min(count.saturating_sub(2))).collect();
    let last: String = number.chars().skip(count.saturating_sub(2)).collect();
    format!("{first}****{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_hidden_but_for_their_ends() {
        assert_eq!(last_four("1234567890"), "7890");
        assert_eq!(last_four("12"), "12");
        assert_eq!(masked("6200000075", 2), "62****75");
        assert_eq!(masked("021000021", 3), "021****21");
        assert_eq!(masked("1", 3), "****1");
    }
}
