//! Any bytes as a response of any operation: a response or an error, never a panic, and nothing sensitive shown.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use payglot::runtime::json::{Document, ObjectView, RawJson};
use payglot::runtime::response::decode;
use payglot::schema::Type;

fuzz_target!(|data: &[u8]| {
    let Some((&first, body)) = data.split_first() else { return };
    if let Ok(text) = str::from_utf8(body) {
        // What is JSON is serde_json's to say.
        let document = Arc::new(Document::new(text));
        let is_json = serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok();
        assert_eq!(RawJson::root(&document).is_some(), is_json);
    }
    let providers = payglot::providers::ALL;
    let provider = providers[usize::from(first) % providers.len()];
    let operation = provider.operations[usize::from(first) % provider.operations.len()];
    match decode(200, body.to_vec(), operation, provider.envelope.as_ref()) {
        Ok(response) => {
            let _ = (response.message(), response.total(), response.request_id());
            if let Some(payload) = response.payload() {
                read(payload, operation.response, 0);
                for item in payload.as_items().unwrap_or_default() {
                    read(item, operation.response, 0);
                }
            }
        }
        Err(error) => {
            // The text is kept whole; what is shown is short.
            assert_eq!(error.body(), Some(&*String::from_utf8_lossy(body)));
            assert!(format!("{error}{error:?}").len() < 2000);
        }
    }
});

/// Reads every field as every type.
fn read(raw: RawJson<'_>, ty: Type, depth: u32) {
    let _ = (raw.as_text(), raw.as_bool(), raw.as_integer(), raw.as_number(), raw.as_decimal());
    if depth > 4 {
        return;
    }
    match ty {
        Type::Object(schema) => {
            let Some(record) = raw.as_record(schema) else { return };
            let _ = format!("{record:?}");
            for (position, field) in schema.fields.iter().enumerate() {
                if let Some(value) = record.field(position) {
                    read(value, field.ty, depth + 1);
                }
            }
            assert_eq!(ObjectView::new(record.raw(), schema).as_ref(), Some(&record));
        }
        Type::List(item) => {
            for value in raw.as_items().unwrap_or_default() {
                read(value, *item, depth + 1);
            }
        }
        _ => {}
    }
}
