//! YAML as JSON: a status may be written as a number, and a whole number may have any number of digits.

use std::fmt;

use serde::de::{
    Deserialize, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess,
    VariantAccess as _, Visitor,
};
use serde_json::{Map, Value};

/// Reads YAML with the document's order of names.
pub fn read(text: &str) -> Result<Value, serde_yaml_ng::Error> {
    serde_yaml_ng::from_str(text).map(|Yaml(value)| value)
}

struct Yaml(Value);

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    /// A file without anything in it.
    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    // What 64 bits do not hold is what the JSON of the same document is read as.
    #[allow(clippy::cast_precision_loss)]
    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        Ok((value as f64).into())
    }

    #[allow(clippy::cast_precision_loss)]
    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        Ok((value as f64).into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Yaml(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(Yaml(name)) = entries.next_key()? {
            let name = match name {
                Value::String(name) => name,
                Value::Number(name) => name.to_string(),
                Value::Bool(name) => name.to_string(),
                other => return Err(A::Error::custom(format!("a name is not text: {other}"))),
            };
            let Yaml(value) = entries.next_value()?;
            if map.contains_key(&name) {
                return Err(A::Error::custom(format!("`{name}` is there twice")));
            }
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }

    /// A value with a tag is the value.
    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Value, A::Error> {
        let (IgnoredAny, contents) = tagged.variant()?;
        contents.newtype_variant().map(|Yaml(value)| value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yaml_is_the_json_that_it_says() {
        let text = "200: {a: [1, -2, 1.5, ~, 'x', !tag y], true: .nan}\nb: &b {c: 1}\nd: *b";
        let expected = json!({
            "200": {"a": [1, -2, 1.5, null, "x", "y"], "true": null}, "b": {"c": 1}, "d": {"c": 1},
        });
        assert_eq!(read(text).unwrap(), expected);
        assert_eq!(read("").unwrap(), Value::Null);
        for (text, expected) in
            [("a: 1\na: 2", "`a` is there twice"), ("[x]: 1", "a name is not text")]
        {
            assert!(read(text).unwrap_err().to_string().contains(expected), "{text}");
        }
    }

    #[test]
    fn a_whole_number_of_any_length_is_read_as_in_json() {
        for digits in [
            "18446744073709551615",
            "18446744073709552000",
            "-9223372036854776000",
            "1".repeat(60).as_str(),
        ] {
            let from_json: Value = serde_json::from_str(digits).unwrap();
            assert_eq!(read(digits).unwrap(), from_json, "{digits}");
        }
    }
}
