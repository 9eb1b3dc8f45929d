//! Checks of single values, with pydantic's error types and messages. Where pydantic would convert
//! (`"5"` for 5), this does not, because the documents do not allow it.

use jiff::Timestamp;
use jiff::civil::Date;
use payglot::schema::{Limits, Type};
use serde_json::{Number, Value, json};
use uuid::Uuid;

use crate::operation::Fault;

type Checked = Result<(), Fault>;

pub(super) fn check(ty: &Type, limits: &Limits, value: &Value) -> Checked {
    match ty {
        Type::Text => text(limits, value),
        Type::Uuid => uuid(value),
        Type::DateTime => parsed(value, "datetime", "datetime with an offset", |text| {
            text.parse::<Timestamp>().is_ok()
        }),
        Type::Date => parsed(value, "date", "date in the format YYYY-MM-DD", is_date),
        Type::Boolean => boolean(value),
        Type::Integer => integer(limits, value),
        Type::Number => number(limits, value, ("float_type", "float_parsing"), "number"),
        Type::Money(_) => number(limits, value, ("decimal_type", "decimal_parsing"), "decimal"),
        Type::Enum(known) => one_of(known.values.iter().map(|text| format!("'{text}'")), || {
            value.as_str().is_some_and(|text| known.values.contains(&text))
        }),
        // Objects and lists are walked, not checked here.
        Type::Any | Type::Object(_) | Type::List(_) | Type::Map(_) | Type::File => Ok(()),
    }
}

fn text(limits: &Limits, value: &Value) -> Checked {
    let Value::String(text) = value else {
        return Err(Fault::new("string_type", "Input should be a valid string"));
    };
    let length = text.chars().count();
    match (limits.min_length, limits.max_length) {
        (Some(least), _) if length < least as usize => {
            let msg = format!("String should have at least {least} character{}", plural(least));
            Err(Fault::new("string_too_short", msg).with(json!({ "min_length": least })))
        }
        (_, Some(most)) if length > most as usize => {
            let msg = format!("String should have at most {most} character{}", plural(most));
            Err(Fault::new("string_too_long", msg).with(json!({ "max_length": most })))
        }
        _ => Ok(()),
    }
}

fn plural(count: u32) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn uuid(value: &Value) -> Checked {
    let Value::String(text) = value else {
        return Err(Fault::new("uuid_type", "UUID input should be a string, bytes or UUID object"));
    };
    text.parse::<Uuid>().map(drop).map_err(|error| {
        // The parser's message shows one character of the input at most.
        Fault::new("uuid_parsing", format!("Input should be a valid UUID, {error}"))
            .with(json!({ "error": error.to_string() }))
    })
}

/// Text that some parser takes; `kind` is pydantic's name of the type.
fn parsed(value: &Value, kind: &str, what: &str, parse: impl Fn(&str) -> bool) -> Checked {
    let (wrong_type, wrong_text) = match kind {
        "datetime" => ("datetime_type", "datetime_parsing"),
        _ => ("date_type", "date_parsing"),
    };
    match value {
        Value::String(text) if parse(text) => Ok(()),
        Value::String(_) => Err(Fault::new(wrong_text, format!("Input should be a valid {what}"))),
        _ => Err(Fault::new(wrong_type, format!("Input should be a valid {kind}"))),
    }
}

fn is_date(text: &str) -> bool {
    text.len() == "YYYY-MM-DD".len() && Date::strptime("%Y-%m-%d", text).is_ok()
}

fn boolean(value: &Value) -> Checked {
    match value {
        Value::Bool(_) => Ok(()),
        Value::String(_) => Err(Fault::new(
            "bool_parsing",
            "Input should be a valid boolean, unable to interpret input",
        )),
        _ => Err(Fault::new("bool_type", "Input should be a valid boolean")),
    }
}

fn integer(limits: &Limits, value: &Value) -> Checked {
    let number = match value {
        Value::Number(number) => number,
        Value::String(_) => {
            let msg = "Input should be a valid integer, unable to parse string as an integer";
            return Err(Fault::new("int_parsing", msg));
        }
        _ => return Err(Fault::new("int_type", "Input should be a valid integer")),
    };
    if number.as_f64().is_none_or(|float| float.fract() != 0.0) {
        let msg = "Input should be a valid integer, got a number with a fractional part";
        return Err(Fault::new("int_from_float", msg));
    }
    range(limits, number)?;
    one_of(limits.one_of.iter().map(ToString::to_string), || {
        limits.one_of.is_empty() || limits.one_of.iter().any(|allowed| equals(number, *allowed))
    })
}

/// Whether a number is this integer, however it is written.
fn equals(number: &Number, integer: i64) -> bool {
    number.as_i64() == Some(integer) || number.as_f64() == integer.to_string().parse().ok()
}

fn number(
    limits: &Limits,
    value: &Value,
    kinds: (&'static str, &'static str),
    what: &str,
) -> Checked {
    let (wrong_type, wrong_text) = kinds;
    match value {
        Value::Number(number) => range(limits, number),
        Value::String(_) => {
            let msg = format!("Input should be a valid {what}, unable to parse string as a number");
            Err(Fault::new(wrong_text, msg))
        }
        _ => Err(Fault::new(wrong_type, format!("Input should be a valid {what}"))),
    }
}

/// Compares as floats, which is as exact as JSON was read.
fn range(limits: &Limits, number: &Number) -> Checked {
    let value = number.as_f64().unwrap_or(f64::NAN);
    if let Some(least) =
        limits.minimum.filter(|least| least.parse().is_ok_and(|least: f64| value < least))
    {
        let msg = format!("Input should be greater than or equal to {least}");
        return Err(Fault::new("greater_than_equal", msg).with(json!({ "ge": as_json(least) })));
    }
    if let Some(least) =
        limits.more_than.filter(|least| least.parse().is_ok_and(|least: f64| value <= least))
    {
        let msg = format!("Input should be greater than {least}");
        return Err(Fault::new("greater_than", msg).with(json!({ "gt": as_json(least) })));
    }
    let fraction = number.to_string();
    let fraction = fraction.split_once('.').map_or("", |(_, fraction)| fraction);
    if let Some(most) =
        limits.digits.filter(|most| fraction.trim_end_matches('0').len() > usize::from(*most))
    {
        let msg = format!("Decimal input should have no more than {most} decimal places");
        return Err(Fault::new("decimal_max_places", msg).with(json!({ "decimal_places": most })));
    }
    if let Some(most) =
        limits.maximum.filter(|most| most.parse().is_ok_and(|most: f64| value > most))
    {
        let msg = format!("Input should be less than or equal to {most}");
        return Err(Fault::new("less_than_equal", msg).with(json!({ "le": as_json(most) })));
    }
    Ok(())
}

fn as_json(number: &str) -> Value {
    number.parse().map_or(Value::Null, Value::Number)
}

/// Fails with the list of what is allowed, in pydantic's way of writing it.
fn one_of(allowed: impl Iterator<Item = String>, fits: impl Fn() -> bool) -> Checked {
    if fits() {
        return Ok(());
    }
    let mut expected: Vec<_> = allowed.collect();
    let last = expected.pop().unwrap_or_default();
    let expected =
        if expected.is_empty() { last } else { format!("{} or {last}", expected.join(", ")) };
    Err(Fault::new("enum", format!("Input should be {expected}"))
        .with(json!({ "expected": expected })))
}
