//! What types are in Rust: in tables, in requests, in responses.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use heck::ToShoutySnakeCase as _;
use minijinja::{Environment, Error, Value};

use super::source::typed;
use crate::model::{Schema, Type, Union, Unit};

/// What a provider's models need to know of each other.
pub struct Shapes {
    /// Models that are both sent and received: the sent one is called `…Input`.
    both: HashSet<String>,
    /// Models that contain themselves: such a field is boxed.
    recursive: HashSet<String>,
}

impl Shapes {
    /// Finds the schemas by name.
    pub fn new(schemas: &[Schema], unions: &[Union]) -> Self {
        let both = schemas.iter().filter(|schema| schema.in_requests && schema.in_responses);
        let both = both.map(|schema| schema.pascal.clone());
        let unions = unions.iter().filter(|union| union.in_requests && union.in_responses);
        let both = both.chain(unions.map(|union| union.pascal.clone())).collect();
        Self { both, recursive: recursive(schemas) }
    }

    /// Adds the filters of the templates.
    pub fn filters(self: &Arc<Self>, environment: &mut Environment<'_>) {
        environment.add_filter("table_type", |ty: Value| Ok::<_, Error>(table_type(&typed(&ty)?)));
        environment
            .add_filter("facade_type", |ty: Value| Ok::<_, Error>(facade_type(&typed(&ty)?)));
        let shapes = Arc::clone(self);
        environment.add_filter("request_model", move |name: String| shapes.request_model(&name));
        let shapes = Arc::clone(self);
        environment.add_filter("request_type", move |field: Value, owner: Option<String>| {
            shapes.request_field(&field, owner.as_deref())
        });
        let shapes = Arc::clone(self);
        environment.add_filter("value_type", move |field: Value, owner: Option<String>| {
            shapes.set_value(&field, owner.as_deref())
        });
        let shapes = Arc::clone(self);
        environment.add_filter("request_member", move |ty: Value| {
            let ty = typed(&ty)?;
            Ok::<_, Error>(member(&ty, shapes.request_value(&ty)))
        });
        environment.add_filter("response_member", |ty: Value| {
            let ty = typed(&ty)?;
            Ok::<_, Error>(member(&ty, response_type(&ty)))
        });
        let shapes = Arc::clone(self);
        environment.add_filter("response_type", move |ty: Value, owner: String| {
            let ty = typed(&ty)?;
            Ok::<_, Error>(shapes.boxed(&ty, response_type(&ty), Some(&owner), box_of))
        });
        let shapes = Arc::clone(self);
        environment.add_filter("lent_type", move |ty: Value, owner: String| {
            Ok::<_, Error>(shapes.lent(&typed(&ty)?, &owner).0)
        });
        let shapes = Arc::clone(self);
        environment.add_filter("lend", move |ty: Value, owner: String| {
            Ok::<_, Error>(shapes.lent(&typed(&ty)?, &owner).1)
        });
        environment.add_filter("certain_bits", |fields: Value| certain_bits(&fields));
    }

    /// The type of a field as an accessor lends it, and how it comes out of the optional field.
    fn lent(&self, ty: &Type, owner: &str) -> (String, &'static str) {
        let spelled = response_type(ty);
        let is_boxed = self.boxed(ty, String::new(), Some(owner), |_| "Box".into()) == "Box";
        match ty {
            Type::Boolean | Type::Integer { .. } | Type::Number | Type::Money { .. } => {
                (spelled, "")
            }
            Type::List { item } => (format!("&[{}]", response_type(item)), ".as_deref()"),
            _ if spelled == "String" => ("&str".into(), ".as_deref()"),
            _ if is_boxed => (format!("&{spelled}"), ".as_deref()"),
            _ => (format!("&{spelled}"), ".as_ref()"),
        }
    }

    /// The name of a model in requests.
    pub fn request_model(&self, name: &str) -> String {
        if self.both.contains(name) { format!("{name}Input") } else { name.to_owned() }
    }

    /// The type of a value in a request.
    fn request_value(&self, ty: &Type) -> String {
        let model = |name: &str| self.request_model(name);
        let known = |name: &str| name.to_owned();
        let (date_time, money, file) = ("String", "Decimal", "payglot_runtime::File");
        spelled(ty, &Spelling { model: &model, known: &known, date_time, money, file })
    }

    /// The type of a value in a request, as it is named beside the module `types`.
    pub fn facade_value(&self, ty: &Type) -> String {
        let model = |name: &str| format!("types::{}", self.request_model(name));
        let known = |name: &str| format!("types::{name}");
        let (date_time, money, file) = ("String", "Decimal", "payglot_runtime::File");
        spelled(ty, &Spelling { model: &model, known: &known, date_time, money, file })
    }

    /// The type of a field in a request: left out, null and a value are distinguished where the API does.
    fn request_field(&self, field: &Value, owner: Option<&str>) -> Result<String, Error> {
        let value = self.set_value(field, owner)?;
        Ok(if field.get_attr("required")?.is_true() { value } else { format!("Option<{value}>") })
    }

    /// The type of a field in a request that has it.
    fn set_value(&self, field: &Value, owner: Option<&str>) -> Result<String, Error> {
        let ty = typed(&field.get_attr("ty")?)?;
        let value = self.boxed(&ty, self.request_value(&ty), owner, box_of);
        Ok(if field.get_attr("nullable")?.is_true() { format!("Nullable<{value}>") } else { value })
    }

