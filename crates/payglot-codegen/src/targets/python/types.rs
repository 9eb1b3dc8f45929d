//! Python types of arguments and values.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::source::string;
use crate::model::{Field, Member, Operation, Paging, Provider, Schema, Type, Union};

/// Python types of one provider's values.
pub struct Types<'m> {
    /// The provider.
    pub provider: &'m Provider,
}

impl Types<'_> {
    pub fn schema(&self, name: &str) -> Option<&Schema> {
        self.provider.schemas.iter().find(|schema| schema.pascal == name)
    }

    /// Name of the dict that a caller writes; models that responses have too keep the plain name.
    pub fn dict_name(&self, name: &str) -> String {
        let is_model = self.schema(name).is_some_and(|schema| schema.in_responses);
        if is_model { format!("{name}Input") } else { name.to_owned() }
    }

    /// Whether a field, or one within it, must never be shown; what is in a file is not known.
    pub fn is_sensitive(&self, field: &Field) -> bool {
        let mut seen = BTreeSet::new();
        let mut queue = vec![field];
        while let Some(field) = queue.pop() {
            if field.sensitive || field.ty.is_file() {
                return true;
            }
            let names = field.ty.names(&self.provider.unions).into_iter();
            let schemas = names.filter(|name| seen.insert((*name).to_owned()));
            queue.extend(schemas.filter_map(|name| self.schema(name)).flat_map(|s| &s.fields));
        }
        false
    }

    /// Type of an argument, with null where that is allowed.
    pub fn argument(&self, field: &Field) -> String {
        let null = if field.nullable { " | None" } else { "" };
        format!("{}{null}", self.given(&field.ty, "types."))
    }

    /// Type of a value in a request.
    pub fn given(&self, ty: &Type, module: &str) -> String {
        match ty {
            Type::Text => "str".to_owned(),
            Type::Uuid => "str | UUID".to_owned(),
            Type::DateTime => "str | datetime".to_owned(),
            Type::Date => "str | date".to_owned(),
            Type::Boolean => "bool".to_owned(),
            Type::Integer { .. } => "int".to_owned(),
            Type::Number => "float | Decimal".to_owned(),
            Type::Money { .. } => "Decimal | int | str".to_owned(),
            Type::Enum { name } => format!("{module}{name}Value"),
            Type::Object { name } if self.dict_name(name) == *name => format!("{module}{name}"),
            Type::Object { name } => format!("{module}{} | {module}{name}", self.dict_name(name)),
            Type::List { item } => format!("Sequence[{}]", self.given(item, module)),
            Type::Map { value } => format!("Mapping[str, {} | None]", self.given(value, module)),
            Type::Union { name } => format!("{module}{}", self.union_name(name)),
            Type::File { is_text: false } => "FileInput".to_owned(),
            Type::File { is_text: true } => "FileInput | str".to_owned(),
            Type::Any => "object".to_owned(),
        }
    }

    /// Type of a value in a response.
    pub fn value(ty: &Type, module: &str) -> String {
        match ty {
            Type::Text | Type::Uuid | Type::Date | Type::Enum { .. } | Type::File { .. } => {
                "str".to_owned()
            }
            // A time that does not say of which zone stays text.
            Type::DateTime => "datetime | str".to_owned(),
            Type::Boolean => "bool".to_owned(),
            Type::Integer { .. } => "int".to_owned(),
            Type::Number => "float".to_owned(),
            Type::Money { .. } => "Decimal".to_owned(),
            Type::Object { name } | Type::Union { name } => format!("{module}{name}"),
            Type::List { item } => format!("builtins.list[{}]", Self::value(item, module)),
            Type::Map { value } => {
                format!("builtins.dict[str, {} | None]", Self::value(value, module))
            }
            Type::Any => "Any".to_owned(),
        }
    }

    /// A value that fits, as Python source, for the file that uses every operation.
    pub fn example(&self, ty: &Type) -> String {
        match ty {
            Type::Text => "\"text\"".to_owned(),
            Type::Uuid => "UUID(int=7)".to_owned(),
            Type::DateTime => "datetime.now(timezone.utc)".to_owned(),
            Type::Date => "date(2026, 1, 31)".to_owned(),
            Type::Boolean => "True".to_owned(),
            Type::Integer { .. } => "1".to_owned(),
            Type::Number => "1.5".to_owned(),
            Type::Money { .. } => "Decimal(\"10.10\")".to_owned(),
            Type::Enum { name } => {
                let known = self.provider.enums.iter().find(|known| known.pascal == *name);
                let value = known.and_then(|known| known.values.first());
                value.map_or_else(|| "\"\"".to_owned(), |value| string(&value.wire))
            }
            Type::Object { name } => self.dict_example(name, None),
            Type::Union { name } => {
                let union = self.union(name);
                let first =
                    union.and_then(|union| union.members.first().map(|first| (union, first)));
                match first {
                    Some((union, Member { ty: Type::Object { name }, .. })) => {
                        self.dict_example(name, union.told(0))
                    }
                    Some((_, first)) => self.example(&first.ty),
                    None => "None".to_owned(),
                }
            }
            Type::List { item } => format!("[{}]", self.example(item)),
            Type::Map { value } => format!("{{\"key\": {}}}", self.example(value)),
            Type::File { .. } => "b\"\"".to_owned(),
            Type::Any => "{\"any\": 1}".to_owned(),
        }
    }

    /// A model as a dict with what it must have; `told` is the field that says of which type it is, with its text.
    fn dict_example(&self, name: &str, told: Option<(&str, &str)>) -> String {
        let fields = self.schema(name).into_iter().flat_map(crate::model::Schema::sent);
        let fields = fields.filter_map(|field| {
            let told = told.filter(|(wire, _)| *wire == field.wire).map(|(_, text)| string(text));
            let value = told.or_else(|| field.required.then(|| self.example(&field.ty)))?;
            Some(format!("\"{}\": {value}", field.snake))
        });
        format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
    }

    pub fn union(&self, name: &str) -> Option<&Union> {
        self.provider.unions.iter().find(|known| known.pascal == name)
    }

    /// Name of a union as a caller writes it; one that responses have too keeps the plain name for what is received.
    pub fn union_name(&self, name: &str) -> String {
        let is_received = self.union(name).is_some_and(|union| union.in_responses);
        if is_received { format!("{name}Input") } else { name.to_owned() }
    }

    pub fn page_fields(&self, operation: &Operation) -> Option<[&Field; 2]> {
        self.provider.page_fields(operation)
    }

    /// Names of the arguments that choose the page, and the default size.
    pub fn page(&self, operation: &Operation) -> Result<Value> {
        if operation.paging != Paging::Paged {
            return Ok(Value::Null);
        }
        let [size, page] = self.page_fields(operation).context("no fields choose the page")?;
        let default = self.provider.config.page_fields().map(|paging| paging.default_size);
        Ok(json!({ "size": size.snake, "number": page.snake, "default": default }))
    }
}
