//! What the Paywint Platform API does, one module per resource.

#![expect(clippy::unnecessary_wraps, reason = "every handler has the same signature")]

mod bank_accounts;
mod cards;
mod checks;
mod compliance;
mod payee_accounts;
mod payees;
mod payments;
mod pw_bank_accounts;
mod users;
mod views;
mod wallets;

pub(crate) use payee_accounts::card_as_read;

use uuid::Uuid;

use crate::model::Api;
use crate::operation::{ApiError, Call, Handlers};
use crate::state::Transaction;

/// The operations that are served.
pub(crate) static HANDLERS: Handlers = &[
    ("users.create", users::create),
    ("users.list", users::list),
    ("kyc.get", compliance::get_kyc),
    ("kyc.get_inquiry", compliance::get_inquiry),
    ("kyb.submit", compliance::submit_kyb),
    ("kyb.get", compliance::get_kyb),
    ("wallets.get", wallets::get),
    ("wallets.fund", wallets::fund),
    ("withdrawals.create", wallets::withdraw),
    ("withdrawals.transfer_from_pw_bank", pw_bank_accounts::transfer),
    ("bank_accounts.add", bank_accounts::add),
    ("bank_accounts.get", bank_accounts::get),
    ("bank_accounts.list", bank_accounts::list),
    ("bank_accounts.delete", bank_accounts::delete),
    ("bank_accounts.verify_micro_deposits", bank_accounts::verify),
    ("pw_bank_accounts.open", pw_bank_accounts::open),
    ("pw_bank_accounts.list_transactions", pw_bank_accounts::list_transactions),
    ("payee_bank_accounts.add", payee_accounts::add_bank),
    ("payee_bank_accounts.get", payee_accounts::get_bank),
    ("cards.create_add_link", cards::create_add_link),
    ("cards.create_update_link", cards::create_update_link),
    ("cards.get", cards::get),
    ("cards.list", cards::list),
    ("cards.delete", cards::delete),
    ("payee_cards.get", payee_accounts::get_card),
    ("payee_cards.list", payee_accounts::list_cards),
    ("payee_cards.delete", payee_accounts::delete_card),
    ("payees.create", payees::create),
    ("payee_addresses.create", payees::create_address),
    ("payee_addresses.list", payees::list_addresses),
    ("payee_addresses.update", payees::update_address),
    ("payee_addresses.delete", payees::delete_address),
    ("checks.add_address", checks::add_address),
    ("checks.update_address", checks::update_address),
    ("checks.update_config", checks::update_config),
    ("payments.create", payments::create),
    ("payments.get", payments::get),
    ("payments.list_received", payments::list_received),
    ("payments.mail_check", checks::mail),
    ("payments.create_link", payments::create_link),
    ("checkout.create_token", payments::create_checkout_token),
];

/// The user in the path, who must exist.
fn user(tx: &Transaction<'_>, call: &Call) -> Result<Uuid, ApiError> {
    existing_user(tx, call.path_id("user_id")?)
}

/// The user in the body, who must exist.
fn body_user(tx: &Transaction<'_>, call: &Call) -> Result<Uuid, ApiError> {
    existing_user(tx, call.id("user_id")?)
}

fn existing_user(tx: &Transaction<'_>, id: Uuid) -> Result<Uuid, ApiError> {
    let user = tx.store.users.get(id).filter(|user| user.api == Api::Platform);
    user.map(|user| user.id).ok_or_else(|| ApiError::not_found("User"))
}

/// The error for a field that the payment method needs and the body does not have.
fn needed(name: &str) -> ApiError {
    ApiError::field(name, "missing", "Field required")
}
