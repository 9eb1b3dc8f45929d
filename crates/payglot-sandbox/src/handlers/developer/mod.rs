//! What the Paywint Developer API does, one module per resource. The account behind the keys is the user.

#![expect(clippy::unnecessary_wraps, reason = "every handler has the same signature")]

mod payee_addresses;
mod payees;
mod payments;
mod paywint_cards;

use crate::operation::Handlers;

/// The operations that are served.
pub(crate) static HANDLERS: Handlers = &[
    ("payees.create", payees::create),
    ("payees.update", payees::update),
    ("payees.delete", payees::delete),
    ("payees.get", payees::get),
    ("payees.list", payees::list),
    ("payee_addresses.create", payee_addresses::create),
    ("payee_addresses.update", payee_addresses::update),
    ("payee_addresses.set_default", payee_addresses::set_default),
    ("payee_addresses.delete", payee_addresses::delete),
    ("payee_addresses.list", payee_addresses::list),
    ("payee_addresses.get", payee_addresses::get),
    ("paywint_cards.issue", paywint_cards::issue),
    ("paywint_cards.list", paywint_cards::list),
    ("paywint_cards.get", paywint_cards::get),
    ("paywint_cards.reload", paywint_cards::reload),
    ("payments.create_link", payments::create_link),
    ("payments.get", payments::get),
    ("payments.list_received", payments::list_received),
    ("payments.list_sent", payments::list_sent),
    ("wallets.get", payments::get_wallet),
    ("checkout.create_token", payments::create_checkout_token),
];
