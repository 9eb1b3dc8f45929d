//! Records that all have the same fields, as names and values: `"names":["a","b"],"values":[1,2,3,4]` is
//! `[{"a":1,"b":2},{"a":3,"b":4}]`. V8 reads it in half the time, and `lib/records.cjs` puts the objects together.

use payglot::runtime::json::{RawJson, write_text};
use payglot::schema::{Schema, Type};

use crate::certain;
use crate::transcode::{self, respelled};

/// Set like other names it would become an object's prototype.
const PROTOTYPE: &str = "__proto__";

/// Writes the records of a list and gives their number, or writes nothing if they have different fields or none.
pub fn write(
    out: &mut String,
    text: &str,
    list: RawJson<'_>,
    schema: &'static Schema,
) -> Option<usize> {
    let start = out.len();
    let written = names(out, list.items().next()?, schema)
        .and_then(|columns| values(out, text, list, &columns));
    let Some((count, has)) = written else {
        out.truncate(start);
        return None;
    };
    let left_out = schema.certain & !has;
    if left_out != 0 {
        certain::warn(schema, left_out);
    }
    Some(count)
}

/// A name as JSON, what its values are, and the bit of its position.
type Column<'a> = (&'a str, Type, u64);

/// Writes the names of the first record, in its order.
fn names<'a>(
    out: &mut String,
    first: RawJson<'a>,
    schema: &'static Schema,
) -> Option<Vec<Column<'a>>> {
    let mut columns = Vec::with_capacity(schema.fields.len());
    let mut expected = 0;
    for (name, _) in first.names_and_values() {
        let spelled = name.as_text().filter(|spelled| spelled != PROTOTYPE)?;
        let position = schema.position(&spelled, expected);
        let field = position.and_then(|position| schema.fields.get(position));
        expected = position.map_or(expected, |position| position + 1);
        out.push_str(if columns.is_empty() { "\"names\":[" } else { "," });
        match field.and_then(|field| respelled(field, &spelled)) {
            Some(public) => write_text(out, public),
            None => out.push_str(name.json()),
        }
        let ty = field.map_or(Type::Any, |field| field.ty);
        columns.push((name.json(), ty, position.map_or(0, certain::bit)));
    }
    (!columns.is_empty()).then_some(columns)
}

/// Writes the values of all records; gives the number of records, and the fields that each of them has, if all have the same
/// names.
fn values(
    out: &mut String,
    text: &str,
    list: RawJson<'_>,
    columns: &[Column<'_>],
) -> Option<(usize, u64)> {
    out.push_str("],\"values\":[");
    let mut count = 0;
    let mut has = columns.iter().fold(0, |bits, (_, _, bit)| bits | bit);
    for record in list.items() {
        let mut columns = columns.iter();
        for (name, value) in record.names_and_values() {
            let (_, ty, bit) = columns.next().filter(|(known, ..)| *known == name.json())?;
            if value.is_null() {
                has &= !bit;
            }
            transcode::write(out, text, value, *ty);
            out.push(',');
        }
        if columns.next().is_some() {
            return None;
        }
        count += 1;
    }
    out.pop();
    out.push(']');
    Some((count, has))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use payglot::runtime::json::Document;
    use payglot::schema::{Field, Unit};

    use super::*;

    static INNER: Schema = Schema {
        index: 1,
        name: "Inner",
        fields: &[AMOUNT],
        open: false,
        outcome: None,
        certain: 0,
    };
    static RECORD: Schema = Schema {
        index: 0,
        name: "Record",
        fields: &[
            Field::new("fist_name", "first_name", Type::Text).read_as(&["first_name"]),
            AMOUNT,
            Field::new("inner", "inner", Type::Object(&INNER)),
        ],
        open: false,
        outcome: None,
        certain: 0,
    };
    const AMOUNT: Field = Field::new("amount", "amount", Type::Money(Unit::Dollars));

    fn written(json: &str) -> Option<String> {
        let document = Arc::new(Document::new(json));
        let mut out = String::from("before ");
        let count = write(&mut out, json, RawJson::root(&document).unwrap(), &RECORD);
        assert_eq!(count.is_none(), out == "before ", "{out}");
        count.map(|count| format!("{count} {}", out.trim_start_matches("before ")))
    }

    #[test]
    fn records_with_the_same_fields() {
        let cases = [
            (
                r#"[{"amount":1.10,"new":[1]}, {"amount" : null ,"new":12345678901234567890}]"#,
                r#"2 "names":["amount","new"],"values":["1.10",[1],null,"12345678901234567890"]"#,
            ),
            (
                r#"[{"fist_name":1,"inner":{"amount":2}}]"#,
                r#"1 "names":["first_name","inner"],"values":["1",{"amount":"2"}]"#,
            ),
            (r#"[{"am\u006funt":1}]"#, r#"1 "names":["am\u006funt"],"values":["1"]"#),
        ];
        for (given, expected) in cases {
            assert_eq!(written(given).as_deref(), Some(expected));
        }
    }

    #[test]
    fn other_records_are_left_to_be_written_as_they_are() {
        for given in [
            "[]",
            "[{}]",
            "[1]",
            "[[1]]",
            r#"[{"a":1},{"b":1}]"#,
            r#"[{"a":1},{"a":1,"b":1}]"#,
            r#"[{"a":1,"b":1},{"a":1}]"#,
            r#"[{"a":1,"b":1},{"b":1,"a":1}]"#,
            r#"[{"a":1},null]"#,
            r#"[{"a":1},[1]]"#,
            r#"[{"__proto__":1}]"#,
            r#"[{"__\u0070roto__":1}]"#,
        ] {
            assert_eq!(written(given), None, "{given}");
        }
    }
}
