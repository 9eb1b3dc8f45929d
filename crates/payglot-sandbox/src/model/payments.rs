//! Payments: every movement of money that takes time or can fail, whatever operation began it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Account;
use super::Api;
use crate::basics::Money;

/// What began a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// A user pays a payee.
    Payee,
    /// A user mails a check.
    Check,
    /// A bank fills a wallet.
    Funding,
    /// Money leaves a wallet or one of Paywint's accounts.
    Withdrawal,
    /// A payer pays through a link.
    Link,
    /// A wallet fills an issued card.
    Card,
}

/// The state of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Nobody has opened the page yet.
    Pending,
    /// The payer has opened the page.
    Opened,
    /// The money is under way.
    Processing,
    Success,
    Failed,
    /// Rejected because of a policy.
    Rejected,
    /// It failed, and the payer tried again with another payment.
    Retried,
    /// It succeeded, and the money was returned later.
    Refunded,
    /// Nobody paid in time.
    Expired,
}

impl Status {
    /// Whether the payer can still act.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Opened)
    }
}

/// A payment.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Payment {
    pub id: Uuid,
    /// Counts all payments.
    pub number: u64,
    pub api: Api,
    pub kind: Kind,
    /// The user who pays, if it is a user.
    pub payer: Option<Uuid>,
    pub payer_name: Option<String>,
    pub payee_id: Option<Uuid>,
    pub payee_name: Option<String>,
    /// The user who receives the money, if it is a user.
    pub receiver: Option<Uuid>,
    pub amount: Money,
    pub processing_fee: Money,
    pub delivery_fee: Money,
    pub invoice_no: Option<String>,
    pub description: Option<String>,
    pub payment_method: Option<String>,
    pub receiving_method: Option<String>,
    pub card_id: Option<Uuid>,
    pub bank_id: Option<Uuid>,
    pub payee_card_id: Option<Uuid>,
    pub payee_bank_id: Option<Uuid>,
    pub attachment_url: Option<String>,
    pub created_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub status: Status,
    pub failure_reason: Option<String>,
    /// Makes the payment fail for this reason when the money should arrive.
    pub will_fail: Option<String>,
    pub from: Account,
    /// Holds the money while it is under way.
    pub transit: Account,
    pub to: Account,
}

impl Payment {
    pub fn fees(&self) -> Money {
        self.processing_fee + self.delivery_fee
    }

    /// Everything that leaves the payer.
    pub fn total(&self) -> Money {
        self.amount + self.fees()
    }
}
