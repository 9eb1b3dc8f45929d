//! Hosted pages that one person may use once.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The path under which hosted pages are served; what the page is for and its token follow.
pub(crate) const HOSTED_PREFIX: &str = "/hosted/";
/// How long a hosted page can be used.
pub(crate) const LINK_MINUTES: i64 = 30;

/// A hosted page.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Link {
    pub purpose: Purpose,
    pub expires_at: Timestamp,
    pub used: bool,
}

/// What a hosted page is for.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// The user enters a card.
    AddCard { user_id: Uuid },
    /// The user completes a card.
    UpdateCard { card_id: Uuid },
    /// Somebody pays.
    Pay { payment_id: Uuid },
    /// The user proves their identity.
    Identity { user_id: Uuid },
}

impl Link {
    pub fn new(purpose: Purpose, now: Timestamp) -> Self {
        let lifetime = SignedDuration::from_mins(LINK_MINUTES);
        let expires_at = now.checked_add(lifetime).unwrap_or(Timestamp::MAX);
        Self { purpose, expires_at, used: false }
    }
}
