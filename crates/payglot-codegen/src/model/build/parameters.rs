//! The parameters of an operation: those of the path by position, all others by name.

use std::collections::HashSet;

use anyhow::Result;
use serde_json::{Map, Value};

use super::media::is_json;
use super::schemas::{Schemas, name_fields, resolve, schema_of};
use super::text_of;
use crate::diagnostic::{Diagnostic, step};
use crate::model::names::NameAllocator;
use crate::model::{Field, ParameterStyle, Type};

/// A parameter and the overlay target that names it.
struct Parameter<'d> {
    value: &'d Value,
    target: String,
}

impl Parameter<'_> {
    fn location(&self) -> &str {
        text_of(self.value, "in")
    }

    fn name(&self) -> &str {
        text_of(self.value, "name")
    }
}

/// Path parameters in the order of the path, and the others; what cannot be sent goes to `diagnostics`. Headers that the
/// client sends by itself, which `is_own` knows, are none.
pub fn read<'d>(
    schemas: &mut Schemas<'d>,
    (document, item, operation): (&'d Value, &'d Value, &'d Value),
    (path, at, pascal): (&str, &str, &str),
    is_own: impl Fn(&str) -> bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(Vec<Field>, Vec<Field>)> {
    let parameters = parameters(document, item, operation, path, at)?;
    let mut path_params = Vec::new();
    for name in placeholders(path) {
        let known = parameters
            .iter()
            .find(|parameter| parameter.location() == "path" && parameter.name() == name);
        path_params.push(match known {
            Some(parameter) => schemas.parameter(parameter.value, &parameter.target, pascal)?,
            // A path parameter that the document does not describe is text.
            None => undescribed(schemas, name)?,
        });
    }
    let mut query = Vec::new();
    for parameter in &parameters {
        let name = parameter.name();
        let location = parameter.location();
        if location == "path" || location == "header" && is_own(name) {
            continue;
        }
        let mut refuse = |problem: String| {
            diagnostics.push(Diagnostic::remove(at, problem, &parameter.target));
        };
        if !["query", "header", "cookie"].contains(&location) {
            refuse(format!("{location} parameter `{name}` is not known here"));
            continue;
        }
        if schema_of(parameter.value).is_none() {
            refuse(format!("{location} parameter `{name}` without a schema is not known here"));
            continue;
        }
        let mut field = schemas.parameter(parameter.value, &parameter.target, pascal)?;
        field.style = style(document, parameter.value, &field.ty);
        let is_deep = field.style == ParameterStyle::DeepObject;
        let is_open = is_deep || field.style == ParameterStyle::Json;
        if is_deep && matches!(field.ty, Type::List { .. }) {
            refuse(format!("query parameter `{name}`: a deepObject is an object, and not a list"));
        } else if !is_open && !is_plain(&field.ty) && !is_of_plain(schemas, &field) {
            refuse(format!("{location} parameter `{name}` with an object in it is not known here"));
        } else if location == "header" && !is_header_name(name) {
            refuse(format!("`{name}` is no name of a header"));
        } else {
            query.push(field);
        }
    }
    // The order in which they are sent.
    query.sort_by(|a, b| a.wire.cmp(&b.wire));
    name_fields(&mut query);
    Ok((path_params, query))
}

/// The arguments of a call beside the path: query and body fields, each under a name of its own. Renames fields of the
/// query and the path whose name the body has too.
pub fn arguments(path: &mut [Field], query: &mut [Field], body: &[Field]) -> Vec<Field> {
    let body_names: HashSet<&str> =
        body.iter().flat_map(|field| [field.wire.as_str(), field.snake.as_str()]).collect();
    let mut allocator = NameAllocator::default();
    for name in &body_names {
        allocator.reserve(*name);
    }
    let mut arguments = Vec::new();
    for field in query.iter_mut() {
        let mut argument = field.clone();
        if body_names.contains(field.wire.as_str()) || body_names.contains(field.snake.as_str()) {
            rename(field, allocator.allocate(&format!("query_{}", field.snake)));
            argument = field.clone();
            // The body's field keeps the name on the wire.
            argument.wire.clone_from(&field.snake);
        } else {
            allocator.reserve(field.wire.clone());
            allocator.reserve(field.snake.clone());
        }
        arguments.push(argument);
    }
    arguments.extend(body.iter().cloned());
    let mut positional = NameAllocator::default();
    for field in &arguments {
        positional.reserve(field.snake.clone());
    }
    for field in path {
        let free = positional.allocate(&field.snake);
        if free != field.snake {
            let name = positional.allocate(&format!("path_{}", field.snake));
            rename(field, name);
        }
    }
    arguments
}

/// What RFC 9110 has for a name.
fn is_header_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}

fn rename(field: &mut Field, snake: String) {
    field.snake = snake;
}

/// Whether an operation has a header parameter of this name, in whatever case.
pub fn has_header((document, item, operation): (&Value, &Value, &Value), name: &str) -> bool {
    let declared = [item, operation].into_iter().filter_map(|holder| holder.get("parameters"));
    let declared = declared.filter_map(Value::as_array).flatten();
    declared.filter_map(|parameter| resolve(document, parameter).ok()).any(|known| {
        text_of(known, "in") == "header" && text_of(known, "name").eq_ignore_ascii_case(name)
    })
}

