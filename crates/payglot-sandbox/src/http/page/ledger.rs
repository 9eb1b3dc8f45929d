//! The ledger page: whether the ledger balances, the balances, and the newest entries.

use serde_json::{Value, json};

use super::time;
use crate::model::Account;
use crate::state::Transaction;

/// How many balances and movements are shown.
const MOST: usize = 100;

pub(super) fn view(tx: &Transaction<'_>) -> Value {
    let ledger = &tx.store.ledger;
    let balances = ledger.balances.iter().take(MOST).map(|(id, balance)| {
        json!({ "id": id, "name": name(tx, Account(id)), "balance": balance.to_string() })
    });
    let entries = ledger.entries.iter().rev().take(MOST).map(|(id, entry)| {
        json!({
            "id": id,
            "time": time(entry.at),
            "from": name(tx, entry.from),
            "to": name(tx, entry.to),
            "amount": entry.amount.to_string(),
        })
    });
    json!({
        "problem": ledger.check().err(),
        "balances": balances.collect::<Vec<_>>(),
        "accounts": ledger.balances.len(),
        "entries": entries.collect::<Vec<_>>(),
        "movements": ledger.entries.len(),
    })
}

/// Whose account it is, for a person to read.
fn name(tx: &Transaction<'_>, account: Account) -> String {
    let store = &tx.store;
    match account {
        Account::OUTSIDE => return "Outside the sandbox".to_owned(),
        Account::FEES => return "Fees".to_owned(),
        Account::GIFT_CARDS => return "Gift cards".to_owned(),
        _ => {}
    }
    let mut wallets = store.wallets.values();
    if let Some(wallet) =
        wallets.find(|wallet| [wallet.available(), wallet.incoming()].contains(&account))
    {
        let owner = store.users.get(wallet.user_id).map_or("a Linora user", |user| &user.name);
        let way = if wallet.incoming() == account { ", on its way" } else { "" };
        return format!("Wallet of {owner}{way}");
    }
    if let Some(payment) = store.payments.get(account.0) {
        return format!("Payment {} under way", payment.number);
    }
    if let Some(bank) = store.banks.get(account.0) {
        return format!("Account {}", bank.nick_name.as_deref().unwrap_or(&bank.last_four));
    }
    if let Some(card) = store.issued_cards.get(account.0) {
        return format!("Paywint card {}", card.nick_name);
    }
    match store.linora_cards.get(account.0) {
        Some(card) => format!("Linora card {}", card.name),
        None => account.0.to_string(),
    }
}
