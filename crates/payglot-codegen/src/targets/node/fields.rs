//! Fields and their TypeScript types.

use serde::Serialize;

use super::names::property;
use super::source::{js, key};
use super::view::View;
use crate::model::{Field, Type};

/// A field as the templates see it.
#[derive(Serialize)]
pub struct FieldView {
    pub key: String,
    pub access: String,
    pub ty: String,
    pub check: String,
    pub optional: bool,
    pub doc: String,
}

impl View<'_> {
    pub fn request_type(&self, ty: &Type) -> String {
        match ty {
            Type::Text | Type::Uuid | Type::Date => "string".into(),
            Type::DateTime => "string | Date".into(),
            Type::Boolean => "boolean".into(),
            Type::Integer { .. } => "number | bigint".into(),
            Type::Number => "number".into(),
            Type::Money { .. } => "base.Money".into(),
            Type::Enum { name } => name.clone(),
            Type::Object { name } => self.request_name(name),
            Type::List { item } => format!("readonly ({})[]", self.request_type(item)),
            Type::Map { value } => {
                format!("Readonly<Record<string, {} | null>>", self.request_type(value))
            }
            Type::Union { name } => self.request_union(name),
            Type::File { is_text: false } => "base.FileInput".into(),
            Type::File { is_text: true } => "string | base.FileInput".into(),
            Type::Any => "unknown".into(),
        }
    }

    /// `prefix` stands before names of the provider: empty inside its namespace.
    pub fn response_type(ty: &Type, prefix: &str) -> String {
        match ty {
            Type::Text
            | Type::Uuid
            | Type::Date
            | Type::DateTime
            | Type::Money { .. }
            | Type::File { .. } => "string".into(),
            Type::Boolean => "boolean".into(),
            // A number that JavaScript cannot hold exactly comes as text with its digits.
            Type::Integer { wide: true } => "(number | string)".into(),
            Type::Integer { .. } | Type::Number => "number".into(),
            Type::Enum { name } => format!("({prefix}{name} | (string & {{}}))"),
            Type::Object { name } | Type::Union { name } => format!("{prefix}{name}"),
            Type::List { item } => format!("{}[]", Self::response_type(item, prefix)),
            Type::Map { value } => {
                format!("Record<string, {} | null>", Self::response_type(value, prefix))
            }
            Type::Any => "unknown".into(),
        }
    }

    pub fn request_field(&self, field: &Field, is_page: bool) -> FieldView {
        let null = if field.nullable { " | null" } else { "" };
        let ty = format!("{}{null}", self.request_type(&field.ty));
        let optional = is_page || !field.required;
        let ty = if optional { format!("{ty} | undefined") } else { ty };
        self.field(field, ty, optional)
    }

    pub fn response_field(&self, field: &Field) -> FieldView {
        let ty = Self::response_type(&field.ty, "");
        let ty = if field.certain { ty } else { format!("{ty} | null") };
        self.field(field, ty, !field.certain)
    }

    pub fn field(&self, field: &Field, ty: String, optional: bool) -> FieldView {
        let name = property(field);
        FieldView {
            key: key(name),
            access: if key(name) == name { format!(".{name}") } else { format!("[{}]", js(name)) },
            ty,
            check: format!(
                "{} | null | undefined",
                Self::response_type(&field.ty, &format!("{}.", self.class))
            ),
            optional,
            doc: field.description.clone(),
        }
    }
}
