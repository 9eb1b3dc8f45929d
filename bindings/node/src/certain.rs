//! Fields that the vendor always sends, and that a response leaves out after all: a warning to the client's logger, once each.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use payglot::runtime::json::RawJson;
use payglot::runtime::response::missing;
use payglot::schema::Schema;

/// What was warned of: where the schema is in memory, and the position of the field.
static WARNED: Mutex<BTreeSet<(usize, usize)>> = Mutex::new(BTreeSet::new());

/// The bit of a position in [`Schema::certain`].
pub fn bit(position: usize) -> u64 {
    u32::try_from(position).ok().and_then(|position| 1_u64.checked_shl(position)).unwrap_or(0)
}

/// The bit of a field that has a value.
pub fn seen(position: usize, value: RawJson<'_>) -> u64 {
    if value.is_null() { 0 } else { bit(position) }
}

/// Warns of these fields. Where nobody listens, the next response warns of them.
#[cold]
pub fn warn(schema: &'static Schema, left_out: u64) {
    if !tracing::enabled!(target: "payglot", tracing::Level::WARN) {
        return;
    }
    let schema_at = std::ptr::from_ref(schema).addr();
    for (position, field) in schema.fields.iter().enumerate() {
        let is_left_out = left_out & bit(position) != 0;
        let mut warned = WARNED.lock().unwrap_or_else(PoisonError::into_inner);
        if is_left_out && warned.insert((schema_at, position)) {
            drop(warned);
            tracing::warn!(target: "payglot", "{}", missing(schema, field));
        }
    }
}
