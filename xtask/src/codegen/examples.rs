//! Values that are as they should be: what the contract scenarios send and answer with.

use serde_json::{Value, json};

use super::model::{Field, Provider, Type};

/// A UUID for fields whose document gives none.
const UUID: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";

/// A field's own example, as JSON text: the document's where it fits, else one made from type and limits.
/// Empty where it depends on a model: [`value`] fills that in.
pub fn field(field: &Field, documented: Option<&Value>) -> String {
    match &field.ty {
        // Two digits that a float would lose one of, within every limit of the documents.
        Type::Money { .. } => "10.10".into(),
        Type::Number => documented
            .filter(|value| value.is_number())
            .map_or_else(|| "1.5".into(), Value::to_string),
        Type::Integer => integer(field, documented).to_string(),
        Type::Boolean => "true".into(),
        Type::Uuid => {
            let text = documented
                .and_then(Value::as_str)
                .filter(|text| text.len() == UUID.len() && !text.contains('*'));
            json!(text.unwrap_or(UUID)).to_string()
        }
        Type::DateTime => json!("2026-01-31T09:30:00Z").to_string(),
        Type::Date => json!("2026-01-31").to_string(),
        Type::Text => json!(text(field, documented.and_then(Value::as_str))).to_string(),
        Type::Any => r#"{"free":[1.10,"form"]}"#.into(),
        Type::Enum { .. } | Type::Object { .. } | Type::List { .. } => String::new(),
    }
}

fn integer(field: &Field, documented: Option<&Value>) -> i64 {
    let least = field.limits.minimum.as_ref().and_then(|text| text.parse().ok());
    field
        .limits
        .one_of
        .last()
        .copied()
        .or_else(|| documented.and_then(Value::as_i64))
        .or(least)
        .unwrap_or(7)
}

/// The document's text cut to the limits, or the field's name stretched to them.
fn text(field: &Field, documented: Option<&str>) -> String {
    let most =
        field.limits.max_length.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
    let least = field.limits.min_length.and_then(|least| usize::try_from(least).ok()).unwrap_or(0);
    let mut text: String = documented.unwrap_or(&field.wire).chars().take(most).collect();
    while text.chars().count() < least {
        text.push('x');
    }
    text
}

/// Whole values of models: every field, the document's order, amounts with their digits.
pub struct Examples<'p> {
    provider: &'p Provider,
}

impl<'p> Examples<'p> {
    pub fn new(provider: &'p Provider) -> Self {
        Self { provider }
    }

    /// A value of a type as JSON text; `own` is the field's own example.
    pub fn value(&self, ty: &Type, own: &str) -> String {
        self.nested(ty, own, &mut Vec::new())
    }

    /// An object with the wanted fields.
    pub fn object(&self, fields: &[Field], wanted: impl Fn(&Field) -> bool) -> String {
        self.fields(
            &fields.iter().filter(|field| wanted(field)).collect::<Vec<_>>(),
            &mut Vec::new(),
        )
    }

    fn nested(&self, ty: &Type, own: &str, within: &mut Vec<&'p str>) -> String {
        match ty {
            Type::Enum { name } => json!(self.first_of(name)).to_string(),
            Type::List { item } => format!("[{}]", self.nested(item, &scalar(item), within)),
            Type::Object { name } => {
                let Some(schema) =
                    self.provider.schemas.iter().find(|schema| schema.pascal == *name)
                else {
                    return "null".into();
                };
                if within.contains(&schema.pascal.as_str()) {
                    // A model within itself ends here.
                    return "null".into();
                }
                within.push(&schema.pascal);
                let text = self.fields(&schema.fields.iter().collect::<Vec<_>>(), within);
                within.pop();
                text
            }
            _ => own.to_owned(),
        }
    }

    fn fields(&self, fields: &[&Field], within: &mut Vec<&'p str>) -> String {
        let entries: Vec<String> = fields
            .iter()
            .map(|field| {
                format!("{}:{}", json!(field.wire), self.nested(&field.ty, &field.example, within))
            })
            .collect();
        format!("{{{}}}", entries.join(","))
    }

    /// The fields of an object's model.
    pub fn schema(&self, ty: &Type) -> Option<&'p [Field]> {
        let Type::Object { name } = ty else { return None };
        let schema = self.provider.schemas.iter().find(|schema| schema.pascal == *name)?;
        Some(&schema.fields)
    }

    /// The first known text of an enum.
    pub fn first_of(&self, name: &str) -> &'p str {
        let known = self.provider.enums.iter().find(|known| known.pascal == name);
        known
            .and_then(|known| known.values.first())
            .map(|value| value.wire.as_str())
            .unwrap_or_default()
    }
}

/// A value for items of a list, which have no field of their own.
pub fn scalar(ty: &Type) -> String {
    match ty {
        Type::Boolean => "true".into(),
        Type::Integer => "7".into(),
        Type::Number => "1.5".into(),
        Type::Money { .. } => "10.10".into(),
        Type::Uuid => json!(UUID).to_string(),
        Type::Any => r#"{"free":[1.10,"form"]}"#.into(),
        _ => json!("2026-01-31T09:30:00Z").to_string(),
    }
}
