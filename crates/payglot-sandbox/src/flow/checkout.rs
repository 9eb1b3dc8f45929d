//! Tokens with which a browser starts a checkout.

use jiff::SignedDuration;
use uuid::Uuid;

use crate::basics::{hashed, later, object};
use crate::model::{Api, CheckoutToken};
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

/// How long a token works.
const LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// A token for the amount in the body; the amount's limit is in the tables.
pub(crate) fn token(
    tx: &mut Transaction<'_>,
    api: Api,
    user_id: Option<Uuid>,
    call: &Call,
) -> Result<Payload, ApiError> {
    let amount = call.money("amount")?;
    let currency = call.optional("currency").unwrap_or("USD").to_owned();
    let expires_at = later(tx.now, LIFETIME);
    let text = tx.random.secret("cot_sandbox_");
    let token = CheckoutToken { api, user_id, amount, currency, expires_at };
    tx.store.checkout_tokens.put(hashed("checkout", text.as_bytes()), token);
    Ok(Payload::one(&object! { "checkout_token": text, "expires_at": expires_at }))
}
