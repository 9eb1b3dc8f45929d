//! `errors.toml`: the table of error classes that every language has.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// A class of the error table.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct ErrorClass {
    /// `AuthenticationError`
    pub name: String,
    /// The class it derives from; the base has none.
    #[serde(default)]
    pub parent: Option<String>,
    /// Status that raises it.
    #[serde(default)]
    pub status: Option<u16>,
    /// 5 for 500 to 599.
    #[serde(default)]
    pub status_class: Option<u16>,
    /// Second base class in Python.
    #[serde(default)]
    pub python_base: Option<String>,
    /// Meaning and way out.
    pub description: String,
    /// Fields of its own.
    #[serde(default)]
    pub fields: Vec<ErrorField>,
}

/// A field of an error.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct ErrorField {
    /// `request_id`
    pub name: String,
    /// What it is.
    #[serde(rename = "type")]
    pub ty: ErrorFieldType,
    /// What it holds.
    pub description: String,
}

/// The type of an error's field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct ErrorFieldType {
    /// What it holds.
    pub kind: ErrorFieldKind,
    /// Whether it may be missing.
    pub optional: bool,
}

/// What an error's field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorFieldKind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Any JSON.
    Json,
    /// Text by name.
    Map,
}

impl TryFrom<String> for ErrorFieldType {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (name, optional) =
            text.strip_suffix('?').map_or((text.as_str(), false), |name| (name, true));
        let kind = match name {
            "text" => ErrorFieldKind::Text,
            "integer" => ErrorFieldKind::Integer,
            "number" => ErrorFieldKind::Number,
            "boolean" => ErrorFieldKind::Boolean,
            "json" => ErrorFieldKind::Json,
            "map" => ErrorFieldKind::Map,
            _ => {
                return Err(format!("`{name}` is not text, integer, number, boolean, json or map"));
            }
        };
        Ok(Self { kind, optional })
    }
}

impl From<ErrorFieldType> for String {
    fn from(ty: ErrorFieldType) -> Self {
        let name = match ty.kind {
            ErrorFieldKind::Text => "text",
            ErrorFieldKind::Integer => "integer",
            ErrorFieldKind::Number => "number",
            ErrorFieldKind::Boolean => "boolean",
            ErrorFieldKind::Json => "json",
            ErrorFieldKind::Map => "map",
        };
        format!("{name}{}", if ty.optional { "?" } else { "" })
    }
}

/// Reads the table.
pub fn read(path: &Path) -> Result<Vec<ErrorClass>> {
    #[derive(serde::Deserialize)]
    struct Table {
        errors: Vec<ErrorClass>,
    }
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let table: Table = toml::from_str(&text)
        .with_context(|| format!("{} is not as it should be", path.display()))?;
    for (position, class) in table.errors.iter().enumerate() {
        let is_known = |parent: &String| {
            table.errors.iter().take(position).any(|earlier| earlier.name == *parent)
        };
        anyhow::ensure!(
            class.parent.as_ref().is_none_or(is_known),
            "{}: the parent of {} must stand before it",
            path.display(),
            class.name
        );
    }
    Ok(table.errors)
}
