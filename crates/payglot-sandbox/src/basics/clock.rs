//! The sandbox's time: the machine's, plus an offset that a test moves, so that nobody waits 30 minutes for a
//! link to expire.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

/// A clock that is ahead of the machine's by as much as a test moved it.
#[derive(Debug, Default)]
pub struct Clock {
    offset_seconds: AtomicI64,
    /// Wakes whoever waits for a time.
    moved: Notify,
}

impl Clock {
    /// The sandbox's present moment, in whole microseconds as upstream's timestamps are.
    pub fn now(&self) -> Timestamp {
        Self::at_offset(self.offset_seconds())
    }

    /// What it shows when it is so many seconds ahead of the machine.
    pub(crate) fn at_offset(offset_seconds: i64) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond())
            .unwrap_or(now)
            .checked_add(SignedDuration::from_secs(offset_seconds))
            .unwrap_or(Timestamp::MAX)
    }

    /// How far the clock is ahead of the machine.
    pub fn offset_seconds(&self) -> i64 {
        self.offset_seconds.load(Ordering::Relaxed)
    }

    /// Waits until the clock shows this time, the clock is moved, or [`Clock::wake`] is called.
    pub(crate) async fn wait_until(&self, time: Timestamp) {
        let left = time.duration_since(self.now());
        // Timers have a maximum, so longer waits are split.
        let left = Duration::try_from(left).unwrap_or_default().min(Duration::from_secs(86_400));
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
}

/// A moment later than this one.
pub(crate) fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}
