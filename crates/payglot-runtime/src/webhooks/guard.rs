//! Handling each event once, although vendors deliver it at least once.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind};

/// Remembers which events were handled, so that a delivery that comes again is known.
///
/// An event counts as handled when its handling has succeeded, not when it arrives: one whose handling fails is handled
/// when the vendor delivers it again. It remembers within this process alone. For several processes, keep the ids where
/// all see them, in a table with a unique key.
#[derive(Debug)]
pub struct ReplayGuard(Arc<Mutex<Events>>);

/// The handling of one event. Say [`done`](Self::done) when it has succeeded; dropped without that, the event counts as
/// never seen, so that its next delivery is handled.
#[derive(Debug)]
#[must_use = "an event whose handling is not done is handled again"]
pub struct Handling {
    events: Arc<Mutex<Events>>,
    id: Arc<str>,
}

#[derive(Debug)]
struct Events {
    capacity: usize,
    window: Duration,
    /// Whether each has been handled; the others are being handled now.
    by_id: HashMap<Arc<str>, bool>,
    /// Those that were handled, oldest first.
    order: VecDeque<(Instant, Arc<str>)>,
}

/// Longer than vendors go on delivering.
const DAY: Duration = Duration::from_secs(86_400);

impl ReplayGuard {
    /// Remembers at most this many events, each for a day.
    pub fn new(capacity: usize) -> Self {
        Self::with_window(capacity, DAY)
    }

    /// Remembers at most this many events, each for this long.
    pub fn with_window(capacity: usize, window: Duration) -> Self {
        let (by_id, order) = Default::default();
        Self(Arc::new(Mutex::new(Events { capacity: capacity.max(1), window, by_id, order })))
    }

    /// Begins to handle an event; `None` where it was handled before, and its delivery can be acknowledged.
    ///
    /// Fails with [`EventInProgress`](ErrorKind::EventInProgress) while another delivery of it is being handled. Respond
    /// with 503 then, so that the vendor delivers it again: nobody knows yet whether it will have been handled.
    pub fn handling(&self, id: &str) -> Result<Option<Handling>, Error> {
        self.handling_at(id, Instant::now())
    }

    fn handling_at(&self, id: &str, now: Instant) -> Result<Option<Handling>, Error> {
        if id.is_empty() {
            return Err(Error::invalid_request(
                "id",
                "must be the id of an event, which is never empty",
            ));
        }
        let mut events = lock(&self.0);
        events.forget_what_is_old(now);
        match events.by_id.get(id) {
            Some(true) => Ok(None),
            Some(false) => Err(Error::new(
                ErrorKind::EventInProgress,
                "another delivery of this event is being handled; respond with 503, so that the vendor delivers it again",
            )),
            None => {
                let id: Arc<str> = id.into();
                events.by_id.insert(id.clone(), false);
                Ok(Some(Handling { events: self.0.clone(), id }))
            }
        }
    }
}

impl Handling {
    /// Says that the event has been handled.
    pub fn done(self) {
        self.done_at(Instant::now());
    }

    fn done_at(self, now: Instant) {
        let mut events = lock(&self.events);
        events.by_id.insert(self.id.clone(), true);
        events.order.push_back((now, self.id.clone()));
        if events.order.len() > events.capacity {
            events.forget_oldest();
        }
    }
}

impl Drop for Handling {
    fn drop(&mut self) {
        let mut events = lock(&self.events);
        if events.by_id.get(&self.id) == Some(&false) {
            events.by_id.remove(&self.id);
        }
    }
}

impl Events {
    fn forget_what_is_old(&mut self, now: Instant) {
        while let Some((since, _)) = self.order.front()
            && now.saturating_duration_since(*since) > self.window
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, oldest)) = self.order.pop_front() {
            self.by_id.remove(&oldest);
        }
    }
}

fn lock(events: &Mutex<Events>) -> MutexGuard<'_, Events> {
    events.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handle(guard: &ReplayGuard, id: &str) -> bool {
        let handling = guard.handling(id).unwrap();
        handling.map(Handling::done).is_some()
    }

    #[test]
    fn an_event_is_handled_once_and_the_oldest_is_forgotten() {
        let guard = ReplayGuard::new(2);
        assert_eq!(
            ["a", "b", "a", "c", "a", "c"].map(|id| handle(&guard, id)),
            [true, true, false, true, true, false]
        );
    }

    #[test]
    fn an_event_whose_handling_failed_comes_again() {
        let guard = ReplayGuard::new(2);
        drop(guard.handling("a").unwrap().unwrap());
        assert!(handle(&guard, "a"));
        assert!(!handle(&guard, "a"));
    }

    #[test]
    fn an_event_that_is_being_handled_is_neither_new_nor_handled() {
        let guard = ReplayGuard::new(2);
        let first = guard.handling("a").unwrap().unwrap();
        assert_eq!(guard.handling("a").unwrap_err().kind(), ErrorKind::EventInProgress);
        assert!(handle(&guard, "b") && handle(&guard, "c") && handle(&guard, "d"));
        assert_eq!(guard.handling("a").unwrap_err().kind(), ErrorKind::EventInProgress);
        first.done();
        assert!(!handle(&guard, "a"));
    }

    #[test]
    fn an_event_is_forgotten_after_its_time() {
        let guard = ReplayGuard::with_window(10, Duration::from_secs(60));
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        guard.handling_at("a", at(0)).unwrap().unwrap().done_at(at(0));
        assert!(guard.handling_at("a", at(60)).unwrap().is_none());
        assert!(guard.handling_at("a", at(61)).unwrap().is_some());
    }

    #[test]
    fn an_event_without_an_id_is_refused() {
        assert_eq!(ReplayGuard::new(1).handling("").unwrap_err().argument(), Some("id"));
    }
}
