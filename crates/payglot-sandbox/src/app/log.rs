//! The last requests, so that a person can see why one failed. It holds no bodies, no queries and no card
//! numbers.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use crate::app::faults::Kind;
use crate::auth::Check;

/// How many requests the log holds.
const CAPACITY: usize = 500;

/// One request in the log.
#[derive(Clone, Serialize)]
pub(crate) struct Entry {
    /// Counts requests; given by [`Log::add`].
    pub id: u64,
    /// The sandbox's time.
    pub at: Timestamp,
    pub method: String,
    /// Without its query.
    pub path: String,
    pub provider: Option<&'static str>,
    pub operation: Option<&'static str>,
    pub status: u16,
    pub auth: Check,
    /// The fault that was injected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Kind>,
    pub duration_us: u64,
}

/// The last [`CAPACITY`] requests, oldest first.
#[derive(Default)]
pub(crate) struct Log {
    entries: Mutex<VecDeque<Entry>>,
    count: AtomicU64,
}

impl Log {
    pub fn add(&self, mut entry: Entry) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() == CAPACITY {
            entries.pop_front();
        }
        entry.id = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        entries.push_back(entry);
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub fn clear(&self) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entries_go_first() {
        let log = Log::default();
        for status in 0..=500 {
            log.add(Entry {
                id: 0,
                at: Timestamp::UNIX_EPOCH,
                method: "GET".to_owned(),
                path: "/".to_owned(),
                provider: None,
                operation: None,
                status,
                auth: Check::default(),
                fault: None,
                duration_us: 0,
            });
        }
        let entries = log.entries();
        assert_eq!(entries.len(), CAPACITY);
        assert_eq!(entries[0].status, 1);
    }
}
