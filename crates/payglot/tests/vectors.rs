//! The signing vectors that all languages share.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use base64::Engine as _;
use payglot::{EmptyBody, canonical_string, sign};
use serde_json::Value;

#[test]
fn every_vector_signs_as_written() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/contract/signing.json");
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 129);
    for case in cases {
        let text = |name: &str| case[name].as_str().unwrap();
        let bytes =
            |name: &str| base64::engine::general_purpose::STANDARD.decode(text(name)).unwrap();
        let empty_body = EmptyBody::from_name(text("empty_body")).unwrap();
        let (method, path, query, body) =
            (text("method"), text("path"), text("query"), bytes("body_base64"));
        let canonical = canonical_string(method, path, query, &body, empty_body);
        assert_eq!(canonical, text("canonical"), "{}", text("name"));
        let signature = sign(&bytes("key_base64"), method, path, query, &body, empty_body);
        assert_eq!(signature, text("signature"), "{}", text("name"));
    }
}
