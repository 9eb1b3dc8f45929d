//! Payees, and the addresses and accounts on which they are paid.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Contact;

/// A person or business that a user pays.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Payee {
    pub id: Uuid,
    /// The user whose payee it is.
    pub owner: Uuid,
    pub name: String,
    pub contact: Contact,
    pub created_at: Timestamp,
}

/// A mailing address of a payee.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Address {
    pub id: Uuid,
    pub payee_id: Uuid,
    pub first_name: String,
    pub last_name: Option<String>,
    pub line_1: String,
    pub line_2: Option<String>,
    pub company: Option<String>,
    pub city: String,
    pub state: String,
    pub zipcode: String,
    pub country: String,
    pub is_default: bool,
    pub created_at: Timestamp,
    pub updated_at: Option<Timestamp>,
}

/// A payee's card.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PayeeCard {
    pub id: Uuid,
    pub payee_id: Uuid,
    pub nick_name: Option<String>,
    pub last_four: String,
    /// `MM/YYYY`.
    pub expiry: String,
}

/// A payee's bank account; of its numbers only what is shown.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PayeeBank {
    pub id: Uuid,
    pub payee_id: Uuid,
    pub holder: String,
    pub account_type: String,
    pub nick_name: String,
    pub masked_account: String,
    pub masked_routing: String,
    /// Whether transfers to it are returned, as for a test account number.
    pub is_returning: bool,
}

/// The address that a user's checks are sent from.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct CheckAddress {
    pub id: Uuid,
    pub name: Option<String>,
    pub line_1: String,
    pub line_2: Option<String>,
    pub city: String,
    pub state: String,
    pub zipcode: String,
    pub country: String,
    pub created_at: Timestamp,
    pub updated_at: Option<Timestamp>,
}

/// What is printed on a user's checks.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct CheckSettings {
    pub logo: Option<String>,
    pub signature: Option<String>,
}
