//! Open maps: objects whose names the document does not know.

use std::collections::HashMap;
use std::hash::BuildHasher;

use super::response_value::within;
use super::{Kind, RawJson, ResponseValue, write_name};

/// The entries of a map in the order of their names. A `HashMap` has another order each time, and what is signed, stored or
/// compared must not.
pub(crate) fn sorted<T, S>(map: &HashMap<String, T, S>) -> Vec<(&String, &T)> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_unstable_by_key(|(name, _)| *name);
    entries
}

impl<T: ResponseValue, S: BuildHasher + Default> ResponseValue for HashMap<String, T, S> {
    /// Without the entries that are null. One that is something else makes the whole map something else, as in a list.
    fn from_response(raw: RawJson<'_>) -> Option<Self> {
        let entries = raw.entries().filter_map(|(name, value)| {
            within(value).map(|value| Some((name.into_owned(), value?))).transpose()
        });
        if raw.kind() == Kind::Object { entries.collect::<Result<_, _>>().ok() } else { None }
    }

    fn misfit(&self) -> Option<String> {
        sorted(self).into_iter().find_map(|(_, value)| value.misfit())
    }

    fn write_json(&self, out: &mut String) {
        out.push('{');
        for (name, value) in sorted(self) {
            write_name(out, name);
            value.write_json(out);
        }
        out.push('}');
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test stops the moment something is not as it should be
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::json::{Document, Json};

    fn read<T: ResponseValue>(text: &str) -> Option<T> {
        let document = Arc::new(Document::new(text));
        RawJson::root(&document).and_then(T::from_response)
    }

    fn written<T: ResponseValue>(value: &T) -> String {
        let mut out = String::new();
        value.write_json(&mut out);
        out
    }

    #[test]
    fn maps_with_the_same_entries_are_written_alike() {
        let text = r#"{"B":1,"a":2,"aa":3,"b":4,"eu":5,"us":6,"zz":7,"é":8}"#;
        let maps: Vec<HashMap<String, i64>> = (0..16).filter_map(|_| read(text)).collect();
        // Each of them hashes in its own way.
        assert!(maps.iter().any(|map| !map.keys().is_sorted()));
        assert!(maps.iter().all(|map| written(map) == text));
        assert_eq!(maps.len(), 16);
    }

    #[test]
    fn a_map_with_an_odd_value_is_not_read_without_it() {
        type Numbers = HashMap<String, i64>;
        assert_eq!(read::<Numbers>(r#"{"a":1,"b":null,"c":"3"}"#).unwrap().len(), 2);
        assert_eq!(read::<Numbers>(r#"{"a":1,"b":"two"}"#), None);
        assert_eq!(read::<Numbers>("[]"), None);
        // Where any JSON is a value, null is one too.
        let free = r#"{"a":null,"b":[1,null]}"#;
        assert_eq!(written(&read::<HashMap<String, Json>>(free).unwrap()), free);
        assert_eq!(written(&read::<Vec<Json>>("[1,null]").unwrap()), "[1,null]");
        assert_eq!(read::<Vec<i64>>("[1,null]").unwrap(), [1]);
    }
}
