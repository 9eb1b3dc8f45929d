//! Makes hosted pages and finds them again.

use uuid::Uuid;

use crate::app::Scene;
use crate::hosted;
use crate::model::{Link, Purpose};

/// A new page's address.
pub(crate) fn open(scene: &mut Scene<'_>, purpose: Purpose) -> String {
    let id = scene.random.token();
    scene.store.links.put(id, Link::new(purpose, scene.now));
    address(scene, id, purpose)
}

/// The address of a page for this purpose: one that can still be used, or a new one.
pub(crate) fn reuse(scene: &mut Scene<'_>, purpose: Purpose) -> String {
    let now = scene.now;
    let usable = |link: &Link| link.purpose == purpose && !link.used && link.expires_at > now;
    let found = scene.store.links.iter().find(|(_, link)| usable(link)).map(|(id, _)| id);
    match found {
        Some(id) => address(scene, id, purpose),
        None => open(scene, purpose),
    }
}

fn address(scene: &Scene<'_>, id: Uuid, purpose: Purpose) -> String {
    let folder = match purpose {
        Purpose::AddCard { .. } | Purpose::UpdateCard { .. } => "cards",
        Purpose::Pay { .. } => "pay",
        Purpose::Identity { .. } => "identity",
    };
    format!("{}{}{folder}/{}", scene.base_url, hosted::PREFIX, id.simple())
}
