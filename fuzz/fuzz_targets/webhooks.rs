//! Any bytes as a delivery: what is signed verifies, what is changed does not, and reading never panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use payglot::paywint_platform::webhooks::parse;
use payglot::webhooks::{Scheme, sign, verify};

fuzz_target!(|data: &[u8]| {
    let scheme = Scheme::default();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let signature = sign(data, now, b"secret", &scheme);
    let headers = [("x-webhook-signature", signature), ("x-webhook-timestamp", now.to_string())];
    verify(data, headers.clone(), b"secret", &scheme).unwrap();
    let mut other = data.to_vec();
    other.push(b' ');
    assert!(verify(&other, headers, b"secret", &scheme).is_err());

    // Any text as headers.
    let text = String::from_utf8_lossy(data);
    let (first, second) = text.split_once('\n').unwrap_or((&text, ""));
    assert!(verify(b"x", [("x-webhook-signature", first), ("x-webhook-timestamp", second)], b"s", &scheme).is_err());

    if let Ok(event) = parse(data) {
        assert!(!event.event.is_empty() || !event.id.is_empty() || event.text().contains('{'));
        let _ = format!("{event:?} {:?}", event.generated_at.as_ref().map(|time| time.parsed()));
    }
});
