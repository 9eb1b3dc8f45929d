//! Models, dicts, enums and errors as classes.

use serde_json::{Value, json};

use super::source::{private, string};
use super::types::Types;
use crate::model::{Enum, ErrorClass, ErrorFieldKind, ErrorFieldType, Event, Schema, Type};

impl Types<'_> {
    pub fn model(schema: &Schema) -> Value {
        let fields: Vec<_> = schema
            .received()
            .map(|(position, field)| {
                let ty = Self::value(&field.ty, "");
                json!({
                    "name": &field.snake,
                    "position": position,
                    "type": match ty.as_str() {
                        "Any" => ty,
                        _ if field.certain => private(&ty),
                        _ => format!("{} | None", private(&ty)),
                    },
                    "doc": field.description,
                })
            })
            .collect();
        let mut notes = vec![if schema.description.is_empty() {
            format!("{}.", schema.document_name)
        } else {
            schema.description.clone()
        }];
        if !schema.unconfirmed.is_empty() {
            notes.push(format!("Not confirmed upstream: {}", schema.unconfirmed));
        }
        let attributes: Vec<_> = schema
            .received()
            .map(|(_, field)| (&field.snake, &field.description))
            .chain(schema.helpers.iter().map(|helper| (&helper.snake, &helper.description)))
            .map(|(name, doc)| format!("    {name}: {doc}"))
            .collect();
        if !attributes.is_empty() {
            notes.push(format!("Attributes:\n{}", attributes.join("\n")));
        }
        json!({
            "name": schema.pascal,
            "index": schema.index,
            "doc": notes.join("\n\n"),
            "fields": fields,
            "helpers": schema.helpers,
        })
    }

    pub fn dict(&self, schema: &Schema) -> Value {
        let fields: Vec<_> = schema
            .sent()
            .map(|field| {
                let null = if field.nullable { " | None" } else { "" };
                json!({
                    "name": field.snake,
                    "type": format!("{}{null}", private(&self.given(&field.ty, ""))),
                    "doc": field.description,
                    "required": field.required,
                })
            })
            .collect();
        let (required, optional): (Vec<_>, Vec<_>) =
            fields.into_iter().partition(|field| field["required"] == true);
        json!({
            "name": self.dict_name(&schema.pascal),
            "doc": if schema.description.is_empty() { format!("{}.", schema.document_name) } else { schema.description.clone() },
            "required": required,
            "optional": optional,
        })
    }
}

impl Types<'_> {
    /// A union as the names of its types: for what is received, and for what is sent.
    pub fn unions(&self) -> Vec<Value> {
        let mut views = Vec::new();
        let mut defined: Vec<&str> = Vec::new();
        for union in &self.provider.unions {
            let mut within =
                union.members.iter().flat_map(|member| member.ty.names(&self.provider.unions));
            let is_early = |name: &str| self.union(name).is_some() && !defined.contains(&name);
            // One that has itself within is not there yet where its types are named.
            let is_recursive = within.any(is_early);
            let spelled = |types: &[String]| {
                let types = types.iter().map(|ty| private(ty));
                if is_recursive {
                    let types: Vec<_> = types.map(|ty| string(&ty)).collect();
                    return format!("Union[{}]", types.join(", "));
                }
                types.collect::<Vec<_>>().join(" | ")
            };
            let doc = if union.description.is_empty() {
                "One of several types."
            } else {
                union.description.as_str()
            };
            if union.in_responses {
                let mut types: Vec<_> =
                    union.members.iter().map(|member| Self::value(&member.ty, "")).collect();
                let has_objects = union
                    .members
                    .iter()
                    .any(|member| matches!(member.ty, Type::Object { .. } | Type::Union { .. }));
                if has_objects {
                    // An object that is none of these comes as a dict.
                    types.push("builtins.dict[str, Any]".to_owned());
                }
                views.push(json!({ "name": union.pascal, "doc": doc, "type": spelled(&types) }));
            }
            if union.in_requests {
                let types: Vec<_> =
                    union.members.iter().map(|member| self.given(&member.ty, "")).collect();
                let name = self.union_name(&union.pascal);
                views.push(json!({ "name": name, "doc": doc, "type": spelled(&types) }));
            }
            defined.push(&union.pascal);
        }
        views
    }
}

/// A class of constants, and the type of its values.
pub fn enumeration(known: &Enum) -> Value {
    let values: Vec<_> = known.values.iter().map(|value| string(&value.wire)).collect();
    json!({
        "name": known.pascal,
        "doc": if known.description.is_empty() { "Known texts.".to_owned() } else { known.description.clone() },
        "values": known.values,
        "literal": values.join(", "),
    })
}

/// An event as a class.
pub fn event(event: &Event) -> Value {
    let mut notes = vec![format!("`{}`: {}", event.name, event.summary), event.description.clone()];
    if !event.unconfirmed.is_empty() {
        notes.push(format!("Not confirmed upstream: {}", event.unconfirmed));
    }
    if !event.docs.is_empty() {
        notes.push(format!("Upstream: {}", event.docs));
    }
    notes.retain(|note| !note.is_empty());
    let data = Types::value(&event.data, "types.");
    json!({
        "name": event.name,
        "class": event.class,
        "index": event.index,
        "doc": notes.join("\n\n"),
        "data": if data == "Any" { data } else { format!("{data} | None") },
    })
}

/// The error table.
pub fn errors(classes: &[ErrorClass]) -> Vec<Value> {
    classes
        .iter()
        .map(|class| {
            let mut line = vec![class];
            while let Some(parent) = line.last().and_then(|class| class.parent.as_ref()) {
                match classes.iter().find(|class| class.name == *parent) {
                    Some(parent) => line.push(parent),
                    None => break,
                }
            }
            let inherited = line.iter().rev().flat_map(|class| &class.fields);
            let defaults: Vec<_> = inherited.map(|field| json!([field.name, error_field(field.ty).1])).collect();
            let fields: Vec<_> = class.fields.iter().map(|field| {
                json!({ "name": field.name, "type": error_field(field.ty).0, "doc": field.description })
            }).collect();
            json!({
                "name": class.name,
                "bases": class.parent.iter().chain(&class.python_base).cloned().collect::<Vec<_>>(),
                "doc": class.description,
                "fields": fields,
                "defaults": defaults,
                "is_validation": class.status == Some(422),
            })
        })
        .collect()
}

/// Python type and value when nothing is known.
fn error_field(ty: ErrorFieldType) -> (String, &'static str) {
    let (python, default) = match ty.kind {
        ErrorFieldKind::Text => ("str", "\"\""),
        ErrorFieldKind::Integer => ("int", "0"),
        ErrorFieldKind::Number => ("float", "0.0"),
        ErrorFieldKind::Boolean => ("bool", "False"),
        ErrorFieldKind::Map => ("dict[str, str]", "{}"),
        ErrorFieldKind::Json => ("Any", "None"),
    };
    if ty.optional && ty.kind != ErrorFieldKind::Json {
        (format!("{python} | None"), "None")
    } else {
        (python.to_owned(), default)
    }
}
