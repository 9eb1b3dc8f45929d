//! What a field's schema says beside its type: limits, helpers, and the text of its documentation.

use crate::model::names::{self, Naming};
use crate::model::{Field, Helper, HelperRule, Limits, Outcome, Type, Unit};
use anyhow::{Result, bail};
use serde_json::Value;

/// Limits that are checked before sending; `annotation` looks a keyword up.
pub fn limits<'d>(annotation: impl Fn(&str) -> Option<&'d Value>) -> Limits {
    // A limit that does not fit 32 bits limits nothing.
    let whole = |name: &str| {
        annotation(name).and_then(Value::as_u64).filter(|most| u32::try_from(*most).is_ok())
    };
    let is_integer = annotation("type").and_then(Value::as_str) == Some("integer");
    let bound = |name: &str, exclusive: &str, step: i64| -> Option<String> {
        let bound = annotation(name)?;
        if annotation(exclusive) != Some(&Value::Bool(true)) {
            return Some(plain(bound));
        }
        // What a number must be above is a limit of its own; what it must be below is left to the vendor.
        let whole = bound.as_i64().or_else(|| plain(bound).parse().ok()).filter(|_| is_integer)?;
        whole.checked_add(step).map(|bound| bound.to_string())
    };
    let one_of = match annotation("enum").and_then(Value::as_array) {
        Some(values) if is_integer => values.iter().filter_map(Value::as_i64).collect(),
        _ => Vec::new(),
    };
    Limits {
        min_length: whole("minLength").filter(|least| *least > 0),
        max_length: whole("maxLength"),
        minimum: bound("minimum", "exclusiveMinimum", 1),
        maximum: bound("maximum", "exclusiveMaximum", -1),
        more_than: annotation("minimum")
            .filter(|_| !is_integer && annotation("exclusiveMinimum") == Some(&Value::Bool(true)))
            .map(plain),
        digits: annotation("multipleOf").filter(|_| !is_integer).and_then(digits),
        currency: annotation("x-payglot-currency").map(text),
        max_items: whole("maxItems"),
        one_of,
    }
}

/// How many digits after the decimal point the multiples of a power of ten have.
fn digits(step: &Value) -> Option<u8> {
    let text = plain(step);
    if text == "1" {
        return Some(0);
    }
    let fraction = text.strip_prefix("0.").filter(|fraction| fraction.ends_with('1'))?;
    let zeros = fraction.trim_end_matches('1');
    (zeros.len() + 1 == fraction.len() && zeros.bytes().all(|digit| digit == b'0'))
        .then(|| u8::try_from(fraction.len()).ok())
        .flatten()
}

