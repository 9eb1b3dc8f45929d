//! A stored card: of its number the last four digits at most, and never the CVV.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A linked card.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Card {
    pub id: Uuid,
    pub user_id: Uuid,
    pub details: CardDetails,
    pub flags: BTreeSet<Flag>,
}

/// What a person entered, without the number and the CVV.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct CardDetails {
    pub brand: String,
    pub last_four: String,
    /// `MM/YYYY`.
    pub expiry: String,
    pub first_name: String,
    pub last_name: String,
    pub address: String,
    pub city: Option<String>,
    pub state: Option<String>,
    pub postal_code: String,
    pub country: String,
}

/// What limits the use of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Flag {
    Images,
    WithdrawalConfirm,
    PaymentConfirm,
    Compliance,
    Limited,
}

impl Flag {
    /// The field of a card that shows it.
    pub fn wire(self) -> &'static str {
        match self {
            Self::Images => "card_images_required",
            Self::WithdrawalConfirm => "withdrawal_confirm_required",
            Self::PaymentConfirm => "payment_confirm_required",
            Self::Compliance => "compliance_check_required",
            Self::Limited => "is_limited",
        }
    }

    /// What it means to the card's owner.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Images => "Pictures of the front and the back of the card are missing.",
            Self::WithdrawalConfirm => "The card has to be set up before withdrawals.",
            Self::PaymentConfirm => "The card has to be verified before new payments.",
            Self::Compliance => "Identity has to be checked before card payments.",
            Self::Limited => "The daily payment limit is reached; withdrawals still work.",
        }
    }

    /// Whether the update page clears the flag. Upstream documents that it clears the first three and not the
    /// limit, and does not say for compliance.
    pub fn is_a_step(self) -> bool {
        self != Self::Limited
    }
}
