//! Paywint cards between the request and their approval.

use uuid::Uuid;

use crate::app::Scene;

/// The card is made: it gets its id and its number.
pub(crate) fn approve(scene: &mut Scene<'_>, request_id: Uuid) {
    let (id, last_four) = (scene.random.uuid(), scene.random.digits(4));
    if let Some(card) = scene.store.issued_cards.get_mut(request_id)
        && card.card.is_none()
    {
        card.card = Some((id, last_four));
    }
}
