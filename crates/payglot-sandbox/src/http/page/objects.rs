//! The objects page: the newest of each kind. It shows no numbers of cards or accounts, no passwords and nothing from
//! identity checks.

use serde_json::{Value, json};
use uuid::Uuid;

use super::time;
use crate::basics::raw;
use crate::state::Transaction;
use crate::state::table::Table;

/// How many objects of a kind are shown.
const MOST: usize = 50;

/// One kind: its name, what its columns are, and its rows, which begin with an id.
struct Kind {
    title: &'static str,
    columns: &'static [&'static str],
    count: usize,
    rows: Vec<Vec<String>>,
}

pub(super) fn view(tx: &Transaction<'_>) -> Value {
    let kinds = kinds(tx);
    let shown = kinds.iter().filter(|kind| kind.count > 0).map(|kind| {
        json!({
            "title": kind.title,
            "columns": kind.columns,
            "count": kind.count,
            "rows": kind.rows,
            "hidden": kind.count - kind.rows.len(),
        })
    });
    json!({ "kinds": shown.collect::<Vec<_>>() })
}

fn kinds(tx: &Transaction<'_>) -> Vec<Kind> {
    let store = &tx.store;
    let money = |user: Uuid| {
        let wallet = store.wallets.get(user);
        wallet
            .map(|wallet| store.ledger.balance(wallet.available()).to_string())
            .unwrap_or_default()
    };
    let name = |user: Uuid| {
        let user = store.users.get(user);
        user.map(|user| user.name.clone()).unwrap_or_default()
    };
    vec![
        kind("Users", &["id", "name", "API", "wallet"], &store.users, |id, user| {
            vec![id, user.name.clone(), user.api.provider().to_owned(), money(user.id)]
        }),
        kind("Identity checks", &["user", "name", "status"], &store.kyc, |id, kyc| {
            vec![id.clone(), id.parse().map(name).unwrap_or_default(), word(&kyc.status)]
        }),
        kind("Business checks", &["user", "name", "status"], &store.kyb, |id, kyb| {
            vec![id.clone(), id.parse().map(name).unwrap_or_default(), word(&kyb.status)]
        }),
        kind("Cards", &["id", "card", "user", "flags"], &store.cards, |id, card| {
            let flags: Vec<_> = card.flags.iter().map(|flag| flag.wire()).collect();
            let what = format!("{} ending in {}", card.details.brand, card.details.last_four);
            vec![id, what, name(card.user_id), flags.join(", ")]
        }),
        kind("Bank accounts", &["id", "account", "user", "status"], &store.banks, |id, bank| {
            let what = format!("{} ending in {}", bank.account_type, bank.last_four);
            vec![id, what, name(bank.user_id), word(&bank.verification)]
        }),
        kind("Payees", &["id", "name", "of"], &store.payees, |id, payee| {
            vec![id, payee.name.clone(), name(payee.owner)]
        }),
        kind(
            "Payments",
            &["id", "amount", "way", "status", "reason"],
            &store.payments,
            |id, payment| {
                let method =
                    |method: &Option<String>| method.clone().unwrap_or_else(|| "?".to_owned());
                let way = format!(
                    "{} to {}",
                    method(&payment.payment_method),
                    method(&payment.receiving_method)
                );
                let reason = payment.failure_reason.clone().unwrap_or_default();
                vec![id, payment.amount.to_string(), way, word(&payment.status), reason]
            },
        ),
        kind(
            "Paywint cards",
            &["request", "nickname", "amount", "status"],
            &store.issued_cards,
            |id, card| {
                let status = match &card.card {
                    Some((_, last_four)) => format!("approved, ends in {last_four}"),
                    None => "pending".to_owned(),
                };
                vec![id, card.nick_name.clone(), card.amount.to_string(), status]
            },
        ),
        kind("Linora users", &["id", "since", "wallet"], &store.linora_users, |id, user| {
            vec![id, time(user.created_at), money(user.id)]
        }),
        kind("Linora cards", &["id", "name", "balance"], &store.linora_cards, |id, card| {
            vec![id, card.name.clone(), store.ledger.balance(card.account()).to_string()]
        }),
    ]
}

fn kind<T: Clone>(
    title: &'static str,
    columns: &'static [&'static str],
    table: &Table<T>,
    row: impl Fn(String, &T) -> Vec<String>,
) -> Kind {
    let rows = table.iter().rev().take(MOST).map(|(id, body)| row(id.to_string(), body));
    Kind { title, columns, count: table.len(), rows: rows.collect() }
}

/// A status as its JSON writes it.
fn word(status: &impl serde::Serialize) -> String {
    raw(status).get().trim_matches('"').to_owned()
}