    /// A value or type of a field, boxed where it must be.
    pub fn boxed(
        &self,
        ty: &Type,
        value: String,
        owner: Option<&str>,
        to_box: impl Fn(&str) -> String,
    ) -> String {
        let is_recursive = |name: &str| self.recursive.contains(name);
        match ty {
            Type::Object { name } if is_recursive(name) && owner.is_some_and(is_recursive) => {
                to_box(&value)
            }
            _ => value,
        }
    }
}

/// Models that contain themselves, directly or through others. In a list they need no box: a list can be empty.
fn recursive(schemas: &[Schema]) -> HashSet<String> {
    let mut left: HashMap<&str, Vec<&str>> = HashMap::new();
    for schema in schemas {
        let within = schema.fields.iter().filter_map(|field| match &field.ty {
            Type::Object { name } => Some(name.as_str()),
            _ => None,
        });
        left.insert(&schema.pascal, within.collect());
    }
    // A model that contains none of the remaining ones cannot contain itself.
    loop {
        let names: HashSet<&str> = left.keys().copied().collect();
        left.retain(|_, within| within.iter().any(|name| names.contains(name)));
        if left.len() == names.len() {
            return left.into_keys().map(str::to_owned).collect();
        }
    }
}

/// The type as a constant of `payglot_runtime::schema`.
fn table_type(ty: &Type) -> String {
    match ty {
        Type::Text => "Type::Text".into(),
        Type::Uuid => "Type::Uuid".into(),
        Type::DateTime => "Type::DateTime".into(),
        Type::Date => "Type::Date".into(),
        Type::Boolean => "Type::Boolean".into(),
        Type::Integer { .. } => "Type::Integer".into(),
        Type::Number => "Type::Number".into(),
        Type::Money { unit } => {
            let unit = match unit {
                Unit::Dollars => "Dollars",
                Unit::Cents => "Cents",
                Unit::Currency => "Currency",
            };
            format!("Type::Money(Unit::{unit})")
        }
        Type::Enum { name } => format!("Type::Enum(&enums::{})", name.to_shouty_snake_case()),
        Type::Object { name } => format!("Type::Object(&schemas::{})", name.to_shouty_snake_case()),
        Type::List { item } => format!("Type::List(&{})", table_type(item)),
        Type::Map { value } => format!("Type::Map(&{})", table_type(value)),
        Type::Union { name } => format!("Type::Union(&unions::{})", name.to_shouty_snake_case()),
        Type::File { .. } => "Type::File".into(),
        Type::Any => "Type::Any".into(),
    }
}

/// The positions of the fields that every response has, one bit each.
fn certain_bits(fields: &Value) -> Result<String, Error> {
    let mut bits = 0_u64;
    for (position, field) in fields.try_iter()?.take(u64::BITS as usize).enumerate() {
        bits |= u64::from(field.get_attr("certain")?.is_true()) << position;
    }
    if bits == 0 {
        return Ok("0".into());
    }
    // In groups of four from the right, as a person writes it.
    let digits = format!("{bits:b}");
    let mut out = String::from("0b");
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(4) {
            out.push('_');
        }
        out.push(digit);
    }
    Ok(out)
}

/// The type of a member of a union, in which a model is boxed: it may have the union within.
fn member(ty: &Type, spelled: String) -> String {
    if is_boxed_member(ty) { box_of(&spelled) } else { spelled }
}

/// Whether a member of a union stands in a box.
pub fn is_boxed_member(ty: &Type) -> bool {
    matches!(ty, Type::Object { .. } | Type::Union { .. })
}

fn box_of(ty: &str) -> String {
    format!("Box<{ty}>")
}

/// How a use of types spells those that are not the same everywhere.
struct Spelling<'s> {
    model: &'s dyn Fn(&str) -> String,
    known: &'s dyn Fn(&str) -> String,
    date_time: &'static str,
    money: &'static str,
    file: &'static str,
}

fn spelled(ty: &Type, spelling: &Spelling<'_>) -> String {
    match ty {
        Type::Text | Type::Uuid | Type::Date => "String".into(),
        Type::DateTime => spelling.date_time.into(),
        Type::Boolean => "bool".into(),
        Type::Integer { .. } => "i64".into(),
        Type::Number => "f64".into(),
        Type::Money { .. } => spelling.money.into(),
        Type::Enum { name } => (spelling.known)(name),
        Type::Object { name } | Type::Union { name } => (spelling.model)(name),
        Type::List { item } => format!("Vec<{}>", spelled(item, spelling)),
        Type::Map { value } => {
            format!("std::collections::HashMap<String, {}>", spelled(value, spelling))
        }
        Type::File { .. } => spelling.file.into(),
        Type::Any => "Json".into(),
    }
}

/// The type of a value in a response.
fn response_type(ty: &Type) -> String {
    let name = |name: &str| name.to_owned();
    let (date_time, money, file) = ("Timestamp", "Decimal", "String");
    spelled(ty, &Spelling { model: &name, known: &name, date_time, money, file })
}

/// The type of a result: models live in `types`.
fn facade_type(ty: &Type) -> String {
    let name = |name: &str| format!("types::{name}");
    let (date_time, money) = ("payglot_runtime::Timestamp", "payglot_runtime::Decimal");
    let file = "String";
    spelled(ty, &Spelling { model: &name, known: &name, date_time, money, file })
}
