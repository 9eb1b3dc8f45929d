//! Paywint cards between the request and their approval.

use uuid::Uuid;

use crate::state::Transaction;

/// Approves the card: it gets its id and its number.
pub(crate) fn approve(tx: &mut Transaction<'_>, request_id: Uuid) {
    let (id, last_four) = (tx.random.uuid(), tx.random.digits(4));
    if let Some(card) = tx.store.issued_cards.get_mut(request_id)
        && card.card.is_none()
    {
        card.card = Some((id, last_four));
    }
}
