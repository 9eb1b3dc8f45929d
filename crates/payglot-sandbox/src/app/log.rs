//! The last requests, so that a person can see why one failed. It holds no bodies, no queries and no card
//! numbers, and of each request only as much as a person reads.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use crate::app::faults::Kind;
use crate::auth::Check;

/// How many requests the log holds.
const CAPACITY: usize = 500;

/// Longest text of an entry, in bytes.
const LONGEST: usize = 4096;

/// The text, or its beginning where it is too long for the log.
pub(crate) fn bounded(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    format!("{}… ({} bytes)", text.get(..end).unwrap_or_default(), text.len())
}

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
    /// None until the response is sent, and for good where the caller went before it was.
    pub status: Option<u16>,
    pub auth: Check,
    /// Why the request was refused, whatever refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The user agent that the caller names; empty without one.
    pub caller: String,
    /// The fault that was injected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Kind>,
    pub duration_us: Option<u64>,
}

impl Entry {
    /// What the response calls the request, so that a caller's log leads to it.
    pub fn request_id(&self) -> String {
        request_id(self.id)
    }
}

/// The request id of an entry.
pub(crate) fn request_id(id: u64) -> String {
    format!("req-{id}")
}

/// The last [`CAPACITY`] requests, oldest first.
#[derive(Default)]
pub(crate) struct Log {
    entries: Mutex<VecDeque<Entry>>,
    count: AtomicU64,
}

impl Log {
    /// Adds a request that has just arrived, and returns its id.
    pub fn add(&self, mut entry: Entry) -> u64 {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() == CAPACITY {
            entries.pop_front();
        }
        let id = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        entry.id = id;
        entries.push_back(entry);
        id
    }

    /// Completes an entry. One that newer requests pushed out, or that was cleared, stays away.
    pub fn update(&self, id: u64, change: impl FnOnce(&mut Entry)) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let position = entries.partition_point(|entry| entry.id < id);
        if let Some(entry) = entries.get_mut(position).filter(|entry| entry.id == id) {
            change(entry);
        }
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
    fn issue_12_29_long_texts_are_cut_off() {
        assert_eq!(bounded("/short"), "/short");
        let long = "ä".repeat(3000);
        let shown = bounded(&long);
        assert!(shown.ends_with("ä… (6000 bytes)") && shown.len() < 4200, "{shown}");
    }

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
                status: Some(status),
                auth: Check::default(),
                reason: None,
                caller: String::new(),
                fault: None,
                duration_us: Some(0),
            });
        }
        let entries = log.entries();
        assert_eq!(entries.len(), CAPACITY);
        assert_eq!(entries[0].status, Some(1));
    }
}