/// The names in the braces of a path.
pub fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
}

/// How a parameter of this type is written: a plain value looks the same in all styles of a query.
fn style(document: &Value, parameter: &Value, ty: &Type) -> ParameterStyle {
    match text_of(parameter, "in") {
        "header" => return ParameterStyle::Header,
        "cookie" => return ParameterStyle::Cookie,
        _ => {}
    }
    // The object among them is written as one, and what is plain under the name alone.
    if matches!(ty, Type::Union { .. }) && text_of(parameter, "style") == "deepObject" {
        return ParameterStyle::DeepObject;
    }
    let kinds = parameter.get("content").and_then(Value::as_object);
    let is_json =
        |kinds: &Map<String, Value>| kinds.keys().next().is_some_and(|kind| is_json(kind));
    if kinds.is_some_and(is_json) {
        return ParameterStyle::Json;
    }
    if !matches!(ty, Type::List { .. } | Type::Object { .. } | Type::Map { .. } | Type::Any) {
        return ParameterStyle::Repeated;
    }
    // An object with any fields has no type of its own.
    let schema = schema_of(parameter).and_then(|(schema, _)| resolve(document, schema).ok());
    let is_object = || schema.is_some_and(|schema| text_of(schema, "type") == "object");
    match (list_style(parameter), ty) {
        (ParameterStyle::Repeated, Type::Object { .. } | Type::Map { .. }) => {
            ParameterStyle::Fields
        }
        (ParameterStyle::Repeated, Type::Any) if is_object() => ParameterStyle::Fields,
        (style, _) => style,
    }
}

/// How several values are written, by the `style` and `explode` of a parameter or of a form's field.
pub fn list_style(declared: &Value) -> ParameterStyle {
    let explode = declared.get("explode").and_then(Value::as_bool);
    match (text_of(declared, "style"), explode) {
        ("deepObject", _) => ParameterStyle::DeepObject,
        ("spaceDelimited", None | Some(false)) => ParameterStyle::Space,
        ("pipeDelimited", None | Some(false)) => ParameterStyle::Pipe,
        ("" | "form", Some(false)) => ParameterStyle::Comma,
        _ => ParameterStyle::Repeated,
    }
}

/// Text, number, and the like, or a list of those: what can stand in a query.
fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Object { .. } | Type::Map { .. } => false,
        Type::List { item } => is_plain(item) && !matches!(**item, Type::List { .. }),
        Type::Text
        | Type::Uuid
        | Type::DateTime
        | Type::Date
        | Type::Boolean
        | Type::Integer { .. }
        | Type::Number
        | Type::Money { .. }
        | Type::Enum { .. }
        // In a query, those with objects are JSON of which nothing is known.
        | Type::Union { .. }
        | Type::File { .. }
        | Type::Any => true,
    }
}

/// Whether a parameter of the query is an object whose fields can stand there side by side.
fn is_of_plain(schemas: &Schemas<'_>, field: &Field) -> bool {
    let has_lists = field.style == ParameterStyle::Fields;
    let fits = |ty: &Type| is_plain(ty) && (has_lists || !matches!(ty, Type::List { .. }));
    match &field.ty {
        _ if !field.style.is_query() => false,
        Type::Map { value } => fits(value),
        Type::Object { name } => {
            schemas.find(name).is_some_and(|schema| schema.sent().all(|field| fits(&field.ty)))
        }
        _ => false,
    }
}

/// The field of a path parameter of which the document says nothing.
fn undescribed(schemas: &Schemas<'_>, name: &str) -> Result<Field> {
    let parameter =
        serde_json::json!({"name": name, "required": true, "schema": {"type": "string"}});
    Schemas::new(&Value::Null, schemas.naming(), NameAllocator::default())
        .parameter(&parameter, "", "")
}

/// Parameters of the path, then those of the operation, references followed.
fn parameters<'d>(
    document: &'d Value,
    item: &'d Value,
    operation: &'d Value,
    path: &str,
    at: &str,
) -> Result<Vec<Parameter<'d>>> {
    let mut found: Vec<Parameter<'d>> = Vec::new();
    let of_path = format!("$.paths{}", step(path));
    for (holder, at) in [(item, of_path.as_str()), (operation, at)] {
        for parameter in holder.get("parameters").and_then(Value::as_array).into_iter().flatten() {
            let value = resolve(document, parameter)?;
            let filter = match parameter.get("$ref").and_then(Value::as_str) {
                Some(reference) => format!("@['$ref']=={}", quoted(reference)),
                None => format!(
                    "@.name=={} && @.in=={}",
                    quoted(text_of(value, "name")),
                    quoted(text_of(value, "in"))
                ),
            };
            let parameter = Parameter { value, target: format!("{at}.parameters[?{filter}]") };
            found.retain(|other| {
                other.name() != parameter.name() || other.location() != parameter.location()
            });
            found.push(parameter);
        }
    }
    Ok(found)
}

/// A text within a target.
fn quoted(text: &str) -> String {
    let step = step(text);
    step.strip_prefix('[').and_then(|step| step.strip_suffix(']')).unwrap_or_default().to_owned()
}
