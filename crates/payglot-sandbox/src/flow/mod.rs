//! What several operations, pages and scheduled jobs have in common: payments, cards, events, webhooks.
//!
//! May use [`crate::operation`], [`crate::state`] and what is below them. Must not know which operation or page
//! called it.

pub(crate) mod cards;
pub(crate) mod checkout;
pub(crate) mod contacts;
pub(crate) mod events;
pub(crate) mod links;
pub(crate) mod outside;
pub(crate) mod payees;
pub(crate) mod payment_links;
pub(crate) mod payments;
pub(crate) mod rates;
pub(crate) mod rules;
pub(crate) mod scheduler;
pub(crate) mod wallets;
pub(crate) mod webhooks;
