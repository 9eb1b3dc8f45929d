//! Reads `x-payglot-balance`, and checks it against the operation that it names: how a program reads what there is to pay from.

use serde_json::Value;

use super::lookups::{Known, of_each};
use crate::diagnostic::Diagnostic;
use crate::model::{Balance, Field, Operation, ProviderConfig, Replay, Schema, Type, Unit};

/// Gives each operation its balance; what is wrong is told.
pub fn attach(
    document: &Value,
    config: &ProviderConfig,
    schemas: &[Schema],
    operations: &mut [Operation],
) -> Vec<Diagnostic> {
    let known = Known { config, schemas, operations };
    let (read, found) = of_each(document, &known, "x-payglot-balance", |value, call, known| {
        check(value, call, known).map_err(|problem| vec![problem])
    });
    for (operation, balance) in operations.iter_mut().zip(read) {
        operation.balance = balance;
    }
    found
}

fn check(value: &Value, call: &Operation, known: &Known<'_>) -> Result<Balance, String> {
    let balance: Balance =
        serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    let Balance { operation, arguments, available, required } = &balance;
    if call.replay != Replay::Money {
        return Err("is only for `money`: others pay from nothing".into());
    }
    let named = known.operations.iter().find(|known| known.name == *operation);
    let Some(read) = named.filter(|read| read.replay == Replay::Read) else {
        return Err(format!("there is no operation `{operation}` that reads"));
    };
    let field_of_call = |wire: &str| {
        let mut fields = call.path_params.iter().chain(&call.body_fields);
        let field = fields.find(|field| field.wire == wire);
        field.ok_or_else(|| format!("`{}` has no field `{wire}`", call.name))
    };
    let is_text = |field: &Field| matches!(field.ty, Type::Text | Type::Uuid | Type::Enum { .. });
    for (argument, from) in arguments {
        let taken = read.path_params.iter().chain(&read.query).chain(&read.body_fields);
        if !taken.clone().any(|field| field.wire == *argument && is_text(field)) {
            return Err(format!("`{operation}` takes no text `{argument}`"));
        }
        let field = field_of_call(from)?;
        if field.sensitive || !is_text(field) {
            return Err(format!("`{from}` is sensitive, or no text"));
        }
    }
    let mut needed = read.path_params.iter().chain(&read.query).chain(&read.body_fields);
    if let Some(missing) =
        needed.find(|field| field.required && !arguments.contains_key(&field.wire))
    {
        return Err(format!("`{operation}` needs the argument `{}`", missing.wire));
    }
    for wire in required.keys() {
        field_of_call(wire)?;
    }
    let response = known.fields(&read.response).unwrap_or_default();
    let is_dollars = response.iter().any(|field| {
        field.wire == *available
            && matches!(field.ty, Type::Money { unit: Unit::Dollars | Unit::Cents })
    });
    if !is_dollars {
        return Err(format!("`{operation}` returns no US dollars in `{available}`"));
    }
    Ok(balance)
}
