//! A sandbox's whole state as one JSON document.

use serde::{Deserialize, Serialize};

use super::table::Saved;

/// Everything that requests made. Credentials are no part of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Snapshot {
    /// The state of the generator of ids, so that the same requests make the same ids again.
    pub generator: String,
    pub clock_offset_seconds: i64,
    pub rows: Vec<Saved>,
}
