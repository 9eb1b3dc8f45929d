//! Telling deliveries apart that come again.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Remembers event ids for a time, so that a delivery that comes again is known. Vendors deliver at least once.
///
/// It remembers within this process alone. For several processes, keep the ids where all see them, in a table with a
/// unique key.
#[derive(Debug)]
pub struct ReplayGuard {
    capacity: usize,
    window: Duration,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    ids: HashSet<Arc<str>>,
    /// Oldest first.
    order: VecDeque<(Instant, Arc<str>)>,
}

/// Longer than vendors go on delivering.
const DAY: Duration = Duration::from_hours(24);

impl ReplayGuard {
    /// Remembers at most this many ids, each for a day.
    pub fn new(capacity: usize) -> Self {
        Self::with_window(capacity, DAY)
    }

    /// Remembers at most this many ids, each for this long.
    pub fn with_window(capacity: usize, window: Duration) -> Self {
        Self { capacity: capacity.max(1), window, seen: Mutex::default() }
    }

    /// Whether an id comes for the first time; from then on it is known.
    pub fn is_new(&self, id: &str) -> bool {
        self.is_new_at(id, Instant::now())
    }

    /// Forgets an id, so that the next delivery of it counts as new: for an event whose handling failed.
    pub fn forget(&self, id: &str) {
        let mut seen = self.seen();
        if seen.ids.remove(id) {
            seen.order.retain(|(_, known)| **known != *id);
        }
    }

    fn is_new_at(&self, id: &str, now: Instant) -> bool {
        let mut seen = self.seen();
        while let Some((since, _)) = seen.order.front()
            && now.saturating_duration_since(*since) > self.window
        {
            seen.drop_oldest();
        }
        let id: Arc<str> = id.into();
        if !seen.ids.insert(id.clone()) {
            return false;
        }
        seen.order.push_back((now, id));
        if seen.order.len() > self.capacity {
            seen.drop_oldest();
        }
        true
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn drop_oldest(&mut self) {
        if let Some((_, oldest)) = self.order.pop_front() {
            self.ids.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_knows_what_came_before_and_forgets_the_oldest() {
        let guard = ReplayGuard::new(2);
        assert_eq!(
            ["a", "b", "a", "c", "a", "c"].map(|id| guard.is_new(id)),
            [true, true, false, true, true, false]
        );
    }

    #[test]
    fn an_id_is_forgotten_after_its_time_and_on_request() {
        let guard = ReplayGuard::with_window(10, Duration::from_mins(1));
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(guard.is_new_at("a", at(0)));
        assert!(!guard.is_new_at("a", at(60)));
        assert!(guard.is_new_at("a", at(61)));
        guard.forget("a");
        guard.forget("never seen");
        assert!(guard.is_new_at("a", at(62)));
        assert!(!guard.is_new_at("a", at(62)));
    }
}
