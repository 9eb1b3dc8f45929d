//! Values that are one of several types: which one a value is, and pydantic's problems where it is none.

use payglot::schema::{Discriminator, Schema, Type, Union};
use serde_json::{Value, json};

use super::walk::{Walk, shown};
use crate::operation::Fault;

/// Unions within unions beyond which nothing is looked for: one that has itself as a member would never end.
const MAX_DEPTH: u8 = 8;

/// Checks a value, and says of which type it is; `None` where it is of none, and the walk has the problems.
pub(super) fn check(
    walk: &mut Walk,
    union: &Union,
    (sensitive, depth): (bool, u8),
    value: &Value,
) -> Option<Type> {
    let is_object = value.is_object();
    let objects = union.members.iter().filter(|member| matches!(member, Type::Object(_)));
    if let Some(discriminator) = union
        .discriminator
        .as_ref()
        .filter(|_| is_object || objects.clone().count() == union.members.len())
    {
        return tagged(walk, union, discriminator, sensitive, value);
    }
    let mut found: Option<(usize, Type)> = None;
    let mut problems = Vec::new();
    for (member, limits) in union.limited() {
        let mut inner = Walk::beside(walk);
        inner.step(json!(called(&member)), |walk| match member {
            Type::Union(_) if depth >= MAX_DEPTH => {
                walk.report(Fault::not_an_object(), Value::Null);
            }
            Type::Union(within) => {
                check(walk, within, (sensitive, depth + 1), value);
            }
            member => walk.value(&member, limits, sensitive, value),
        });
        if inner.problems.is_empty() {
            let rank = known_fields(member, value);
            if found.is_none_or(|(best, _)| rank > best) {
                found = Some((rank, member));
            }
        }
        problems.extend(inner.problems);
    }
    if found.is_none() {
        walk.problems.extend(problems);
    }
    found.map(|(_, member)| member)
}

/// An object that says of which type it is.
fn tagged(
    walk: &mut Walk,
    union: &Union,
    discriminator: &Discriminator,
    sensitive: bool,
    value: &Value,
) -> Option<Type> {
    let field = discriminator.field;
    let Value::Object(object) = value else {
        let msg = "Input should be a valid dictionary or object to extract fields from";
        walk.report(Fault::new("model_attributes_type", msg), shown(sensitive, value));
        return None;
    };
    let quoted = format!("'{field}'");
    let tag = object.get(field).and_then(Value::as_str);
    let position = tag.and_then(|tag| discriminator.position(tag)).or(discriminator.other);
    let Some(member) = position.and_then(|position| union.members.get(position).copied()) else {
        let fault = match tag {
            None => {
                let msg = format!("Unable to extract tag using discriminator {quoted}");
                Fault::new("union_tag_not_found", msg).with(json!({ "discriminator": quoted }))
            }
            Some(tag) => {
                let tags: Vec<String> =
                    discriminator.values.iter().map(|(tag, _)| format!("'{tag}'")).collect();
                let tags = tags.join(", ");
                let msg = format!(
                    "Input tag '{tag}' found using {quoted} does not match any of the expected tags: {tags}"
                );
                Fault::new("union_tag_invalid", msg)
                    .with(json!({ "discriminator": quoted, "tag": tag, "expected_tags": tags }))
            }
        };
        walk.report(fault, Value::Null);
        return None;
    };
    let before = walk.problems.len();
    let step = tag.map_or_else(|| called(&member), str::to_owned);
    walk.step(json!(step), |walk| {
        walk.value(&member, &payglot::schema::Limits::NONE, sensitive, value);
    });
    (walk.problems.len() == before).then_some(member)
}

fn known_fields(member: Type, value: &Value) -> usize {
    let (Type::Object(schema), Value::Object(object)) = (member, value) else { return 0 };
    let is_known = |name: &&String| schema.fields.iter().any(|field| field.wire == *name);
    1 + object.keys().filter(is_known).count()
}

/// The models among the types, those of unions within too.
pub(super) fn models(union: &Union) -> Vec<&'static Schema> {
    let of = |member: &Type| match member {
        Type::Object(schema) => vec![*schema],
        Type::Union(within) if !std::ptr::eq(*within, union) => within
            .members
            .iter()
            .filter_map(
                |member| if let Type::Object(schema) = member { Some(*schema) } else { None },
            )
            .collect(),
        _ => Vec::new(),
    };
    union.members.iter().flat_map(of).collect()
}

/// A type as pydantic calls it in the location of a problem.
fn called(member: &Type) -> String {
    match member {
        Type::Text => "str".into(),
        Type::Uuid => "uuid".into(),
        Type::DateTime => "datetime".into(),
        Type::Date => "date".into(),
        Type::Boolean => "bool".into(),
        Type::Integer => "int".into(),
        Type::Number => "float".into(),
        Type::Money(_) => "decimal".into(),
        Type::Enum(known) => known.name.into(),
        Type::Object(schema) => schema.name.into(),
        Type::Union(union) => union.name.into(),
        Type::List(item) => format!("list[{}]", called(item)),
        Type::Map(item) => format!("dict[str,{}]", called(item)),
        Type::File => "file".into(),
        Type::Any => "any".into(),
    }
}
