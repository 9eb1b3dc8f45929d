//! Fields and their TypeScript types.

use heck::ToLowerCamelCase as _;
use serde::Serialize;

use super::view::View;
use super::{js, key};
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
            Type::Integer => "number | bigint".into(),
            Type::Number => "number".into(),
            Type::Money { .. } => "base.Money".into(),
            Type::Enum { name } => name.clone(),
            Type::Object { name } => self.request_name(name),
            Type::List { item } => format!("readonly ({})[]", self.request_type(item)),
            Type::Any => "unknown".into(),
        }
    }

    /// `prefix` stands before names of the provider: empty inside its namespace.
    pub fn answer_type(ty: &Type, prefix: &str) -> String {
        match ty {
            Type::Text | Type::Uuid | Type::Date | Type::DateTime | Type::Money { .. } => {
                "string".into()
            }
            Type::Boolean => "boolean".into(),
            Type::Integer | Type::Number => "number".into(),
            Type::Enum { name } => format!("({prefix}{name} | (string & {{}}))"),
            Type::Object { name } => format!("{prefix}{name}"),
            Type::List { item } => format!("{}[]", Self::answer_type(item, prefix)),
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

    pub fn answer_field(&self, field: &Field) -> FieldView {
        self.field(field, format!("{} | null", Self::answer_type(&field.ty, "")), true)
    }

    pub fn field(&self, field: &Field, ty: String, optional: bool) -> FieldView {
        let name = public(field);
        FieldView {
            key: key(name),
            access: if key(name) == name { format!(".{name}") } else { format!("[{}]", js(name)) },
            ty,
            check: format!(
                "{} | null | undefined",
                Self::answer_type(&field.ty, &format!("{}.", self.class))
            ),
            optional,
            doc: field.description.clone(),
        }
    }
}

/// The name a user sees: the wire's, or the corrected one where that is misspelled.
pub fn public(field: &Field) -> &str {
    if field.aliases.is_empty() { &field.wire } else { &field.snake }
}

/// Words of JavaScript, and the other arguments of a method.
const RESERVED: &[&str] = &[
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "options",
    "package",
    "params",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// A positional argument.
pub fn argument(field: &Field) -> String {
    let name = field.snake.trim_end_matches('_').to_lower_camel_case();
    if RESERVED.contains(&name.as_str()) { format!("{name}_") } else { name }
}

/// The model that a value or its items have.
pub fn object_name(ty: &Type) -> Option<&str> {
    match ty {
        Type::Object { name } => Some(name),
        Type::List { item } => object_name(item),
        _ => None,
    }
}
