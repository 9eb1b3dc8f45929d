//! The last requests, for the person who wonders why one was refused. It holds no bodies, no queries and no
//! card numbers.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use crate::auth::Check;
use crate::faults::Kind;

/// How many requests are kept.
const CAPACITY: usize = 500;

/// One request as the log keeps it.
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
    /// What was made to go wrong.
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

/// The text with every long run of digits hidden: people paste card numbers into the wrong place.
pub(crate) fn without_card_numbers(text: &str) -> String {
    const SHORTEST: usize = 12;
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from_digits) = rest.split_at(start);
        let end = from_digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(from_digits.len());
        let (digits, after) = from_digits.split_at(end);
        // The last group of a UUID may be twelve digits; it follows a dash.
        let hidden =
            digits.len() > SHORTEST || (digits.len() == SHORTEST && !before.ends_with('-'));
        shown.push_str(before);
        shown.push_str(if hidden { "[digits]" } else { digits });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_runs_of_digits_are_hidden_and_ids_are_not() {
        assert_eq!(without_card_numbers("/cards/4242424242424242/x"), "/cards/[digits]/x");
        assert_eq!(without_card_numbers("?pan=378282246310005"), "?pan=[digits]");
        let id = "/get/12345678-1234-4234-8234-123456789012";
        assert_eq!(without_card_numbers(id), id);
        assert_eq!(without_card_numbers(""), "");
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
