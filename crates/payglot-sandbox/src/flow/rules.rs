//! Rules of values that the documents state in prose alone.

use std::net::IpAddr;

use reqwest::Url;

use crate::operation::{ApiError, Call};

/// Text of an optional field that must be a public link.
pub(crate) fn https(call: &Call, name: &str) -> Result<Option<String>, ApiError> {
    let Some(link) = call.optional_string(name) else { return Ok(None) };
    if is_public(&link) {
        return Ok(Some(link));
    }
    Err(ApiError::field(name, "url_parsing", "Input should be a public HTTPS link to a file"))
}

/// Whether it is HTTPS, shorter than 2048 characters, and leads to no private or local address.
fn is_public(link: &str) -> bool {
    let Ok(url) = Url::parse(link) else { return false };
    let (Some(host), "https") = (url.host_str(), url.scheme()) else { return false };
    let is_outside = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => {
            !(ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified())
        }
        Ok(IpAddr::V6(ip)) => {
            !(ip.is_unique_local()
                || ip.is_loopback()
                || ip.is_unicast_link_local()
                || ip.is_unspecified())
        }
        Err(_) => host.contains('.') && host.rsplit('.').next() != Some("local"),
    };
    is_outside && link.len() < 2048
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
    fn links_are_public_and_short() {
        for link in ["https://example.com/a.pdf", "https://8.8.8.8/a", "https://a.b:8443/x?y#z"] {
            assert!(is_public(link), "{link}");
        }
        let long = format!("https://example.com/{}", "a".repeat(2048));
        for link in [
            "http://example.com/a.pdf",
            "https://localhost/a",
            "https://printer.local/a",
            "https://127.0.0.1/a",
            "https://10.0.0.1/a",
            "https://192.168.1.1:8443/a",
            "https://user@169.254.0.1/a",
            "https://[::1]/a",
            "https://[fd00::1]/a",
            "https://0.0.0.0/a",
            "example.com/a.pdf",
            "https:///a",
            &long,
        ] {
            assert!(!is_public(link), "{link}");
        }
    }

    #[test]
    fn numbers_are_hidden_but_for_their_ends() {
        assert_eq!(last_four("1234567890"), "7890");
        assert_eq!(last_four("12"), "12");
        assert_eq!(masked("6200000075", 2), "62****75");
        assert_eq!(masked("021000021", 3), "021****21");
        assert_eq!(masked("1", 3), "****1");
    }
}
