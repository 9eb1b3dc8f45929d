//! Turns lowered schemas into the model's types: objects with fields, enums, scalars.

use std::collections::HashMap;

use anyhow::{Result, bail};
use serde_json::Value;

mod annotations;
mod merged;
mod models;
mod references;
mod unions;

use super::certain::{FieldMark, MARK as CERTAIN};
use crate::diagnostic::{Diagnostic, step};
use crate::model::names::{self, NameAllocator, Naming};
use crate::model::{Enum, Field, Limits, ParameterStyle, Schema, Type, Union, Unit};
pub use annotations::strings;
pub use annotations::{describe, is_invisible, sentence, text};
use annotations::{documented, limits};
use merged::component;
pub use references::resolve;
use unions::{Components, Progress};

/// Keywords that describe a referenced schema and not the field that refers to it.
const OWN: [&str; 5] = ["description", "title", "x-payglot-rename", "default", "example"];

/// A number that nobody marked: the model that has it, and its location.
pub type Unmarked = (Option<String>, String);

/// What the model of a body stands for.
#[derive(Debug)]
pub enum BodyModel {
    /// An object with these fields.
    Fields(String),
    /// The value of its one field.
    Value(String),
}

/// Models found so far, in the order in which operations need them.
pub struct Schemas<'d> {
    document: &'d Value,
    schemas: Vec<Schema>,
    enums: Vec<Enum>,
    unions: Vec<Union>,
    components: Components<'d>,
    /// What became of schemas with alternatives, by their address.
    unions_read: HashMap<*const Value, Progress>,
    /// Names of models and enums by the address of their schema: two schemas never share a model. A body of several parts has
    /// one of its own: its texts of bytes are files.
    named: HashMap<(*const Value, bool), String>,
    positions: HashMap<String, usize>,
    naming: &'d Naming,
    allocator: NameAllocator,
    /// Lists and maps that are being read, to notice one that contains itself.
    lists: Vec<*const Value>,
    /// Numbers without a mark: in a request, a guess could change an amount.
    unmarked: Vec<Unmarked>,
    /// Marks of fields that every response has: the schemas that bear them, and the models whose fields they are.
    certain: Vec<FieldMark>,
    /// The model that is being read.
    owner: Option<String>,
    files: Files,
}

/// Where a text of bytes is a file: in the fields of a body of several parts, and not within those.
#[derive(Debug, Clone, Default)]
enum Files {
    #[default]
    Nowhere,
    /// In the fields of the model that is read next; the fields that are files whatever their schema says.
    Next(Vec<String>),
    /// In the fields that are being read.
    Here(Vec<String>),
}

impl<'d> Schemas<'d> {
    /// Nothing built yet; `allocator` keeps the names that schemas must not have.
    pub fn new(document: &'d Value, naming: &'d Naming, allocator: NameAllocator) -> Self {
        Self {
            document,
            schemas: Vec::new(),
            enums: Vec::new(),
            unions: Vec::new(),
            components: Components::of(document),
            unions_read: HashMap::new(),
            named: HashMap::new(),
            positions: HashMap::new(),
            naming,
            allocator,
            lists: Vec::new(),
            unmarked: Vec::new(),
            certain: Vec::new(),
            owner: None,
            files: Files::Nowhere,
        }
    }

