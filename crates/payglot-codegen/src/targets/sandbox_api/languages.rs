//! Names and types of the interface for tests in Rust, Python and TypeScript.

use heck::{ToLowerCamelCase as _, ToUpperCamelCase as _};
use serde_json::{Value, json};

use super::document::{Body, Interface, Kind, Named, Operation, Property, Returns, Shape, Type};

/// Prefix of the types that Node exports beside everything else.
const NODE_PREFIX: &str = "Sandbox";

/// What the templates lay out.
pub(super) fn view(interface: &Interface) -> Value {
    json!({
        "operations": interface.operations.iter().map(operation).collect::<Vec<_>>(),
        "types": interface.types.iter().map(named).collect::<Vec<_>>(),
    })
}

fn operation(operation: &Operation) -> Value {
    let (properties, whole) = match &operation.body {
        Body::None => (&[][..], None),
        Body::Properties(properties) => (&properties[..], None),
        Body::Whole(name, ty) => (
            &[][..],
            Some(json!({ "name": name, "python": python(ty), "node": node(ty), "rust": rust(ty) })),
        ),
    };
    let (required, optional): (Vec<_>, Vec<_>) =
        properties.iter().partition(|property| property.required);
    let returned = match &operation.returns {
        Returns::Nothing => None,
        Returns::Whole(ty) | Returns::Field(_, ty) => Some(ty),
    };
    let field = if let Returns::Field(name, _) = &operation.returns { Some(name) } else { None };
    let relative = operation.path.trim_start_matches("/_sandbox/api/");
    json!({
        "id": operation.id,
        "camel": operation.id.to_lower_camel_case(),
        "options": format!("{}Options", operation.id.to_upper_camel_case()),
        "summary": operation.summary,
        "method": operation.method,
        "path": operation.path,
        "python_path": with_params(relative, operation, |property| match property.ty.kind {
            Kind::Integer => format!("{{{}}}", property.name),
            _ => format!("{{quote({})}}", property.name),
        }),
        "node_path": with_params(relative, operation, |property| {
            format!("${{segment({})}}", property.name.to_lower_camel_case())
        }),
        "rust_path": with_params(&operation.path, operation, |_| "{}".to_owned()),
        "params": operation.path_params.iter().map(self::property).collect::<Vec<_>>(),
        "has_body": !matches!(operation.body, Body::None),
        "whole": whole,
        "required": required.into_iter().map(self::property).collect::<Vec<_>>(),
        "optional": optional.into_iter().map(self::property).collect::<Vec<_>>(),
        "field": field,
        "returns": returned.map(|ty| json!({ "python": python(ty), "node": node(ty), "rust": rust(ty) })),
        "not_in": operation.not_in,
    })
}

/// The path with each `{name}` as the language writes it.
fn with_params(path: &str, operation: &Operation, write: impl Fn(&Property) -> String) -> String {
    operation.path_params.iter().fold(path.to_owned(), |path, property| {
        path.replace(&format!("{{{}}}", property.name), &write(property))
    })
}

fn property(property: &Property) -> Value {
    let Property { name, description, ty, required, default, .. } = property;
    let camel = name.to_lower_camel_case();
    let rust_type = rust(ty);
    let default_json = default.as_ref().map(Value::to_string);
    json!({
        "name": name,
        "camel": camel,
        "description": description,
        "required": required,
        // A nullable property with a default is always sent: null means something else than nothing.
        "default": default_json,
        "rust_default": default.as_ref().map(|default| match default {
            Value::String(text) => format!("Some({text:?}.to_owned())"),
            other => format!("Some({other})"),
        }),
        "is_decimal": matches!(ty.kind, Kind::Decimal),
        "is_duration": matches!(ty.kind, Kind::Duration),
        "python": python(ty),
        "node": node(ty),
        "rust": rust_type,
        "rust_argument": rust_argument(ty),
        "rust_optional": if rust_type.starts_with("Option<") { rust_type.clone() } else { format!("Option<{rust_type}>") },
    })
}

fn named(named: &Named) -> Value {
    let (values, properties) = match &named.shape {
        Shape::Enum(values) => (Some(values), &[][..]),
        Shape::Object(properties) => (None, &properties[..]),
    };
    let values = values.map(|values| {
        let value = |value: &String| json!({ "wire": value, "rust": value.to_upper_camel_case() });
        values.iter().map(value).collect::<Vec<_>>()
    });
    json!({
        "name": named.name,
        "node": format!("{NODE_PREFIX}{}", named.name),
        "description": named.description,
        "values": values,
        "properties": properties.iter().map(property).collect::<Vec<_>>(),
    })
}

fn python(ty: &Type) -> String {
    let name = match &ty.kind {
        Kind::Text | Kind::Id => "str".to_owned(),
        Kind::Decimal => "Decimal | int | str".to_owned(),
        Kind::Duration => "timedelta | int".to_owned(),
        Kind::Integer => "int".to_owned(),
        Kind::Boolean => "bool".to_owned(),
        Kind::Any => "Any".to_owned(),
        Kind::List(item) => format!("list[{}]", python(item)),
        Kind::Named(name, _) => name.clone(),
    };
    if ty.nullable { format!("{name} | None") } else { name }
}

fn node(ty: &Type) -> String {
    let name = match &ty.kind {
        Kind::Text | Kind::Id => "string".to_owned(),
        Kind::Decimal => "string | number".to_owned(),
        Kind::Duration | Kind::Integer => "number".to_owned(),
        Kind::Boolean => "boolean".to_owned(),
        Kind::Any => "any".to_owned(),
        Kind::List(item) => format!("{}[]", node(item)),
        Kind::Named(name, _) => format!("{NODE_PREFIX}{name}"),
    };
    if ty.nullable { format!("{name} | null") } else { name }
}

fn rust(ty: &Type) -> String {
    let name = match &ty.kind {
        Kind::Text | Kind::Id | Kind::Decimal => "String".to_owned(),
        Kind::Duration => "Duration".to_owned(),
        Kind::Integer => "i64".to_owned(),
        Kind::Boolean => "bool".to_owned(),
        Kind::Any => "Value".to_owned(),
        Kind::List(item) => format!("Vec<{}>", rust(item)),
        Kind::Named(name, _) => name.clone(),
    };
    if ty.nullable { format!("Option<{name}>") } else { name }
}

/// The type of a required argument of a method.
fn rust_argument(ty: &Type) -> String {
    match &ty.kind {
        Kind::Id | Kind::Decimal => "impl Display".to_owned(),
        Kind::Text => "&str".to_owned(),
        Kind::Named(name, false) => format!("&{name}"),
        _ => rust(ty),
    }
}
