//! Wallets: made when first needed, for users of every API.

use uuid::Uuid;

use crate::app::Scene;
use crate::model::Wallet;
use crate::record::{Record, record};

/// The user's wallet; makes a missing one.
pub(crate) fn of(scene: &mut Scene<'_>, user_id: Uuid) -> Wallet {
    if let Some(wallet) = scene.store.wallets.get(user_id) {
        return *wallet;
    }
    let (id, incoming) = (scene.random.uuid(), scene.random.uuid());
    let wallet = Wallet { id, user_id, incoming };
    scene.store.wallets.put(user_id, wallet);
    wallet
}

/// The wallet as both of Paywint's APIs show it. What is on its way in is recorded and cannot be spent yet.
pub(crate) fn as_read(scene: &Scene<'_>, wallet: Wallet) -> Record {
    let available = scene.store.ledger.balance(wallet.available());
    let incoming = scene.store.ledger.balance(wallet.incoming());
    record! {
        "id": wallet.id,
        "user_id": wallet.user_id,
        "wallet_type": "PERSONAL",
        "current_balance": available + incoming,
        "available_balance": available,
    }
}
