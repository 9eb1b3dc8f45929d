//! The rows of a new sandbox, before the first request.

use jiff::Timestamp;

use super::Store;
use crate::basics::{Identity, Money};
use crate::model::{Account, Api, Contact, User};

/// What a new sandbox can spend on gift cards, in cents.
const GIFT_CARD_STOCK: i64 = 1_000_000;

/// A user of the Platform API, the account of the Developer API, and money for gift cards.
pub(crate) fn store(identity: &Identity, now: Timestamp) -> Store {
    let mut store = Store::default();
    let people = [
        (identity.user_id, Api::Platform, "Sandbox User", "user@sandbox.example"),
        (identity.developer_id, Api::Developer, "Sandbox Developer", "developer@sandbox.example"),
    ];
    for (id, api, name, email) in people {
        let contact =
            Contact { email: Some(email.to_owned()), phone_country_code: None, phone: None };
        store.users.put(id, User { id, api, name: name.to_owned(), contact, created_at: now });
    }
    // The account outside can always pay.
    let _ = store.ledger.transfer(
        now,
        Account::OUTSIDE,
        Account::GIFT_CARDS,
        Money::cents(GIFT_CARD_STOCK),
    );
    store
}
