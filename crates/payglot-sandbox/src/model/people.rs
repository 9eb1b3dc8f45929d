//! Users, who they are, and their wallets.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Account;

/// Which of Paywint's two APIs an object belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Api {
    Platform,
    Developer,
}

impl Api {
    /// The provider's name in the tables.
    pub fn provider(self) -> &'static str {
        match self {
            Self::Platform => "paywint-platform",
            Self::Developer => "paywint-developer",
        }
    }

    /// By the provider's name.
    pub fn of(provider: &str) -> Option<Self> {
        [Self::Platform, Self::Developer].into_iter().find(|api| api.provider() == provider)
    }
}

/// The contact details of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub email: Option<String>,
    pub phone_country_code: Option<String>,
    pub phone: Option<String>,
}

impl Contact {
    /// Whether both reach the same person: an address in any case, or a number with its code.
    pub fn meets(&self, other: &Self) -> bool {
        let email = match (&self.email, &other.email) {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            _ => false,
        };
        let phone = self.phone.is_some()
            && (&self.phone, &self.phone_country_code) == (&other.phone, &other.phone_country_code);
        email || phone
    }
}

/// A user of the platform, or the account behind the keys of the Developer API.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct User {
    pub id: Uuid,
    pub api: Api,
    pub name: String,
    pub contact: Contact,
    pub created_at: Timestamp,
}

/// A user's wallet and its accounts in the ledger.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Wallet {
    pub id: Uuid,
    pub user_id: Uuid,
    /// Holds what is on its way into the wallet.
    pub incoming: Uuid,
}

impl Wallet {
    /// What can be spent.
    pub fn available(self) -> Account {
        Account(self.id)
    }

    pub fn incoming(self) -> Account {
        Account(self.incoming)
    }
}

/// The decision about a person or a business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    Pending,
    Approved,
    Rejected,
    /// The check itself failed; only for people.
    Failed,
}

/// The identity record of a user, by the names of the API's fields.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kyc {
    pub status: Decision,
    pub fields: BTreeMap<String, String>,
}

/// The business record of a user, by the names of the API's fields.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kyb {
    pub status: Decision,
    pub fields: BTreeMap<String, String>,
}
