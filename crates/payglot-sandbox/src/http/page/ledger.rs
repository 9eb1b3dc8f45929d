//! The ledger page: whether the ledger balances, the balances, and the newest entries.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Asked, chart, time};
use crate::basics::{Money, raw};
use crate::model::{Account, Entry};
use crate::state::Transaction;

/// How many balances and movements are shown.
const MOST: usize = 100;

pub(super) fn view(tx: &Transaction<'_>, asked: &Asked) -> Value {
    let ledger = &tx.store.ledger;
    let account = asked.account.parse().ok().map(Account);
    let payment = asked.payment.parse::<Uuid>().ok();
    let with_settled = asked.settled == "yes";
    let open = |balance: &Money| with_settled || *balance != Money::ZERO;
    let balances = ledger.balances.iter().filter(|(_, balance)| open(balance)).take(MOST);
    let balances = balances.map(|(id, balance)| {
        json!({ "id": id, "name": name(tx, Account(id)), "balance": grouped(*balance) })
    });
    let settled = ledger.balances.values().filter(|balance| **balance == Money::ZERO).count();
    let fits = |entry: &Entry| {
        account.is_none_or(|account| entry.from == account || entry.to == account)
            && payment.is_none_or(|payment| entry.payment == Some(payment))
    };
    let fitting = ledger.entries.iter().rev().filter(|(_, entry)| fits(entry));
    let entries = fitting.take(MOST).map(|(id, entry)| {
        let payment = entry.payment.and_then(|payment| tx.store.payments.get(payment));
        json!({
            "id": id,
            "time": time(entry.at),
            "from": name(tx, entry.from),
            "from_id": entry.from.0,
            "to": name(tx, entry.to),
            "to_id": entry.to.0,
            "amount": grouped(entry.amount),
            "payment": payment.map(|payment| json!({ "id": payment.id, "number": payment.number })),
        })
    });
    let payment = payment.and_then(|payment| tx.store.payments.get(payment));
    json!({
        "problem": ledger.check().err(),
        "balances": balances.collect::<Vec<_>>(),
        "settled": settled,
        "with_settled": with_settled,
        "entries": entries.collect::<Vec<_>>(),
        "movements": ledger.entries.values().filter(|entry| fits(entry)).count(),
        "payment": payment.map(|payment| json!({
            "number": payment.number,
            "amount": grouped(payment.amount),
            "status": raw(&payment.status).get().trim_matches('"'),
        })),
        "account": account.map(|account| json!({
            "name": name(tx, account),
            "balance": grouped(ledger.balance(account)),
            "chart": chart::of(ledger, account, tx.now).map(|chart| json!({
                "path": chart.path,
                "since": time(chart.since),
                "lowest": grouped(chart.lowest),
                "highest": grouped(chart.highest),
            })),
        })),
    })
}

/// An amount with a comma between thousands.
pub(super) fn grouped(amount: Money) -> String {
    let text = amount.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    let mut shown = String::new();
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    format!("{sign}{shown}.{cents}")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issue_15_11_thousands_are_separated() {
        for (cents, shown) in [
            (0, "0.00"),
            (99_999, "999.99"),
            (100_000, "1,000.00"),
            (-123_456_789, "-1,234,567.89"),
        ] {
            assert_eq!(grouped(Money::cents(cents)), shown);
        }
    }
}