/// A number without a useless fraction: YAML writes `100000.0`.
fn plain(number: &Value) -> String {
    let text = number.to_string();
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// `x-payglot-helpers` of a schema.
pub fn helpers(schema: &Value, naming: &Naming) -> Result<Vec<Helper>> {
    let mut helpers = Vec::new();
    for (name, helper) in
        schema.get("x-payglot-helpers").and_then(Value::as_object).into_iter().flatten()
    {
        let any_of: Vec<String> =
            strings(helper.get("any-of")).iter().map(|field| naming.snake(field)).collect();
        let minutes = helper.get("minutes-after-received").and_then(Value::as_u64);
        let rule = match minutes.filter(|minutes| *minutes > 0) {
            Some(minutes) if any_of.is_empty() => HelperRule::MinutesAfterReceived(minutes),
            None if !any_of.is_empty() => HelperRule::AnyOf(any_of),
            _ => bail!("helper {name}: either any-of or minutes-after-received"),
        };
        helpers.push(Helper {
            snake: naming.snake(name),
            camel: names::camel(name),
            description: describe(&helper.get("description").map(text).unwrap_or_default()),
            rule,
        });
    }
    Ok(helpers)
}

/// `x-payglot-outcome` of a schema.
pub fn outcome(schema: &Value) -> Result<Option<Outcome>> {
    let Some(outcome) = schema.get("x-payglot-outcome") else { return Ok(None) };
    let field = outcome.get("field").map(text).unwrap_or_default();
    let is_final = strings(outcome.get("final"));
    let failed = strings(outcome.get("failed"));
    let Some(property) = schema.get("properties").and_then(|fields| fields.get(&field)) else {
        bail!("x-payglot-outcome: there is no field `{field}`");
    };
    if let Some(other) = failed.iter().find(|text| !is_final.contains(text)) {
        bail!("x-payglot-outcome: `{other}` has failed, so it belongs to `final` too");
    }
    let known = strings(property.get("enum"));
    if let Some(other) = is_final.iter().find(|text| !known.contains(text)) {
        bail!("x-payglot-outcome: `{other}` is not in the enum of `{field}`");
    }
    Ok(Some(Outcome { field, is_final, failed }))
}

/// `is_final` and `has_failed` of a model whose status is known.
pub fn outcome_helpers(outcome: &Outcome, naming: &Naming) -> Vec<Helper> {
    let helper = |name: &str, values: &[String], meaning: &str| Helper {
        snake: naming.snake(name),
        camel: names::camel(name),
        description: format!(
            "{meaning}: `{}` is {}. False for a status that this version does not know.",
            outcome.field,
            values.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(" or "),
        ),
        rule: HelperRule::TextIn { field: naming.snake(&outcome.field), values: values.to_vec() },
    };
    vec![
        helper("is_final", &outcome.is_final, "Whether the status will not change any more"),
        helper("has_failed", &outcome.failed, "Whether it was not done, and will not be"),
    ]
}

fn says_unit(description: &str, unit: Unit) -> bool {
    let words: &[&str] = match unit {
        Unit::Dollars => &["usd", "us dollars", "in dollars"],
        Unit::Cents => &["cents"],
        Unit::Currency => &["in the currency named beside it"],
    };
    let description = description.to_lowercase();
    words.iter().any(|words| description.contains(words))
}

/// A field's description with its unit, limits and what is not confirmed.
pub fn documented(base: &str, field: &Field) -> String {
    let mut notes: Vec<String> = vec![sentence(base)];
    match &field.ty {
        // A document that says the unit itself is not repeated.
        Type::Money { unit } if says_unit(base, *unit) => notes.push("Exact.".to_owned()),
        Type::Money { unit } => notes.push(
            match unit {
                Unit::Dollars => "In US dollars, exact.",
                Unit::Cents => "In US cents, exact.",
                Unit::Currency => "In the currency named beside it, exact.",
            }
            .to_owned(),
        ),
        Type::Uuid => notes.push("A UUID.".to_owned()),
        _ => {}
    }
    let limits = &field.limits;
    match (limits.min_length, limits.max_length) {
        (Some(least), Some(most)) => notes.push(format!("{least} to {most} characters.")),
        (None, Some(most)) => notes.push(format!("At most {most} characters.")),
        (Some(least), None) => notes.push(format!("At least {least} characters.")),
        (None, None) => {}
    }
    match (&limits.minimum, &limits.maximum) {
        (Some(least), Some(most)) => notes.push(format!("From {least} to {most}.")),
        (None, Some(most)) => notes.push(format!("At most {most}.")),
        (Some(least), None) => notes.push(format!("At least {least}.")),
        (None, None) => {}
    }
    if let Some(least) = &limits.more_than {
        notes.push(format!("More than {least}."));
    }
    match (limits.digits, &limits.currency) {
        (_, Some(currency)) => notes.push(format!(
            "As many digits after the decimal point as the currency of `{currency}` has."
        )),
        (Some(most), None) if matches!(field.ty, Type::Money { .. }) => {
            notes.push(format!("At most {most} digits after the decimal point."));
        }
        _ => {}
    }
    if let Some(most) = limits.max_items {
        notes.push(format!("At most {most} items."));
    }
    if !limits.one_of.is_empty() {
        let values: Vec<_> = limits.one_of.iter().map(i64::to_string).collect();
        notes.push(format!("One of {}.", values.join(", ")));
    }
    if !field.known_values.is_empty() {
        notes.push(format!("Values seen: {}.", field.known_values.join(", ")));
    }
    if let Some(default) = &field.default {
        notes.push(format!("The vendor's default is `{}`.", default.trim_matches('"')));
    }
    if field.sensitive {
        notes.push("Sensitive: never shown in logs and representations.".to_owned());
    }
    if field.unconfirmed {
        notes.push("The name is not confirmed upstream.".to_owned());
    }
    notes.join(" ")
}

/// Text as one line.
pub fn describe(text: &str) -> String {
    let visible: String = text.chars().filter(|c| c.is_whitespace() || !is_invisible(*c)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Controls, separators of lines, and marks of the order in which text is shown, which could make code look like another.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Ends with a full stop.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', ':']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// A string as itself, anything else as JSON.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The texts of a list.
pub fn strings(value: Option<&Value>) -> Vec<String> {
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// issue 15, number 14: no sentence is said twice.
    #[test]
    fn a_unit_that_the_document_says_is_not_said_again() {
        for (said, unit, says) in [
            ("Amount of the payment in USD, not in cents.", Unit::Dollars, true),
            ("Amount of the payment.", Unit::Dollars, false),
            ("Amount in the smallest unit (cents for USD).", Unit::Cents, true),
            ("Amount.", Unit::Cents, false),
            ("Amount in the currency named beside it, not in cents.", Unit::Currency, true),
            ("Amount in USD.", Unit::Currency, false),
        ] {
            assert_eq!(says_unit(said, unit), says, "{said}");
        }
    }
}
