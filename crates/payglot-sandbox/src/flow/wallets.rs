//! Wallets: created on first use, for users of every API.

use uuid::Uuid;

use crate::basics::{JsonObject, object};
use crate::model::Wallet;
use crate::state::Transaction;

/// The user's wallet, which is created if there is none.
pub(crate) fn of(tx: &mut Transaction<'_>, user_id: Uuid) -> Wallet {
    if let Some(wallet) = tx.store.wallets.get(user_id) {
        return *wallet;
    }
    let (id, incoming) = (tx.random.uuid(), tx.random.uuid());
    let wallet = Wallet { id, user_id, incoming };
    tx.store.wallets.put(user_id, wallet);
    wallet
}

/// The wallet as both of Paywint's APIs show it. What is on its way in is recorded and cannot be spent yet.
pub(crate) fn as_read(tx: &Transaction<'_>, wallet: Wallet) -> JsonObject {
    let available = tx.store.ledger.balance(wallet.available());
    let incoming = tx.store.ledger.balance(wallet.incoming());
    object! {
        "id": wallet.id,
        "user_id": wallet.user_id,
        "wallet_type": "PERSONAL",
        "current_balance": available + incoming,
        "available_balance": available,
    }
}
