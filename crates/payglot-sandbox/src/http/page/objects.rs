//! The objects page: the newest of each kind, what matters of them with links between them, and what can be done with each.
//! It shows no numbers of cards or accounts, no passwords and nothing from identity checks.

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::acts::{self, Act};
use super::ledger::grouped;
use super::time;
use crate::basics::{Money, raw};
use crate::model::{Account, Decision, Kind as PaymentKind, Payment, Status, Wallet};
use crate::state::Transaction;
use crate::state::table::Table;

/// How many objects of a kind are shown.
const MOST: usize = 50;

/// One kind: its name, what its columns are, and its rows.
struct Kind {
    title: &'static str,
    columns: &'static [&'static str],
    count: usize,
    rows: Vec<Row>,
}

/// One object. The first of its cells names it.
#[derive(Serialize)]
struct Row {
    id: String,
    cells: Vec<Cell>,
    acts: Vec<Act>,
}

/// What a cell says, and where it leads.
#[derive(Default, Serialize)]
struct Cell {
    text: String,
    /// A second line.
    note: String,
    href: Option<String>,
    /// The colour of a status.
    tone: Option<&'static str>,
    is_number: bool,
}

pub(super) fn view(tx: &Transaction<'_>) -> Value {
    let kinds = kinds(tx);
    let shown = kinds.iter().filter(|kind| kind.count > 0).map(|kind| {
        json!({
            "title": kind.title,
            "key": kind.title.to_lowercase().replace(' ', "-"),
            "columns": kind.columns,
            "count": kind.count,
            "rows": kind.rows,
            "hidden": kind.count - kind.rows.len(),
        })
    });
    json!({ "kinds": shown.collect::<Vec<_>>() })
}

fn kinds(tx: &Transaction<'_>) -> Vec<Kind> {
    let columns = &["payment", "USD", "from", "to", "status", "made", "paid"];
    let payments = kind("Payments", columns, &tx.store.payments, |payment| {
        (payment_cells(tx, payment), payment_acts(payment))
    });
    people(tx).into_iter().chain([payments]).chain(accounts(tx)).collect()
}

/// Users, who they are, and whom they pay.
fn people(tx: &Transaction<'_>) -> [Kind; 5] {
    let store = &tx.store;
    let users = kind("Users", &["user", "API", "wallet", "since"], &store.users, |user| {
        let api = text(user.api.provider());
        (
            vec![text(&user.name), api, wallet(tx, user.id), text(time(user.created_at))],
            vec![acts::FUND],
        )
    });
    let check = |id: Uuid, status: Decision, [approve, reject]: [Act; 2]| {
        let acts = match status {
            Decision::Approved => vec![reject],
            Decision::Rejected => vec![approve],
            Decision::Pending | Decision::Failed => vec![approve, reject],
        };
        (vec![user(tx, id), badge(&status)], acts)
    };
    let persons = rows("Identity checks", &["user", "status"], &store.kyc, |id, kyc| {
        check(id, kyc.status, [acts::APPROVE_PERSON, acts::REJECT_PERSON])
    });
    let businesses = rows("Business checks", &["user", "status"], &store.kyb, |id, kyb| {
        check(id, kyb.status, [acts::APPROVE_BUSINESS, acts::REJECT_BUSINESS])
    });
    let payees = kind("Payees", &["payee", "of", "since"], &store.payees, |payee| {
        (vec![text(&payee.name), user(tx, payee.owner), text(time(payee.created_at))], vec![])
    });
    let linora =
        kind("Linora users", &["user", "wallet", "since"], &store.linora_users, |holder| {
            let cells =
                vec![text("a Linora user"), wallet(tx, holder.id), text(time(holder.created_at))];
            (cells, vec![acts::FUND])
        });
    [users, persons, businesses, payees, linora]
}

/// Cards and bank accounts.
fn accounts(tx: &Transaction<'_>) -> [Kind; 4] {
    let store = &tx.store;
    let banks =
        kind("Bank accounts", &["account", "user", "balance", "status"], &store.banks, |bank| {
            let what = text(format!("{} ending in {}", bank.account_type, bank.last_four));
            let (balance, acts) = if bank.is_paywint() {
                (balance(tx, bank.account()), vec![acts::FUND])
            } else {
                (text(""), vec![])
            };
            (vec![what, user(tx, bank.user_id), balance, badge(&bank.verification)], acts)
        });
    let cards = kind("Cards", &["card", "user", "flags"], &store.cards, |card| {
        let flags: Vec<_> = card.flags.iter().map(|flag| flag.wire()).collect();
        let what = format!("{} ending in {}", card.details.brand, card.details.last_four);
        (vec![text(what), user(tx, card.user_id), text(flags.join(", "))], vec![])
    });
    let columns = &["card", "for", "balance", "status", "payment", "made"];
    let issued = kind("Paywint cards", columns, &store.issued_cards, |card| {
        let acts = if card.card.is_none() { vec![acts::APPROVE_CARD] } else { vec![] };
        let status = match &card.card {
            Some((_, last_four)) => format!("approved, ends in {last_four}"),
            None => "pending".to_owned(),
        };
        let payee = format!("{} {}", card.first_name, card.last_name);
        let payment = store.payments.get(card.payment_id);
        let payment =
            payment.map(|payment| link(payment.number.to_string(), "payments", payment.id));
        let cells = vec![
            text(&card.nick_name),
            link(payee, "payees", card.payee_id),
            balance(tx, card.account()),
            toned(status),
            payment.unwrap_or_default(),
            text(time(card.created_at)),
        ];
        (cells, acts)
    });
    let linora = kind("Linora cards", &["card", "user", "balance"], &store.linora_cards, |card| {
        let holder = link("a Linora user".to_owned(), "linora-users", card.user_id);
        (vec![text(&card.name), holder, balance(tx, card.account())], vec![])
    });
    [banks, cards, issued, linora]
}

