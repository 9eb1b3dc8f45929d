//! One operation of each class, with arguments.

use std::borrow::Cow;

use anyhow::{Context as _, Result};
use payglot::runtime::json::{FloatMoney, Value};
use payglot::runtime::request::{PreparedRequest, prepare};
use payglot::schema::{Operation, Replay};

const ID: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";

/// An operation of a class.
pub fn operation(replay: Replay) -> Result<&'static Operation> {
    let name = match replay {
        Replay::Read => "wallets.get",
        Replay::Idempotent => "cards.delete",
        Replay::Keyed => "bank_accounts.add",
        Replay::Create => "payees.create",
        Replay::Money => "payments.create",
    };
    let operations = payglot::paywint_platform::PROVIDER.operations.iter().copied();
    operations
        .into_iter()
        .find(|known| known.name == name && known.replay == replay)
        .context("no such operation")
}

/// A request for it.
pub fn request(operation: &'static Operation) -> Result<PreparedRequest> {
    let path: Vec<Cow<'_, str>> = operation.path_params.iter().map(|_| ID.into()).collect();
    let text = |name: &'static str, value: &'static str| (name.into(), Value::Text(value.into()));
    let params = match operation.name {
        "cards.delete" => vec![text("card_id", ID)],
        "bank_accounts.add" => {
            vec![text("user_id", ID), text("account_holder_name", "A"), text("bank_name", "B")]
        }
        "payees.create" => vec![text("name", "A")],
        "payments.create" => vec![
            text("user_id", ID),
            text("payee_id", ID),
            text("amount", "10.10"),
            text("payment_method", "WALLET"),
            text("invoice_no", "1"),
            text("receiving_method", "WALLET"),
        ],
        _ => Vec::new(),
    };
    Ok(prepare(operation, &path, &params, FloatMoney::Refuse)?)
}
