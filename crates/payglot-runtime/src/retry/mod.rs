//! Whether an attempt is followed by another: a pure function, so that its tests are tables.
//!
//! May use [`schema`](crate::schema) for the replay class; knows nothing of sockets or clients. Money is never sent twice: a call that is not repeatable is tried again only when the request provably was
//! not processed. Where that cannot be known, the decision is [`RetryDecision::Unknown`], never a retry.

use std::time::{Duration, SystemTime};

use http::HeaderMap;

use crate::schema::Replay;

/// First wait; doubles with each retry.
pub(crate) const FIRST_BACKOFF: Duration = Duration::from_millis(500);
/// Longest wait of our own choosing.
const MAX_BACKOFF: Duration = Duration::from_secs(8);
/// Longest wait that a vendor can ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);

/// What is known of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The vendor provably did not get the request.
    NotSent,
    /// The request cannot be sent as it is: another attempt would end alike.
    Unsendable,
    /// The request may have arrived, but no whole response came: timeout, reset, truncated body.
    Unknown,
    /// A response came.
    Responded { status: u16, retry_after: Option<Duration> },
    /// A response came that cannot be read: it is too large, or encoded with what nobody asked for.
    Unreadable { status: u16 },
}

impl Outcome {
    /// Whether the vendor may have acted on the attempt.
    pub(crate) fn may_have_happened(self) -> bool {
        match self {
            Self::NotSent | Self::Unsendable => false,
            Self::Unknown => true,
            Self::Responded { status, .. } | Self::Unreadable { status } => {
                is_doubtful(status) || is_success(status)
            }
        }
    }
}

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryDecision {
    /// Give the response, or the error it is, to the caller.
    Final,
    /// Nobody knows whether the vendor acted, and the caller must know that.
    Unknown,
    /// Try again, after the wait that the vendor asks for, or else after one of our own.
    Retry(Option<Duration>),
}

/// Decides what follows attempt number `attempt` (from 1).
pub(crate) fn classify(
    replay: Replay,
    outcome: Outcome,
    attempt: u32,
    max_retries: u32,
) -> RetryDecision {
    let retry = |wait: Option<Duration>| {
        if attempt > max_retries {
            return RetryDecision::Final;
        }
        RetryDecision::Retry(wait.map(|wait| wait.min(MAX_RETRY_AFTER)))
    };
    match outcome {
        Outcome::NotSent => retry(None),
        Outcome::Unknown if replay.is_repeatable() => retry(None),
        Outcome::Unknown => RetryDecision::Unknown,
        Outcome::Responded { status: 429, retry_after } => retry(retry_after),
        Outcome::Responded { status: 408 | 500 | 502 | 503 | 504, retry_after }
            if replay.is_repeatable() =>
        {
            retry(retry_after)
        }
        Outcome::Responded { status, .. } if is_doubtful(status) && !replay.is_repeatable() => {
            RetryDecision::Unknown
        }
        Outcome::Unreadable { status }
            if (is_doubtful(status) || is_success(status)) && !replay.is_repeatable() =>
        {
            RetryDecision::Unknown
        }
        Outcome::Responded { .. } | Outcome::Unreadable { .. } | Outcome::Unsendable => {
            RetryDecision::Final
        }
    }
}

/// Whether a status leaves open that the vendor acted. One below 200 is no response yet, whatever it switches to.
const fn is_doubtful(status: u16) -> bool {
    status == 408 || status < 200 || status >= 500
}

const fn is_success(status: u16) -> bool {
    status >= 200 && status < 300
}

/// The wait of our own choosing before attempt number `attempt + 1`: exponential from `first`, with full
/// jitter. `jitter` is between 0 and 1.
pub(crate) fn backoff(first: Duration, attempt: u32, jitter: f64) -> Duration {
    let doublings = attempt.saturating_sub(1).min(16);
    first.saturating_mul(1 << doublings).min(MAX_BACKOFF).mul_f64(jitter.clamp(0.0, 1.0))
}

/// `Retry-After` in seconds or as a date.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Replay; 5] =
        [Replay::Read, Replay::Idempotent, Replay::Keyed, Replay::Create, Replay::Money];

    fn responded(status: u16) -> Outcome {
        Outcome::Responded { status, retry_after: None }
    }

    #[test]
    fn what_was_not_sent_is_tried_again_by_every_class() {
        for replay in ALL {
            assert_eq!(
                classify(replay, Outcome::NotSent, 1, 2),
                RetryDecision::Retry(None),
                "{replay:?}"
            );
            assert_eq!(
                classify(replay, Outcome::NotSent, 3, 2),
                RetryDecision::Final,
                "{replay:?}"
            );
            assert_eq!(
                classify(replay, Outcome::NotSent, 1, 0),
                RetryDecision::Final,
                "{replay:?}"
            );
        }
    }

    #[test]
    fn what_may_have_arrived_is_never_sent_twice_by_create_and_money() {
        for replay in ALL {
            let lost = classify(replay, Outcome::Unknown, 1, 9);
            if replay.is_repeatable() {
                assert_eq!(lost, RetryDecision::Retry(None), "{replay:?}");
            } else {
                assert_eq!(lost, RetryDecision::Unknown, "{replay:?}");
            }
        }
    }

    #[test]
    fn statuses() {
        for replay in ALL {
            for status in 100..=599 {
                let decision = classify(replay, responded(status), 1, 2);
                let expected = match status {
                    429 => RetryDecision::Retry(None),
                    408 | 500 | 502 | 503 | 504 if replay.is_repeatable() => {
                        RetryDecision::Retry(None)
                    }
                    100..=199 | 408 | 500..=599 if !replay.is_repeatable() => {
                        RetryDecision::Unknown
                    }
                    _ => RetryDecision::Final,
                };
                assert_eq!(decision, expected, "{replay:?} {status}");
            }
        }
    }

    #[test]
    fn a_response_too_large_to_read_still_tells_whether_the_outcome_is_known() {
        for replay in ALL {
            for (status, is_doubtful) in [(200, true), (404, false), (408, true), (503, true)] {
                let decision = classify(replay, Outcome::Unreadable { status }, 1, 9);
                let expected = if is_doubtful && !replay.is_repeatable() {
                    RetryDecision::Unknown
                } else {
                    RetryDecision::Final
                };
                assert_eq!(decision, expected, "{replay:?} {status}");
            }
            let unsendable = classify(replay, Outcome::Unsendable, 1, 9);
            assert_eq!(unsendable, RetryDecision::Final, "{replay:?}");
        }
    }

    #[test]
    fn waits_double_to_eight_seconds_with_full_jitter() {
        let waits: Vec<_> =
            (1..=7).map(|attempt| backoff(FIRST_BACKOFF, attempt, 1.0).as_millis()).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 8000, 8000]);
        assert_eq!(backoff(FIRST_BACKOFF, 3, 0.0), Duration::ZERO);
        assert_eq!(backoff(FIRST_BACKOFF, 3, 0.25), Duration::from_millis(500));
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date_and_honoured_to_a_minute() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        let header = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", text.parse().unwrap());
            retry_after(&headers, now)
        };
        assert_eq!(header("3"), Some(Duration::from_secs(3)));
        assert_eq!(header("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(header("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(header("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(header("soon"), None);
        assert_eq!(header("-1"), None);
        assert_eq!(header("NaN"), None);
        let long = Outcome::Responded { status: 503, retry_after: Some(Duration::from_secs(3600)) };
        assert_eq!(classify(Replay::Read, long, 1, 2), RetryDecision::Retry(Some(MAX_RETRY_AFTER)));
    }
}
