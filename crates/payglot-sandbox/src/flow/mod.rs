//! What several operations, pages and later events do alike.

pub(crate) mod cards;
pub(crate) mod checkout;
pub(crate) mod contacts;
pub(crate) mod events;
pub(crate) mod links;
pub(crate) mod payees;
pub(crate) mod payment_links;
pub(crate) mod payments;
pub(crate) mod rates;
pub(crate) mod rules;
pub(crate) mod wallets;
