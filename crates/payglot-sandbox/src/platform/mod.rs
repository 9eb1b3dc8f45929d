//! What the Paywint Platform API does, one module per resource.

mod cards;

use uuid::Uuid;

use crate::answer::Refusal;
use crate::app::Scene;
use crate::call::Call;
use crate::handlers::Handlers;

/// The operations that are served.
pub(crate) static HANDLERS: Handlers = &[
    ("cards.create_add_link", cards::create_add_link),
    ("cards.create_update_link", cards::create_update_link),
    ("cards.get", cards::get),
    ("cards.list", cards::list),
    ("cards.delete", cards::delete),
];

/// The user in the path, who must exist.
fn user(scene: &Scene<'_>, call: &Call) -> Result<Uuid, Refusal> {
    let id = call.path_id("user_id")?;
    if scene.store.has_user(id) { Ok(id) } else { Err(Refusal::not_found("User")) }
}
