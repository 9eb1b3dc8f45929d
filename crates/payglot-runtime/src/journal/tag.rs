//! An intent's short reference, and the field of a request that carries it to the vendor.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::json::{Document, Kind, RawJson, write_name, write_text};
use crate::schema::Operation;

/// What every reference begins with.
const PREFIX: &str = "PG-";
/// Characters after that: sixty bits.
const LENGTH: usize = 12;
/// Crockford's base 32: no letter looks like a digit.
const DIGITS: [char; 32] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J',
    'K', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Y', 'Z',
];

/// What tells an intent apart, the same in every process and after every restart.
pub(crate) fn hash(provider: &str, account: &str, operation: &str, name: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [provider, account, operation, name] {
        // The length before each part, so that no two lists of parts are one text.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// The short reference of an intent: fifteen characters, such as `PG-7K2M9QX41TBC`. A call carries it to the vendor where its
/// client was told to `tag`.
pub fn reference(provider: &str, account: &str, operation: &str, name: &str) -> String {
    let hash = hash(provider, account, operation, name);
    let bits = hash.iter().take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let digit = |at: usize| DIGITS.get((bits >> (5 * at) & 31) as usize);
    PREFIX.chars().chain((0..LENGTH).filter_map(digit).copied()).collect()
}

/// The body with the reference in the operation's field for one; `None` where it has no such field, or the caller has given
/// something.
pub(crate) fn tagged(operation: &Operation, body: &[u8], reference: &str) -> Option<String> {
    let (tag, schema) = (operation.tag?, operation.body?);
    let document = Arc::new(Document::new(std::str::from_utf8(body).ok()?));
    let body = RawJson::root(&document).filter(|body| body.kind() == Kind::Object)?;
    let is_free =
        |value: RawJson<'_>| value.is_null() || value.as_text().is_some_and(|text| text.is_empty());
    if !body.get(tag).is_none_or(is_free) {
        return None;
    }
    let mut out = String::from("{");
    // In the document's order, as every body is written.
    for field in schema.fields {
        if field.wire == tag {
            write_name(&mut out, tag);
            write_text(&mut out, reference);
        } else if let Some(value) = body.get(field.wire) {
            write_name(&mut out, field.wire);
            out.push_str(value.json());
        }
    }
    let is_known = |name: &str| schema.fields.iter().any(|field| field.wire == name);
    for (name, value) in body.entries().filter(|(name, _)| !is_known(name)) {
        write_name(&mut out, &name);
        out.push_str(value.json());
    }
    out.push('}');
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_short_and_of_one_intent() {
        let one = reference("paywint-platform", "id", "payments.create", "payout-1");
        assert_eq!(one.len(), PREFIX.len() + LENGTH);
        assert!(one.chars().all(|c| c == '-' || DIGITS.contains(&c)), "{one}");
        // It is the same in ten years.
        assert_eq!(one, reference("paywint-platform", "id", "payments.create", "payout-1"));
        for other in [
            reference("paywint-platform", "id", "payments.create", "payout-2"),
            reference("paywint-platform", "idp", "ayments.create", "payout-1"),
            reference("paywint-developer", "id", "payments.create", "payout-1"),
        ] {
            assert_ne!(one, other);
        }
    }
}
