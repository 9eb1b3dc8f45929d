//! A first guess whether each number in a document is money.

use heck::ToSnakeCase as _;
use serde_json::Value;

use super::schemas;

/// Words that the names of amounts have, also in the plural.
const AMOUNTS: [&str; 12] = [
    "amount", "amt", "balance", "cost", "discount", "fee", "money", "price", "refund", "subtotal",
    "tax", "total",
];

/// Words that make a name that of something else: a share, a count, a time, a size.
const OTHERS: [&str; 44] = [
    "age",
    "attempts",
    "bps",
    "bytes",
    "calls",
    "characters",
    "count",
    "counts",
    "days",
    "depth",
    "duration",
    "factor",
    "hours",
    "index",
    "items",
    "latency",
    "length",
    "minutes",
    "months",
    "ms",
    "number",
    "pages",
    "pct",
    "percent",
    "percentage",
    "points",
    "positions",
    "quantity",
    "rate",
    "rates",
    "ratio",
    "requests",
    "results",
    "rows",
    "score",
    "seats",
    "seconds",
    "size",
    "time",
    "times",
    "tokens",
    "users",
    "weight",
    "years",
];

/// Steps of locations that name nothing.
const STEPS: [&str; 8] =
    ["query", "path", "header", "cookie", "properties", "schemas", "anyOf", "oneOf"];

/// The guessed mark of the number at a location: by the last property or parameter on the way.
pub fn guess(location: &str) -> &'static str {
    let quoted = location.split('\'').skip(1).step_by(2);
    let mut names =
        quoted.filter(|name| !STEPS.contains(name)).collect::<Vec<_>>().into_iter().rev();
    let name = names.next().unwrap_or_default();
    // The value of an amount is an amount.
    if name == "value" { mark(names.next().unwrap_or_default()) } else { mark(name) }
}

fn mark(name: &str) -> &'static str {
    let snake = name.to_snake_case();
    let words: Vec<&str> = snake.split(|c: char| !c.is_alphanumeric()).collect();
    let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
    let is_amount = |word: &&&str| {
        let singular = ["", "s", "es"].iter().filter_map(|plural| word.strip_suffix(plural));
        singular.into_iter().any(|word| AMOUNTS.contains(&word))
    };
    // What a name ends with is what it is: `seat_fee` is an amount. A total can be one of seats.
    let ends_with_amount = words.last().is_some_and(|word| is_amount(&word) && *word != "total");
    match words.iter().any(|word| is_amount(&word)) && (ends_with_amount || !has(&OTHERS)) {
        false => "plain",
        true if has(&["cent", "cents"]) => "cents",
        true => "currency",
    }
}

/// The location and the guessed mark of every number that has none.
pub fn unmarked(document: &Value) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    schemas::each(document, &mut |map, at, name| {
        let is_number = map.get("type").is_some_and(is_number_type);
        // What a reference leads to is marked there.
        if is_number && !map.contains_key("x-payglot-money") && !map.contains_key("$ref") {
            found.push((at.to_owned(), if name == "value" { guess(at) } else { mark(name) }));
        }
    });
    found
}

fn is_number_type(kind: &Value) -> bool {
    match kind {
        Value::String(kind) => kind == "number",
        Value::Array(kinds) => kinds.iter().any(|kind| kind == "number"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_is_read_by_its_whole_words() {
        let amounts = [
            "amount",
            "unitPrice",
            "total",
            "fees",
            "taxes",
            "minAmount",
            "net-total",
            "seat_fee",
            "tokens_cost",
        ];
        for name in amounts {
            assert_eq!(mark(name), "currency", "{name}");
        }
        for name in ["amount_cents", "precise_amount_cents", "priceInCents"] {
            assert_eq!(mark(name), "cents", "{name}");
        }
        let others = [
            "taxes_rate",
            "total_run_time",
            "total_tokens",
            "seats_total",
            "totalPages",
            "coffee",
            "costume",
            "discount_percentage",
            "taxonomy",
            "feeRate",
            "",
            "cents_off",
        ];
        for name in others {
            assert_eq!(mark(name), "plain", "{name}");
        }
    }

    #[test]
    fn every_number_gets_a_mark() {
        let document = json!({
            "components": {"schemas": {"Item": {"properties": {
                "price": {"anyOf": [{"type": "number"}, {"type": "null"}]},
                "weight": {"type": ["number", "null"], "default": 1.5},
                "known": {"type": "number", "x-payglot-money": "dollars"},
                "totalAmount": {"type": "number", "$ref": "#/components/schemas/Amount"},
            }}, "Amount": {"properties": {"currency": {"type": "string"}, "value": {"type": "number"}}}}},
            "paths": {"/a": {"get": {"parameters": [{"name": "min_amount", "schema": {"type": "number"}}]}}},
        });
        assert_eq!(
            unmarked(&document),
            [
                (
                    "$.components['schemas']['Item']['properties']['price']['anyOf'][0]".to_owned(),
                    "currency"
                ),
                ("$.components['schemas']['Item']['properties']['weight']".to_owned(), "plain"),
                ("$.components['schemas']['Amount']['properties']['value']".to_owned(), "currency"),
                ("$.paths['/a']['get']['parameters'][0]['schema']".to_owned(), "currency"),
            ]
        );
    }
}
