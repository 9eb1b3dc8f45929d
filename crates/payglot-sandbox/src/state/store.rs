//! Everything that requests made: one table per kind of object, and the ledger.

use jiff::Timestamp;
use uuid::Uuid;

use super::Ledger;
use super::table::{Rows, Saved, Table};
use crate::model::{
    Address, BankAccount, BankTransaction, Card, CardActivity, CheckAddress, CheckSettings,
    CheckoutToken, Event, IssuedCard, Job, Kyb, Kyc, Link, LinoraCard, LinoraUser, Outgoing, Payee,
    PayeeBank, PayeeCard, Payment, Replayed, User, Wallet,
};

/// Declares the tables with the names under which they are saved.
macro_rules! store {
    ($($field:ident: $row:ty, $doc:literal;)*) => {
        /// The sandbox's objects.
        #[derive(Default)]
        pub(crate) struct Store {
            pub ledger: Ledger,
            /// No job is due before this time; none where that is not known.
            pub next_job: Option<Timestamp>,
            $(#[doc = $doc] pub $field: Table<$row>,)*
        }

        impl Store {
            fn tables(&self) -> Vec<(&'static str, &dyn Rows)> {
                vec![
                    ("entries", &self.ledger.entries),
                    ("balances", &self.ledger.balances),
                    $((stringify!($field), &self.$field),)*
                ]
            }

            fn tables_mut(&mut self) -> Vec<(&'static str, &mut dyn Rows)> {
                vec![
                    ("entries", &mut self.ledger.entries),
                    ("balances", &mut self.ledger.balances),
                    $((stringify!($field), &mut self.$field),)*
                ]
            }
        }
    };
}

store! {
    users: User, "Of the Platform API, and the account of the Developer API.";
    wallets: Wallet, "By user, whichever API the user is of.";
    kyc: Kyc, "By user.";
    kyb: Kyb, "By user.";
    banks: BankAccount, "Linked and Paywint's own.";
    bank_transactions: BankTransaction, "On Paywint's own accounts.";
    cards: Card, "Of users.";
    payees: Payee, "Of users of both APIs.";
    addresses: Address, "Of payees.";
    payee_cards: PayeeCard, "Cards of payees.";
    payee_banks: PayeeBank, "Bank accounts of payees.";
    check_addresses: CheckAddress, "By user.";
    check_settings: CheckSettings, "By user.";
    payments: Payment, "Of every kind.";
    issued_cards: IssuedCard, "By request.";
    checkout_tokens: CheckoutToken, "By a hash of the token.";
    linora_users: LinoraUser, "Linora's.";
    linora_cards: LinoraCard, "Linora's.";
    card_activity: CardActivity, "On Linora's cards.";
    links: Link, "By token.";
    jobs: Job, "What happens later.";
    replayed: Replayed, "By a hash of operation and key.";
    events: Event, "What webhooks deliver.";
    outgoing: Outgoing, "Deliveries that are still to be tried.";
}

impl Store {
    /// What changed since the last commit.
    pub fn changes(&self) -> serde_json::Result<Vec<Saved>> {
        let mut changes = Vec::new();
        for (name, table) in self.tables() {
            changes.extend(table.changes(name)?);
        }
        Ok(changes)
    }

    /// Every row of every table.
    pub fn all(&self) -> serde_json::Result<Vec<Saved>> {
        let mut rows = Vec::new();
        for (name, table) in self.tables() {
            rows.extend(table.all(name)?);
        }
        Ok(rows)
    }

    /// Reads what [`Store::all`] gave.
    pub fn load(saved: &[Saved]) -> Result<Self, String> {
        let mut store = Self::default();
        let mut tables = store.tables_mut();
        for saved in saved {
            let Some((_, table)) = tables.iter_mut().find(|(name, _)| *name == saved.table) else {
                return Err(format!("there is no table {}", saved.table));
            };
            let Some(row) = &saved.row else { continue };
            // The error may quote the row, which may hold a secret.
            table
                .load(saved.position, row)
                .map_err(|_| format!("a row of table {} cannot be read", saved.table))?
                .then_some(())
                .ok_or_else(|| format!("table {} has a row twice", saved.table))?;
        }
        drop(tables);
        store.ledger.check()?;
        Ok(store)
    }

    pub fn commit(&mut self) {
        for (_, table) in self.tables_mut() {
            table.commit();
        }
    }

    pub fn roll_back(&mut self) {
        for (_, table) in self.tables_mut() {
            table.roll_back();
        }
        // What was scheduled is scheduled again.
        self.next_job = None;
    }

    pub fn cards_of(&self, user_id: Uuid) -> impl Iterator<Item = &Card> {
        self.cards.values().filter(move |card| card.user_id == user_id)
    }

    /// The user's bank accounts, newest first.
    pub fn banks_of(&self, user_id: Uuid) -> impl Iterator<Item = &BankAccount> {
        self.banks.values().rev().filter(move |bank| bank.user_id == user_id)
    }

    pub fn addresses_of(&self, payee_id: Uuid) -> impl Iterator<Item = &Address> {
        self.addresses.values().filter(move |address| address.payee_id == payee_id)
    }
}
