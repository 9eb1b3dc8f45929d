//! JSON that is put together by the paths of its fields.

use crate::json::{self, UniqueFields, write_name};

/// An object that grows, or a value that is there.
pub(super) enum Tree {
    Json(String),
    Fields(Vec<(String, Tree)>),
}

impl Tree {
    /// An object without fields.
    pub(super) fn new() -> Self {
        Self::Fields(Vec::new())
    }

    /// Puts a value under a path. What is there already stays; the fields of two objects come together.
    pub(super) fn put(&mut self, path: &[&str], value: &str) {
        let Self::Fields(fields) = self else { return };
        if let Some((name, rest)) = path.split_first() {
            if let Some((_, field)) = fields.iter_mut().find(|(known, _)| known == name) {
                field.put(rest, value);
            } else {
                let mut field = Self::new();
                field.put(rest, value);
                fields.push(((*name).to_owned(), field));
            }
            return;
        }
        let Some(entries) = json::entries(value) else {
            if fields.is_empty() {
                *self = Self::Json(value.to_owned());
            }
            return;
        };
        let mut unique = UniqueFields::default();
        for (name, value) in entries {
            unique.set(name, value);
        }
        for (name, value) in unique.into_vec() {
            match fields.iter_mut().find(|(known, _)| *known == *name) {
                Some((_, field)) => field.put(&[], value),
                None => fields.push((name.to_string(), Self::Json(value.to_owned()))),
            }
        }
    }

    /// Its text.
    pub(super) fn into_json(self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Json(json) => out.push_str(json),
            Self::Fields(fields) => {
                out.push('{');
                for (name, value) in fields {
                    write_name(out, name);
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tree;

    #[test]
    fn what_is_there_stays_and_objects_come_together() {
        let mut tree = Tree::new();
        tree.put(&["event", "id"], "1");
        tree.put(&[], r#"{"event":{"id":2,"name":"n"},"list":[{}]}"#);
        tree.put(&["list", "more"], "3");
        tree.put(&["event", "id", "deeper"], "4");
        assert_eq!(tree.into_json(), r#"{"event":{"id":1,"name":"n"},"list":[{}]}"#);
        let mut data = Tree::new();
        data.put(&["data"], r#"{"amount":1}"#);
        data.put(&["data"], r#"{"amount":2,"status":"done"}"#);
        assert_eq!(data.into_json(), r#"{"data":{"amount":1,"status":"done"}}"#);
        let mut list = Tree::new();
        list.put(&[], "[1]");
        assert_eq!(list.into_json(), "[1]");
    }
}
