//! What the Linora API does, one module per resource.

#![expect(clippy::unnecessary_wraps, reason = "every handler has the same signature")]

pub(crate) mod cards;
mod exchange;
mod gift_cards;
mod users;

use uuid::Uuid;

use crate::operation::{ApiError, Call, Handlers};
use crate::state::Transaction;

/// The operations that are served.
pub(crate) static HANDLERS: Handlers = &[
    ("cards.create", cards::create),
    ("cards.list", cards::list),
    ("cards.get", cards::get),
    ("cards.top_up", cards::top_up),
    ("cards.list_transactions", cards::list_transactions),
    ("cards.get_otp", cards::get_otp),
    ("users.create", users::create),
    ("users.get", users::get),
    ("wallets.get", users::get_wallet),
    ("gift_cards.list_products", gift_cards::list_products),
    ("gift_cards.order", gift_cards::order),
    ("gift_cards.get_balance", gift_cards::get_balance),
    ("exchange.list_currencies", exchange::list_currencies),
    ("exchange.estimate", exchange::estimate),
    ("exchange.create", exchange::create),
];

/// The user in the path, who must exist.
fn user(tx: &Transaction<'_>, call: &Call) -> Result<Uuid, ApiError> {
    let id = call.path_text_id("userId");
    if tx.store.linora_users.has(id) { Ok(id) } else { Err(ApiError::not_found("User")) }
}
