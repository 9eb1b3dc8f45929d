//! Linora's users and virtual cards.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::Account;
use crate::basics::Money;

/// A user; the metadata is whatever the caller sent.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct LinoraUser {
    pub id: Uuid,
    pub created_at: Timestamp,
    pub metadata: Box<RawValue>,
}

/// A virtual card. Its number is random.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct LinoraCard {
    pub id: Uuid,
    pub user_id: Uuid,
    pub name: String,
    pub number: String,
    /// `MM/YYYY`.
    pub expiry: String,
    pub cvv: String,
    pub issuance_fee: Money,
    pub service_fee: Money,
    pub otp: Option<Otp>,
}

impl LinoraCard {
    /// Its account in the ledger.
    pub fn account(&self) -> Account {
        Account(self.id)
    }
}

/// A one-time password.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Otp {
    pub code: String,
    pub expires_at: Timestamp,
}

/// What happened on a card.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct CardActivity {
    pub id: Uuid,
    pub card_id: Uuid,
    pub amount: Money,
    pub at: Timestamp,
    /// `completed` or `declined`.
    pub status: String,
    /// `load`, `topup` or `payment`.
    pub kind: String,
}