    /// How names are made.
    pub fn naming(&self) -> &'d Naming {
        self.naming
    }

    /// The marks of fields that every response has.
    pub fn certain_fields(&mut self) -> Vec<FieldMark> {
        std::mem::take(&mut self.certain)
    }

    /// Whether a field's own schema says that every response has it.
    fn is_certain(&mut self, schema: &'d Value) -> bool {
        let Some(mark) = schema.get(CERTAIN) else { return false };
        self.certain.push((std::ptr::from_ref(schema), self.owner.clone()));
        *mark == Value::Bool(true)
    }

    /// The models, the enums, the unions, and the numbers that nobody marked.
    pub fn finish(self) -> (Vec<Schema>, Vec<Enum>, Vec<Union>, Vec<Unmarked>) {
        (self.schemas, self.enums, self.unions, self.unmarked)
    }

    /// The schema of this name, once it is built.
    pub fn find(&self, pascal: &str) -> Option<&Schema> {
        self.schemas.get(*self.positions.get(pascal)?)
    }

    /// The model of a request body: its own, or one with the field `body` for a value that is no object.
    pub fn body(
        &mut self,
        schema: &'d Value,
        at: &str,
        hint: &str,
        (required, is_form): (bool, bool),
    ) -> Result<BodyModel> {
        // A form is pairs, whatever they are.
        if is_form && let Some(name) = self.form_of_alternatives(schema, hint)? {
            return Ok(BodyModel::Fields(name));
        }
        if let Type::Object { name } = self.object_or(schema, at, hint, true)? {
            return Ok(BodyModel::Fields(name));
        }
        let before = self.unmarked.len();
        let field = self.field("body", schema, at, hint, required)?;
        if let Some((_, at)) = self.unmarked.get(before) {
            bail!(unmarked(at));
        }
        Ok(BodyModel::Value(self.of_one_field(hint, field)))
    }

    /// The model of a body of several parts, in whose fields texts of bytes are files. `files` are fields that are files
    /// whatever their schema says. `None` where the body is no object.
    pub fn parts(
        &mut self,
        schema: &'d Value,
        at: &str,
        hint: &str,
        files: Vec<String>,
    ) -> Result<Option<String>> {
        self.files = Files::Next(files);
        let ty = self.object_or(schema, at, hint, true);
        self.files = Files::Nowhere;
        Ok(if let Type::Object { name } = ty? { Some(name) } else { None })
    }

    /// A model with the field `body` for a body that is a file.
    pub fn file(
        &mut self,
        schema: &'d Value,
        at: &str,
        hint: &str,
        (required, is_text): (bool, bool),
    ) -> Result<String> {
        // What is in XML is not the client's to know.
        let schema = if self.kind(schema, 0)? == "string" { schema } else { &Value::Null };
        let mut field = self.field("body", schema, at, hint, required)?;
        if field.description == "body." {
            field.description = "What is sent.".into();
        }
        field.ty = Type::File { is_text };
        field.limits = Limits::default();
        field.nullable = false;
        Ok(self.of_one_field(hint, field))
    }

    /// The type of a value; `hint` names a model that has no name of its own.
    pub fn ty(&mut self, schema: &'d Value, at: &str, hint: &str) -> Result<Type> {
        self.object_or(schema, at, hint, false)
    }

    /// A path or query parameter.
    pub fn parameter(&mut self, parameter: &'d Value, at: &str, owner: &str) -> Result<Field> {
        let name = parameter.get("name").map(text).unwrap_or_default();
        let (schema, inner) = schema_of(parameter).unwrap_or((&Value::Null, ".schema".to_owned()));
        let required = parameter.get("required") == Some(&Value::Bool(true));
        let before = self.unmarked.len();
        let mut field = self.field(&name, schema, &format!("{at}{inner}"), owner, required)?;
        if let Some((_, at)) = self.unmarked.get(before) {
            bail!(unmarked(at));
        }
        if let Some(example) = parameter.get("example") {
            field.example = crate::model::examples::field(&field, Some(example));
        }
        if let Some(description) = parameter.get("description") {
            field.description = documented(&describe(&text(description)), &field);
        }
        field.nullable = false;
        if let Type::Union { name } = field.ty.inner() {
            // A path is text, and in what style an object would stand in a query depends on which it is, but for `deepObject`.
            let is_deep = parameter.get("style").and_then(Value::as_str) == Some("deepObject");
            let is_path = parameter.get("in").and_then(Value::as_str) == Some("path");
            let is_plain =
                self.unions.iter().any(|known| known.pascal == *name && known.is_plain());
            if is_path || !is_plain && !is_deep {
                field.ty = if is_path { Type::Text } else { Type::Any };
                field.example = crate::model::examples::field(&field, parameter.get("example"));
            }
        }
        Ok(field)
    }

    /// The schema of a property of an object schema, references followed.
    pub fn property(&self, schema: &'d Value, name: &str) -> Result<Option<&'d Value>> {
        let merged = self.merged(schema, "")?;
        Ok(merged
            .properties
            .into_iter()
            .find(|(known, ..)| *known == name)
            .map(|(_, schema, _)| schema))
    }

    /// All properties of an object schema, references followed.
    pub fn properties(&self, schema: &'d Value) -> Result<Vec<(&'d str, &'d Value)>> {
        let merged = self.merged(schema, "")?;
        Ok(merged.properties.into_iter().map(|(name, schema, _)| (name, schema)).collect())
    }

    /// A name for a type of its own that no model has.
    pub fn reserve(&mut self, wanted: &str) -> String {
        self.allocator.allocate_all(wanted, |name| {
            vec![name.to_owned(), format!("static {}", names::upper(name))]
        })
    }

    /// `is_body`: an object without properties is still a model, not just any JSON.
    fn object_or(
        &mut self,
        schema: &'d Value,
        at: &str,
        hint: &str,
        is_body: bool,
    ) -> Result<Type> {
        if let Some((name, target)) = self.target(schema)? {
            // Fails where references go round in circles.
            self.annotations(schema)?;
            return self.object_or(target, &component(&name), &name, is_body);
        }
        let heirs = self.heirs(schema);
        if !heirs.is_empty() {
            return self.inheritance(schema, &heirs, at, hint);
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array)
            && !values.is_empty()
            && values.iter().all(Value::is_string)
        {
            return Ok(self.enumeration(values, schema, hint));
        }
        let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
        Ok(match schema.get("type").and_then(Value::as_str) {
            None if format == "binary" && matches!(self.files, Files::Here(_)) => {
                Type::File { is_text: false }
            }
            Some("string") => match format {
                "binary" if matches!(self.files, Files::Here(_)) => Type::File { is_text: false },
                "uuid" | "uuid1" | "uuid3" | "uuid4" | "uuid5" => Type::Uuid,
                "date-time" => Type::DateTime,
                "date" => Type::Date,
                _ => Type::Text,
            },
            Some("boolean") => Type::Boolean,
            Some("integer") => money(schema)?.unwrap_or(Type::Integer { wide: is_wide(schema) }),
            Some("number") => self.number(schema, at)?,
            Some("array") => self.list(schema, at, hint)?,
            _ => return self.object(schema, at, hint, is_body),
        })
    }

    fn list(&mut self, schema: &'d Value, at: &str, hint: &str) -> Result<Type> {
        let item = match schema.get("items") {
            Some(items) => {
                self.within(schema, items, &format!("{at}.items"), &format!("{hint}Item"))?
            }
            None => Type::Any,
        };
        Ok(Type::List { item: Box::new(item) })
    }

    /// The type of what a list or a map has. No type can describe one that contains itself.
    fn within(
        &mut self,
        holder: &'d Value,
        inner: &'d Value,
        at: &str,
        hint: &str,
    ) -> Result<Type> {
        let address = std::ptr::from_ref(holder);
        if self.lists.contains(&address) {
            return Ok(Type::Any);
        }
        self.lists.push(address);
        let ty = self.ty(inner, at, hint);
        self.lists.pop();
        ty
    }

    /// Whether one of a field's alternatives is so. What is said of a model's fields is theirs alone.
    fn any_alternative(&self, schema: &'d Value, is_so: impl Fn(&Value) -> bool) -> Result<bool> {
        let last = *self.annotations(schema)?.last().unwrap_or(&schema);
        let Some(alternatives) = Self::alternatives_of(last) else { return Ok(false) };
        for alternative in alternatives {
            if self.annotations(alternative)?.into_iter().any(&is_so) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn number(&mut self, schema: &Value, at: &str) -> Result<Type> {
        if let Some(money) = money(schema)? {
            return Ok(money);
        }
        if schema.get("x-payglot-money").is_none() {
            self.unmarked.push((self.owner.clone(), at.to_owned()));
        }
        Ok(Type::Number)
    }

    fn field(
        &mut self,
        wire: &str,
        schema: &'d Value,
        at: &str,
        owner: &str,
        required: bool,
    ) -> Result<Field> {
        let annotations = self.annotations(schema)?;
        let annotation = |name: &str| {
            let own = annotations.first().and_then(|own| own.get(name));
            own.or_else(|| {
                let all = annotations.iter().filter(|_| !OWN.contains(&name));
                all.clone().find_map(|schema| schema.get(name))
            })
        };
        let mark = annotation("x-payglot-money").and_then(Value::as_str);
        // What a reference leads to is what it is, whatever type stands beside the reference.
        let kind = annotations.iter().rev().find_map(|schema| schema.get("type")?.as_str());
        let ty = match mark {
            // A mark beside a `$ref` or on the outside counts for the number within.
            Some(unit) if kind == Some("number") => unit_of(unit)?.unwrap_or(Type::Number),
            _ => self.ty(schema, at, &format!("{owner}{}", self.naming.pascal(wire)))?,
        };
        let ty = match (ty, &self.files) {
            (Type::Text | Type::Any, Files::Here(names))
                if names.iter().any(|name| name == wire) =>
            {
                Type::File { is_text: false }
            }
            (ty, _) => ty,
        };
        let renamed = annotation("x-payglot-rename").map(text);
        let snake = self.naming.field(renamed.as_deref().unwrap_or(wire));
        let read_only = annotation("readOnly") == Some(&Value::Bool(true));
        let mut field = Field {
            wire: wire.to_owned(),
            snake,
            aliases: strings(annotation("x-payglot-alias")),
            ty,
            required: required && !read_only,
            nullable: annotation("nullable") == Some(&Value::Bool(true))
                || self.any_alternative(schema, |one| {
                    one.get("nullable") == Some(&Value::Bool(true))
                })?,
            // The overlay can say that a password is none.
            sensitive: match annotation("x-payglot-sensitive") {
                Some(given) => *given == Value::Bool(true),
                None => {
                    annotation("format").and_then(Value::as_str) == Some("password")
                        || self.any_alternative(schema, is_sensitive)?
                }
            },
            read_only,
            write_only: annotation("writeOnly") == Some(&Value::Bool(true)),
            certain: self.is_certain(schema),
            limits: limits(annotation),
            style: ParameterStyle::Repeated,
            description: String::new(),
            known_values: strings(annotation("x-known-values")),
            unconfirmed: annotation("x-payglot-unconfirmed")
                .is_some_and(|value| *value != Value::Bool(false)),
            default: annotation("default").filter(|value| !value.is_null()).map(Value::to_string),
            example: String::new(),
        };
        field.example = crate::model::examples::field(&field, annotation("example"));
        let base = annotation("description").or_else(|| annotation("title"));
        let base = base.map_or_else(|| wire.replace('_', " "), text);
        field.description = documented(&describe(&base), &field);
        Ok(field)
    }
}

/// The schema of a parameter, its own or that of its media type, and the step from the parameter to it.
pub fn schema_of(parameter: &Value) -> Option<(&Value, String)> {
    let own = parameter.get("schema").map(|schema| (schema, ".schema".to_owned()));
    own.or_else(|| {
        let (kind, media) = parameter.get("content")?.as_object()?.iter().next()?;
        Some((media.get("schema")?, format!(".content{}.schema", step(kind))))
    })
}

/// A number that is neither marked money nor marked plain.
pub fn unmarked(at: &str) -> Diagnostic {
    let problem = "a number in a request or an event is money or not (dollars, cents, currency or plain), and nothing says so";
    Diagnostic::update(at, problem, "{x-payglot-money: plain}")
}

fn is_sensitive(schema: &Value) -> bool {
    schema.get("x-payglot-sensitive") == Some(&Value::Bool(true))
        || schema.get("format").and_then(Value::as_str) == Some("password")
}

/// Largest whole number that a JavaScript number holds exactly, 2^53 - 1.
const MAX_SAFE_INTEGER: i64 = 9_007_199_254_740_991;

/// Whether a whole number of 64 bits has no limits that keep it within what a JavaScript number holds exactly.
fn is_wide(schema: &Value) -> bool {
    let within = |name: &str| {
        let bound = schema.get(name).and_then(Value::as_i64);
        bound.is_some_and(|bound| (-MAX_SAFE_INTEGER..=MAX_SAFE_INTEGER).contains(&bound))
    };
    // No document says a least number for identifiers and counters, which are not negative.
    schema.get("format").and_then(Value::as_str) == Some("int64") && !within("maximum")
}

/// The mark of a schema as a type; none where it is not money.
fn money(schema: &Value) -> Result<Option<Type>> {
    schema.get("x-payglot-money").and_then(Value::as_str).map_or(Ok(None), unit_of)
}

fn unit_of(unit: &str) -> Result<Option<Type>> {
    let unit = match unit {
        "plain" => return Ok(None),
        "dollars" => Unit::Dollars,
        "cents" => Unit::Cents,
        "currency" => Unit::Currency,
        other => bail!("x-payglot-money: `{other}` is not dollars, cents, currency or plain"),
    };
    Ok(Some(Type::Money { unit }))
}

/// Gives every field a name of its own. A field that is called so on the wire keeps its name.
pub fn name_fields(fields: &mut [Field]) {
    let mut allocator = NameAllocator::default();
    for field in fields.iter() {
        allocator.reserve(field.wire.clone());
    }
    for field in fields.iter_mut().filter(|field| field.snake != field.wire) {
        field.snake = allocator.allocate(&field.snake);
    }
}
