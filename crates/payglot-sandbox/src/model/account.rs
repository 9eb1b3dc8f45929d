//! Accounts of the ledger, and the entries that move money between them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::basics::Money;

/// Whose money it is: the id of a wallet, a bank account, a card, or a payment that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Account(pub Uuid);

impl Account {
    /// Everything outside the sandbox: banks, cards and people whose balances it does not know.
    pub const OUTSIDE: Self = Self(Uuid::from_u128(1));
    /// The fees that providers earned.
    pub const FEES: Self = Self(Uuid::from_u128(2));
    /// What can still be spent on gift cards.
    pub const GIFT_CARDS: Self = Self(Uuid::from_u128(3));
}

/// An entry: one amount that moved from one account to another.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub at: Timestamp,
    pub from: Account,
    pub to: Account,
    pub amount: Money,
    /// The payment that moved it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Uuid>,
}
