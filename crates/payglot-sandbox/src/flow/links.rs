//! Creates links to hosted pages, and reuses those that still work.

use uuid::Uuid;

use crate::model::{HOSTED_PREFIX, Link, Purpose};
use crate::state::Transaction;

/// Creates a page and returns its URL.
pub(crate) fn open(tx: &mut Transaction<'_>, purpose: Purpose) -> String {
    let id = tx.random.token();
    tx.store.links.put(id, Link::new(purpose, tx.now));
    address(tx, id, purpose)
}

/// The URL of a page for this purpose: one that can still be used, or a new one.
pub(crate) fn reuse(tx: &mut Transaction<'_>, purpose: Purpose) -> String {
    let now = tx.now;
    let usable = |link: &Link| link.purpose == purpose && !link.used && link.expires_at > now;
    let found = tx.store.links.iter().find(|(_, link)| usable(link)).map(|(id, _)| id);
    match found {
        Some(id) => address(tx, id, purpose),
        None => open(tx, purpose),
    }
}

fn address(tx: &Transaction<'_>, id: Uuid, purpose: Purpose) -> String {
    let folder = match purpose {
        Purpose::AddCard { .. } | Purpose::UpdateCard { .. } => "cards",
        Purpose::Pay { .. } => "pay",
        Purpose::Identity { .. } => "identity",
    };
    format!("{}{}{folder}/{}", tx.base_url, HOSTED_PREFIX, id.simple())
}
