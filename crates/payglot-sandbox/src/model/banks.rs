//! Bank accounts: those linked from elsewhere, and Paywint's own.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Account;
use crate::basics::Money;

/// Transfers from and to account numbers with this ending are returned.
const RETURNING: &str = "9995";
/// Why a returned transfer failed.
pub(crate) const RETURNED: &str = "The bank returned the transfer";

/// Whether transfers from and to an account with this number are returned.
pub(crate) fn is_returning(account_number: &str) -> bool {
    account_number.ends_with(RETURNING)
}

/// The state of the verification by two micro-deposits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verification {
    /// The deposits are under way.
    NotApplied,
    /// They arrived.
    Applied,
    Verified,
}

/// A bank account of a user.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct BankAccount {
    pub id: Uuid,
    pub user_id: Uuid,
    pub nick_name: Option<String>,
    pub last_four: String,
    pub routing_number: Option<String>,
    pub account_type: String,
    pub bank_name: Option<String>,
    pub holder: Option<String>,
    pub verification: Verification,
    pub is_default: bool,
    /// Whether transfers from and to it are returned, as for a test account number.
    pub is_returning: bool,
    pub created_at: Timestamp,
    /// When somebody first asked for its transactions; Paywint's own accounts only.
    pub first_listed_at: Option<Timestamp>,
}

impl BankAccount {
    /// Whether it is an account at Paywint, whose balance is in the ledger.
    pub fn is_paywint(&self) -> bool {
        self.account_type.starts_with("PAYWINT_")
    }

    pub fn is_verified(&self) -> bool {
        self.verification == Verification::Verified
    }

    /// The payment method for transfers from and to it.
    pub fn method(&self) -> &'static str {
        if self.is_paywint() { "PW_BANK" } else { "ACH" }
    }

    /// Why transfers are returned, if they are.
    pub fn return_reason(&self) -> Option<String> {
        self.is_returning.then(|| RETURNED.to_owned())
    }

    /// Its account in the ledger.
    pub fn account(&self) -> Account {
        if self.is_paywint() { Account(self.id) } else { Account::OUTSIDE }
    }
}

/// A transaction on one of Paywint's accounts.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct BankTransaction {
    pub id: Uuid,
    pub bank_id: Uuid,
    pub payment_id: Uuid,
    pub description: Option<String>,
    pub other_party: Option<String>,
    pub is_internal: bool,
    pub is_credit: bool,
    pub amount: Money,
    pub date: Date,
}