fn payment_cells(tx: &Transaction<'_>, payment: &Payment) -> Vec<Cell> {
    let party = |id: Option<Uuid>, name: &Option<String>, method: &Option<String>| {
        let named = name.clone().unwrap_or_else(|| "somebody".to_owned());
        let known = id.filter(|id| tx.store.users.has(*id));
        let cell = known.map_or_else(|| text(named), |id| user(tx, id));
        Cell { note: method.clone().unwrap_or_default(), ..cell }
    };
    let to = match payment.payee_id.filter(|id| tx.store.payees.has(*id)) {
        Some(id) => Cell {
            note: payment.receiving_method.clone().unwrap_or_default(),
            ..link(payment.payee_name.clone().unwrap_or_default(), "payees", id)
        },
        None => party(payment.receiver, &payment.payee_name, &payment.receiving_method),
    };
    let what = match payment.kind {
        PaymentKind::Payee => "to a payee",
        PaymentKind::Check => "a check",
        PaymentKind::Funding => "a funding",
        PaymentKind::Withdrawal => "a withdrawal",
        PaymentKind::Link => "by a link",
        PaymentKind::Card => "of a card",
    };
    let number = Cell { note: what.to_owned(), ..text(payment.number.to_string()) };
    let entries = Some(format!("/_sandbox/ledger?payment={}", payment.id));
    vec![
        number,
        Cell { href: entries, ..amount(payment.amount) },
        party(payment.payer, &payment.payer_name, &payment.payment_method),
        to,
        Cell { note: payment.failure_reason.clone().unwrap_or_default(), ..badge(&payment.status) },
        text(time(payment.created_at)),
        text(payment.paid_at.map(time).unwrap_or_default()),
    ]
}

fn payment_acts(payment: &Payment) -> Vec<Act> {
    match payment.status {
        status if status.is_open() => vec![acts::PAY, acts::REJECT, acts::EXPIRE],
        Status::Processing => vec![acts::REJECT],
        Status::Success => vec![acts::REFUND],
        _ => vec![],
    }
}

fn text(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), ..Cell::default() }
}

/// Leads to another object.
fn link(name: String, kind: &str, id: Uuid) -> Cell {
    Cell { href: Some(format!("#{kind}-{id}")), ..text(name) }
}

fn user(tx: &Transaction<'_>, id: Uuid) -> Cell {
    match tx.store.users.get(id) {
        Some(user) => link(user.name.clone(), "users", id),
        None => text(id.to_string()),
    }
}

fn amount(amount: Money) -> Cell {
    Cell { is_number: true, ..text(grouped(amount)) }
}

/// Leads to the account in the ledger.
fn balance(tx: &Transaction<'_>, account: Account) -> Cell {
    let href = Some(format!("/_sandbox/ledger?account={}", account.0));
    Cell { href, ..amount(tx.store.ledger.balance(account)) }
}

fn wallet(tx: &Transaction<'_>, user: Uuid) -> Cell {
    let wallet = tx.store.wallets.get(user).copied().map(Wallet::available);
    wallet.map_or_else(|| Cell { is_number: true, ..text("") }, |account| balance(tx, account))
}

/// A status as its JSON writes it.
fn badge(status: &impl Serialize) -> Cell {
    toned(raw(status).get().trim_matches('"').to_owned())
}

fn toned(status: String) -> Cell {
    let tone = match status.split(',').next().unwrap_or_default() {
        "success" | "approved" | "verified" => "good",
        "failed" | "rejected" | "expired" => "bad",
        "pending" | "opened" | "processing" | "applied" => "wait",
        _ => "",
    };
    Cell { tone: Some(tone), ..text(status) }
}

fn kind<T: Clone>(
    title: &'static str,
    columns: &'static [&'static str],
    table: &Table<T>,
    row: impl Fn(&T) -> (Vec<Cell>, Vec<Act>),
) -> Kind {
    rows(title, columns, table, |_, body| row(body))
}

fn rows<T: Clone>(
    title: &'static str,
    columns: &'static [&'static str],
    table: &Table<T>,
    row: impl Fn(Uuid, &T) -> (Vec<Cell>, Vec<Act>),
) -> Kind {
    let rows = table.iter().rev().take(MOST).map(|(id, body)| {
        let (cells, acts) = row(id, body);
        Row { id: id.to_string(), cells, acts }
    });
    Kind { title, columns, count: table.len(), rows: rows.collect() }
}
