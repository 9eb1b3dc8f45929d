//! Any JSON as a schema or a document: lowered or rejected with a location, never a panic; lowering twice changes
//! nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use payglot_codegen::lower;
use serde_json::{Value, json};

fuzz_target!(|data: &[u8]| {
    let Ok(value) = serde_json::from_slice::<Value>(data) else { return };
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {"title": "Fuzz", "version": "1"},
        "paths": {},
        "components": {"schemas": {"Any": value.clone()}},
    });
    match lower::document(&mut document) {
        Ok(found) if found.0.is_empty() => {
            let once = document.clone();
            lower::document(&mut document).unwrap();
            assert_eq!(document, once);
        }
        Ok(found) => {
            assert!(found.0.iter().all(|diagnostic| diagnostic.location.starts_with('$')), "{found}");
        }
        Err(error) => assert!(error.location.starts_with('$'), "{error}"),
    }
    let mut document = value;
    let _ = lower::document(&mut document);
});
