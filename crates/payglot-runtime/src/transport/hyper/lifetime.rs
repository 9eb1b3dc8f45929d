//! How long a connection of HTTP/1.1 may lie idle before the host closes it: what the host says, and what was seen.
//!
//! A payment that is sent into a connection that the host is about to close has an unknown outcome, for nothing.

use std::time::{Duration, Instant};

use http::HeaderMap;

/// How long an unused connection stays open here.
pub(super) const MAX_IDLE: Duration = Duration::from_secs(90);
/// The oldest idle connection that a payment takes of a host that says nothing about it.
const FRESH: Duration = Duration::from_secs(1);
/// What was seen is forgotten after this: a host that restarts closes connections of any age.
const FORGET: Duration = Duration::from_secs(600);

/// What was seen of a host's idle connections.
#[derive(Default)]
pub(super) struct Lifetime {
    /// The least age at which one was found closed, and when.
    closed: Option<(Duration, Instant)>,
}

impl Lifetime {
    /// An idle connection of this age was found closed.
    pub fn closed_at(&mut self, age: Duration) {
        if self.limit().is_none_or(|limit| age < limit) {
            self.closed = Some((age, Instant::now()));
        }
    }

    /// An idle connection of this age took a request.
    pub fn open_at(&mut self, age: Duration) {
        if self.limit().is_some_and(|limit| age >= limit) {
            self.closed = None;
        }
    }

    fn limit(&self) -> Option<Duration> {
        self.closed.filter(|(_, seen)| seen.elapsed() < FORGET).map(|(age, _)| age)
    }

    /// Whether a payment may be sent by a connection that has been idle for so long.
    pub fn is_fresh(&self, idle: Duration, keep_alive: Option<Duration>) -> bool {
        let told = keep_alive.map_or(FRESH, with_margin);
        idle < told.min(self.limit().map_or(MAX_IDLE, with_margin))
    }
}

/// Whether any call may be sent by a connection that has been idle for so long.
pub(super) fn is_usable(idle: Duration, keep_alive: Option<Duration>) -> bool {
    idle < keep_alive.map_or(MAX_IDLE, with_margin).min(MAX_IDLE)
}

/// A request takes time to arrive, and clocks differ: a second less, or a quarter; half of what is short.
fn with_margin(limit: Duration) -> Duration {
    let margin = if limit > Duration::from_secs(2) {
        Duration::from_secs(1).max(limit / 4)
    } else {
        limit / 2
    };
    limit.saturating_sub(margin)
}

/// How long the host keeps the connection of this response, `Keep-Alive: timeout=5, max=100`; `None` where it says
/// nothing.
pub(super) fn keep_alive(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("keep-alive")?.to_str().ok()?;
    let parameter = |wanted: &str| {
        text.split([',', ';']).find_map(|part| {
            let (name, value) = part.split_once('=')?;
            let is_wanted = name.trim().eq_ignore_ascii_case(wanted);
            is_wanted.then(|| value.trim().trim_matches('"').parse::<u64>().ok())?
        })
    };
    if parameter("max") == Some(0) {
        return Some(Duration::ZERO);
    }
    parameter("timeout").map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn issue_12_6_keep_alive_is_read() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("keep-alive", text.parse().unwrap());
            keep_alive(&headers)
        };
        assert_eq!(keep_alive(&HeaderMap::new()), None);
        assert_eq!(read("timeout=5"), Some(ms(5000)));
        assert_eq!(read("Timeout = 5, max=100"), Some(ms(5000)));
        assert_eq!(read("max=7;timeout=\"65\""), Some(ms(65_000)));
        assert_eq!(read("timeout=5, max=0"), Some(ms(0)));
        assert_eq!(read("timeout=0"), Some(ms(0)));
        assert_eq!(read("timeout=soon"), None);
        assert_eq!(read("timeout=-1"), None);
    }

    #[test]
    fn issue_12_6_a_payment_takes_a_connection_that_is_surely_open() {
        let mut seen = Lifetime::default();
        assert!(seen.is_fresh(ms(900), None) && !seen.is_fresh(ms(1100), None));
        assert!(
            seen.is_fresh(ms(3500), Some(ms(5000))) && !seen.is_fresh(ms(4000), Some(ms(5000)))
        );
        assert!(!seen.is_fresh(ms(0), Some(ms(0))));
        // A host that closes earlier than it says.
        seen.closed_at(ms(3000));
        assert!(
            !seen.is_fresh(ms(2500), Some(ms(5000))) && seen.is_fresh(ms(1900), Some(ms(5000)))
        );
        seen.closed_at(ms(600));
        seen.closed_at(ms(4000));
        assert!(!seen.is_fresh(ms(400), None) && seen.is_fresh(ms(250), None));
        // It was a restart: one that is as old has worked since.
        seen.open_at(ms(500));
        assert!(!seen.is_fresh(ms(400), None));
        seen.open_at(ms(600));
        assert!(seen.is_fresh(ms(900), None));
    }

    #[test]
    fn issue_12_6_other_calls_take_what_the_host_has_not_given_up() {
        assert!(is_usable(ms(80_000), None) && !is_usable(ms(90_000), None));
        assert!(is_usable(ms(3000), Some(ms(5000))) && !is_usable(ms(4000), Some(ms(5000))));
        assert!(!is_usable(ms(0), Some(ms(0))));
        assert!(!is_usable(ms(90_000), Some(Duration::from_secs(3600))));
    }
}
