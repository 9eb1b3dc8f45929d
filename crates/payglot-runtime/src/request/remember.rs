//! What a journal remembers of a call, so that a program can look up what became of it: the values that the look-up
//! compares, none of which is sensitive. And what a guard counts of it: how much money it moves, and to whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::PreparedRequest;
use crate::json::{Document, RawJson, decimal, write_name, write_text};
use crate::schema::{Field, Operation, Type, Unit};

/// How much money a call moves, and to whom.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Spend {
    /// In US dollars; `None` where the call does not say, or says it in another currency.
    pub amount: Option<Decimal>,
    /// Whom the document names as the one who gets it; `None` where it names nobody.
    pub payee: Option<String>,
}

/// The values of a call that its look-up needs, as a JSON object; `None` where the document gives no look-up. Numbers have
/// one form for each value, so that calls that mean the same are remembered alike.
pub(crate) fn remember(operation: &Operation, request: &PreparedRequest) -> Option<String> {
    let lookup = operation.lookup?;
    let text = request.body.as_deref().and_then(|body| std::str::from_utf8(body).ok());
    let body = Arc::new(Document::new(text.unwrap_or_default()));
    let mut values = BTreeMap::new();
    for (_, from) in lookup.arguments.iter().chain(lookup.matched) {
        let value = of_path(operation, request.target.path(), from)
            .or_else(|| of_query(operation, request.target.query()?, from))
            .or_else(|| of_body(operation, RawJson::root(&body)?, from));
        if let Some(value) = value.and_then(|(field, text)| json(field, &text)) {
            values.insert(*from, value);
        }
    }
    let mut out = String::from("{");
    for (name, value) in values {
        write_name(&mut out, name);
        out.push_str(&value);
    }
    out.push('}');
    Some(out)
}

/// How much money a call moves, and to whom, as its operation says where that stands.
pub fn spend(operation: &Operation, request: &PreparedRequest) -> Spend {
    let text = request.body.as_deref().and_then(|body| std::str::from_utf8(body).ok());
    let body = Arc::new(Document::new(text.unwrap_or_default()));
    let amount = operation.amount.and_then(|wire| {
        let (field, text) = of_body(operation, RawJson::root(&body)?, wire)?;
        let amount = decimal(&text)?;
        Some(match field.ty {
            Type::Money(Unit::Cents) => amount.checked_mul(Decimal::new(1, 2))?,
            _ => amount,
        })
    });
    let payee = operation.payee.and_then(|wire| {
        let of_path = of_path(operation, request.target.path(), wire);
        let value = of_path.or_else(|| of_body(operation, RawJson::root(&body)?, wire));
        value.map(|(_, text)| text)
    });
    Spend { amount, payee }
}

/// Whose money a call is paid from: the arguments of the operation that reads the balance. `None` where no operation tells, or
/// where the call is paid from elsewhere.
pub fn paid_from(
    operation: &Operation,
    request: &PreparedRequest,
) -> Option<Vec<(&'static str, String)>> {
    let balance = operation.balance?;
    let text = request.body.as_deref().and_then(|body| std::str::from_utf8(body).ok());
    let body = Arc::new(Document::new(text.unwrap_or_default()));
    let value = |wire: &str| {
        let of_path = of_path(operation, request.target.path(), wire);
        let value = of_path.or_else(|| of_body(operation, RawJson::root(&body)?, wire));
        value.map(|(_, text)| text)
    };
    let is_other = |(wire, wanted): &(&str, &str)| value(wire).as_deref() != Some(*wanted);
    if balance.required.iter().any(is_other) {
        return None;
    }
    balance.arguments.iter().map(|(argument, from)| Some((*argument, value(from)?))).collect()
}

/// A field of a call, and its value as text.
type Found = Option<(&'static Field, String)>;

fn of_path(operation: &Operation, path: &str, wire: &str) -> Found {
    let field = operation.path_params.iter().find(|field| field.wire == wire)?;
    let template = operation.path.split_once('?').map_or(operation.path, |(path, _)| path);
    let (mut template, mut rest) = (template, path);
    loop {
        let (before, after) = template.split_once('{')?;
        let (name, after) = after.split_once('}')?;
        rest = rest.strip_prefix(before)?;
        let value = match after.split_once('{') {
            Some((next, _)) => rest.split_once(next)?.0,
            None => rest.strip_suffix(after)?,
        };
        if name == wire {
            return Some((field, first(&format!("v={value}"), "v")?));
        }
        (template, rest) = (after, rest.strip_prefix(value)?);
    }
}

fn of_query(operation: &Operation, query: &str, wire: &str) -> Found {
    let field = operation.query.iter().find(|field| field.wire == wire)?;
    Some((field, first(query, wire)?))
}

fn of_body(operation: &Operation, body: RawJson<'_>, wire: &str) -> Found {
    let field = operation.body?.fields.iter().find(|field| field.wire == wire)?;
    Some((field, body.get(wire)?.as_text()?.into_owned()))
}

/// The first value of a name in a query.
fn first(query: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// One form for each value; nothing for what must not be remembered.
fn json(field: &Field, text: &str) -> Option<String> {
    if field.sensitive {
        return None;
    }
    Some(match field.ty {
        Type::Money(_) | Type::Number | Type::Integer => decimal(text)?.normalize().to_string(),
        Type::Boolean => text.to_owned(),
        _ => {
            let mut out = String::new();
            write_text(&mut out, text);
            out
        }
    })
}
