//! What Paywint issues: cards and checkout tokens; and the stored responses to idempotency keys.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::Account;
use super::Api;
use crate::basics::Money;

/// A Paywint card, from the request to issue it onwards.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct IssuedCard {
    pub request_id: Uuid,
    pub owner: Uuid,
    pub payee_id: Uuid,
    pub payment_id: Uuid,
    pub number: u64,
    pub nick_name: String,
    pub amount: Money,
    /// The card itself, once it is approved.
    pub card: Option<(Uuid, String)>,
    pub first_name: String,
    pub last_name: String,
    pub address_line: String,
    pub city: String,
    pub state: String,
    pub zip: String,
    pub country: String,
    pub created_at: Timestamp,
}

impl IssuedCard {
    /// Its account in the ledger.
    pub fn account(&self) -> Account {
        Account(self.request_id)
    }
}

/// A token with which a browser starts a checkout.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct CheckoutToken {
    pub api: Api,
    pub user_id: Option<Uuid>,
    pub amount: Money,
    pub currency: String,
    pub expires_at: Timestamp,
}

/// A response that is sent again for the same idempotency key.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Replayed {
    /// SHA-256 of the body that came with the key first.
    pub body_hash: String,
    pub response: Box<RawValue>,
    pub at: Timestamp,
}
