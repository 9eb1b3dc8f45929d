//! The sandbox's time: the machine's, plus an offset that a test moves, so that nobody waits 30 minutes for a
//! link to expire.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

/// A clock that can be moved forward.
#[derive(Debug, Default)]
pub struct Clock {
    offset_seconds: AtomicI64,
    /// Wakes whoever waits for a time.
    moved: Notify,
}

impl Clock {
    /// The sandbox's present moment, in whole microseconds as upstream's timestamps are.
    pub fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond())
            .unwrap_or(now)
            .checked_add(SignedDuration::from_secs(self.offset_seconds()))
            .unwrap_or(Timestamp::MAX)
    }

    /// Moves the clock forward, by whole seconds.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
        // The closure always returns a value, so the update cannot fail.
        let _ = self.offset_seconds.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |offset| {
            Some(offset.saturating_add(by))
        });
        self.wake();
    }

    /// How far the clock is ahead of the machine.
    pub fn offset_seconds(&self) -> i64 {
        self.offset_seconds.load(Ordering::Relaxed)
    }

    /// Waits until the clock shows this time, the clock is moved, or [`Clock::wake`] is called.
    pub(crate) async fn wait_until(&self, time: Timestamp) {
        let left = time.duration_since(self.now());
        // Timers have a maximum, so longer waits are split.
        let left = Duration::try_from(left).unwrap_or_default().min(Duration::from_hours(24));
        let _ = tokio::time::timeout(left, self.moved.notified()).await;
    }

    /// Wakes the waiter, because something may be due earlier than it expects.
    pub(crate) fn wake(&self) {
        self.moved.notify_one();
    }

    pub(crate) fn set_offset(&self, seconds: i64) {
        self.offset_seconds.store(seconds, Ordering::Relaxed);
        self.wake();
    }

    pub(crate) fn reset(&self) {
        self.set_offset(0);
    }
}

/// A moment later than this one.
pub(crate) fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}
