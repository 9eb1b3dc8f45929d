//! The interface for tests as commands: a path and what is required by position, the rest by options.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::document::{Body, Interface, Kind, Operation, Property, Returns, Shape, Type};

/// What the template lays out, as Rust writes it.
pub(super) fn view(interface: &Interface) -> Result<Value> {
    interface.operations.iter().map(|operation| command(interface, operation)).collect()
}

fn command(interface: &Interface, operation: &Operation) -> Result<Value> {
    let argument = |in_path| move |property: &Property| argument(interface, property, in_path);
    let mut arguments: Vec<_> =
        operation.path_params.iter().map(argument(true)).collect::<Result<_>>()?;
    let mut whole = None;
    match &operation.body {
        Body::None => {}
        // What must be there first, as in the helpers.
        Body::Properties(properties) => {
            let (required, optional): (Vec<_>, Vec<_>) =
                properties.iter().partition(|property| property.required);
            for property in required.into_iter().chain(optional) {
                arguments.push(argument(false)(property)?);
            }
        }
        Body::Whole(name, _) => whole = Some(name),
    }
    let field = if let Returns::Field(name, _) = &operation.returns { Some(name) } else { None };
    let name = operation.command.clone();
    Ok(json!({
        "name": name.unwrap_or_else(|| operation.id.replace('_', "-")),
        "summary": literal(&operation.summary),
        "method": operation.method,
        "path": operation.path,
        "arguments": arguments,
        "whole": whole,
        "field": field,
        "columns": format!("{:?}", operation.columns),
        "has_body": (!matches!(operation.body, Body::None)).to_string(),
        "prints": (!matches!(operation.returns, Returns::Nothing)).to_string(),
    }))
}

fn argument(interface: &Interface, property: &Property, in_path: bool) -> Result<Value> {
    Ok(json!({
        "name": property.name,
        "flag": property.name.replace('_', "-"),
        "text": literal(&property.description),
        "kind": kind(interface, &property.ty)?,
        "in_path": in_path.to_string(),
        "required": property.required.to_string(),
        "nullable": property.ty.nullable.to_string(),
        "sensitive": property.sensitive.to_string(),
    }))
}

/// Text as Rust has it.
fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// How the command reads a value, in Rust.
fn kind(interface: &Interface, ty: &Type) -> Result<String> {
    Ok(match &ty.kind {
        Kind::Text | Kind::Id | Kind::Decimal => "Kind::Text".to_owned(),
        Kind::Duration => "Kind::Duration".to_owned(),
        Kind::Integer => "Kind::Integer".to_owned(),
        Kind::Named(name, true) => format!("Kind::OneOf(&{:?})", values(interface, name)),
        Kind::Boolean | Kind::Any | Kind::List(_) | Kind::Named(_, false) => {
            bail!("a command takes no argument of such a type yet")
        }
    })
}

fn values<'i>(interface: &'i Interface, name: &str) -> &'i [String] {
    let found = interface.types.iter().find(|named| named.name == name);
    match found.map(|named| &named.shape) {
        Some(Shape::Enum(values)) => values,
        _ => &[],
    }
}
